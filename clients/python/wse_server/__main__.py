# SPDX-License-Identifier: MIT
"""python3 -m wse_server layout DIRECTORY: the integration guide's folder `server`, to be changed."""
from __future__ import annotations

import pathlib
import shutil
import sys

USAGE = "usage: python3 -m wse_server layout DIRECTORY"


def copy_layout(directory: pathlib.Path) -> pathlib.Path:
    """A FileExistsError when there is such a folder."""
    target = directory / "server"
    source = pathlib.Path(__file__).resolve().parent / "layout/server"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "layout":
        print(USAGE, file=sys.stderr)
        return 64
    try:
        print(copy_layout(pathlib.Path(arguments[1])))
    except OSError as error:
        print(f"wse_server: {error}", file=sys.stderr)
        return 73
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
