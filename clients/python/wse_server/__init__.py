# SPDX-License-Identifier: MIT
"""The server side of WSE for Python: a wsed of one's own, or one that runs, over its application
link. What needs FastAPI or Redis is imported when it is asked for."""
from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .aio import AsyncLink
    from .errors import (
        CallError,
        Denied,
        LinkError,
        LinkLost,
        LinkRefused,
        LinkTimeout,
        NotFound,
        PublishError,
        StartError,
        Unavailable,
        WSEError,
    )
    from .event_filter import EventFilter, rust_match_event
    from .event_transformer import EVENT_TYPE_MAP, EventTransformer, rust_transform_event
    from .link import Link
    from .pubsub_bus import PubSubBus
    from .router import WSERouter, create_wse_router
    from .router_config import WSEConfig
    from .server import RustWSEServer
    from .snapshots import SnapshotProvider, SnapshotServiceProtocol
    from .types import Accept, EventPriority, InboundEvent, LinkEvent, Question

_HOMES = {
    "aio": ("AsyncLink",),
    "errors": (
        "CallError",
        "Denied",
        "LinkError",
        "LinkLost",
        "LinkRefused",
        "LinkTimeout",
        "NotFound",
        "PublishError",
        "StartError",
        "Unavailable",
        "WSEError",
    ),
    "event_filter": ("EventFilter", "rust_match_event"),
    "event_transformer": ("EVENT_TYPE_MAP", "EventTransformer", "rust_transform_event"),
    "link": ("Link",),
    "pubsub_bus": ("PubSubBus",),
    "router": ("WSERouter", "create_wse_router"),
    "router_config": ("WSEConfig",),
    "server": ("RustWSEServer",),
    "snapshots": ("SnapshotProvider", "SnapshotServiceProtocol"),
    "types": ("Accept", "EventPriority", "InboundEvent", "LinkEvent", "Question"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_MODULE_OF[name]}", __name__), name)
    globals()[name] = value
    return value
