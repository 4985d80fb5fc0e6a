# SPDX-License-Identifier: MIT
"""Groups 12 and 13: compressed messages of all sizes, in one frame and in many, and everything that
may be agreed on."""
import pytest

from conformance.deflate import NAME, DeflatePeer, parameters_of
from conformance.texts import DATA, cut
from conformance.wire import (
    BINARY,
    PING,
    PONG,
    RSV1,
    RSV2,
    RSV3,
    TEXT,
    Peer,
    close,
    frame,
)

# Size of the message, and of its fragments, 0 for none, by the number of the case.
SIZES = [
    *((16 << (2 * at), 0) for at in range(5)),
    *((size << 10, 0) for size in (8, 16, 32, 64, 128)),
    *((size << 10, 256) for size in (8, 16, 32, 64, 128)),
    *((128 << 10, fragment) for fragment in (1 << 10, 4 << 10, 32 << 10)),
]
# Does the client ask for no takeover, and for which window; in order of preference.
OFFERS = [
    [(False, 0)],
    [(True, 0)],
    [(False, 9)],
    [(False, 15)],
    [(True, 9)],
    [(True, 15)],
    [(True, 9), (True, 0), (False, 0)],
]
LISTENERS = ("deflate", "takeover", "small")
# So many octets of messages in each case, and at least two messages, so that one refers to another.
OCTETS, MOST_MESSAGES = 1 << 16, 100


def offer_text(no_takeover, bits):
    text = NAME + "; client_max_window_bits"
    text += "; server_no_context_takeover" if no_takeover else ""
    return text + (f"; server_max_window_bits={bits}" if bits else "")


def exchange(peer, is_text, data, size, fragment):
    opcode = TEXT if is_text else BINARY
    count = min(MOST_MESSAGES, max(2, OCTETS // size))
    starts = [at * 97 % (len(data) - size) for at in range(count)]
    messages = [cut(data, is_text, at, size) for at in starts]
    for payload in messages:
        peer.send(peer.frames(opcode, payload, fragment))
    for payload in messages:
        assert peer.message()[:2] == (opcode, payload)
    peer.send(close(1000))
    peer.expect_close(1000)


def numbered(group, members):
    """(member, size, fragment, listener) for each number of the groups below `group`."""
    rows = [
        pytest.param(member, *sizes, listener, id=f"{group}.{at}.{number}-{listener}")
        for at, member in enumerate(members, 1)
        for number, sizes in enumerate(SIZES, 1)
        for listener in LISTENERS
    ]
    assert len(rows) == len(members) * 18 * len(LISTENERS)
    return pytest.mark.parametrize("member, size, fragment, listener", rows)


@numbered(12, DATA)
def test_12(echo, member, size, fragment, listener):
    is_text, data = member
    with DeflatePeer(echo[listener], f"{NAME}; client_max_window_bits") as peer:
        exchange(peer, is_text, data, size, fragment)


@numbered(13, OFFERS)
def test_13(echo, member, size, fragment, listener):
    with DeflatePeer(echo[listener], ", ".join(offer_text(*each) for each in member)) as peer:
        no_takeover, bits = member[0]
        agreed = peer.deflate.agreed
        if no_takeover:
            assert "server_no_context_takeover" in agreed
        if bits:
            assert int(agreed["server_max_window_bits"]) <= bits
        exchange(peer, *DATA[0], size, fragment)


def test_all_cases_are_there():
    assert len(SIZES) * (len(DATA) + len(OFFERS)) == 216


# What a client offers, and the parameters that are agreed on; None: no extension.
AGREED = [
    (NAME, {"server_no_context_takeover": "", "client_no_context_takeover": ""}),
    (NAME + "; server_max_window_bits=10", {"server_max_window_bits": "10"}),
    (NAME + '; server_max_window_bits="10"', {"server_max_window_bits": "10"}),
    (NAME + "; client_max_window_bits=8", {}),
    # A window of 256 octets is not to be had.
    (NAME + "; server_max_window_bits=8", None),
    (NAME + "; server_max_window_bits=8, " + NAME, {}),
    (NAME + "; server_max_window_bits", None),
    (NAME + "; server_max_window_bits=16", None),
    (NAME + "; server_max_window_bits=010", None),
    (NAME + "; client_max_window_bits=7", None),
    (NAME + "; server_no_context_takeover=1", None),
    (NAME + "; client_no_context_takeover=true", None),
    (NAME + "; client_no_context_takeover; client_no_context_takeover", None),
    (NAME + "; unknown", None),
    (
        NAME + "; unknown=1, " + NAME + "; server_max_window_bits=11",
        {"server_max_window_bits": "11"},
    ),
    (["x-webkit-deflate-frame", NAME], {}),
    ("permessage-bzip2", None),
    (None, None),
]


@pytest.mark.parametrize("offer, wanted", AGREED)
def test_the_first_offer_that_can_be_honoured_is_taken(echo, offer, wanted):
    with Peer(echo["deflate"], offer) as peer:
        assert peer.status == 101
        if wanted is None:
            assert peer.extension is None
        else:
            takeover = {"server_no_context_takeover": "", "client_no_context_takeover": ""}
            assert parameters_of(peer.extension) == {**takeover, **wanted}


MALFORMED = ["", ";", NAME + ";", "a b", "a;b=", 'a;b="', 'a;b="c', 'a;b="c d"', "a=b", "a/b"]


@pytest.mark.parametrize("offer", MALFORMED)
@pytest.mark.parametrize("listener", ["main", "deflate"])
def test_a_malformed_offer_is_refused(echo, listener, offer):
    with Peer(echo[listener], [offer]) as peer:
        assert peer.status == 400


def test_a_listener_without_an_extension_agrees_to_none(echo):
    with Peer(echo["main"], NAME) as peer:
        assert (peer.status, peer.extension) == (101, None)
        peer.send(frame(TEXT, b"a", rsv=RSV1))
        peer.expect_close(1002)


@pytest.mark.parametrize("listener", LISTENERS)
def test_compressed_and_plain_messages_may_follow_one_another(echo, listener):
    with DeflatePeer(echo[listener]) as peer:
        for payload in (b"once " * 100, b"twice " * 100):
            peer.send(peer.frames(TEXT, payload), frame(TEXT, payload))
            for _ in range(2):
                assert peer.message()[:2] == (TEXT, payload)


@pytest.mark.parametrize("listener", LISTENERS)
def test_empty_messages(echo, listener):
    with DeflatePeer(echo[listener]) as peer:
        for payload in (b"", b"between", b"", b""):
            peer.send(peer.frames(TEXT, payload), frame(BINARY, b""))
            assert peer.message()[:2] == (TEXT, payload)
            assert peer.message()[:2] == (BINARY, b"")


def test_what_repeats_itself_is_small_on_the_wire(echo):
    payload = b"again and " * 1000
    with DeflatePeer(echo["deflate"]) as peer:
        peer.send(peer.frames(TEXT, payload))
        opcode, got, octets, compressed = peer.message()
        assert (opcode, got, compressed) == (TEXT, payload, True) and octets < 100


def test_with_takeover_a_message_that_came_before_is_smaller(echo):
    payload = cut(DATA[1][1], False, 0, 4096)
    with DeflatePeer(echo["takeover"]) as peer:
        peer.send(peer.frames(BINARY, payload) + peer.frames(BINARY, payload))
        first, second = peer.message(), peer.message()
        assert first[1] == second[1] == payload and second[2] < first[2] // 10


def test_a_fragmented_message_with_a_ping_and_a_pong_in_between(echo):
    with DeflatePeer(echo["deflate"]) as peer:
        packed = peer.deflate.pack(b"in pieces " * 50)
        peer.send(frame(TEXT, packed[:5], fin=False, rsv=RSV1), frame(PING, b"?"))
        peer.expect(PONG, b"?")
        peer.send(frame(PONG), frame(0, packed[5:]))
        assert peer.message()[:2] == (TEXT, b"in pieces " * 50)


def test_compressed_frames_octet_by_octet(echo):
    with DeflatePeer(echo["takeover"]) as peer:
        for payload in (b"one octet ", b"after the other"):
            peer.send(peer.frames(TEXT, payload, 3), step=1)
            assert peer.message()[:2] == (TEXT, payload)


HELLO = bytes.fromhex("f248cdc9c90700")
# What RFC 7692 section 7.2.3 shows, and other ways to say "Hello".
HELLOS = {
    "7.2.3.1": [HELLO],
    "7.2.3.2 twice": [HELLO, HELLO],
    "7.2.3.3 not compressed": [bytes.fromhex("000500faff48656c6c6f00")],
    "7.2.3.4 a final block": [bytes.fromhex("f348cdc9c9070000")] * 2,
    "7.2.3.5 two blocks": [bytes.fromhex("f248050000 00ffff cac9c90700")],
}


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("name", HELLOS)
def test_hello(echo, listener, name):
    with DeflatePeer(echo[listener]) as peer:
        for packed in HELLOS[name]:
            peer.send_packed(TEXT, packed)
            assert peer.message()[:2] == (TEXT, b"Hello")


def test_with_takeover_a_message_may_refer_to_the_one_before(echo):
    with DeflatePeer(echo["takeover"]) as peer:
        for packed in (HELLO, bytes.fromhex("f200110000")):
            peer.send_packed(TEXT, packed)
            assert peer.message()[:2] == (TEXT, b"Hello")


WRONG = {
    "reserved block": (b"\x07", 1007),
    "cut short": (HELLO[:3], 1007),
    "behind a final block": (bytes.fromhex("f348cdc9c907000041"), 1007),
    "without the end of its final block": (bytes.fromhex("f348cdc9c90700"), 1007),
    "too many final blocks": (bytes.fromhex("0300") * 100 + b"\x00", 1007),
    "refers to what is not there": (bytes.fromhex("f200110000"), 1007),
    "no octets": (b"", 1007),
}


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_deflate_fails(echo, listener, name):
    packed, code = WRONG[name]
    with DeflatePeer(echo[listener]) as peer:
        peer.send_packed(BINARY, packed)
        peer.expect_close(code)


@pytest.mark.parametrize("listener", LISTENERS)
def test_text_is_checked_when_it_is_decompressed(echo, listener):
    with DeflatePeer(echo[listener]) as peer:
        peer.send(peer.frames(BINARY, b"\xce\xba\xed\xa0\x80"))
        assert peer.message()[:2] == (BINARY, b"\xce\xba\xed\xa0\x80")
        peer.send(peer.frames(TEXT, b"\xce\xba\xed\xa0\x80"))
        peer.expect_close(1007)


RESERVED = {
    "RSV1 on a continuation": frame(TEXT, HELLO, fin=False, rsv=RSV1) + frame(0, b"", rsv=RSV1),
    "RSV1 on a continuation alone": frame(TEXT, b"a", fin=False) + frame(0, HELLO, rsv=RSV1),
    "RSV1 on a ping": frame(PING, b"", rsv=RSV1),
    "RSV1 on a close": frame(8, b"\x03\xe8", rsv=RSV1),
    "RSV1 and RSV2": frame(TEXT, HELLO, rsv=RSV1 | RSV2),
    "RSV2": frame(TEXT, HELLO, rsv=RSV2),
    "RSV3": frame(TEXT, HELLO, rsv=RSV3),
    "RSV1 on a reserved opcode": frame(3, HELLO, rsv=RSV1),
}


@pytest.mark.parametrize("name", RESERVED)
def test_reserved_bits_that_stay_reserved(echo, name):
    with DeflatePeer(echo["deflate"]) as peer:
        peer.send(RESERVED[name])
        peer.expect_close(1002)
