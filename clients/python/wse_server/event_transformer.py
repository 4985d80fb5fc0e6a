# SPDX-License-Identifier: MIT
"""Domain events as messages of the wire, by the rules of the server's module event_map."""
from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

WIRE = frozenset({"v", "t", "p", "id", "ts"})
METADATA = "_metadata"

# Domain event type -> type on the wire. Applications add their own.
EVENT_TYPE_MAP: dict[str, str] = {}


def new_id() -> str:
    """A UUID of version 7: its first 48 bits are the milliseconds since 1970, so ids sort by time."""
    bits = (time.time_ns() // 1_000_000) << 80 | (uuid.uuid4().int & ((1 << 80) - 1))
    bits = bits & ~(0xF << 76) | 7 << 76
    return str(uuid.UUID(int=bits & ~(3 << 62) | 2 << 62))


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _latency_ms(timestamp: str) -> int | None:
    try:
        at = datetime.datetime.fromisoformat(timestamp)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return max(0, round((_now() - at).total_seconds() * 1000))


def rust_transform_event(
    event: Mapping[str, Any], sequence: int, type_map: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The message. An event that is on the wire already passes, with `seq`."""
    if WIRE <= event.keys():
        return {**event, "seq": sequence}
    metadata = event.get(METADATA)
    known: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    name = str(event.get("event_type") or event.get("type") or "unknown")
    kind = (type_map or {}).get(name, name.lower())
    given = known.get("timestamp") or event.get("timestamp")
    payload = event.get("payload")
    if not isinstance(payload, Mapping):
        payload = {key: value for key, value in event.items() if key != METADATA}
    message: dict[str, Any] = {
        "v": 1,
        "id": str(known.get("event_id") or event.get("event_id") or new_id()),
        "t": kind,
        "ts": str(given or _now().isoformat()),
        "seq": sequence,
        "p": dict(payload),
    }
    if kind != name:
        message["original_event_type"] = name
    if isinstance(given, str) and (latency := _latency_ms(given)) is not None:
        message["latency_ms"] = latency
    for source, member in (("correlation_id", "cid"), ("priority", "pri"), ("trace_id", "trace_id")):
        value = known.get(source)
        if value is not None:
            message[member] = value
    message["event_version"] = known.get("event_version", event.get("event_version", 1))
    return message


class EventTransformer:
    """Types from a map, which several transformers may share, and payloads by functions.

    To have a say in all of it, derive from it and replace transform_for_ws().
    """

    def __init__(
        self,
        event_type_map: Mapping[str, str] | None = None,
        payload_transformers: (
            Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] | None
        ) = None,
    ) -> None:
        self.event_type_map = dict(EVENT_TYPE_MAP if event_type_map is None else event_type_map)
        self.payload_transformers = dict(payload_transformers or {})

    def register_event_type(self, domain: str, wire: str) -> None:
        self.event_type_map[domain] = wire

    def register_event_types(self, types: Mapping[str, str]) -> None:
        self.event_type_map.update(types)

    def register_payload_transformer(
        self, wire: str, transform: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """For messages of that type on the wire."""
        self.payload_transformers[wire] = transform

    def transform_for_ws(self, event: dict[str, Any], sequence: int) -> dict[str, Any]:
        message = rust_transform_event(event, sequence, self.event_type_map)
        transform = self.payload_transformers.get(message["t"])
        if transform is not None:
            message["p"] = transform(message["p"])
        return message
