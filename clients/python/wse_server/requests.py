# SPDX-License-Identifier: MIT
"""Subscriptions that clients ask for and the application grants.

A question of wsed becomes the message that the client sent; the application answers it by
subscribing the connection, or by unsubscribing it. When it does neither, wsed refuses the client
after limits.ask_timeout.
"""
from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any

from .errors import Denied
from .outbox import settle
from .types import InboundEvent, Question


class SubscriptionRequests:
    """`tell` is given the events, on any thread, and `untell` those that nobody waits for any
    more: of clients that ask again and again no more are kept than wsed has questions."""

    def __init__(
        self, tell: Callable[[InboundEvent], None], untell: Callable[[InboundEvent], None]
    ) -> None:
        self._tell = tell
        self._untell = untell
        self._lock = threading.Lock()
        self._waiting: dict[tuple[str, str], Future[Any]] = {}

    def ask(self, question: Question) -> "Future[Any]":
        """The handler of `subscribe` questions."""
        if not question.conn or not question.topic:
            raise Denied("no connection asks")
        key = question.conn, question.topic
        future: Future[Any] = Future()
        with self._lock:
            before = self._waiting.get(key)
            self._waiting[key] = future
        if before is not None:
            settle(before, error=Denied("asked again"))
        future.add_done_callback(lambda done: self._forget(key, done))
        payload: dict[str, Any] = {"action": "subscribe", "topics": [question.topic]}
        if question.data is not None:
            payload["params"] = question.data
        message = {"t": "subscription_update", "p": payload}
        event = InboundEvent("msg", question.conn, message)
        self._tell(event)
        future.add_done_callback(lambda done: self._untell(event))
        return future

    def grant(self, conn: str, topics: Iterable[str]) -> list[str]:
        """Answers those that were asked for; the topics that were not are left."""
        rest = []
        for topic in topics:
            future = self._get(conn, topic)
            if future is None:
                rest.append(topic)
            else:
                settle(future, True)
        return rest

    def deny(self, conn: str, topics: Iterable[str] | None = None) -> list[str]:
        """Those topics, or all that the connection has asked for; those that it has not are left."""
        if topics is None:
            with self._lock:
                topics = [topic for other, topic in self._waiting if other == conn]
        rest = []
        for topic in topics:
            future = self._get(conn, topic)
            if future is None:
                rest.append(topic)
            else:
                settle(future, error=Denied("not allowed"))
        return rest

    def _get(self, conn: str, topic: str) -> "Future[Any] | None":
        with self._lock:
            return self._waiting.get((conn, topic))

    def _forget(self, key: tuple[str, str], future: "Future[Any]") -> None:
        with self._lock:
            if self._waiting.get(key) is future:
                del self._waiting[key]
