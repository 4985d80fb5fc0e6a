# SPDX-License-Identifier: MIT
"""A client of the suite: frames as octets, sent as a case says, and what came back."""
import base64
import os
import socket
import struct

TIMEOUT_S = 60
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
RSV1, RSV2, RSV3 = 4, 2, 1
MASK = b"\xa5\x3c\x17\xe8"


def masked(payload):
    """As one number, which is fast for large payloads, too."""
    size = len(payload)
    key = (MASK * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def frame(opcode, payload=b"", fin=True, rsv=0):
    """A client's frame in the shortest form of its length."""
    size = len(payload)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 1 << 16:
        head += bytes([0xFE]) + struct.pack("!H", size)
    else:
        head += bytes([0xFF]) + struct.pack("!Q", size)
    return head + MASK + masked(payload)


def close(code=None, reason=b""):
    return frame(CLOSE, close_payload(code, reason))


def close_payload(code=None, reason=b""):
    return b"" if code is None else struct.pack("!H", code) + reason


def pieces(payload, size):
    """The payload in pieces of `size`; an empty one is one piece."""
    return [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]


def fragments(opcode, parts, rsv=0):
    """One message, a frame for each part."""
    last = len(parts) - 1
    return [
        frame(CONTINUATION if at else opcode, part, fin=at == last, rsv=0 if at else rsv)
        for at, part in enumerate(parts)
    ]


class Peer:
    """One connection to the echo. Every frame that comes must be one that RFC 6455 allows."""

    def __init__(self, address, offer=None, path="/echo"):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        )
        for each in [offer] if isinstance(offer, str) else offer or []:
            request += f"Sec-WebSocket-Extensions: {each}\r\n"
        self.socket.sendall((request + "\r\n").encode())
        self.status, self.extension = self._head()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def _head(self):
        while b"\r\n\r\n" not in self.buffer:
            assert self._fill(), "the connection ended before the answer to the upgrade"
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer = bytearray(rest)
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(first.split(" ")[1]), headers.get("sec-websocket-extensions")

    def _fill(self):
        try:
            data = self.socket.recv(1 << 18)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def _take(self, count):
        while len(self.buffer) < count:
            if not self._fill():
                return None
        data = bytes(self.buffer[:count])
        del self.buffer[:count]
        return data

    def send(self, *parts, step=None):
        """`step` octets a segment; a server that has ended the connection is an answer."""
        try:
            for part in parts:
                for piece in pieces(part, step or len(part) or 1):
                    self.socket.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read(self):
        """(opcode, payload, rsv), or None at the end of the connection."""
        head = self._take(2)
        if head is None:
            return None
        assert head[0] & 0x80, "the server fragments"
        assert not head[1] & 0x80, "the server masks"
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
            assert size > 125, "a length that is not in its shortest form"
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
            assert size > 0xFFFF, "a length that is not in its shortest form"
        payload = self._take(size)
        assert payload is not None, "the connection ended inside a frame"
        return head[0] & 0x0F, payload, head[0] >> 4 & 7

    def expect(self, opcode, payload):
        got = self.read()
        assert got == (opcode, payload, 0), f"got {shown(got)}, not {shown((opcode, payload, 0))}"

    def expect_close(self, code, reason=None):
        """A close frame of that code, and nothing behind it but the end of the connection."""
        got = self.read()
        assert got and got[0] == CLOSE and got[2] == 0, f"got {shown(got)}, not a close frame"
        assert got[1][:2] == close_payload(code), f"got {shown(got)}, not close {code}"
        assert reason is None or got[1][2:] == reason
        assert len(got[1]) <= 125
        got[1][2:].decode()
        assert self.read() is None, "something came behind the close frame"


def shown(got):
    return got and (got[0], got[1][:60], len(got[1]), got[2])
