# SPDX-License-Identifier: MIT
"""Texts and events of applications as the members of a publish or a send."""
from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from .codec import load_json
from .types import EventPriority

# Of the envelope, and not for the application to give.
OWN = frozenset({"c", "t", "type", "p", "payload", "id", "ts", "seq", "v", "pri", "tp", "e", "o"})
# Of the transformer, and true only where it ran.
PASSING = frozenset({"latency_ms", "wse_processing_ms"})


def members(message: Mapping[str, Any]) -> dict[str, Any]:
    """An envelope {"t", "p", "id", "pri", …}, or an event that becomes the payload as it is."""
    kind = message.get("t") or message.get("type")
    payload = message.get("p", message.get("payload"))
    if not isinstance(kind, str) or payload is None:
        return {"payload": dict(message)}
    found: dict[str, Any] = {"type": kind, "payload": payload}
    if isinstance(message.get("id"), str) and message["id"]:
        found["id"] = message["id"]
    if isinstance(message.get("pri"), int):
        found["priority"] = int(EventPriority.nearest(message["pri"]))
    extra = {key: value for key, value in message.items() if key not in OWN | PASSING}
    if extra:
        found["extra"] = extra
    return found


def members_of_text(text: str | bytes) -> dict[str, Any]:
    """What is no JSON object is the payload {"data": …}."""
    try:
        value = load_json(text)
    except ValueError:
        value = text.decode(errors="replace") if isinstance(text, bytes) else text
    return members(value) if isinstance(value, dict) else {"payload": {"data": value}}


def without_extra(found: dict[str, Any]) -> dict[str, Any]:
    """Further members of the envelope are for a message to one connection; of a publish they are
    the modules' to give."""
    return {key: value for key, value in found.items() if key != "extra"}


def with_id(found: dict[str, Any]) -> dict[str, Any]:
    """With an id a publish may be sent twice and happens once."""
    found.setdefault("id", str(uuid.uuid4()))
    return found


def known_id(event: Mapping[str, Any]) -> dict[str, str]:
    """The id that an event has of its own, as a member."""
    metadata = event.get("_metadata")
    for source in (metadata if isinstance(metadata, Mapping) else {}, event):
        if isinstance(source.get("event_id"), str) and source["event_id"]:
            return {"id": source["event_id"]}
    return {}
