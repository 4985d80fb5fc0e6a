# SPDX-License-Identifier: MIT
"""Where wsed is, and how it is run so that it does not outlive us."""
from __future__ import annotations

import os
import pathlib
import shutil
import sys
from collections.abc import Mapping

from .errors import StartError

# Runs between the fork and wsed: the kernel ends wsed with the thread that started it. Whoever
# died before that was said is noticed by the change of the parent.
TRAMPOLINE = (
    "import ctypes,os,sys;"
    "ctypes.CDLL(None).prctl(1,15,0,0,0);"
    "os.getppid()==int(sys.argv[1]) or os._exit(70);"
    "os.execv(sys.argv[2],sys.argv[2:])"
)


def find(environ: Mapping[str, str] = os.environ) -> tuple[str, str | None]:
    """(wsed, the directory of its modules): $WSE_WSED, else the build tree $WSE_BUILD, else $PATH.
    Modules are in $WSE_MODULE_DIR, else beside the program in a build tree, else where it was
    built to look."""
    modules = environ.get("WSE_MODULE_DIR") or None
    if environ.get("WSE_WSED"):
        wsed = pathlib.Path(environ["WSE_WSED"])
    elif environ.get("WSE_BUILD"):
        wsed = pathlib.Path(environ["WSE_BUILD"]) / "bin/wsed"
    else:
        found = shutil.which("wsed", path=f"{environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if found is None:
            raise StartError("there is no wsed in PATH; WSE_WSED or WSE_BUILD may say where it is")
        wsed = pathlib.Path(found)
    if not os.access(wsed, os.X_OK):
        raise StartError(f"{wsed} is no program")
    beside = wsed.resolve().parent.parent / "modules"
    if modules is None and beside.is_dir():
        modules = str(beside)
    return str(wsed.resolve()), modules


def mortal(command: list[str]) -> list[str]:
    """The command, as a process that gets SIGTERM when the thread that starts it ends."""
    if sys.executable:
        return [sys.executable, "-I", "-S", "-c", TRAMPOLINE, str(os.getpid()), *command]
    return ["setpriv", "--pdeathsig", "TERM", *command]
