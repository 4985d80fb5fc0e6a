# SPDX-License-Identifier: MIT
"""Modules that behave in a way that a test needs; see tests/abi/zoo."""
from support.server import MODULES

ZOO = MODULES.parent / "zoo"


def module(name):
    """The file, for `load`."""
    return str(ZOO / f"{name}.so")
