# SPDX-License-Identifier: MIT
"""Types of domain events, and what they are called on the wire. Yours go here."""
from wse_server.event_transformer import EVENT_TYPE_MAP

EVENT_TYPE_MAP.update(
    {
        # "ItemCreated": "item_created",
    }
)

__all__ = ["EVENT_TYPE_MAP"]
