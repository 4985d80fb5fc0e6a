# SPDX-License-Identifier: MIT
"""C: what is no container, what is none of a message, and bombs."""
import zlib

import pytest

from support import bombs, processes, raw
from support.guard import MEMORY_SLACK_KIB, SANITIZED, repeats
from support.peer import Peer, binary, word

# A bomb of 1 GiB is a megabyte on the wire.
TABLES = {"limits": {"max_message_size": "1m"}}

BAD = "INVALID_MESSAGE"
UNKNOWN = "UNKNOWN_TYPE"
MESSAGE = b'{"t":"no_such"}'
WHOLE = zlib.compress(MESSAGE)
LIMIT = 1 << 20
CLOSE = raw.frame(b"\x03\xf1", 8)


def packed(data, **options):
    packer = zlib.compressobj(**options)
    return packer.compress(data) + packer.flush()


def filled(size):
    """A message of exactly so many bytes."""
    head, tail = b'{"t":"no_such","p":{"x":"', b'"}}'
    return head + b"x" * (size - len(head) - len(tail)) + tail


# name: the binary message, and its answer in a word.
MESSAGES = {
    "good": (b"C:" + WHOLE, UNKNOWN),
    "good with the prefix of 1.x": (b"C:" + packed(b"WSE" + MESSAGE), UNKNOWN),
    "good without C:": (WHOLE, UNKNOWN),
    "cut short without C:": (WHOLE[:-3], BAD),
    "0 bytes": (b"C:", BAD),
    "1 byte": (b"C:" + WHOLE[:1], BAD),
    "a header alone": (b"C:" + WHOLE[:2], BAD),
    "cut in the middle": (b"C:" + WHOLE[:8], BAD),
    "cut by a byte": (b"C:" + WHOLE[:-1], BAD),
    "without a checksum": (b"C:" + WHOLE[:-4], BAD),
    "wrong checksum": (b"C:" + WHOLE[:-1] + bytes([WHOLE[-1] ^ 1]), BAD),
    "trailing byte": (b"C:" + WHOLE + b"x", BAD),
    "two containers": (b"C:" + WHOLE * 2, BAD),
    "wrong check of the header": (b"C:\x78\x9d" + WHOLE[2:], BAD),
    "another method": (b"C:\x77\x85" + WHOLE[2:], BAD),
    "window too large": (b"C:\x88\x1c" + WHOLE[2:], BAD),
    "dictionary": (b"C:" + packed(MESSAGE, zdict=b'{"t":"'), BAD),
    "without a container": (b"C:" + packed(MESSAGE, wbits=-15), BAD),
    "gzip": (b"C:" + packed(MESSAGE, wbits=31), BAD),
    "reserved block": (b"C:\x78\x9c\x07", BAD),
    "stored block that lies": (b"C:\x78\x9c\x01\xff\xff\x00\x00x", BAD),
    "stored block without its complement": (b"C:\x78\x9c\x01\x05\x00\x00\x00abcde", BAD),
    "nothing but flushes": (b"C:\x78\x9c" + b"\0\0\0\xff\xff" * 10000, BAD),
    "noise": (b"C:" + bytes(range(256)) * 200, BAD),
    "of nothing": (b"C:" + packed(b""), BAD),
    "of no JSON": (b"C:" + packed(b"hello"), BAD),
    "of no UTF-8": (b"C:" + packed(b'{"t":"\xff"}'), BAD),
    "of a nul": (b"C:" + packed(b"\0"), BAD),
    "of another container": (b"C:" + packed(b"C:" + WHOLE), BAD),
    "of a container thrice": (b"C:" + packed(b"C:" + packed(b"C:" + WHOLE)), BAD),
    "of MessagePack": (b"C:" + packed(b"M:\x81\xa1t\xa1x"), BAD),
    "of what is encrypted": (b"C:" + packed(b"E:" + b"x" * 40), BAD),
    "prefix in lower case": (b"c:" + WHOLE, BAD),
    "prefix of nobody": (b"Q:" + WHOLE, BAD),
    "binary noise": (b"\xff\xfe\0", BAD),
    "as large as allowed": (b"C:" + packed(filled(LIMIT)), UNKNOWN),
    "larger by a byte": (b"C:" + packed(filled(LIMIT + 1)), 1009),
    "bomb of 8 MiB": (b"C:" + bombs.zeros(8 << 20), 1009),
    "bomb of 8 MiB without C:": (b"\x78\x9c" + bombs.zeros(8 << 20)[2:], 1009),
    "bomb of 104 MiB": (b"C:" + bombs.zeros(104 << 20), 1009),
    "bomb of 1 GiB": (b"C:" + bombs.zeros(1 << 30), 1009),
    "bomb in a bomb": (b"C:" + packed(b"C:" + bombs.zeros(104 << 20)), BAD),
    "bomb cut short": (b"C:" + bombs.zeros(104 << 20)[:-1000], 1009),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_compressed_message_gets_its_answer(shared, name):
    message, answer = MESSAGES[name]
    with Peer(shared) as peer:
        assert word(peer.answer(binary(message))) == answer
        if answer == 1009:
            peer.send(CLOSE)
            assert peer.ended()
        else:
            assert peer.is_well()


def test_bombs_in_a_row_take_the_memory_of_one(shared):
    bomb = binary(b"C:" + bombs.zeros(1 << 30))
    pid = shared.process.pid
    processes.forget_memory_peak(pid)
    before = processes.memory_kib(pid, "VmHWM")
    spent = processes.user_seconds(pid)
    for _ in range(repeats(200)):
        with Peer(shared) as peer:
            peer.send(bomb)
            assert peer.close_code() == 1009
            peer.send(CLOSE)
    grown = processes.memory_kib(pid, "VmHWM") - before
    assert grown <= MEMORY_SLACK_KIB, f"the peak has grown by {grown} KiB"
    # To open them whole would take half a second each.
    assert processes.user_seconds(pid) - spent < (60 if SANITIZED else 30)
