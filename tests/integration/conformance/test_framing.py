# SPDX-License-Identifier: MIT
"""Groups 1 to 5 and 10: lengths, pings, reserved bits, opcodes, fragments."""
from conformance.cases import echoed, failed, parametrized, served
from conformance.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    fragments,
    frame,
    pieces,
)

HELLO = b"Hello, world!"
NO_TEXT = b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"


def lengths():
    for group, opcode, octet in ((1, TEXT, b"*"), (2, BINARY, b"\xfe")):
        for number, size in enumerate((0, 125, 126, 127, 128, 65535, 65536), 1):
            yield echoed(f"1.{group}.{number}", opcode, octet * size)
        yield echoed(f"1.{group}.8", opcode, octet * 65536, step=997)


def pings():
    largest = b"\xfe" * 125
    yield served("2.1", frame(PING), (PONG, b""))
    yield served("2.2", frame(PING, HELLO), (PONG, HELLO))
    yield served("2.3", frame(PING, NO_TEXT), (PONG, NO_TEXT))
    yield served("2.4", frame(PING, largest), (PONG, largest))
    yield failed("2.5", frame(PING, b"\xfe" * 126))
    yield served("2.6", frame(PING, largest), (PONG, largest), step=1)
    yield served("2.7", frame(PONG))
    yield served("2.8", frame(PONG, b"unsolicited"))
    yield served("2.9", frame(PONG, b"unsolicited") + frame(PING, b"ping"), (PONG, b"ping"))
    burst = [b"payload-%d" % i for i in range(10)]
    ten = b"".join(frame(PING, each) for each in burst)
    yield served("2.10", ten, *((PONG, each) for each in burst))
    yield served("2.11", ten, *((PONG, each) for each in burst), step=1)


def reserved_bits():
    text, ping = frame(TEXT, HELLO), frame(PING)
    yield failed("3.1", frame(TEXT, HELLO, rsv=1))
    for number, rsv, step in ((2, 2, None), (3, 3, None), (4, 4, 1)):
        yield failed(
            f"3.{number}", text, frame(TEXT, HELLO, rsv=rsv) + ping, (TEXT, HELLO), step=step
        )
    yield failed("3.5", frame(BINARY, b"\x00\xff", rsv=5))
    yield failed("3.6", frame(PING, HELLO, rsv=6))
    yield failed("3.7", frame(CLOSE, b"\x03\xe8", rsv=7))


def opcodes():
    for group, first in ((1, 3), (2, 11)):
        for at in range(5):
            wrong = frame(first + at, HELLO if at % 2 else b"")
            name = f"4.{group}.{at + 1}"
            if at < 2:
                yield failed(name, wrong)
            else:
                sent = frame(TEXT, HELLO) + wrong + frame(PING)
                yield failed(name, sent, (TEXT, HELLO), step=1 if at == 4 else None)


def in_three_ways(number, make):
    """The frames at once, one by one, and octet by octet."""
    yield make(f"5.{number}", whole=True)
    yield make(f"5.{number + 1}", whole=False)
    yield make(f"5.{number + 2}", whole=True, step=1)


def sent(frames, whole):
    return [b"".join(frames)] if whole else frames


def fragmentation():
    yield failed("5.1", frame(PING, HELLO[:5], fin=False) + frame(CONTINUATION, HELLO[5:]))
    yield failed("5.2", frame(PONG, HELLO[:5], fin=False) + frame(CONTINUATION, HELLO[5:]))
    halves = fragments(TEXT, [b"fragment1", b"fragment2"])
    both = (TEXT, b"fragment1fragment2")
    yield from in_three_ways(
        3, lambda name, whole, step=None: served(name, *sent(halves, whole), both, step=step)
    )
    pinged = [halves[0], frame(PING, HELLO), halves[1]]
    yield from in_three_ways(
        6,
        lambda name, whole, step=None: served(
            name, *sent(pinged, whole), (PONG, HELLO), both, step=step
        ),
    )
    for number, fin in ((9, True), (12, False)):
        stray = [frame(CONTINUATION, b"stray", fin=fin), frame(TEXT, HELLO)]
        yield from in_three_ways(
            number,
            lambda name, whole, step=None, stray=stray: failed(
                name, *sent(stray, whole), step=step
            ),
        )
    stray = frame(CONTINUATION, b"stray", fin=False)
    yield failed("5.15", b"".join(halves) + stray + frame(TEXT, HELLO), both)
    for number, fin in ((16, False), (17, True)):
        round_trip = frame(CONTINUATION, b"f1", fin=fin) + b"".join(fragments(TEXT, [b"f2", b"f3"]))
        yield failed(f"5.{number}", round_trip * 2)
    yield failed("5.18", frame(TEXT, b"fragment1", fin=False) + frame(TEXT, b"fragment2"))
    yield from pings_between_fragments()


def pings_between_fragments():
    """The first pong comes before the rest of the message is there."""
    parts = [b"fragment%d" % i for i in range(1, 6)]
    five = fragments(TEXT, parts)
    for name, step in (("5.19", None), ("5.20", 1)):
        yield served(
            name,
            five[0] + five[1] + frame(PING, b"pongme 1!"),
            (PONG, b"pongme 1!"),
            five[2] + five[3] + frame(PING, b"pongme 2!") + five[4],
            (PONG, b"pongme 2!"),
            (TEXT, b"".join(parts)),
            step=step,
        )


def automatic_fragments():
    payload = b"*" * 65536
    yield echoed("10.1.1", TEXT, payload, b"".join(fragments(TEXT, pieces(payload, 1300))))


CASES = [
    *lengths(),
    *pings(),
    *reserved_bits(),
    *opcodes(),
    *fragmentation(),
    *automatic_fragments(),
]


@parametrized(CASES)
def test_framing(echo, case, step):
    case.run(echo["main"], step)


def test_all_cases_are_there():
    assert len({case.name for case in CASES}) == len(CASES) == 16 + 11 + 7 + 10 + 20 + 1
