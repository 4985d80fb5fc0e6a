# SPDX-License-Identifier: MIT
"""What comes in its own time, under a deadline."""
import time

from support.server import DEADLINE_S


def await_value(read, test, seconds=DEADLINE_S):
    """What read() returns, once that passes the test."""
    deadline = time.monotonic() + seconds
    while not test(found := read()):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def await_that(condition, failure, seconds=DEADLINE_S):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        time.sleep(0.02)
