# SPDX-License-Identifier: MIT
"""What waits to be sent on a link, and the calls whose answers are owed."""
from __future__ import annotations

import collections
import dataclasses
import socket
from concurrent.futures import Future
from typing import Any


def settle(future: "Future[Any]", result: Any = None, error: BaseException | None = None) -> None:
    """Ends a future that its owner may have cancelled, or that may have ended."""
    if future.done() or not future.set_running_or_notify_cancel():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)


@dataclasses.dataclass(slots=True)
class Entry:
    """One frame. `number` names the call that it is, if an answer is owed."""

    frame: bytes
    number: int | None = None
    future: "Future[Any] | None" = None
    again: bool = False  # may be sent twice: the server knows it by its id
    bound: bool = False  # makes sense on the connection alone for which it was made
    sent: int = 0  # octets of it


class Outbox:
    """In the order in which it came. Not safe by itself: the link has the lock."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self._waiting: collections.deque[Entry] = collections.deque()
        self._owed: dict[int, Entry] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def owed(self) -> int:
        return len(self._owed)

    def has_room(self, frame: bytes) -> bool:
        """A frame over the limit goes alone."""
        return not self._waiting or self.size + len(frame) <= self.limit

    def add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self.size += len(entry.frame)
        if entry.number is not None:
            self._owed[entry.number] = entry

    def flush(self, sock: socket.socket) -> bool:
        """Sends what the kernel takes; whether that was all. OSError when the connection broke."""
        while self._waiting:
            entry = self._waiting[0]
            if not entry.sent and entry.future is not None and entry.future.cancelled():
                self._give_up(entry)  # its caller has been told that it was not answered in time
                continue
            try:
                rest = memoryview(entry.frame)[entry.sent :]
                entry.sent += sock.send(rest)
            except (BlockingIOError, InterruptedError):
                return False
            if entry.sent == len(entry.frame):
                self._waiting.popleft()
                self.size -= len(entry.frame)
        return True

    def _give_up(self, entry: Entry) -> None:
        self._waiting.popleft()
        self.size -= len(entry.frame)
        if entry.number is not None:
            self._owed.pop(entry.number, None)

    def answered(self, number: Any) -> "Future[Any] | None":
        entry = self._owed.pop(number, None) if isinstance(number, int) else None
        return entry.future if entry else None

    def lost(self, again: bool = True) -> list["Future[Any]"]:
        """The connection is gone. What was not sent, or may be sent again, waits for the next one,
        in its order; the futures of all else are given back, to be failed. Not `again`: the server
        could not read something of it, and would not the next time, either."""
        failed = []
        kept: list[Entry] = []
        waiting = {id(entry) for entry in self._waiting}
        order = [entry for entry in self._owed.values() if id(entry) not in waiting]
        for entry in order + list(self._waiting):
            if entry.bound or (entry.sent and not (again and entry.again)):
                if entry.number is not None:
                    del self._owed[entry.number]
                if entry.future is not None:
                    failed.append(entry.future)
            else:
                entry.sent = 0
                kept.append(entry)
        self._waiting = collections.deque(kept)
        self.size = sum(len(entry.frame) for entry in kept)
        return failed

    def clear(self) -> list["Future[Any]"]:
        """Everything is given up."""
        entries = {id(entry): entry for entry in (*self._owed.values(), *self._waiting)}
        self._owed.clear()
        self._waiting.clear()
        self.size = 0
        return [entry.future for entry in entries.values() if entry.future is not None]
