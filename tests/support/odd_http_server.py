#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An HTTP server of all sorts: odd_http_server.py [CERTIFICATE KEY [ADDRESS]]

Prints its port, and ends with its standard input. The first segment of the path says what happens.
"""
import json
import os
import socket
import ssl
import sys
import threading
import time

STEP = 0.005
COUNT = {"connections": 0}


def head(status="200 OK", **headers):
    lines = [f"HTTP/1.1 {status}"] + [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(body, status="200 OK", **headers):
    return head(status, Content_Length=len(body), **headers) + body


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Connection:
    def __init__(self, stream, number):
        self.stream = stream
        self.number = number
        self.requests = 0
        self.file = stream.makefile("rb")

    def read_request(self):
        line = self.file.readline()
        if not line:
            return None
        method, target, _ = line.decode().split()
        headers = {}
        while (line := self.file.readline().decode().strip()):
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        body = self.file.read(int(headers.get("content-length", 0)))
        self.requests += 1
        return method, target, headers, body.decode()

    def serve(self):
        while (request := self.read_request()):
            name = request[1].split("?")[0].split("/")[1].replace("-", "_")
            if not getattr(self, "do_" + name)(*request):
                break
        # Not before the client has read what was sent.
        self.stream.close()

    def send(self, data):
        self.stream.sendall(data)
        return True

    def do_echo(self, method, target, headers, body):
        said = {"method": method, "target": target, "headers": headers, "body": body,
                "connection": self.number, "request": self.requests}
        return self.send(whole(json.dumps(said).encode(), Content_Type="application/json"))

    def do_status(self, method, target, headers, body):
        code = target.split("?")[0].split("/")[2]
        if code in ("204", "304"):
            return self.send(head(f"{code} So"))
        return self.send(whole(b'{"odd":true}', f"{code} So", Location="/echo"))

    def do_chunked(self, *_):
        return self.send(head(Transfer_Encoding="chunked") + chunk(b'{"a"') + chunk(b":1}")
                         + b"0\r\n\r\n")

    def do_until_end(self, *_):
        self.send(head(Connection="close") + b'{"a":1}')

    def do_continue(self, *_):
        return self.send(head("100 Continue") + whole(b"1"))

    def do_never(self, *_):
        time.sleep(3600)

    def do_drop(self, *_):
        return False

    def do_half(self, *_):
        self.send(head(Content_Length=1000) + b"12")

    def do_half_head(self, *_):
        self.send(b"HTTP/1.1 200 OK\r\nContent-")

    def do_half_chunk(self, *_):
        self.send(head(Transfer_Encoding="chunked") + b"50\r\nabc")

    def do_garbage(self, *_):
        self.send(b"220 mail.example ESMTP\r\n\r\n" * 10)

    def do_upgrade(self, *_):
        self.send(head("101 Switching Protocols", Upgrade="websocket", Connection="Upgrade"))
        time.sleep(3600)

    def do_two_lengths(self, *_):
        self.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc")

    def do_extra(self, *_):
        return self.send(whole(b"1") + b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2")

    def do_huge(self, *_):
        return self.send(head(Content_Length=1 << 40) + b"x" * 1000)

    def do_endless(self, *_):
        self.send(head(Transfer_Encoding="chunked"))
        while True:
            self.send(chunk(b"x" * 1000))

    def do_endless_head(self, *_):
        self.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            self.send(b"X-Filler: " + b"x" * 100 + b"\r\n")

    def do_drip(self, *_):
        self.send(head(Transfer_Encoding="chunked"))
        while True:
            self.send(chunk(b" "))
            time.sleep(STEP)

    def do_kick(self, *request):
        """Keeps the connection, and closes it when the next request comes."""
        self.do_echo(*request)
        self.read_request()

    # For auth_jwt: the file that the query names, or a failure while there is none.

    def do_keys(self, method, target, headers, body):
        query = dict(it.split("=", 1) for it in target.partition("?")[2].split("&") if it)
        try:
            with open(query["file"], "rb") as file:
                said = file.read()
        except FileNotFoundError:
            return self.send(whole(b"{}", "503 Not Now"))
        answer = {"Cache_Control": query["age"]} if "age" in query else {}
        return self.send(whole(said, **answer))

    # For auth_http: what is answered depends on the credential.

    def do_auth(self, method, target, headers, body):
        said = json.loads(body)
        word, _, rest = said["credential"].partition(" ")
        if word == "status":
            return self.send(whole(b'{"user":"mallory"}', f"{rest} So"))
        if word == "answer":
            return self.send(whole(rest.encode()))
        if word == "never":
            time.sleep(3600)
        told = {"method": method, "target": target, "headers": headers, "body": said,
                "request": self.requests}
        return self.send(whole(json.dumps({"user": word, "claims": told}).encode()))

    # For snapshot_http: what is answered, and how it may be kept, stands in the query.

    def do_state(self, method, target, headers, body):
        query = dict(it.split("=", 1) for it in target.partition("?")[2].split("&") if it)
        said = json.dumps({"request": self.requests}).encode()
        answer = {}
        if "age" in query:
            answer["Cache_Control"] = query["age"]
        if "etag" in query:
            answer["ETag"] = query["etag"]
            if headers.get("if-none-match") == query["etag"]:
                return self.send(head("304 Not Modified", **answer))
        if "at" in query:
            answer["WSE_Epoch"], answer["WSE_Offset"] = query["at"].split(",")
        return self.send(whole(said, **answer))


def accept(listener, context):
    while True:
        stream, _ = listener.accept()
        COUNT["connections"] += 1
        threading.Thread(target=serve, args=(stream, context, COUNT["connections"]),
                         daemon=True).start()


def serve(stream, context, number):
    try:
        if context:
            stream = context.wrap_socket(stream, server_side=True)
        Connection(stream, number).serve()
    except (OSError, ValueError):
        pass


def main():
    context = None
    if len(sys.argv) > 2 and sys.argv[1]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
    address = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1"
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 0), family=family, backlog=128)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(listener, context), daemon=True).start()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
