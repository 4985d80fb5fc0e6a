# SPDX-License-Identifier: MIT
"""Buses and events."""
