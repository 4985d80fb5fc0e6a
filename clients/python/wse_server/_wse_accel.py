# SPDX-License-Identifier: MIT
"""The name under which applications of the original import the server."""
from .event_filter import rust_match_event
from .event_transformer import rust_transform_event
from .server import RustWSEServer

__all__ = ["RustWSEServer", "rust_match_event", "rust_transform_event"]
