# SPDX-License-Identifier: MIT
"""Events handed to functions instead of being drained."""
from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Callable
from typing import Any

from .errors import CallError, LinkError
from .inbox import Inbox
from .types import InboundEvent

log = logging.getLogger("wse_server")

BATCH = 256
WAIT_MS = 200
OnEvent = Callable[[InboundEvent], Any]


def dispatch(
    on_connect: Callable[[str, str], Any] | None,
    on_message: Callable[[str, Any], Any] | None,
    on_disconnect: Callable[[str], Any] | None,
) -> OnEvent:
    """The three callbacks of RustWSEServer as one of events."""

    def on_event(event: InboundEvent) -> Any:
        if event.connection is None:
            return None
        if event.type in ("connect", "auth_connect"):
            return on_connect and on_connect(event.connection, event.data)
        if event.type in ("msg", "raw", "bin"):
            return on_message and on_message(event.connection, event.data)
        if event.type == "disconnect":
            return on_disconnect and on_disconnect(event.connection)
        return None

    return on_event


class Pump:
    """Takes events on a thread of its own, and calls the function with one after the other: what is
    not taken waits in wsed, within its bounds. Coroutines run on `loop`, and the next event waits
    for them. What the function raises is logged."""

    def __init__(self, on_event: OnEvent, loop: asyncio.AbstractEventLoop | None) -> None:
        self._on_event = on_event
        self._loop = loop
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, inbox: Inbox) -> None:
        self._thread = threading.Thread(
            target=self._run, args=(inbox,), name="wse-callbacks", daemon=True
        )
        self._thread.start()

    def use_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Coroutines run on this one from now on."""
        self._loop = loop

    def stop(self) -> None:
        """Waits, but for itself: a callback may stop the server."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self, inbox: Inbox) -> None:
        while not self._stopping.is_set():
            try:
                events = inbox.take(BATCH, WAIT_MS)
            except (LinkError, CallError) as error:
                # Another process takes the events, or the link is about to end.
                if not self._stopping.wait(WAIT_MS / 1000):
                    log.debug("callbacks wait for the link: %s", error)
                continue
            for event in events:
                self._tell(event)
        try:
            inbox.ack()
        except LinkError as error:
            log.debug("the last events are not acknowledged: %s", error)

    def _tell(self, event: InboundEvent) -> None:
        try:
            result = self._on_event(event)
            if inspect.isawaitable(result):
                self._await(result)
        except Exception:  # noqa: BLE001 - the application's failure is not ours
            log.exception("the callback of %s failed", event.type)

    def _await(self, awaitable: Any) -> None:
        if self._loop is None:
            asyncio.run(_result(awaitable))
        else:
            asyncio.run_coroutine_threadsafe(_result(awaitable), self._loop).result()


async def _result(awaitable: Any) -> Any:
    return await awaitable
