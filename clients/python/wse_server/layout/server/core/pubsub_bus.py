# SPDX-License-Identifier: MIT
"""Redis publish and subscribe."""
from wse_server.pubsub_bus import PubSubBus

__all__ = ["PubSubBus"]
