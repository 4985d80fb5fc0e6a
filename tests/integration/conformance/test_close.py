# SPDX-License-Identifier: MIT
"""Group 7: the end of a connection, from the client's close frame on."""
from conformance.cases import Case, failed, parametrized
from conformance.wire import CLOSE, CONTINUATION, PING, TEXT, close, frame

HELLO = b"Hello World!"
VALID = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
INVALID = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)


def answered(name, *steps, code=1000, reason=b""):
    """Code and reason come back as they were sent."""
    return Case(name, list(steps), code, reason)


def behind_the_close_frame():
    """Nothing that comes behind it has an effect."""
    yield answered("7.1.1", frame(TEXT, HELLO), (TEXT, HELLO), close(1000))
    yield answered("7.1.2", close(1000) + close(1000))
    yield answered("7.1.3", close(1000) + frame(PING))
    yield answered("7.1.4", close(1000) + frame(TEXT, HELLO))
    first, rest = frame(TEXT, b"fragment1", fin=False), frame(CONTINUATION, b"fragment2")
    yield answered("7.1.5", first + close(1000) + rest)
    large = b"BAsd7&jh23" * 26215
    yield answered(
        "7.1.6",
        frame(TEXT, large) + frame(TEXT, HELLO) + close(1000) + frame(PING),
        (TEXT, large),
        (TEXT, HELLO),
    )


def payloads():
    yield answered("7.3.1", close(), code=None)
    yield failed("7.3.2", frame(CLOSE, b"a"))
    yield answered("7.3.3", close(1000))
    yield answered("7.3.4", close(1000, HELLO), reason=HELLO)
    yield answered("7.3.5", close(1000, b"*" * 123), reason=b"*" * 123)
    yield failed("7.3.6", close(1000, b"*" * 124))
    surrogates = bytes.fromhex("cebae1bdb9cf83cebcceb5eda080656469746564")
    yield failed("7.5.1", close(1000, surrogates), code=1007)


def codes():
    for number, code in enumerate(VALID, 1):
        yield answered(f"7.7.{number}", close(code), code=code)
    for number, code in enumerate(INVALID, 1):
        yield failed(f"7.9.{number}", close(code))
    for number, code in enumerate((5000, 65535), 1):
        yield failed(f"7.13.{number}", close(code))


CASES = [*behind_the_close_frame(), *payloads(), *codes()]


@parametrized(CASES)
def test_close(echo, case, step):
    case.run(echo["main"], step)


def test_all_cases_are_there():
    assert len({case.name for case in CASES}) == len(CASES) == 37
