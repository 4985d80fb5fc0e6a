# SPDX-License-Identifier: MIT
"""E: frames that were made, altered or repeated by somebody without the key, and plain text where
a key has been agreed on."""
import itertools
import os
import zlib

import msgpack
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from support import raw
from support.cipher import NONCE_BYTES, public_text
from support.guard import repeats
from support.peer import binary, text, word
from support.sealed import Sealed, offer

BAD = "INVALID_MESSAGE"
UNKNOWN = "UNKNOWN_TYPE"
PLAIN = "ENCRYPTION_REQUIRED"
REFUSED = 4400
ASK = {"t": "no_such"}
ASK_TEXT = b'{"t":"no_such"}'


def altered(peer, place):
    sealed = bytearray(peer.sealed(ASK))
    sealed[place] ^= 1
    return binary(b"E:" + bytes(sealed))


def of_another_session(peer):
    with Sealed(peer.server, "other") as other:
        return other.seal(ASK)


def reflected(peer):
    peer.settle()
    return binary(b"E:" + peer.last_received)


def with_nonce_of_ours(peer):
    """A good frame whose nonce is one that the server has used for a frame of its own."""
    peer.settle()
    return peer.seal(ASK, peer.last_received[:NONCE_BYTES])


def under_one_nonce(peer):
    nonce = os.urandom(NONCE_BYTES)
    peer.send(peer.seal({"t": "ping", "p": {"timestamp": -1}}, nonce))
    assert peer.first()["t"] == "PONG"
    return peer.seal(ASK, nonce)


# name: the frames, made of a session that has its key, and the answer in a word.
FRAMES = {
    "good": (lambda peer: peer.seal(ASK), UNKNOWN),
    "altered in its nonce": (lambda peer: altered(peer, 0), REFUSED),
    "altered in its text": (lambda peer: altered(peer, NONCE_BYTES), REFUSED),
    "altered at the end of its text": (lambda peer: altered(peer, -17), REFUSED),
    "altered in its tag": (lambda peer: altered(peer, -16), REFUSED),
    "altered in its last octet": (lambda peer: altered(peer, -1), REFUSED),
    "cut by an octet": (lambda peer: binary(b"E:" + peer.sealed(ASK)[:-1]), REFUSED),
    "without its tag": (lambda peer: binary(b"E:" + peer.sealed(ASK)[:-16]), REFUSED),
    "without its nonce": (lambda peer: binary(b"E:" + peer.sealed(ASK)[NONCE_BYTES:]), REFUSED),
    "an octet too much": (lambda peer: binary(b"E:" + peer.sealed(ASK) + b"\0"), REFUSED),
    "two frames in one": (lambda peer: binary(b"E:" + peer.sealed(ASK) * 2), REFUSED),
    "noise": (lambda peer: binary(b"E:" + os.urandom(100)), REFUSED),
    "zeros": (lambda peer: binary(b"E:" + bytes(28)), REFUSED),
    "plain text that says it is not": (lambda peer: binary(b"E:" + ASK_TEXT * 3), REFUSED),
    "of another session": (of_another_session, REFUSED),
    "reflected": (reflected, REFUSED),
    "under a nonce of the server's": (with_nonce_of_ours, REFUSED),
    "another under the same nonce": (under_one_nonce, REFUSED),
    "of nothing": (lambda peer: peer.seal(b""), BAD),
    "of no JSON": (lambda peer: peer.seal(b"hello"), BAD),
    "of no UTF-8": (lambda peer: peer.seal(b'{"t":"\xff"}'), BAD),
    "of what is compressed": (lambda peer: peer.seal(b"C:" + zlib.compress(ASK_TEXT)), BAD),
    "of MessagePack": (lambda peer: peer.seal(b"M:" + msgpack.packb(ASK)), BAD),
    "of what is encrypted": (lambda peer: peer.seal(b"E:" + peer.sealed(ASK)), BAD),
    "in lower case": (lambda peer: binary(b"e:" + peer.sealed(ASK)), BAD),
    "compressed around": (
        lambda peer: binary(b"C:" + zlib.compress(b"E:" + peer.sealed(ASK))),
        BAD,
    ),
    "in a text frame": (lambda peer: raw.frame(b"E:" + bytes(40)), BAD),
    "as large as a message": (lambda peer: peer.seal(b"x" * (65536 - 30)), BAD),
    "larger by an octet": (lambda peer: peer.seal(b"x" * (65536 - 29)), 1009),
}
FRAMES |= {
    f"of {size} octets": (lambda peer, size=size: binary(b"E:" + bytes(size)), REFUSED)
    for size in (0, 1, 11, 12, 13, 16, 27)
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_sealed_frame_gets_its_answer(shared, name):
    make, answer = FRAMES[name]
    with Sealed(shared) as peer:
        peer.server = shared
        assert word(peer.answer(make(peer))) == answer
        if isinstance(answer, int):
            peer.send(raw.frame(answer.to_bytes(2, "big"), 8))
            assert peer.ended()
        else:
            peer.settle()


@pytest.mark.parametrize("later", [1, 2, 100])
def test_a_frame_that_comes_again_ends_the_session(shared, later):
    with Sealed(shared) as peer:
        frames = [peer.seal(ASK) for _ in range(later)]
        for frame in frames:
            peer.send(frame)
            assert word(peer.first()) == UNKNOWN
        peer.send(frames[0])
        assert word(peer.first()) == REFUSED


def test_all_refusals_look_alike(shared):
    reasons = set()
    for make, answer in FRAMES.values():
        if answer != REFUSED:
            continue
        with Sealed(shared) as peer:
            peer.server = shared
            peer.send(make(peer))
            while (got := peer.read_frame())[0] != 8:
                pass
            reasons.add(got[1])
    assert len(reasons) == 1, reasons


# name: the frames in plain, and the answer of a session that is encrypted.
PLAIN_FRAMES = {
    "a message": (text(ASK), PLAIN),
    "a message in a binary frame": (binary(ASK_TEXT), PLAIN),
    "a message with a prefix": (text("WSE" + ASK_TEXT.decode()), PLAIN),
    "compressed": (binary(b"C:" + zlib.compress(ASK_TEXT)), PLAIN),
    "compressed without C:": (binary(zlib.compress(ASK_TEXT)), PLAIN),
    "MessagePack": (binary(b"M:" + msgpack.packb(ASK)), PLAIN),
    "a publish": (text({"t": "publish", "p": {"topic": "demo", "payload": {}}}), PLAIN),
    "a subscription": (
        text({"t": "subscription_update", "p": {"action": "subscribe", "topics": ["demo"]}}),
        PLAIN,
    ),
    "a next key": (text({"t": "key_rotation_request", "p": {}}), PLAIN),
    "a question about the key": (text({"t": "encryption_request", "p": {}}), PLAIN),
    "no message": (text("{"), BAD),
    "a ping": (text({"t": "ping", "p": {"timestamp": -1}}), "PONG"),
    "a second hello": (text({"t": "client_hello", "p": {}}), "ENCRYPTION_REQUIRED"),
    "a second hello with a key": (
        text(
            {
                "t": "client_hello",
                "p": offer(public_text(ec.generate_private_key(ec.SECP256R1()))),
            }
        ),
        "ENCRYPTION_REQUIRED",
    ),
}


@pytest.mark.parametrize("name", PLAIN_FRAMES)
def test_plain_text_after_the_key_gets_its_answer(shared, name):
    frame, answer = PLAIN_FRAMES[name]
    with Sealed(shared) as peer:
        peer.settle()
        found = peer.answer(frame)
        assert word(found) == answer
        if answer == "server_hello":
            assert "encryption_public_key" not in found["p"]
        peer.settle()


def test_what_is_for_an_encrypted_session_never_travels_in_plain(shared):
    with Sealed(shared) as peer:
        subscribe = {"action": "subscribe", "topics": ["private"]}
        peer.send(peer.seal({"t": "subscription_update", "p": subscribe}))
        shared.publish("private", {"n": 1})
        peer.send(text(ASK) + text("{") + peer.seal(ASK))
        kinds = []
        for _ in range(4):
            opcode, payload = peer.read_frame()
            kinds.append(opcode)
            if opcode == 9:
                peer.send(raw.frame(payload, 10))
        assert set(kinds) <= {2, 9}, kinds


def test_a_storm_of_refused_frames_harms_nobody(shared):
    for number in itertools.islice(itertools.count(), repeats(200)):
        with Sealed(shared) as peer:
            peer.send(binary(b"E:" + bytes([number % 256]) * 60) * 100)
            assert peer.close_code() == REFUSED
