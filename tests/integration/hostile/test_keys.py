# SPDX-License-Identifier: MIT
"""Public keys that are none, and keys without number."""
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from support import processes
from support.bad_keys import bad_keys
from support.cipher import public_text
from support.guard import SANITIZED, repeats
from support.peer import Peer, binary, text, word
from support.sealed import Sealed, offer

BAD_KEYS = bad_keys()
# A client that offers no text goes on in plain text, as one that offers nothing.
NO_TEXTS = {"null": None, "number": 5, "true": True, "list": ["A"], "object": {"x": "A"}}


def is_in_plain(peer):
    assert peer.hello["features"]["encryption"] is False
    assert "encryption_public_key" not in peer.hello
    assert word(peer.answer(binary(b"E:" + bytes(60)))) == "INVALID_MESSAGE"
    return peer.is_well()


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_bad_key_is_refused_and_nothing_is_encrypted(shared, name):
    with Peer(shared, hello=offer(BAD_KEYS[name])) as peer:
        assert peer.errors == ["KEY_EXCHANGE_FAILED"]
        assert is_in_plain(peer)


@pytest.mark.parametrize("name", NO_TEXTS)
def test_what_is_no_text_is_no_offer(shared, name):
    with Peer(shared, hello=offer(NO_TEXTS[name])) as peer:
        assert peer.errors == []
        assert is_in_plain(peer)


def test_a_key_without_the_wish_is_no_offer(shared):
    key = public_text(ec.generate_private_key(ec.SECP256R1()))
    for features in ({}, {"encryption": False}, {"encryption": "true"}, [], None):
        hello = {"features": features, "encryption_public_key": key}
        with Peer(shared, hello=hello) as peer:
            assert peer.errors == [] and is_in_plain(peer)


def test_a_good_key_after_a_bad_one_is_not_taken(shared):
    good = offer(public_text(ec.generate_private_key(ec.SECP256R1())))
    with Peer(shared, hello=offer("A" * 88)) as peer:
        peer.say("client_hello", good)
        peer.hello = peer.until("server_hello")["p"]
        assert is_in_plain(peer)


@pytest.mark.parametrize("name", BAD_KEYS)
def test_a_bad_next_key_is_refused_and_the_first_stays(shared, name):
    with Sealed(shared) as peer:
        peer.settle()
        peer.send(peer.seal({"t": "key_rotation_request", "p": {"public_key": BAD_KEYS[name]}}))
        assert word(peer.first()) == "KEY_EXCHANGE_FAILED"
        peer.send(peer.seal({"t": "no_such"}))
        assert word(peer.first()) == "UNKNOWN_TYPE"


def test_2000_hellos_on_a_connection_make_one_key(shared):
    spent = processes.user_seconds(shared.process.pid)
    made = shared.stats()["sessions_encrypted"]
    hello = {"t": "client_hello", "p": offer(public_text(ec.generate_private_key(ec.SECP256R1())))}
    with Sealed(shared) as peer:
        for _ in range(20):
            peer.send(b"".join(peer.seal(hello) for _ in range(repeats(2000) // 20)))
            assert peer.is_well()
    assert shared.stats()["sessions_encrypted"] == made + 1
    assert processes.user_seconds(shared.process.pid) - spent < (60 if SANITIZED else 10)


def test_hellos_on_many_connections_cost_little_each(shared):
    spent = processes.user_seconds(shared.process.pid)
    for name in list(BAD_KEYS) * repeats(20):
        with Peer(shared, hello=offer(BAD_KEYS[name])) as peer:
            assert peer.errors == ["KEY_EXCHANGE_FAILED"]
    assert processes.user_seconds(shared.process.pid) - spent < (60 if SANITIZED else 10)
