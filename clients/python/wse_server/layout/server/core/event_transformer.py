# SPDX-License-Identifier: MIT
"""What becomes of a domain event. Derive from it here, and give an instance to WSEConfig."""
from wse_server.event_transformer import EventTransformer

from .event_mappings import EVENT_TYPE_MAP

__all__ = ["EVENT_TYPE_MAP", "EventTransformer"]
