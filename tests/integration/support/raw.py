# SPDX-License-Identifier: MIT
"""Bytes on a socket, for what no decent library would send."""
import base64
import os
import socket
import struct

TIMEOUT_S = 20


def upgrade_request(server, token=None, path="/wse", drop=(), **changes):
    """The lines of an upgrade as bytes. `changes` replace headers, written with underscores."""
    headers = {
        "Host": server.address,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    headers.update({name.replace("_", "-"): text for name, text in changes.items()})
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in headers.items() if name not in drop]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def masked(payload, key):
    size = len(payload)
    pad = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")


def frame(payload=b"", opcode=1, fin=True, mask=True, rsv=0, length=None):
    """A frame; `length` is what the header claims when it lies."""
    claimed = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if mask else 0
    if claimed < 126:
        head += bytes([bit | claimed])
    elif claimed < 1 << 16:
        head += bytes([bit | 126]) + struct.pack("!H", claimed)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", claimed)
    if not mask:
        return head + payload
    key = b"\x01\x02\x03\x04"
    return head + key + masked(payload, key)


class RawSocket:
    def __init__(self, server, timeout=TIMEOUT_S):
        self.socket = socket.create_connection(server.host_port, timeout)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def send(self, data):
        """Sends; a server that has already ended the connection is an answer, not an error."""
        try:
            self.socket.sendall(data)
        except OSError:
            pass

    def fill(self):
        """Reads once more; False at the end of the connection."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def head(self):
        """The status and the headers of the answer; status 0: closed without one."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.fill():
                return 0, {}
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        return int(first.split(" ")[1]), {name.lower(): text.strip() for name, _, text in pairs}

    def take(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                return None
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_frame(self):
        """(opcode, payload), or None at the end of the connection."""
        head = self.take(2)
        if head is None:
            return None
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self.take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self.take(8))
        payload = self.take(length)
        return None if payload is None else (head[0] & 0x0F, payload)

    def close_code(self):
        """Reads on to the close frame: its code, 1005 without one in it, 1006 without the frame."""
        while True:
            got = self.read_frame()
            if got is None:
                return 1006
            if got[0] == 8:
                return struct.unpack("!H", got[1][:2])[0] if len(got[1]) >= 2 else 1005

    def ended(self):
        """Reads to the end of the connection; a timeout is raised when it does not come."""
        while self.fill():
            self.buffer = b""
        return True


def open_session(server, sub="alice"):
    """A raw connection past the upgrade and server_ready."""
    raw = RawSocket(server)
    raw.send(upgrade_request(server, server.token(sub)))
    status, _ = raw.head()
    assert status == 101, status
    opcode, payload = raw.read_frame()
    assert opcode == 1 and b'"server_ready"' in payload
    return raw
