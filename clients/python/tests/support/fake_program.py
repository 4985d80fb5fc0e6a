#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A wsed that a test plays, as a program: `[fake]` in its configuration says what it does.

complaint   ends at once, with status 78 and this on standard error
"""
import json
import os
import pathlib
import signal
import socket
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.fake import FakeWsed  # noqa: E402


def log(level, event, **fields):
    row = {"ts": "now", "level": level, "area": "server", "event": event, **fields}
    print(json.dumps(row), file=sys.stderr, flush=True)


def main():
    file = pathlib.Path(sys.argv[sys.argv.index("-c") + 1])
    config = tomllib.loads(file.read_text())
    plan = config.get("fake", {})
    if "complaint" in plan:
        print(plan["complaint"], file=sys.stderr)
        return 78
    home = pathlib.Path(config["server"]["runtime_dir"])
    signal.signal(signal.SIGTERM, lambda *unused: os._exit(0))
    for name in ("app.sock", "control.sock"):
        (home / name).unlink(missing_ok=True)
    FakeWsed(home, epoch=f"run-{os.getpid()}")
    control = socket.socket(socket.AF_UNIX)
    control.bind(str(home / "control.sock"))
    control.listen()
    log("warn", "fake.serves", arguments=sys.argv[1:])
    while True:
        peer, _ = control.accept()
        request = json.loads(peer.makefile().readline())
        result = {
            "pid": os.getpid(),
            "listeners": [{"name": "main", "address": "127.0.0.1:45678", "path": "/wse"}],
            "environment": sorted(os.environ),
            "arguments": sys.argv[1:],
        }
        peer.sendall(json.dumps({"id": request["id"], "ok": True, "result": result}).encode())
        peer.sendall(b"\n")
        peer.close()


sys.exit(main())
