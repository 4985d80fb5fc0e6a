# SPDX-License-Identifier: MIT
"""Names that the whole package uses."""
from __future__ import annotations

import dataclasses
import enum
from typing import Any, NamedTuple


class EventPriority(enum.IntEnum):
    """How important an event is: what a slow client loses first is BACKGROUND."""

    BACKGROUND = 1
    LOW = 3
    NORMAL = 5
    HIGH = 8
    CRITICAL = 10

    @classmethod
    def nearest(cls, value: int) -> "EventPriority":
        """Any number as the server takes it; of two that are as near, the higher."""
        return min(tuple(cls), key=lambda each: (abs(int(each) - value), -int(each)))


class InboundEvent(NamedTuple):
    """What drain_inbound() gives: a tuple of three."""

    type: str
    connection: str | None
    data: Any


@dataclasses.dataclass(frozen=True, slots=True)
class LinkEvent:
    """An event of the link. None stands for what does not apply.

    `seq` counts within `epoch`, which names one run of the server's module. `omitted` is how many
    bytes the data had of an event that was larger than a frame, and comes without it.
    """

    seq: int
    event: str
    epoch: str = ""
    conn: str | None = None
    user: str | None = None
    topic: str | None = None
    type: str | None = None
    id: str | None = None
    data: Any = None
    code: int | None = None
    reason: str | None = None
    ts: int = 0
    omitted: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """What the server asks; the handler's answer decides. None: does not apply."""

    question: str
    conn: str | None = None
    user: str | None = None
    topic: str | None = None
    type: str | None = None
    data: Any = None
    peer: str | None = None
    listener: str | None = None
    source: str | None = None
    deadline_ms: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Accept:
    """The answer to a `connect` question: who it is, with which claims, until when."""

    user: str
    claims: dict[str, Any] | None = None
    expires_ms: int = 0
