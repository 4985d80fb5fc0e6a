# SPDX-License-Identifier: MIT
"""A case: octets that are sent and frames that must come, in order, and how the connection ends."""
import dataclasses

import pytest

from conformance.wire import Peer, close, frame

GOODBYE = close(1000)


@dataclasses.dataclass
class Case:
    """`steps`: octets to send, or (opcode, payload) to receive. `end`: the close code that must
    come; None: a close frame without one."""

    name: str
    steps: list
    end: int | None = 1000
    reason: bytes | None = None
    step: int | None = None  # octets a segment, on the plain wire

    def run(self, address, step=None):
        with Peer(address) as peer:
            assert peer.status == 101
            for each in self.steps:
                if isinstance(each, bytes):
                    peer.send(each, step=step or self.step)
                else:
                    peer.expect(*each)
            peer.expect_close(self.end, self.reason)

    def octets(self):
        return sum(len(each) for each in self.steps if isinstance(each, bytes))


def served(name, *steps, step=None):
    """Legal to its end: our goodbye is answered."""
    return Case(name, [*steps, GOODBYE], 1000, b"", step)


def failed(name, *steps, code=1002, step=None):
    """The connection fails, with that code."""
    return Case(name, list(steps), code, None, step)


def echoed(name, opcode, payload, sent=None, step=None):
    """A message that comes back; `sent`: its octets, when they are not one frame."""
    return served(name, sent or frame(opcode, payload), (opcode, payload), step=step)


def parametrized(cases, chopped_up_to=1500):
    """Every case on the plain wire, and those that are small also octet by octet."""
    rows = [pytest.param(case, None, id=case.name) for case in cases]
    rows += [
        pytest.param(case, 1, id=f"{case.name}-chopped")
        for case in cases
        if case.octets() <= chopped_up_to
    ]
    return pytest.mark.parametrize("case, step", rows)
