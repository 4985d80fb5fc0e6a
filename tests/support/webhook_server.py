#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An application that is posted events and asked: webhook_server.py [SECRET...]

Prints its port, then a line for each request that came:
    {"path":…,"headers":{…},"body":"…","signed":[…]}     signed: by which of the secrets
A line of standard input is how the next request is answered, printed back as "ok" when it is taken:
    {"status":503,"headers":{…},"body":"…"}, {"drop":true} or {"never":true}
Without one the answer is 200 with an empty body. Ends with its standard input.
"""
import hashlib
import hmac
import json
import os
import queue
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = [secret.encode() for secret in sys.argv[1:]]
ANSWERS = queue.SimpleQueue()
PRINTING = threading.Lock()


def say(text):
    with PRINTING:
        print(text, flush=True)


def signed_by(header, body):
    fields = [field.partition("=") for field in header.split(",")]
    time = next((value for name, _, value in fields if name == "t"), "").encode()
    given = [value for name, _, value in fields if name == "v1"]
    return [hmac.new(secret, time + b"." + body, hashlib.sha256).hexdigest() in given
            for secret in SECRETS]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = self.headers.get("WSE-Signature", "")
        try:
            answer = ANSWERS.get_nowait()
        except queue.Empty:
            answer = {}
        say(json.dumps({"path": self.path, "headers": dict(self.headers.items()),
                        "body": body.decode(), "signed": signed_by(signature, body)},
                       separators=(",", ":")))
        if answer.get("never"):
            threading.Event().wait()
        if answer.get("drop"):
            self.close_connection = True
            return
        said = answer.get("body", "").encode()
        self.send_response(answer.get("status", 200))
        for name, value in answer.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)  # without asking for the name


def main():
    server = Server(("127.0.0.1", 0), Handler)
    say(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for line in sys.stdin:
        ANSWERS.put(json.loads(line))
        say("ok")
    os._exit(0)


if __name__ == "__main__":
    main()
