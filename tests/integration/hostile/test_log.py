# SPDX-License-Identifier: MIT
"""What clients say does not get into the log as it is, or more often than is good."""
import time
import urllib.parse

import pytest

from support import raw, tokens
from support.guard import repeats
from support.peer import Peer, binary, text, word

TABLES = {"log": {"level": "info"}, "listen_main": {"token_query": True}}

FORGED = "\n2026-01-01T00:00:00.000Z error forged forged.line"
WILD = f"\x1b[2J\x07\x00\x7f\u0085\u202e{FORGED}"
QUOTED = urllib.parse.quote(WILD)
# Bytes of the log, whatever the number of bad requests: of each event the server writes a hundred
# lines at once, and then ten a second.
ROOM = 100_000
ROOM_PER_S = 6000


class Growth:
    """The log grows by no more than that inside the block."""

    def __init__(self, server):
        self.file = server.log_file

    def __enter__(self):
        self.before = self.file.stat().st_size
        self.started = time.monotonic()

    def __exit__(self, *unused):
        grown = self.file.stat().st_size - self.before
        room = ROOM + ROOM_PER_S * (time.monotonic() - self.started)
        assert grown < room, f"{grown} bytes more in the log, not {room:.0f}"


def in_user(server):
    with raw.RawSocket(server) as connection:
        connection.send(raw.upgrade_request(server, server.token(f"mallory{WILD}")))
        connection.head()
        connection.read_frame()


def in_version(server):
    with Peer(server, query=f"?client_version={QUOTED}", hello={"client_version": WILD}) as peer:
        assert peer.is_well()
        assert server.connections()


def in_target(server):
    with raw.RawSocket(server) as connection:
        connection.send(raw.upgrade_request(server, server.token(), path=f"/{QUOTED}"))
        assert connection.head()[0] == 404


def in_raw_target(server):
    with raw.RawSocket(server) as connection:
        connection.send(b"GET /\x1b[2J\x07 HTTP/1.1\r\n\r\n")
        assert connection.head()[0] == 400


def in_header(server):
    with raw.RawSocket(server) as connection:
        request = raw.upgrade_request(server, server.token(), Origin="http://\x85\x9b2J\xff")
        connection.send(request)
        assert connection.head()[0] in (400, 403)


def in_topic(server):
    with Peer(server) as peer:
        subscribe = {"action": "subscribe", "topics": [WILD, "fine\u0085\u202e"]}
        peer.say("subscription_update", subscribe)
        assert len(peer.until("subscription_update")["p"]["success_topics"]) == 1
        peer.say("publish", {"topic": "fine\u0085\u202e", "payload": {"x": WILD}})
        peer.until("publish_ack")


def in_type(server):
    with Peer(server) as peer:
        assert word(peer.answer(text({"t": WILD.replace("\0", "")}))) == "UNKNOWN_TYPE"


def in_close_reason(server):
    with Peer(server) as peer:
        peer.send(raw.frame(b"\x03\xe8" + WILD.encode()[:123], 8))
        assert peer.close_code() == 1000


def in_token(server):
    for token in ("a.b.c\x9b2J\xff", "\x85" * 100, "x" * 9000):
        with raw.RawSocket(server) as connection:
            connection.send(raw.upgrade_request(server, token))
            assert connection.head()[0] == 101
            connection.read_frame()


def in_queue_group(server):
    with Peer(server) as peer:
        subscribe = {"action": "subscribe", "topics": ["demo"], "queue_group": "g\u0085\u202e"}
        peer.say("subscription_update", subscribe)
        peer.until("subscription_update")


PLACES = [
    in_user,
    in_version,
    in_target,
    in_raw_target,
    in_header,
    in_topic,
    in_type,
    in_close_reason,
    in_token,
    in_queue_group,
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_control_characters_do_not_reach_the_log(shared, guard, place):
    place(shared)
    shared.await_connections(1)
    guard.log_is_clean()
    assert "\nforged" not in shared.log() and "\n2026-01-01T" not in shared.log()


SENT_AS = {
    "header": lambda server, token: raw.upgrade_request(server, token),
    "cookie": lambda server, token: raw.upgrade_request(
        server, Cookie=f"a=b; access_token={token}"
    ),
    "query": lambda server, token: raw.upgrade_request(server, path=f"/wse?token={token}"),
    "beside the path": lambda server, token: raw.upgrade_request(server, path=f"/x?token={token}"),
    "a bad request": lambda server, token: raw.upgrade_request(server, token, Upgrade="x"),
    "a cut request": lambda server, token: raw.upgrade_request(server, token)[:-2] + b"X\r\n\r\n",
}


@pytest.mark.parametrize("way", SENT_AS)
def test_tokens_are_in_no_log_and_in_no_answer(shared, way):
    forged = tokens.token("another-secret-of-forty-eight-characters-at-least")
    for token in (shared.token(), forged, shared.token(ttl=-3600), "nonsense-token-1234567890"):
        with raw.RawSocket(shared) as connection:
            connection.send(SENT_AS[way](shared, token))
            head, frame = connection.head(), None
            if head[0] == 101:
                frame = connection.read_frame()
            answers = f"{head} {frame} {connection.buffer} {shared.connections()}"
            assert token not in answers
        assert token not in shared.log() and token[-20:] not in shared.log()


def test_bad_heads_do_not_fill_the_log(shared):
    with Growth(shared):
        for _ in range(repeats(10000)):
            with raw.RawSocket(shared) as connection:
                connection.send(b"GET / HTTP/1.1\r\nnonsense\r\n\r\n")
                assert connection.head()[0] == 400


def test_bad_tokens_do_not_fill_the_log(shared):
    with Growth(shared):
        for _ in range(repeats(2000)):
            with raw.RawSocket(shared) as connection:
                connection.send(raw.upgrade_request(shared, "nonsense"))
                assert connection.head()[0] == 101
                assert connection.close_code() == 4401
                connection.send(raw.frame(b"\x11\x31", 8))


def test_bad_frames_do_not_fill_the_log(shared):
    with Growth(shared):
        for _ in range(repeats(2000)):
            with raw.open_session(shared) as connection:
                connection.send(raw.frame(b"", 3))
                assert connection.close_code() == 1002


def test_bad_messages_do_not_fill_the_log(shared):
    bad = (text("{"), binary(b"C:x"), binary(b"M:\xc1"), binary(b"E:x"), text({"t": "\x1b[2J"}))
    with Growth(shared), Peer(shared) as peer:
        for frame in bad:
            for _ in range(10):
                peer.send(frame * (repeats(10000) // 10))
                assert peer.is_well()
