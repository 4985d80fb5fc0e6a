# SPDX-License-Identifier: MIT
"""Group 9: large messages, many fragments, small segments, many messages. How long it takes is not
looked at."""
import select

import pytest

from conformance.cases import echoed, failed, served
from conformance.conftest import MAX_MESSAGE
from conformance.wire import (
    BINARY,
    CONTINUATION,
    TEXT,
    TIMEOUT_S,
    Peer,
    close,
    fragments,
    frame,
    pieces,
)

KILO, MEGA = 1 << 10, 1 << 20
OCTETS = {TEXT: b"BAsd7&jh", BINARY: b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"}
MESSAGES = 1000


def payload_of(opcode, size):
    return OCTETS[opcode] * (size // 8)


def whole(name, opcode, size):
    return echoed(name, opcode, payload_of(opcode, size))


def in_fragments(name, opcode, size):
    payload = payload_of(opcode, 4 * MEGA)
    return echoed(name, opcode, payload, b"".join(fragments(opcode, pieces(payload, size))))


def in_segments(name, opcode, size):
    return echoed(name, opcode, payload_of(opcode, MEGA), step=size)


def round_trips(name, opcode, size):
    """One message after the other, each when the one before is back."""
    payload = payload_of(opcode, size)
    return served(name, *[frame(opcode, payload), (opcode, payload)] * MESSAGES)


# Of text and binary, the groups, and the sizes of their cases.
GROUPS = [
    (1, whole, (64 * KILO, 256 * KILO, MEGA, 4 * MEGA, 8 * MEGA, 16 * MEGA)),
    (3, in_fragments, (64, 256, KILO, 4 * KILO, 16 * KILO, 64 * KILO, 256 * KILO, MEGA, 4 * MEGA)),
    (5, in_segments, (64, 128, 256, 512, 1024, 2048)),
    (7, round_trips, (0, 16, 64, 256, 1024, 4096)),
]
# Made when their turn comes: together they are half a gigabyte.
CASES = [
    pytest.param(make, f"9.{group + at}.{number}", opcode, size, id=f"9.{group + at}.{number}")
    for group, make, sizes in GROUPS
    for at, opcode in enumerate((TEXT, BINARY))
    for number, size in enumerate(sizes, 1)
]


@pytest.mark.parametrize("make, name, opcode, size", CASES)
def test_limits(echo, make, name, opcode, size):
    make(name, opcode, size).run(echo["main"])


def test_all_cases_are_there():
    assert len(CASES) == 54


def test_one_octet_over_the_limit_fails_before_it_is_sent(echo):
    head = frame(TEXT, b"*" * (MAX_MESSAGE + 1))[:14]
    failed("", head, code=1009).run(echo["main"])


def test_one_octet_over_the_limit_fails_over_all_fragments(echo):
    first = frame(BINARY, b"*" * MAX_MESSAGE, fin=False)
    failed("", first + frame(CONTINUATION, b"*")[:6], code=1009).run(echo["main"])


def test_fragments_of_nothing_come_to_an_end(echo):
    flood = frame(TEXT, b"", fin=False) + frame(CONTINUATION, b"", fin=False) * 20000
    failed("", flood, code=1008).run(echo["main"])


def test_a_client_that_reads_late_gets_everything(echo):
    """More than the server keeps for one client: it stops reading meanwhile, and drops nothing."""
    messages = [bytes([at]) * (4 * MEGA) for at in range(16)]
    with Peer(echo["main"]) as peer:
        peer.socket.setblocking(False)
        unsent = memoryview(b"".join(frame(BINARY, each) for each in messages))
        while len(unsent):
            readable, writable, _ = select.select([peer.socket], [peer.socket], [], TIMEOUT_S)
            assert readable or writable, "the server neither reads nor writes"
            if writable:
                unsent = unsent[peer.socket.send(unsent) :]
            elif readable:
                peer.buffer += peer.socket.recv(1 << 16)
        peer.socket.settimeout(TIMEOUT_S)
        for each in messages:
            peer.expect(BINARY, each)
        peer.send(close(1000))
        peer.expect_close(1000)
