# SPDX-License-Identifier: MIT
"""Events handed to functions instead of being drained."""
from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from typing import Any

from .errors import LinkError
from .inbox import Inbox
from .types import InboundEvent

log = logging.getLogger("wse_server")

BATCH = 256
WAIT_MS = 200


class Callbacks:
    """Takes events on a thread of its own, and calls one function after the other, in the order of
    the events: what is not taken waits in wsed, within its bounds. Coroutine functions run on
    `loop`, and the next event waits for them. What a function raises is logged."""

    def __init__(
        self,
        on_connect: Callable[[str, str], Any] | None,
        on_message: Callable[[str, Any], Any] | None,
        on_disconnect: Callable[[str], Any] | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self._on_connect = on_connect
        self._on_message = on_message
        self._on_disconnect = on_disconnect
        self._loop = loop
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, inbox: Inbox) -> None:
        self._thread = threading.Thread(
            target=self._run, args=(inbox,), name="wse-callbacks", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Waits, but for itself: a callback may stop the server."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, inbox: Inbox) -> None:
        while not self._stopping.is_set():
            try:
                events = inbox.take(BATCH, WAIT_MS)
            except LinkError as error:
                if not self._stopping.wait(WAIT_MS / 1000):
                    log.debug("callbacks wait for the link: %s", error)
                continue
            for event in events:
                self._tell(event)

    def _tell(self, event: InboundEvent) -> None:
        try:
            result = self._call(event)
            if inspect.isawaitable(result):
                self._await(result)
        except Exception:  # noqa: BLE001 - the application's failure is not ours
            log.exception("the callback of %s failed", event.type)

    def _call(self, event: InboundEvent) -> Any:
        if event.connection is None:
            return None
        if event.type in ("connect", "auth_connect"):
            return self._on_connect and self._on_connect(event.connection, event.data)
        if event.type in ("msg", "raw", "bin"):
            return self._on_message and self._on_message(event.connection, event.data)
        if event.type == "disconnect":
            return self._on_disconnect and self._on_disconnect(event.connection)
        return None

    def _await(self, awaitable: Any) -> None:
        if self._loop is None:
            asyncio.run(_result(awaitable))
        else:
            asyncio.run_coroutine_threadsafe(_result(awaitable), self._loop).result()


async def _result(awaitable: Any) -> Any:
    return await awaitable
