# SPDX-License-Identifier: MIT
"""The state that clients begin with."""
