# SPDX-License-Identifier: MIT
"""Frames that no decent client sends, and such as are unusual but right."""
import struct
import time

import pytest

from support import raw


def text(payload, **options):
    return raw.frame(payload, 1, **options)


def with_length(marker, size):
    """A frame whose length takes more octets than it needs."""
    return bytes([0x81, 0x80 | marker]) + size + b"\0\0\0\0" + b"{}"


# name: the bytes after a good handshake, and the close code that is right.
FRAMES = {
    "unmasked": (text(b'{"t":"ping"}', mask=False), 1002),
    "rsv1 without extension": (text(b"{}", rsv=4), 1002),
    "rsv2": (text(b"{}", rsv=2), 1002),
    "rsv1 on a ping": (raw.frame(b"", 9, rsv=4), 1002),
    "fragmented ping": (raw.frame(b"", 9, fin=False), 1002),
    "long ping": (raw.frame(b"x" * 126, 9), 1002),
    "long close": (raw.frame(b"\x03\xe8" + b"x" * 124, 8), 1002),
    "continuation of nothing": (raw.frame(b"x", 0), 1002),
    "message inside a message": (text(b"{", fin=False) + text(b"}"), 1002),
    "bad utf-8": (text(b"\xc3\x28"), 1007),
    "utf-8 cut short": (text(b'{"t":"\xe2\x82'), 1007),
    "surrogate in utf-8": (text(b"\xed\xa0\x80"), 1007),
    "bad utf-8 over fragments": (text(b"\xe2\x82", fin=False) + raw.frame(b"x", 0), 1007),
    "close of one byte": (raw.frame(b"\x03", 8), 1002),
    "close 1005": (raw.frame(struct.pack("!H", 1005), 8), 1002),
    "close 1006": (raw.frame(struct.pack("!H", 1006), 8), 1002),
    "close 999": (raw.frame(struct.pack("!H", 999), 8), 1002),
    "close 5000": (raw.frame(struct.pack("!H", 5000), 8), 1002),
    "close with bad utf-8": (raw.frame(b"\x03\xe8\xff\xfe", 8), 1007),
    "message over the limit": (text(b"x" * 65537), 1009),
    "claims 2^40 bytes": (text(b"x", length=1 << 40), 1009),
    "claims 2^63 bytes": (text(b"x", length=1 << 63), 1002),
    "fragments over the limit": (
        text(b"x" * 40000, fin=False) + raw.frame(b"x" * 40000, 0),
        1009,
    ),
    "fragments beyond counting": (
        text(b"", fin=False) + raw.frame(b"", 0, fin=False) * 16384,
        1008,
    ),
    "length of 2 in 2 octets": (with_length(126, b"\0\2"), 1002),
    "length of 2 in 8 octets": (with_length(127, b"\0" * 7 + b"\2"), 1002),
    "rsv3": (text(b"{}", rsv=1), 1002),
    "all reserved bits": (text(b"{}", rsv=7), 1002),
    "rsv1 on binary": (raw.frame(b"{}", 2, rsv=4), 1002),
    "rsv1 on a close": (raw.frame(b"\x03\xe8", 8, rsv=4), 1002),
    "rsv1 on a continuation": (text(b"{", fin=False) + raw.frame(b"}", 0, rsv=4), 1002),
    "fragmented close": (raw.frame(b"\x03\xe8", 8, fin=False), 1002),
    "fragmented pong": (raw.frame(b"", 10, fin=False), 1002),
    "unmasked ping": (raw.frame(b"", 9, mask=False), 1002),
    "unmasked close": (raw.frame(b"\x03\xe8", 8, mask=False), 1002),
    "binary inside text": (text(b"{", fin=False) + raw.frame(b"}", 2), 1002),
    "close 0": (raw.frame(b"\0\0", 8), 1002),
    "close 1004": (raw.frame(struct.pack("!H", 1004), 8), 1002),
    "close 1015": (raw.frame(struct.pack("!H", 1015), 8), 1002),
    "close 2999": (raw.frame(struct.pack("!H", 2999), 8), 1002),
    "close 65535": (raw.frame(b"\xff\xff", 8), 1002),
    "overlong utf-8": (text(b"\xc0\xaf"), 1007),
    "utf-8 beyond the last character": (text(b"\xf4\x90\x80\x80"), 1007),
    "binary over the limit": (raw.frame(b"x" * 65537, 2), 1009),
    "another request": (b"GET /wse HTTP/1.1\r\n\r\n", 1002),
} | {f"reserved opcode {n}": (raw.frame(b"", n), 1002) for n in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)}


@pytest.mark.parametrize("name", FRAMES)
def test_a_bad_frame_closes_with_its_code(shared, name):
    data, code = FRAMES[name]
    with raw.open_session(shared) as connection:
        connection.send(data)
        assert connection.close_code() == code
        connection.ended()


def test_a_close_is_answered_with_its_code(shared):
    for code in (1000, 1001, 3000, 4999):
        with raw.open_session(shared) as connection:
            connection.send(raw.frame(struct.pack("!H", code), 8))
            assert connection.close_code() == code
            assert connection.ended()
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(b"", 8))
        assert connection.close_code() == 1005


def test_fragments_with_control_frames_between_them_are_one_message(shared):
    ping = raw.frame(b"are you there", 9)
    with raw.open_session(shared) as connection:
        connection.send(text(b'{"t":"pi', fin=False) + ping + raw.frame(b"", 0, fin=False) + ping)
        connection.send(raw.frame(b'ng"}', 0))
        got = [connection.read_frame() for _ in range(3)]
        assert got[0] == got[1] == (10, b"are you there")
        assert b'"PONG"' in got[2][1]


def test_a_frame_byte_by_byte_is_understood(shared):
    with raw.open_session(shared) as connection:
        for byte in text(b'{"t":"ping","p":{"timestamp":1}}'):
            connection.send(bytes([byte]))
        assert b'"PONG"' in connection.read_frame()[1]


def test_a_peer_that_ignores_the_close_is_cut(shared):
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(b"", 3))  # answered with 1002; we do not answer that
        assert connection.close_code() == 1002
        started = time.monotonic()
        assert connection.ended()
        assert time.monotonic() - started < 10


def test_nothing_after_a_close_frame_is_processed(shared):
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(struct.pack("!H", 1000), 8) + text(b'{"t":"ping"}'))
        frames = []
        while (frame := connection.read_frame()) is not None:
            frames.append(frame)
        assert [opcode for opcode, _ in frames] == [8]
