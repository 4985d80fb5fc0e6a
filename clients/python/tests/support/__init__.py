# SPDX-License-Identifier: MIT
"""What the tests of the package share."""
