# SPDX-License-Identifier: MIT
"""What the integration tests are written with."""
