# SPDX-License-Identifier: MIT
"""A backend: the application link (docs/app-link.md), without any code of ours."""
import base64
import json
import socket
import struct
import time

TIMEOUT_S = 30


class LinkClosed(Exception):
    pass


class Refused(Exception):
    """An error frame, or a result that is one; `code` says which."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error.get('message')}")
        self.code = error["code"]


class AppLink:
    """One connection. What comes while something else is waited for is kept, in order, in `events`
    and `asked`."""

    def __init__(self, path, pack=None, **hello):
        """`pack`: the module msgpack, to speak that."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT_S)
        self.socket.connect(str(path))
        self.pack = None
        self.answers = {}  # kind of question -> function of the question that gives the answer
        self.asked = []
        self.last_id = 0
        form = {"format": "msgpack"} if pack else {}
        self.send({"op": "hello", "version": 1, **form, **hello})
        self.welcome = self.receive()
        if self.welcome["op"] == "error":
            self.close()
            raise Refused(self.welcome)
        assert self.welcome["op"] == "welcome", self.welcome
        self.pack = pack
        self.handled = self.welcome["seq"]

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, message):
        body = self.pack.packb(message) if self.pack else json.dumps(message).encode()
        self.socket.sendall(struct.pack(">I", len(body)) + body)

    def _read(self, size):
        data = bytearray()
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise LinkClosed()
            data += more
        return bytes(data)

    def receive(self):
        body = self._read(struct.unpack(">I", self._read(4))[0])
        return self.pack.unpackb(body) if self.pack else json.loads(body)

    def _await(self, id):
        """The answer to the message with this id; questions are answered meanwhile."""
        while True:
            message = self.receive()
            if message["op"] == "ask":
                self._answer(message)
            elif message.get("id") == id and message["op"] != "cancel":
                return message
            elif message["op"] == "error":
                raise Refused(message)

    def _answer(self, question):
        self.asked.append(question)
        answer = self.answers[question["question"]](question)
        if answer is not None:
            self.send({"op": "answer", "id": question["id"], **answer})

    def _next_id(self):
        self.last_id += 1
        return self.last_id

    def begin(self, method, **params):
        """Sends a call and does not wait."""
        id = self._next_id()
        self.send({"op": "call", "id": id, "method": method, "params": params})
        return id

    def end(self, id):
        """The result of one that was sent, while no other is waited for."""
        answer = self._await(id)
        if not answer["ok"]:
            raise Refused(answer["error"])
        return answer["result"]

    def call(self, method, **params):
        return self.end(self.begin(method, **params))

    def drain(self, max=256, wait_ms=50, **members):
        """The events; those of the drain before count as handled."""
        id = self._next_id()
        self.send({"op": "drain", "id": id, "max": max, "wait_ms": wait_ms,
                   "ack": self.handled, **members})
        answer = self._await(id)
        if answer["op"] == "error":
            raise Refused(answer)
        if answer["events"]:
            self.handled = answer["events"][-1]["seq"]
        return answer["events"]

    def ack(self, seq=None):
        self.send({"op": "ack", "seq": self.handled if seq is None else seq})

    def until(self, test):
        """Drains until one of the events passes the test; all of them so far, of which the last
        drain's are not acknowledged."""
        seen = []
        deadline = time.monotonic() + TIMEOUT_S
        while not any(map(test, seen)):
            assert time.monotonic() < deadline, seen
            seen += self.drain(wait_ms=500)
        return seen

    def serve(self, count):
        """Answers that many questions."""
        wanted = len(self.asked) + count
        while len(self.asked) < wanted:
            message = self.receive()
            if message["op"] == "ask":
                self._answer(message)

    def ping(self):
        id = self._next_id()
        self.send({"op": "ping", "id": id})
        assert self._await(id)["op"] == "pong"


def bytes_of(event):
    """The data of a binary event."""
    data = event["data"]
    return base64.b64decode(data, validate=True) if isinstance(data, str) else data
