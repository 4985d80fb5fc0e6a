# SPDX-License-Identifier: MIT
"""The prefix into which wse-dev was installed, and commands run as an author of modules would."""
import os
import pathlib
import re
import sqlite3
import subprocess

from support import toml

STAGE = pathlib.Path(os.environ.get("WSE_STAGE", "/nowhere"))
PLUGINS = pathlib.Path(os.environ.get("WSE_PLUGIN_DIR", "/nowhere"))


def environment(stage):
    return {
        **os.environ,
        "PATH": f"{stage}/bin:{stage}/sbin:{os.environ['PATH']}",
        "CMAKE_PREFIX_PATH": str(stage),
        "PKG_CONFIG_PATH": f"{stage}/lib/pkgconfig",
    }


def shell(command, directory, stage=STAGE):
    """What the command prints; it must succeed."""
    answer = subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=directory,
        env=environment(stage),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )
    assert answer.returncode == 0, f"{command}\n{answer.stdout}"
    return answer.stdout


def commands(document):
    """The ```sh blocks of a document."""
    return re.findall(r"^```sh\n(.*?)^```$", pathlib.Path(document).read_text(), re.M | re.S)


def database(path):
    """An SQLite database without a table."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
    return path


def write_check_options(path, module, options, database_path):
    """The file that wse-module-check takes for a module's options."""
    if "query" in options:
        options = {**options, "database": str(database_path)}
    path.write_text(toml.dump({f"module.{module}": options}))
