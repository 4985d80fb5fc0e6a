# SPDX-License-Identifier: MIT
"""Criteria for events."""
from wse_server.event_filter import EventFilter

__all__ = ["EventFilter"]
