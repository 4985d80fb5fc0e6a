# SPDX-License-Identifier: MIT
"""A backend behind app_webhook, which tests kill: webhook_backend.py FILE [PORT]

Prints its port. FILE has a line of JSON for each event that it has handled, with the epoch; what it
has had before is passed over. A message of the type "echo" is answered by commands.
"""
import json
import os
import socketserver
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Handled:
    """What is in the file; whoever writes to it is killed at any time."""

    def __init__(self, path):
        self.last = {}
        whole = b""
        if os.path.exists(path):
            with open(path, "rb") as file:
                whole = file.read()
        os.truncate(path, whole.rfind(b"\n") + 1)
        for line in whole[: whole.rfind(b"\n") + 1].splitlines():
            row = json.loads(line)
            self.last[row["epoch"]] = row["seq"]
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND)

    def take(self, epoch, events):
        last = self.last.get(epoch, 0)
        new = [{"epoch": epoch, **event} for event in events if event["seq"] > last]
        if new:
            self.last[epoch] = new[-1]["seq"]
            os.write(self.file, "".join(json.dumps(row) + "\n" for row in new).encode())
        return new


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        batch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        new = self.server.handled.take(batch["epoch"], batch["events"])
        said = json.dumps({"commands": [
            command for event in new if event.get("type") == "echo" for command in answers(event)
        ]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


def answers(event):
    for n in range(3):
        yield {"method": "conn.send",
               "params": {"conn": event["conn"], "type": "echo", "payload": {"n": n}}}
    yield {"method": "conn.close", "params": {"conn": event["conn"], "code": 4321}}


class Server(HTTPServer):
    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without asking for the name


def main():
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = Server(("127.0.0.1", port), Handler)
    server.handled = Handled(sys.argv[1])
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
