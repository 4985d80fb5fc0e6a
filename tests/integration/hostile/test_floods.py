# SPDX-License-Identifier: MIT
"""More of what is allowed than anybody needs, and clients that do not read what they asked for."""
import os
import struct
import time

from support import processes, raw
from support.guard import MEMORY_SLACK_KIB, repeats
from support.peer import Peer, binary, text, word
from support.stalled import Stalled

TABLES = {
    "limits": {
        "max_outbound": "256k",
        "max_publish_size": "32k",
        "rate_capacity": 1000,
        "rate_refill": 200,
    }
}


def test_pings_are_answered_by_the_latest(shared):
    with raw.open_session(shared) as connection:
        flood = b"".join(raw.frame(struct.pack("!I", n), 9) for n in range(repeats(50000)))
        connection.send(flood)
        last = struct.pack("!I", repeats(50000) - 1)
        while connection.read_frame() != (10, last):
            pass


def test_pongs_nobody_asked_for_are_heard_and_forgotten(shared):
    with Peer(shared) as peer:
        peer.send(raw.frame(os.urandom(125), 10) * repeats(50000))
        assert peer.is_well()


def test_messages_of_2000_empty_fragments_are_messages(shared):
    part = raw.frame(b"", 0, fin=False)
    ping = text({"t": "ping", "p": {"timestamp": -1}})
    head = raw.frame(b"", 1, fin=False)
    body = raw.frame(b'{"t":"ping","p":{"timestamp":-1}}', 0)
    with Peer(shared) as peer:
        for _ in range(repeats(20)):
            peer.send(head + part * 2000 + body + ping)
            assert word(peer.first()) == word(peer.first()) == "PONG"


def test_unfinished_messages_take_no_more_than_their_limit(shared):
    pid = shared.process.pid
    before = processes.memory_kib(pid)
    half = raw.frame(b"x" * 60000, 1, fin=False)
    peers = [raw.open_session(shared, f"half{n}") for n in range(repeats(200))]
    for peer in peers:
        peer.send(half)
        peer.send(raw.frame(b"", 9))
        while peer.read_frame()[0] != 10:
            pass
    assert processes.memory_kib(pid) - before < MEMORY_SLACK_KIB + len(peers) * 64
    for peer in peers:
        peer.socket.close()


def test_connections_that_end_at_once_leave_nothing(shared):
    for number in range(repeats(500)):
        with raw.RawSocket(shared) as connection:
            if number % 2:
                connection.send(raw.upgrade_request(shared, shared.token()))
    shared.await_connections(1)


def storm(peer, frames):
    """Sends what is far over the rate. All answers, and the seconds it took, rounded up."""
    started = time.monotonic()
    answers = []
    for start in range(0, len(frames), 1000):
        peer.send(b"".join(frames[start : start + 1000]))
    # The rate lets a ping through as soon as it has recovered a little.
    peer.socket.settimeout(0.2)
    while True:
        try:
            message = peer.first()
        except TimeoutError:
            peer.say("ping", {"timestamp": -7})
            continue
        assert "closed" not in message, message
        if message["t"] == "PONG" and message["p"]["client_timestamp"] == -7:
            return answers, int(time.monotonic() - started) + 1
        answers.append(message)


def is_limited(answers, seconds):
    """Feedback about the rate comes once a second, as long as it lasts."""
    words = [word(answer) for answer in answers]
    assert 1 <= words.count("RATE_LIMITED") <= seconds + 1, words
    assert 1 <= words.count("rate_limit_warning") <= seconds + 1, words
    return True


def test_publishes_over_the_rate_are_refused_and_the_connection_stays(shared):
    frames = [
        text({"t": "publish", "id": f"s{n}", "p": {"topic": "storm", "payload": {}}})
        for n in range(8000)  # ten times the rate would be abuse, and close
    ]
    with Peer(shared) as peer:
        answers, seconds = storm(peer, frames)
        assert is_limited(answers, seconds)


def test_messages_that_are_none_count_in_the_rate(shared):
    for frame in (text(""), binary(b"C:"), binary(b"M:"), binary(b"E:"), binary(b"\xff")):
        with Peer(shared) as peer:
            assert is_limited(*storm(peer, [frame] * 10000))


def test_patterns_are_limited_by_what_they_cost(shared):
    topics = [f"t{n}*" for n in range(50)]
    pair = [
        text({"t": "subscription_update", "p": {"action": action, "topics": topics}})
        for action in ("subscribe", "unsubscribe")
    ]
    with Peer(shared) as peer:
        answers, _ = storm(peer, pair * repeats(2500))
        acks = [answer["p"] for answer in answers if answer["t"] == "subscription_update"]
        reasons = {reason for ack in acks for reason in ack.get("reasons", {}).values()}
        assert reasons == {"too many topics at once; try again in a moment"}


def test_storms_of_requests_end_no_connection(shared):
    requests = [("sync_request", {"topics": [f"t{n}" for n in range(50)]})]
    requests += [("presence_update", {"data": {"n": 1}}), ("client_hello", {})]
    for kind, payload in requests:
        with Peer(shared) as peer:
            storm(peer, [text({"t": kind, "p": payload})] * repeats(5000))


def test_readers_that_stop_are_cut_and_the_others_go_on(shared):
    stalled = [Stalled(shared, "wide", f"stalled{n}") for n in range(20)]
    before = processes.memory_kib(shared.process.pid)
    # 6 MB for each: more than the limit and both kernels' buffers together.
    for _ in range(3):
        shared.publish_all("wide", [{"text": "x" * 10000}] * 200)
    shared.await_connections(1)
    grown = processes.memory_kib(shared.process.pid) - before
    assert grown < MEMORY_SLACK_KIB + len(stalled) * 256, grown
    for each in stalled:
        each.socket.close()
