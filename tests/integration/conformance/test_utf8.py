# SPDX-License-Identifier: MIT
"""Group 6: text is UTF-8, and fails at the octet that cannot be, not later."""
import codecs

from conformance.cases import echoed, failed, parametrized, served
from conformance.wire import TEXT, fragments, frame, pieces

KOSME = bytes.fromhex("cebae1bdb9cf83cebcceb5")
HELLO = "Hello-µ@ßöäüàá-UTF-8!!".encode()
SURROGATES = KOSME + b"\xed\xa0\x80" + b"edited"

# Octets that stand in one message each, by group and in the order of their numbers.
SEQUENCES = {
    "6.5": ["hello$world", "hello¢world", "hello€world", "hello𤭢world", KOSME.hex()],
    "6.6": [KOSME[:size].hex() for size in range(1, len(KOSME) + 1)],
    "6.7": ["00", "c280", "e0a080", "f0908080"],
    "6.8": ["f888808080", "fc8480808080"],
    "6.9": ["7f", "dfbf", "efbfbf", "f48fbfbf"],
    "6.10": ["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"],
    "6.11": ["ed9fbf", "ee8080", "efbfbd", "f48fbfbf", "f4908080"],
    "6.12": [
        "80",
        "bf",
        "80bf",
        "80bf80",
        "80bf80bf",
        "80bf80bf80",
        "80bf80bf80bf",
        bytes(range(0x80, 0xBF)).hex(),
    ],
    "6.13": [
        b" ".join(bytes([octet]) for octet in range(first, last)).hex() + "20"
        for first, last in ((0xC0, 0xE0), (0xE0, 0xF0), (0xF0, 0xF8), (0xF8, 0xFC), (0xFC, 0xFE))
    ],
    "6.14": [
        "c0",
        "e080",
        "f08080",
        "f8808080",
        "fc80808080",
        "df",
        "efbf",
        "f7bfbf",
        "fbbfbfbf",
        "fdbfbfbfbf",
    ],
    "6.15": ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"],
    "6.16": ["fe", "ff", "fefeffff"],
    "6.17": ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"],
    "6.18": ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"],
    "6.19": ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"],
    "6.20": ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"],
    "6.21": [
        high + low
        for high in ("eda080", "edadbf", "edae80", "edafbf")
        for low in ("edb080", "edbfbf")
    ],
    "6.22": [
        chr(plane << 16 | last).encode().hex() for plane in range(17) for last in (0xFFFE, 0xFFFF)
    ],
    "6.23": [f"efbf{last:02x}" for last in range(0xB9, 0xC0)],
}


def octets_of(text):
    return text.encode() if any(c > "f" for c in text) else bytes.fromhex(text)


def up_to_the_offence(payload):
    """How many octets it takes until no valid text can begin so; None: there is no such place."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    for at in range(len(payload)):
        try:
            decoder.decode(payload[at : at + 1])
        except UnicodeDecodeError:
            return at + 1
    return None


def whole(payload):
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True


def refused(name, sent, step=None):
    return failed(name, *sent, code=1007, step=step)


def fails_at_its_octet(name, payload, step=None):
    """In one frame, of which no more is sent than must fail; cut short, it fails at its end."""
    place = up_to_the_offence(payload)
    wire = frame(TEXT, payload)
    unsent = len(payload) - place if place else 0
    return refused(name, [wire[: len(wire) - unsent]], step)


def fragmented():
    yield echoed("6.1.1", TEXT, b"")
    for name, parts in (("6.1.2", [b"", b"", b""]), ("6.1.3", [b"", b"middle frame payload", b""])):
        yield echoed(name, TEXT, b"".join(parts), b"".join(fragments(TEXT, parts)))
    yield echoed("6.2.1", TEXT, HELLO)
    halves = [HELLO[:12], HELLO[12:]]
    yield echoed("6.2.2", TEXT, HELLO, b"".join(fragments(TEXT, halves)))
    yield echoed("6.2.3", TEXT, HELLO, b"".join(fragments(TEXT, pieces(HELLO, 1))))
    yield echoed("6.2.4", TEXT, KOSME, b"".join(fragments(TEXT, pieces(KOSME, 1))))
    yield fails_at_its_octet("6.3.1", SURROGATES)
    place = up_to_the_offence(SURROGATES)
    yield refused("6.3.2", [b"".join(fragments(TEXT, pieces(SURROGATES, 1))[:place])])


def fails_fast():
    """Nothing is sent behind the offence, so that only a server that fails there ends the case."""
    beyond = b"\xf4\x90\x80\x80"
    first = frame(TEXT, KOSME, fin=False)
    yield refused("6.4.1", [first, frame(0, beyond, fin=False)])
    yield refused("6.4.2", [first, frame(0, beyond[:2], fin=False)])
    wire = frame(TEXT, KOSME + beyond + b"edited")
    head = len(wire) - len(KOSME + beyond + b"edited") + len(KOSME)
    yield refused("6.4.3", [wire[:head], wire[head : head + 4]])
    yield refused("6.4.4", [wire[: head + 1], wire[head + 1 : head + 2]])


def sequences():
    for group, texts in SEQUENCES.items():
        for number, text in enumerate(texts, 1):
            payload = octets_of(text)
            name = f"{group}.{number}"
            if whole(payload):
                yield echoed(name, TEXT, payload)
            else:
                yield fails_at_its_octet(name, payload)


CASES = [*fragmented(), *fails_fast(), *sequences()]


@parametrized(CASES)
def test_utf8(echo, case, step):
    case.run(echo["main"], step)


def test_a_fragment_for_each_octet_makes_no_difference(echo):
    for texts in SEQUENCES.values():
        for text in texts:
            payload = octets_of(text)
            frames = fragments(TEXT, pieces(payload, 1))
            if whole(payload):
                served("", b"".join(frames), (TEXT, payload)).run(echo["main"])
            else:
                refused("", [b"".join(frames[: up_to_the_offence(payload)])]).run(echo["main"])


def test_all_cases_are_there():
    assert len({case.name for case in CASES}) == len(CASES) == 145
