# SPDX-License-Identifier: MIT
"""A backend that may be killed at any time: link_backend.py SOCKET FILE

What it has handled is in the file, a line for each event, written before it is acknowledged. With
the last whole line it goes on after a restart."""
import json
import os
import sys

from app_link import AppLink, LinkClosed


def last_of(file):
    """What the file ends with, which is cut to whole lines: a kill may come within a write."""
    text = os.pread(file, os.fstat(file).st_size, 0)
    whole = text[: text.rfind(b"\n") + 1]
    os.ftruncate(file, len(whole))
    return json.loads(whole.splitlines()[-1]) if whole else None


def line_of(epoch, event):
    row = {name: event.get(name) for name in ("seq", "event", "conn", "data", "code")}
    return json.dumps({"epoch": epoch, **row}) + "\n"


def main(path, name):
    file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    last = last_of(file)
    resume = {"resume": {"epoch": last["epoch"], "seq": last["seq"]}} if last else {}
    link = AppLink(path, name="once", takeover=True, **resume)
    epoch = link.welcome["epoch"]
    try:
        while True:
            lines = "".join(line_of(epoch, event) for event in link.drain(max=100, wait_ms=1000))
            if lines:
                os.write(file, lines.encode())
    except LinkClosed:
        pass


if __name__ == "__main__":
    main(*sys.argv[1:])
