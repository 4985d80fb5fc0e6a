# SPDX-License-Identifier: MIT
"""M: MessagePack that lies about sizes, has no form in JSON, or is nested without end."""
import msgpack
import pytest

from support.peer import Peer, binary, word

BAD = "INVALID_MESSAGE"
UNKNOWN = "UNKNOWN_TYPE"
# A map of t and of p, in which `a` is what follows.
IN_PAYLOAD = b"\x82\xa1t\xa1x\xa1p\x81\xa1a"


def pack(message):
    return msgpack.packb(message)


def lists(depth):
    return IN_PAYLOAD + b"\x91" * (depth - 2) + b"\x01"


def maps(depth):
    return b"\x82\xa1t\xa1x\xa1p" + b"\x81\xa1a" * (depth - 1) + b"\x01"


# What JSON has no word for.
FOREIGN = {
    "bin 8": b"\xc4\x01a",
    "bin 16": b"\xc5\0\x01a",
    "bin 32": b"\xc6\0\0\0\x01a",
    "ext 8": b"\xc7\x01\x05a",
    "ext 16": b"\xc8\0\x01\x05a",
    "ext 32": b"\xc9\0\0\0\x01\x05a",
    "fixext 1": b"\xd4\x05a",
    "fixext 2": b"\xd5\x05ab",
    "timestamp": b"\xd6\xff\0\0\0\0",
    "fixext 8": b"\xd7\x05" + b"a" * 8,
    "fixext 16": b"\xd8\x05" + b"a" * 16,
    "the type that means nothing": b"\xc1",
    "NaN": pack(float("nan")),
    "infinity": pack(float("inf")),
    "infinity in 32 bits": b"\xca\xff\x80\0\0",
    "text that is no UTF-8": b"\xa2\xff\xfe",
    "a surrogate": b"\xa3\xed\xa0\x80",
}

# Sizes beyond what there is, and values that are cut short.
LIES = {
    "fixstr": b"\xbf",
    "str 8": b"\xd9\xff",
    "str 16": b"\xda\xff\xff",
    "str 32": b"\xdb\xff\xff\xff\xff",
    "bin 32": b"\xc6\xff\xff\xff\xff",
    "ext 32": b"\xc9\xff\xff\xff\xff\x05",
    "fixarray": b"\x9f",
    "array 16": b"\xdc\xff\xff",
    "array 32": b"\xdd\xff\xff\xff\xff",
    "array 32 of nulls": b"\xdd\xff\xff\xff\xff" + b"\xc0" * 1000,
    "fixmap": b"\x8f",
    "map 16": b"\xde\xff\xff",
    "map 32": b"\xdf\xff\xff\xff\xff",
    "size cut short": b"\xdb\xff",
    "uint 8": b"\xcc",
    "uint 64": b"\xcf\0",
    "int 16": b"\xd1\0",
    "float 32": b"\xca\0",
    "float 64": b"\xcb\0",
}

# name: the content, and its answer in a word.
MESSAGES = {
    "good": (pack({"t": "no_such"}), UNKNOWN),
    "nothing": (b"", BAD),
    "nil": (b"\xc0", BAD),
    "number": (b"\x05", BAD),
    "list": (pack(["t"]), BAD),
    "string": (pack("ping"), BAD),
    "empty map": (b"\x80", BAD),
    "map of 2^32": (b"\xdf\xff\xff\xff\xff\xa1t\xa1x", BAD),
    "trailing byte": (pack({"t": "no_such"}) + b"\xc0", BAD),
    "two messages": (pack({"t": "no_such"}) * 2, BAD),
    "key twice": (b"\x82\xa1t\xa1a\xa1t\xa1b", BAD),
    "key twice in the payload": (b"\x82\xa1t\xa1x\xa1p\x82\xa1a\x01\xa1a\x02", BAD),
    "key number": (b"\x82\xa1t\xa1x\x05\x01", BAD),
    "key nil": (b"\x82\xa1t\xa1x\xc0\x01", BAD),
    "key bin": (b"\x82\xa1t\xa1x\xc4\x01a\x01", BAD),
    "key list": (b"\x82\xa1t\xa1x\x90\x01", BAD),
    "key that is cut": (b"\x82\xa1t\xa1x\xd9\xff", BAD),
    "type number": (pack({"t": 5}), BAD),
    "type bin": (pack({"t": b"ping"}), BAD),
    "type of control characters": (pack({"t": "\x1b[2J"}), UNKNOWN),
    "type that would end its string": (pack({"t": 'x","p":{},"t":"ping'}), UNKNOWN),
    "payload list": (pack({"t": "ping", "p": []}), BAD),
    "payload string": (pack({"t": "ping", "p": "x"}), BAD),
    "payload nil": (pack({"t": "no_such", "p": None}), UNKNOWN),
    "nul": (pack({"t": "no_such", "p": {"a": "\0"}}), UNKNOWN),
    "largest integers": (pack({"t": "no_such", "p": {"a": 2**64 - 1, "b": -(2**63)}}), UNKNOWN),
    "5,000 keys": (pack({"t": "x", **{str(n): 0 for n in range(5000)}}), BAD),
    "larger as JSON than allowed": (pack({"t": "x", "p": {"a": "\1" * 20000}}), 1009),
    "lists to a depth of 64": (lists(64), UNKNOWN),
    "lists to a depth of 65": (lists(65), BAD),
    "lists to a depth of 10,000": (lists(10000), BAD),
    "lists without an end": (IN_PAYLOAD + b"\x91" * 60000, BAD),
    "maps to a depth of 64": (maps(64), UNKNOWN),
    "maps to a depth of 65": (maps(65), BAD),
    "maps to a depth of 10,000": (maps(10000), BAD),
    "another layer inside": (b"M:" + pack({"t": "no_such"}), BAD),
}
MESSAGES |= {f"value of {name}": (IN_PAYLOAD + data, BAD) for name, data in FOREIGN.items()}
MESSAGES |= {f"lie of {name}": (IN_PAYLOAD + data, BAD) for name, data in LIES.items()}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_packed_message_gets_its_answer(shared, name):
    content, answer = MESSAGES[name]
    with Peer(shared) as peer:
        assert word(peer.answer(binary(b"M:" + content))) == answer
        if answer != 1009:
            assert peer.is_well()
