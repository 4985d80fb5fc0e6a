# SPDX-License-Identifier: MIT
"""How important events are."""
from wse_server.types import EventPriority

__all__ = ["EventPriority"]
