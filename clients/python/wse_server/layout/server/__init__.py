# SPDX-License-Identifier: MIT
"""The integration guide's server/ folder: copied into a project, and changed there."""
