# SPDX-License-Identifier: MIT
"""A client that subscribes and then does not read until it is told to."""
import json
import socket
import struct
import time

from support import raw
from support.server import DEADLINE_S


class Stalled(raw.RawSocket):
    """Past its acknowledgement, which is in `ack`. Then nothing is read but on request."""

    # The kernels hold little for a connection with a small window and small segments, so that what
    # is published to it waits in the server, where the test wants it.
    WINDOW = 4096
    SEGMENT = 536

    def __init__(self, server, topic, sub="stalled", **request):
        self.server = server
        self.topic = topic
        self.socket = socket.socket()
        self.socket.settimeout(DEADLINE_S)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.WINDOW)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, self.SEGMENT)
        self.socket.connect(server.host_port)
        self.buffer = b""
        self.send(raw.upgrade_request(server, server.token(sub)))
        assert self.head()[0] == 101
        self.id = self.next_message()["p"]["details"]["connection_id"]
        self.say("client_hello", {"client_version": "test"})
        self.say("subscription_update", {"action": "subscribe", "topics": [topic], **request})
        self.ack = self.until("subscription_update")["p"]
        assert self.ack["success_topics"] == [topic], self.ack

    def say(self, kind, payload):
        message = {"c": "WSE", "t": kind, "p": payload, "v": 1}
        self.send(raw.frame(json.dumps(message).encode()))

    def ping_all(self, numbers):
        """Pings without reading the answers, which carry the numbers."""
        texts = (b'{"c":"WSE","t":"ping","p":{"timestamp":%d},"v":1}' % n for n in numbers)
        self.send(b"".join(raw.frame(text) for text in texts))

    def show(self):
        """What `conn show` says of it."""
        return self.server.ctl_json("conn", "show", self.id)

    def await_row(self, test):
        """The row of `conn show` once it passes the test."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            row = self.show()
            if test(row):
                return row
            assert time.monotonic() < deadline, row

    def wake(self):
        """From now on it reads like everybody else."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def next_message(self):
        opcode, payload = self.read_frame()
        assert opcode == 1, (opcode, payload)
        return json.loads(payload)

    def until(self, kind):
        while True:
            message = self.next_message()
            if message["t"] == kind:
                return message

    def read_to(self, last):
        """Reads on until last(message) is true; all messages up to there."""
        messages = []
        while not messages or not last(messages[-1]):
            messages.append(self.next_message())
        return messages

    def read_to_close(self):
        """(messages, close code). Nothing may come behind the close frame."""
        messages = []
        while True:
            got = self.read_frame()
            assert got is not None, f"the end without a close frame after {len(messages)} messages"
            if got[0] == 1:
                messages.append(json.loads(got[1]))
            elif got[0] == 8:
                self.send(raw.frame(got[1][:2], 8))
                behind = self.read_frame()
                assert behind is None, f"behind the close frame: {behind}"
                return messages, struct.unpack("!H", got[1][:2])[0]


def numbers(messages):
    """The numbers of the events among the messages, in the order they came."""
    return [message["p"]["n"] for message in messages if message.get("c") == "U"]


def pongs(messages):
    return [message["p"]["client_timestamp"] for message in messages if message["t"] == "PONG"]


def ranges(found):
    """Numbers in words, for failures: "0-9, 12"."""
    parts = []
    for n in sorted(found):
        if parts and parts[-1][1] == n - 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts) or "none"
