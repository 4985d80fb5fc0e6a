# SPDX-License-Identifier: MIT
"""A WebSocket client for asyncio, as much of RFC 6455 as a relay to wsed needs: no extensions."""
from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import struct
from collections.abc import Iterable

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
NO_CODE, ABNORMAL = 1005, 1006
MAX_HEAD = 64 << 10


class HandshakeError(ConnectionError):
    """The answer was another one than 101; `status` is 0 when it was none at all."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}" if status else text)
        self.status = status


class Closed(Exception):
    """The other side has closed. 1005: without a code, 1006: without a close frame."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class WebSocket:
    """One connection. One task reads, one writes.

    Pings are answered after `pong_delay` seconds: where we stand for somebody else, a pong says
    that he has what was sent before the ping, and that takes as long as it takes.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        max_message: int,
        pong_delay: float,
    ) -> None:
        self.subprotocol: str | None = None
        self._reader = reader
        self._writer = writer
        self._max_message = max_message
        self._pong_delay = pong_delay
        self._close_sent = False

    async def receive(self) -> str | bytes:
        """The next message; Closed when there is none."""
        kind, parts, size = 0, [], 0
        while True:
            try:
                final, opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, ConnectionError):
                raise Closed(ABNORMAL) from None
            if opcode >= CLOSE:
                self._control(opcode, payload)
                continue
            if bool(opcode) == bool(kind):
                raise Closed(1002, "a frame out of order")
            kind = kind or opcode
            size += len(payload)
            if size > self._max_message:
                raise Closed(1009, "too large")
            parts.append(payload)
            if final:
                whole = b"".join(parts)
                return whole.decode() if kind == TEXT else whole

    async def send(self, message: str | bytes) -> None:
        """Waits while the other side does not read."""
        data = message.encode() if isinstance(message, str) else message
        self._write(TEXT if isinstance(message, str) else BINARY, data)
        await self._writer.drain()

    async def close(self, code: int = NO_CODE, reason: str = "") -> None:
        """Says good-bye, unless the code is 1006. The other side's is not waited for."""
        if code != ABNORMAL and not self._close_sent:
            payload = b"" if code == NO_CODE else struct.pack(">H", code) + reason.encode()[:123]
            self._write(CLOSE, payload)
            self._close_sent = True
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            pass

    async def _frame(self) -> tuple[bool, int, bytes]:
        first, second = await self._reader.readexactly(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", await self._reader.readexactly(8))
        if first & 0x70 or second & 0x80:
            raise Closed(1002, "a frame that a server does not send")
        if length > self._max_message:
            raise Closed(1009, "too large")
        return bool(first & 0x80), first & 0x0F, await self._reader.readexactly(length)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            loop = asyncio.get_running_loop()
            loop.call_later(self._pong_delay, self._write, PONG, payload)
        elif opcode == CLOSE:
            if len(payload) < 2:
                raise Closed(NO_CODE)
            (code,) = struct.unpack_from(">H", payload)
            raise Closed(code, payload[2:].decode(errors="replace"))

    def _write(self, opcode: int, payload: bytes) -> None:
        if self._close_sent or self._writer.is_closing():
            return
        size = len(payload)
        if size < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack(">BBH", 0x80 | opcode, 0xFE, size)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 0xFF, size)
        mask = os.urandom(4)
        self._writer.write(head + mask + _masked(payload, mask))


def _masked(payload: bytes, mask: bytes) -> bytes:
    """As one large number: byte by byte would take a hundred times as long."""
    size = len(payload)
    if not size:
        return b""
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


async def connect(
    host: str,
    port: int,
    target: str,
    headers: Iterable[tuple[bytes, bytes]],
    *,
    timeout: float = 10.0,
    max_message: int = 64 << 20,
    pong_delay: float = 5.0,
) -> WebSocket:
    """The headers go out as they are, beside those of the handshake. HandshakeError when it is
    refused; OSError, TimeoutError when nobody answers."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection(host, port, limit=MAX_HEAD)
        try:
            key = base64.b64encode(os.urandom(16))
            writer.write(_request(target, key, headers))
            head = await reader.readuntil(b"\r\n\r\n")
            socket = WebSocket(reader, writer, max_message, pong_delay)
            socket.subprotocol = _check(head, key)
        except asyncio.IncompleteReadError:
            writer.close()
            raise HandshakeError(0, "the connection was closed") from None
        except BaseException:
            writer.close()
            raise
    return socket


def _request(target: str, key: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines = [b"GET " + target.encode() + b" HTTP/1.1"]
    lines += [name + b": " + value for name, value in headers]
    lines += [
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: " + key,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def _check(head: bytes, key: bytes) -> str | None:
    """The sub-protocol that was agreed on."""
    first, *lines = head.decode("latin-1").split("\r\n")
    status = first.split(" ", 2)
    if len(status) < 2 or status[1] != "101":
        code = int(status[1]) if len(status) > 1 and status[1].isdigit() else 0
        raise HandshakeError(code, status[2] if len(status) > 2 else first[:100])
    found = dict(
        (name.strip().lower(), value.strip())
        for name, colon, value in (line.partition(":") for line in lines)
        if colon
    )
    expected = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
    if found.get("sec-websocket-accept") != expected:
        raise HandshakeError(0, "the other side speaks no WebSocket")
    return found.get("sec-websocket-protocol")
