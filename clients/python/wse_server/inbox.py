# SPDX-License-Identifier: MIT
"""Events of the link as RustWSEServer tells them, and those that it adds."""
from __future__ import annotations

import collections
import threading
import time
from concurrent.futures import Future, wait
from typing import Any

from .link import Link
from .types import InboundEvent, LinkEvent


def inbound(event: LinkEvent, topic_events: bool = False) -> InboundEvent | None:
    """One event as a tuple; None for what is not told."""
    kind, conn = event.event, event.conn
    if kind == "connect":
        if event.user:
            return InboundEvent("auth_connect", conn, event.user)
        cookie = event.data.get("cookie") if isinstance(event.data, dict) else None
        return InboundEvent("connect", conn, cookie or "")
    if kind == "message":
        message = {"t": event.type, "p": event.data}
        if event.id:
            message["id"] = event.id
        return InboundEvent("msg", conn, message)
    if kind in ("text", "binary"):
        return InboundEvent("raw" if kind == "text" else "bin", conn, event.data)
    if kind == "disconnect":
        return InboundEvent("disconnect", conn, None)
    if kind in ("join", "leave"):
        data = {"topic": event.topic, "user_id": event.user, "data": event.data}
        return InboundEvent(f"presence_{kind}", None, data)
    if topic_events and kind in ("subscribe", "unsubscribe"):
        return InboundEvent(kind, conn, {"topic": event.topic, "user_id": event.user})
    return None


class Inbox:
    """take() may be called from any thread, by one at a time; the rest from any thread.

    A run of wsed that has ended took its connections with it, and the news of that: so they are
    told as disconnected here.

    What a connection asks for comes past the events of wsed. It is told behind those that are here;
    and `whole`, where every connection is told of, behind the connection itself.
    """

    def __init__(self, topic_events: bool = False, whole: bool = False) -> None:
        self._topic_events = topic_events
        self._whole = whole
        self._changed = threading.Condition()
        self._taking = threading.Lock()
        self._local: collections.deque[InboundEvent] = collections.deque()
        self._requests: dict[int, InboundEvent] = {}  # by id()
        self._early: dict[int, InboundEvent] = {}  # of those who were not told of yet
        self._asked: Future[Any] | None = None
        self._link: Link | None = None
        self._users: dict[str, str | None] = {}

    def open(self, link: Link) -> None:
        self._link = link

    @property
    def depth(self) -> int:
        """Events that wait here; most wait in wsed."""
        return len(self._local) + len(self._requests) + len(self._early)

    def user_of(self, conn: str) -> str | None:
        return self._users.get(conn)

    def add_request(self, event: InboundEvent) -> None:
        """An event of our own, of a connection that asks for something."""
        with self._changed:
            is_early = self._whole and event.connection not in self._users
            (self._early if is_early else self._requests)[id(event)] = event
            self._changed.notify_all()

    def remove_request(self, event: InboundEvent) -> None:
        """Nobody waits for it any more; nothing happens when it was taken."""
        with self._changed:
            self._requests.pop(id(event), None)
            self._early.pop(id(event), None)

    def forget_connections(self) -> None:
        """They are gone with the run of wsed that had them."""
        with self._changed:
            for conn in self._users:
                self._local.append(InboundEvent("disconnect", conn, None))
            self._users.clear()
            self._changed.notify_all()

    def take(self, max_count: int, timeout_ms: int) -> list[InboundEvent]:
        """Waits for the first event; the events of the call before count as handled."""
        with self._taking:
            end = time.monotonic() + timeout_ms / 1000
            if not self._local:
                # Asked in any case: requests that never end must not keep events waiting.
                self._ask(max_count, 0 if self._requests else timeout_ms)
            with self._changed:
                self._changed.wait_for(self._has_something, max(0.0, end - time.monotonic()))
                own = [self._local.popleft() for _ in range(min(max_count, len(self._local)))]
            if own:
                return own
            told = self._drained()
            with self._changed:
                while self._requests and len(told) < max_count:
                    told.append(self._requests.pop(next(iter(self._requests))))
            return told

    def take_for_later(self, timeout_ms: int) -> int:
        """Takes events out of wsed, and keeps them here for take(); how many."""
        with self._taking:
            self._ask(1024, timeout_ms)
            if self._asked is not None:
                wait([self._asked], timeout_ms / 1000)
            events = self._drained()
            with self._changed:
                self._local.extend(events)
            return len(events)

    def ack(self) -> None:
        """The events of the last take() are handled."""
        if self._link is not None:
            self._link.ack()

    def close(self) -> None:
        """There is no link any more; what is kept here can still be taken."""
        with self._taking:
            self._link = None
            self._asked = None

    def _ask(self, max_count: int, timeout_ms: int) -> None:
        """Unless it was asked before, and the answer is still to come."""
        if self._asked is None and self._link is not None:
            self._asked = self._link.begin_drain(max_count, timeout_ms)
            if self._asked is not None:
                self._asked.add_done_callback(self._notify)

    def _notify(self, unused: "Future[Any]") -> None:
        with self._changed:
            self._changed.notify_all()

    def _has_something(self) -> bool:
        return bool(self._local or self._requests) or (
            self._asked is not None and self._asked.done()
        )

    def _drained(self) -> list[InboundEvent]:
        if self._asked is None or not self._asked.done():
            return []
        asked, self._asked = self._asked, None
        assert self._link is not None
        told = []
        for event in self._link.end_drain(asked):
            self._track(event)
            row = inbound(event, self._topic_events)
            if row is not None:
                told.append(row)
        return told

    def _track(self, event: LinkEvent) -> None:
        with self._changed:
            if event.event == "connect" and event.conn:
                self._users[event.conn] = event.user
                self._admit(event.conn)
            elif event.event == "disconnect" and event.conn:
                self._users.pop(event.conn, None)

    def _admit(self, conn: str) -> None:
        """With the lock. What the connection asked for before it was told of."""
        for key, event in list(self._early.items()):
            if event.connection == conn:
                self._requests[key] = self._early.pop(key)
