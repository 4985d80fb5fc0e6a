# SPDX-License-Identifier: MIT
"""Questions to the control socket of a wsed on this machine, one connection each."""
from __future__ import annotations

import contextlib
import socket
from typing import Any

from .codec import dump_json, load_object
from .errors import CallError, LinkError

MAX_LINE = 16 << 20


def ask(path: str, command: str, timeout: float = 10.0, **args: Any) -> Any:
    """Waits for the result. CallError: refused. OSError, LinkError: nobody answers."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as sock:
        sock.settimeout(timeout)
        sock.connect(path)
        sock.sendall(dump_json({"id": 1, "cmd": command, "args": args}) + b"\n")
        line = _line(sock)
    answer = load_object(line)
    if answer is None:
        raise LinkError("the control socket gave no answer")
    if not answer.get("ok"):
        error = answer.get("error") or {}
        raise CallError(str(error.get("code")), str(error.get("message", "")))
    return answer.get("result")


def _line(sock: socket.socket) -> bytes:
    data = bytearray()
    while not data.endswith(b"\n"):
        more = sock.recv(65536)
        if not more or len(data) > MAX_LINE:
            break
        data += more
    return bytes(data)
