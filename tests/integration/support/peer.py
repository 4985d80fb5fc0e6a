# SPDX-License-Identifier: MIT
"""A raw connection past its hello, which tells what the server makes of any bytes."""
import itertools
import json
import struct

from support import raw

NUMBERS = itertools.count(1)


def text(message):
    """A text frame of a message, or of what is none."""
    if isinstance(message, str):
        return raw.frame(message.encode())
    return raw.frame(message if isinstance(message, bytes) else json.dumps(message).encode())


def binary(data):
    return raw.frame(data, 2)


class Peer(raw.RawSocket):
    def __init__(self, server, sub="mallory", query="", hello=None):
        """`hello` is the payload of the client_hello; `self.hello` that of its answer."""
        super().__init__(server)
        self.errors = []
        path = "/wse" + query
        self.send(raw.upgrade_request(server, server.token(sub), path=path))
        assert self.head()[0] == 101
        self.ready = self.until("server_ready")["p"]
        self.say("client_hello", hello or {"client_version": "test"})
        self.hello = self.until("server_hello")["p"]

    def say(self, kind, payload=None, **fields):
        self.send(text({"c": "WSE", "t": kind, "p": payload or {}, "v": 1, **fields}))

    def next_message(self):
        """The next message, whatever wraps it; {"closed": code} at the end of the connection."""
        while True:
            got = self.read_frame()
            if got is None:
                return {"closed": 1006}
            opcode, payload = got
            if opcode == 8:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005
                return {"closed": code}
            if opcode == 9:
                self.send(raw.frame(payload, 10))
            elif payload.startswith(b"PONG:"):  # of old, in plain words
                return {"t": payload.decode()}
            elif opcode in (1, 2):
                return json.loads(self.unwrap(opcode, payload))

    def unwrap(self, _opcode, payload):
        return payload

    def until(self, *kinds):
        """The next message of one of these types; errors before it are kept."""
        while True:
            message = self.next_message()
            assert "closed" not in message, message
            if message["t"] in kinds:
                return message
            if message["t"] == "error":
                self.errors.append(message["p"]["code"])

    def first(self):
        """The next message that is not about the server's own pings."""
        while True:
            message = self.next_message()
            if message.get("t") != "ping":
                return message

    def answer(self, data):
        """What these bytes are answered with: the message, or {} when there is no answer before
        that to a ping behind them."""
        self.send(data)
        number = next(NUMBERS)
        self.say("ping", {"timestamp": number})
        message = self.first()
        return {} if is_pong(message, number) else message

    def is_well(self):
        """A ping is answered, and all before that is read."""
        number = next(NUMBERS)
        self.say("ping", {"timestamp": number})
        while not is_pong(message := self.next_message(), number):
            assert "closed" not in message, message
        return True


def is_pong(message, number):
    return message.get("t") == "PONG" and message["p"].get("client_timestamp") == number


def word(message):
    """An answer in a word: the code of an error or a close, else the type of the message."""
    if not message:
        return "nothing"
    if "closed" in message:
        return message["closed"]
    return message["p"]["code"] if message["t"] == "error" else message["t"]
