# SPDX-License-Identifier: MIT
"""The control socket, for what wsectl has no command for, and many publishes through one client."""
import json
import socket

TIMEOUT_S = 60


def compact(value):
    """JSON without blanks: a payload is delivered as it was written."""
    return json.dumps(value, separators=(",", ":"))


class ControlError(Exception):
    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code = error["code"]


class Control:
    """One connection to the control socket of a server."""

    # Fewer than the requests that the server takes before it waits for its answers to be read.
    WINDOW = 50

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(str(server.directory / "control.sock"))
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.last = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.lines.close()
        self.socket.close()

    def ask(self, command, **arguments):
        """The result, or ControlError."""
        return self.ask_all([(command, arguments)])[0]

    def ask_all(self, requests):
        """The results of (command, arguments), asked one behind the other, in their order."""
        results = []
        for start in range(0, len(requests), self.WINDOW):
            results += self._window(requests[start : start + self.WINDOW])
        return results

    def publish_all(self, topic, payloads, **arguments):
        """Publishes in order; the offset of the last one."""
        rows = [dict(arguments, topic=topic, payload=payload) for payload in payloads]
        return self.ask_all([("publish", row) for row in rows])[-1]["offset"]

    def _window(self, requests):
        first = self.last + 1
        self.last += len(requests)
        lines = (
            compact({"id": first + i, "cmd": command, "args": arguments}) + "\n"
            for i, (command, arguments) in enumerate(requests)
        )
        self.socket.sendall("".join(lines).encode())
        results = [None] * len(requests)
        for _ in requests:
            answer = json.loads(self.lines.readline())
            if not answer["ok"]:
                raise ControlError(answer["error"])
            results[answer["id"] - first] = answer["result"]
        return results
