# SPDX-License-Identifier: MIT
"""codec_msgpack.so against another implementation of MessagePack, both ways:
codec_msgpack_test.py TRANSFORM-PROBE CODEC_MSGPACK.SO"""

import json
import random
import struct
import sys
import unittest

import msgpack

from transform_probe import EDENIED, EINVAL, ETOOBIG, OK, Probe

PROGRAM, MODULE = sys.argv[1:3]
OFFER = {"query": {"format": "msgpack"}, "hello": {}}
LONG = {"fixstr": "a" * 31, "str8": "b" * 32, "str16": "c" * 256, "str32": "d" * 65536}
VALUES = [
    {}, {"a": None, "b": True, "c": False}, {"": ""}, LONG,
    {"n": [0, 1, -1, 127, 128, -32, -33, 255, 256, -128, -129, 65535, 65536, -32768, -32769]},
    {"n": [2**31, 2**32 - 1, 2**32, -2**31, -2**31 - 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]},
    {"n": [-2**63, -2**63 + 1]},
    {"f": [0.5, -2.25, 1e300, 5e-324, 0.1, 1.0, -0.0, 1e20, 123456789.125]},
    {"s": "zwölf 漢字 \U0001f600", "esc": "\"\\/\b\f\n\r\t\0\x1f\x7f"},
    {"items": list(range(15)), "more": list(range(16)), "many": list(range(70000))},
    {f"k{i}": {f"m{j}": [j, {}] for j in range(17)} for i in range(20)},
    {"deep": json.loads("[" * 63 + "]" * 63)},
]


def types_of(value):
    """1, 1.0 and True are equal, and are not the same."""
    if isinstance(value, dict):
        return {key: types_of(each) for key, each in value.items()}
    if isinstance(value, list):
        return [types_of(each) for each in value]
    return type(value), repr(value)


def random_value(source, depth):
    kind = source.randrange(9 if depth else 7)
    if kind == 0:
        return source.choice([None, True, False])
    if kind <= 2:
        return source.randrange(-2**63, 2**64) >> source.randrange(64)
    if kind == 3:
        return source.uniform(-1, 1) * 10.0**source.randrange(-300, 300)
    if kind <= 6:
        ranges = [(0, 0x80), (0x80, 0x2000), (0x10000, 0x110000)]
        return "".join(chr(source.randrange(*source.choice(ranges)))
                       for _ in range(source.randrange(40)))
    if kind == 7:
        return [random_value(source, depth - 1) for _ in range(source.randrange(20))]
    return {str(i) * source.randrange(1, 20): random_value(source, depth - 1)
            for i in range(source.randrange(20))}


class CodecTest(unittest.TestCase):
    def setUp(self):
        self.probe = Probe(PROGRAM, MODULE)
        self.assertEqual(self.probe.open(OFFER)[0], OK)

    def tearDown(self):
        self.assertEqual(self.probe.end(), 0)

    def assert_same(self, first, second):
        self.assertEqual(types_of(first), types_of(second))

    def decoded(self, packed):
        status, text = self.probe.decode(packed)
        self.assertEqual(status, OK, packed[:40])
        return json.loads(text)

    def test_opens_for_the_format_alone(self):
        for query, status in (({}, EDENIED), ({"format": "json"}, EDENIED),
                              ({"format": "msgpack2"}, EDENIED), ({"format": "msgpack"}, OK)):
            self.assertEqual(self.probe.open({"query": query, "hello": {}})[0], status)
        self.assertEqual(self.probe.open({"hello": {"format": "msgpack"}})[0], EDENIED)
        for malformed in (b"", b"[]", b"{", b'{"query":"\xff"}'):
            self.assertEqual(self.probe.open(malformed)[0], EINVAL)

    def test_packs_what_another_reader_understands(self):
        for value in VALUES:
            for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=2)):
                status, packed = self.probe.encode(text.encode())
                self.assertEqual(status, OK)
                self.assert_same(msgpack.unpackb(packed), value)

    def test_packs_as_tightly_as_another_writer(self):
        for value in VALUES:
            text = json.dumps(value).encode()
            self.assertEqual(self.probe.encode(text)[1], msgpack.packb(value))

    def test_reads_what_another_writer_packs(self):
        for value in VALUES:
            self.assert_same(self.decoded(msgpack.packb(value)), value)
        single = {"f": [0.5, 0.1, -3.0]}
        read = self.decoded(msgpack.packb(single, use_single_float=True))
        self.assert_same(read, msgpack.unpackb(msgpack.packb(single, use_single_float=True)))

    def test_goes_there_and_back_unchanged(self):
        source = random.Random(7)
        for _ in range(200):
            value = {"v": random_value(source, 4)}
            text = json.dumps(value, ensure_ascii=False).encode()
            status, packed = self.probe.encode(text)
            self.assertEqual(status, OK)
            self.assertEqual(packed, msgpack.packb(value))
            self.assert_same(self.decoded(packed), value)

    def test_reads_longer_spellings(self):
        spellings = {
            b"\xcc\x01": 1, b"\xcd\x00\x01": 1, b"\xce\0\0\0\x01": 1,
            b"\xcf" + b"\0" * 7 + b"\x01": 1,
            b"\xd0\x01": 1, b"\xd1\xff\xff": -1, b"\xd2\xff\xff\xff\xff": -1,
            b"\xd3" + b"\xff" * 8: -1,
            b"\xd9\x01a": "a", b"\xda\0\x01a": "a", b"\xdb\0\0\0\x01a": "a",
            b"\xdc\0\x01\xc0": [None], b"\xdd\0\0\0\x01\xc0": [None],
            b"\xde\0\x01\xa1k\xc3": {"k": True},
            b"\xdf\0\0\0\x01\xd9\x01k\xc3": {"k": True},
        }
        for packed, value in spellings.items():
            self.assert_same(self.decoded(b"\x81\xa1v" + packed), {"v": value})

    def test_keeps_numbers_that_no_integer_holds_as_float64(self):
        for text, value in (("18446744073709551616", 2.0**64), ("-9223372036854775809", -2.0**63),
                            ("1e2", 100.0), ("1.0", 1.0), ("-0", -0.0), ("-0.0", -0.0)):
            status, packed = self.probe.encode(f'{{"n":{text}}}'.encode())
            self.assertEqual(status, OK)
            self.assert_same(msgpack.unpackb(packed), {"n": value})

    def test_leaves_alone_what_it_has_no_form_for(self):
        deep = b'{"a":' + b"[" * 64 + b"]" * 64 + b"}"
        for text in (b"", b"null", b"[1]", b'"text"', b"1", b"{", b'{"a":1}x', b'{"a":"\xff"}',
                     b'{"a":1e400}', b'{"a":-1e400}', b'{"a":1e-400}', b'{"a":NaN}', b'{"a":01}',
                     b'{"a":"\\ud800"}', deep):
            self.assertEqual(self.probe.encode(text)[0], EDENIED, text[:20])

    def test_refuses_what_json_has_no_word_for(self):
        refused = [
            b"", b"\xc0", b"\x01", b"\x91\x01", b"\xa1a",                 # no map
            b"\x80\x80", b"\x81\xa1a\x01\x00",                           # something behind it
            b"\x81\x01\x01", b"\x81\xc0\x01", b"\x81\x80\x01",           # keys that are no strings
            b"\x81\xc4\x01a\x01",
            b"\x82\xa1a\x01\xa1a\x02", b"\x82\xa1a\x01\xd9\x01a\x02",    # keys that stand twice
            b"\x83\xa1a\x01\xa1b\x81\xa1a\x01\xa1a\x01",
            b"\x81\xa1a\xc1",                                            # never used
            b"\x81\xa1a\xc4\x01a", b"\x81\xa1a\xc5\0\x01a",        # binary
            b"\x81\xa1a\xc6\0\0\0\x01a",
            b"\x81\xa1a\xc7\x01\x01a", b"\x81\xa1a\xc8\0\x01\x01a",  # extensions
            b"\x81\xa1a\xc9\0\0\0\x01\x01a", b"\x81\xa1a\xd4\x01a",
            b"\x81\xa1a\xd5\x01aa", b"\x81\xa1a\xd6\xff\0\0\0\0",
            b"\x81\xa1a\xd7\x01" + b"a" * 8, b"\x81\xa1a\xd8\x01" + b"a" * 16,
            b"\x81\xa1a\xa1\xff", b"\x81\xa1\xff\x01",               # no UTF-8
            b"\x81\xa1a\xa2\xc0\x80", b"\x81\xa1a\xa3\xed\xa0\x80",
        ]
        for name in ("nan", "inf", "-inf"):
            refused.append(b"\x81\xa1a\xcb" + struct.pack(">d", float(name)))
            refused.append(b"\x81\xa1a\xca" + struct.pack(">f", float(name)))
        for packed in refused:
            self.assertEqual(self.probe.decode(packed)[0], EINVAL, packed)
        self.assertEqual(self.probe.counter("refused"), len(refused))
        self.assert_same(self.decoded(b"\x82\xa1a\x01\xa1b\x81\xa1a\x01"), {"a": 1, "b": {"a": 1}})

    def test_refuses_what_is_cut_short(self):
        packed = msgpack.packb({"n": [2**63, -2**40, 0.5, 1, None], "s": LONG, "m": {"k": "v"}})
        for size in list(range(200)) + [len(packed) - 1]:
            self.assertEqual(self.probe.decode(packed[:size])[0], EINVAL, size)
        self.assertEqual(self.probe.decode(packed)[0], OK)

    def test_does_not_believe_sizes(self):
        for lie in (b"\xdd\x7f\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff",
                    b"\xdb\xff\xff\xff\xff", b"\xdc\xff\xff", b"\xde\xff\xff", b"\xda\xff\xff",
                    b"\x9f", b"\x8f", b"\xbf"):
            self.assertEqual(self.probe.decode(b"\x81\xa1a" + lie + b"\xc0" * 10)[0], EINVAL)
        self.assertEqual(self.probe.decode(b"\xdf\xff\xff\xff\xff")[0], EINVAL)

    def test_has_a_limit_of_levels(self):
        for level, end in ((b"\x91", b"\xc0"), (b"\x81\xa1a", b"\xc0")):
            self.assertEqual(self.probe.decode(b"\x81\xa1a" + level * 63 + end)[0], OK)
            for levels in (64, 1000, 300000):
                self.assertEqual(self.probe.decode(b"\x81\xa1a" + level * levels + end)[0], EINVAL)
        text = b'{"a":' * 64 + b"1" + b"}" * 64
        status, packed = self.probe.encode(text)
        self.assertEqual((status, self.probe.decode(packed)), (OK, (OK, text)))

    def test_keeps_to_the_room_it_has(self):
        text = json.dumps({"a": "b" * 100, "n": [1, 2.5, None]}, separators=(",", ":")).encode()
        packed = self.probe.encode(text)[1]
        for room in range(len(packed)):
            self.assertEqual(self.probe.encode(text, room)[0], ETOOBIG)
        self.assertEqual(self.probe.encode(text, len(packed)), (OK, packed))
        for room in range(len(text)):
            self.assertEqual(self.probe.decode(packed, room)[0], ETOOBIG)
        self.assertEqual(self.probe.decode(packed, len(text)), (OK, text))

    def test_reads_without_a_session(self):
        self.probe.call("close")
        self.assert_same(self.decoded(msgpack.packb({"t": "ping"})), {"t": "ping"})

    def test_counts(self):
        self.probe.encode(b'{"a":1}')
        self.probe.encode(b"no object")
        self.decoded(b"\x80")
        counted = {name: self.probe.counter(name) for name in ("encoded", "decoded", "refused")}
        self.assertEqual(counted, {"encoded": 1, "decoded": 1, "refused": 0})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
