# SPDX-License-Identifier: MIT
"""The beginning of a link: the connection, the hello and the welcome."""
from __future__ import annotations

import dataclasses
import socket
from typing import Any

from .codec import DEFAULT_MAX_FRAME, HEADER, dump_json, frame, load_object
from .errors import LinkError, LinkRefused


@dataclasses.dataclass(frozen=True, slots=True)
class Welcome:
    """What wsed said of itself. `seq` is the last event of `epoch` that is acknowledged."""

    epoch: str
    seq: int
    server: str
    instance: str
    max_frame: int


def dial(address: str, timeout: float) -> socket.socket:
    """A path has a slash in it; a `unix:` in front may say so, too."""
    if address.startswith("unix:") or "/" in address:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            sock.connect(address.removeprefix("unix:"))
        except OSError:
            sock.close()
            raise
        return sock
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        raise LinkError(f"{address!r} is neither the path of a socket nor host:port")
    sock = socket.create_connection((host.strip("[]"), int(port)), timeout)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def connect(
    address: str, hello: dict[str, Any], timeout: float, max_frame: int
) -> tuple[socket.socket, Welcome, bytes]:
    """Waits. The socket, which does not block, and what came behind the welcome."""
    sock = dial(address, timeout)
    try:
        sock.sendall(frame(dump_json(hello)))
        body, rest = _first_frame(sock, max_frame)
        answer = load_object(body) or {}
        if answer.get("op") == "error":
            raise LinkRefused(str(answer.get("code")), str(answer.get("message", "")))
        if answer.get("op") != "welcome" or answer.get("version") != 1:
            raise LinkError("the other side does not speak version 1 of the application link")
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    welcome = Welcome(
        epoch=str(answer.get("epoch")),
        seq=int(answer.get("seq") or 0),
        server=str(answer.get("server", "")),
        instance=str(answer.get("instance", "")),
        max_frame=int(answer.get("max_frame") or DEFAULT_MAX_FRAME),
    )
    return sock, welcome, rest


def _first_frame(sock: socket.socket, max_frame: int) -> tuple[bytes, bytes]:
    data = b""
    length = None
    while length is None or len(data) < HEADER.size + length:
        more = sock.recv(65536)
        if not more:
            raise LinkError("wsed closed the link before its welcome")
        data += more
        if length is None and len(data) >= HEADER.size:
            (length,) = HEADER.unpack_from(data)
            if length > max_frame:
                raise LinkError("the other side does not speak the application link")
    end = HEADER.size + length
    return data[HEADER.size : end], data[end:]
