# SPDX-License-Identifier: MIT
"""A WebSocket of an ASGI server, relayed to wsed, message by message.

Each direction reads the next message when the one before has been taken, so who does not read is
not read from. What clients tell of themselves (path, query, headers, cookies) goes on as it came;
wsed learns their address from X-Forwarded-For.
"""
from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from .websocket import ABNORMAL, NO_CODE, Closed, HandshakeError, WebSocket, connect

log = logging.getLogger("wse_server")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

# Of one connection, and not for the next; extensions are agreed on with each side for itself.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"upgrade",
        b"keep-alive",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"content-length",
        b"sec-websocket-key",
        b"sec-websocket-version",
        b"sec-websocket-extensions",
        b"sec-websocket-accept",
    }
)
TRY_AGAIN, RESTARTED = 1013, 1012


def headers_of(scope: MutableMapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """Those that wsed is to see."""
    forwarded = []
    headers = []
    for name, value in scope["headers"]:
        lower = name.lower()
        if lower == b"x-forwarded-for":
            forwarded.append(value)
        elif lower not in HOP_BY_HOP and lower != b"x-forwarded-proto":
            headers.append((name, value))
    client = scope.get("client")
    if client:
        forwarded.append(client[0].encode())
    if forwarded:
        headers.append((b"X-Forwarded-For", b", ".join(forwarded)))
    scheme = b"https" if scope.get("scheme") in ("wss", "https") else b"http"
    headers.append((b"X-Forwarded-Proto", scheme))
    return headers


async def relay(
    scope: MutableMapping[str, Any], receive: Receive, send: Send, address: str, path: str
) -> None:
    """Until one of both sides ends. `address` and `path` are wsed's."""
    first = await receive()
    if first["type"] != "websocket.connect":
        return
    host, _, port = address.rpartition(":")
    query = scope.get("query_string", b"").decode("latin-1")
    target = f"{path}?{query}" if query else path
    try:
        wsed = await connect(host.strip("[]"), int(port), target, headers_of(scope))
    except (HandshakeError, OSError) as error:
        await _refuse(scope, send, getattr(error, "status", 0))
        log.info("relay.refused problem=%s", error)
        return
    try:
        await send({"type": "websocket.accept", "subprotocol": wsed.subprotocol})
        await _both_ways(wsed, receive, send)
    finally:
        await wsed.close(ABNORMAL)


async def _refuse(scope: MutableMapping[str, Any], send: Send, status: int) -> None:
    """A client that may come has to come again: HTTP would end some of them for good."""
    if status in (0, 502, 503, 504):
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": TRY_AGAIN})
    elif "websocket.http.response" in (scope.get("extensions") or {}):
        await send({"type": "websocket.http.response.start", "status": status, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close"})  # before it is accepted: 403


async def _both_ways(wsed: WebSocket, receive: Receive, send: Send) -> None:
    up = asyncio.ensure_future(_from_client(wsed, receive))
    down = asyncio.ensure_future(_from_wsed(wsed, send))
    try:
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)
    if up.done() and not up.cancelled() and up.exception() is None:
        code, reason = up.result()
        await wsed.close(code, reason)
    elif down.done() and not down.cancelled() and down.exception() is None:
        closed = down.result()
        await wsed.close(closed.code)
        message: dict[str, Any] = {"type": "websocket.close", "code": closed.code}
        if closed.reason:
            message["reason"] = closed.reason
        await _tell(send, message)
    else:
        # A server that fails tells its clients to come back, and not why.
        error = up.exception() if up.done() and not up.cancelled() else down.exception()
        log.warning("relay.failed problem=%r", error)
        await _tell(send, {"type": "websocket.close", "code": RESTARTED})


async def _tell(send: Send, message: MutableMapping[str, Any]) -> None:
    """Who has gone in the same moment cannot be told, and ASGI servers say so in their own ways."""
    try:
        await send(message)
    except (RuntimeError, OSError) as error:
        log.debug("relay.gone problem=%r", error)


async def _from_client(wsed: WebSocket, receive: Receive) -> tuple[int, str]:
    """Until the client is gone; how."""
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return message.get("code") or NO_CODE, message.get("reason") or ""
        text = message.get("text")
        await wsed.send(text if text is not None else message["bytes"])


async def _from_wsed(wsed: WebSocket, send: Send) -> Closed:
    """Until wsed is gone; how. Codes that are no codes on the wire are those of a restart."""
    while True:
        try:
            message = await wsed.receive()
        except Closed as closed:
            if closed.code in (NO_CODE, ABNORMAL):
                return Closed(RESTARTED)
            return closed
        key = "text" if isinstance(message, str) else "bytes"
        await send({"type": "websocket.send", key: message})
