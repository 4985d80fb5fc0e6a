# SPDX-License-Identifier: MIT
"""Publishes and subscriptions that are out of bounds: what they may cost, and that nothing of them
reaches others."""
import json
import time

import pytest

from support.guard import repeats
from support.peer import Peer, text, word

# So large that a long list of topics is one message.
TABLES = {"limits": {"max_message_size": "1m"}}

BAD = "INVALID_MESSAGE"
TOO_LARGE = "MESSAGE_TOO_LARGE"
ACK = "publish_ack"


def publish(payload='{"n":1}', **members):
    """A publish whose payload is JSON text, like `members`, those of `p`."""
    fields = {"topic": '"demo"', "payload": payload, **members}
    inner = ",".join(f'"{name}":{raw}' for name, raw in fields.items())
    return '{"t":"publish","id":"k","p":{%s}}' % inner


# name: the publish, and its answer in a word.
PUBLISHES = {
    "no payload of its own": ('{"t":"publish"}', BAD),
    "null everywhere": (publish("null", topic="null", type="null", priority="null"), BAD),
    "topic number": (publish(topic="5"), BAD),
    "topic list": (publish(topic='["demo"]'), BAD),
    "topic empty": (publish(topic='""'), BAD),
    "topic with a nul": (publish(topic='"a\\u0000b"'), BAD),
    "topic with an escape": (publish(topic='"a\\u001bb"'), BAD),
    "topic with a delete": (publish(topic='"a\\u007fb"'), BAD),
    "topic of half a surrogate pair": (publish(topic='"a\\ud800"'), BAD),
    "topic too long": (publish(topic='"' + "x" * 257 + '"'), BAD),
    "topic huge": (publish(topic='"' + "x" * 50000 + '"'), BAD),
    "topic with a star": (publish(topic='"demo*"'), BAD),
    "topic with a question mark": (publish(topic='"dem?"'), BAD),
    "topic twice": (publish(topic='"demo","topic":"secret:a"'), BAD),
    "topic forbidden": (publish(topic='"secret:a"'), "NOT_ALLOWED"),
    "topic forbidden, in escapes": (publish(topic='"secret\\u003aa"'), "NOT_ALLOWED"),
    "topic to read only": (publish(topic='"read:a"'), "NOT_ALLOWED"),
    "topic of a reserved name": (publish(topic='"error"'), BAD),
    "payload NaN": (publish("NaN"), BAD),
    "payload of half a surrogate pair": (publish('{"a":"\\ud800"}'), BAD),
    "payload of a swapped surrogate pair": (publish('{"a":"\\udc00\\ud800"}'), BAD),
    "payload too large": (publish('"' + "x" * 32768 + '"'), TOO_LARGE),
    "payload of 5,000 digits": (publish("9" * 5000), BAD),
    "payload with 5,000 digits inside": (publish('{"a":[-1.%s]}' % ("9" * 5000)), BAD),
    "payload with 5,000 digits in a text": (publish('"%s"' % ("9" * 5000)), ACK),
    "payload with a nul": (publish('{"a":"\\u0000"}'), ACK),
    "payload 1e999": (publish("1e999"), ACK),
    "payload with a reserved type": (publish('{"type":"error"}'), ACK),
    "type of the server, in escapes": (publish(type='"\\u0065rror"'), BAD),
    "type with an escape": (publish(type='"a\\u001b"'), BAD),
    "type too long": (publish(type='"' + "x" * 129 + '"'), TOO_LARGE),
    "type number": (publish(type="5"), ACK),
    "id too long": (publish(id='"' + "x" * 129 + '"'), BAD),
    "id with a control character": (publish(id='"a\\u0001"'), BAD),
    "priority 1e999": (publish(priority="1e999"), ACK),
    "priority of 26 digits": (publish(priority="9" * 26), ACK),
    "priority in words": (publish(priority='"high"'), ACK),
}
# Types by which the server steers clients.
OF_THE_SERVER = """
    server_ready server_hello client_hello subscription_update snapshot_complete topic_snapshot
    error ping PING pong PONG heartbeat batch publish_ack rate_limit_warning config_update
    connection_state_change presence_join presence_state encryption_response key_rotation_response
"""
PUBLISHES |= {
    f"type {name}": (publish(type=f'"{name}"'), BAD) for name in OF_THE_SERVER.split()
}


@pytest.mark.parametrize("name", PUBLISHES)
def test_a_publish_gets_its_answer(shared, name):
    message, answer = PUBLISHES[name]
    with Peer(shared) as peer:
        peer.send(text(message))
        assert word(peer.first()) == answer
        assert peer.is_well()


def test_nobody_hears_what_was_refused(shared):
    with Peer(shared, "listener") as listener, Peer(shared) as peer:
        listener.say("subscription_update", {"action": "subscribe", "topics": ["*"]})
        listener.until("subscription_update")
        for message, answer in PUBLISHES.values():
            if answer != ACK:
                peer.send(text(message))
        assert peer.is_well()
        peer.send(text(publish('{"last":true}', topic='"end"')))
        while (heard := listener.first())["p"] != {"last": True}:
            assert heard["t"] == "neighbour", heard


def subscribe(topics, **members):
    """A subscription; texts among `members` are JSON already."""
    pairs = {"action": '"subscribe"', "topics": json.dumps(topics), **members}
    inner = ",".join(f'"{name}":{raw}' for name, raw in pairs.items())
    return '{"t":"subscription_update","p":{%s}}' % inner


BOMB = "*a" * 127

# name: the request, and how many topics it gets and does not, or an error.
SUBSCRIPTIONS = {
    "no action": ('{"t":"subscription_update","p":{"topics":["a"]}}', "INVALID_ACTION"),
    "unknown action": (subscribe(["a"], action='"destroy"'), "INVALID_ACTION"),
    "action number": (subscribe(["a"], action="7"), "INVALID_ACTION"),
    "topics null": (subscribe(None), (0, 0)),
    "topics string": (subscribe("demo"), (0, 0)),
    "topics object": (subscribe({"a": 1}), (0, 0)),
    "no strings": (subscribe([5, None, True, {}, ["x"], 1.5]), (0, 6)),
    "the same 5,000 times": (subscribe(["same"] * 5000), (1, 0)),
    "too long": (subscribe(["x" * 257]), (0, 1)),
    "huge": (subscribe(["x" * 50000]), (0, 1)),
    "with an escape": (subscribe(["a\x1b[2J"]), (0, 1)),
    "with a nul": (subscribe(["a\0b"]), (0, 1)),
    "empty": (subscribe([""]), (0, 1)),
    "half a surrogate pair": (subscribe(["\ud800"]), (0, 1)),
    "good beside bad": (subscribe(["demo", "", "\ud800", "x" * 300]), (1, 3)),
    "glob bomb": (subscribe([BOMB]), (1, 0)),
    "glob bomb of both": (subscribe(["*?" * 127 + "b"]), (1, 0)),
    "group too long": (subscribe(["demo"], queue_group='"' + "g" * 300 + '"'), (0, 1)),
    "group with a control character": (subscribe(["demo"], queue_group='"\\u0001"'), (0, 1)),
    "group of a pattern": (subscribe(["demo*"], queue_group='"g"'), (0, 1)),
    "recovery of wrong types": (
        subscribe(["demo"], recover="true", recovery='{"demo":{"epoch":5,"offset":"x"}}'),
        (1, 0),
    ),
    "recovery list": (subscribe(["demo"], recover="true", recovery="[1]"), (1, 0)),
    "recovery from 2^63": (
        subscribe(
            ["demo"],
            recover="true",
            recovery='{"demo":{"epoch":"00000000","offset":9223372036854775808}}',
        ),
        (1, 0),
    ),
    "recovery from -1": (
        subscribe(
            ["demo"], recover="true", recovery='{"demo":{"epoch":"00000000","offset":-1}}'
        ),
        (1, 0),
    ),
    "recovery from 1e999": (
        subscribe(
            ["demo"], recover="true", recovery='{"demo":{"epoch":"00000000","offset":1e999}}'
        ),
        (1, 0),
    ),
    "presence huge": (subscribe(["demo"], presence='{"x":"%s"}' % ("y" * 50000)), TOO_LARGE),
    "params list": (subscribe(["demo"], params="[1]"), (0, 1)),
    "params huge": (subscribe(["demo"], params='{"x":"%s"}' % ("y" * 5000)), (0, 1)),
    "filter nobody offers": (subscribe(["demo"], filter='{"a":{"$regex":"(a*)*b"}}'), (0, 1)),
    "forbidden": (subscribe(["secret:a"]), (0, 1)),
    "unsubscribed from what it has not": (subscribe(["never"], action='"unsubscribe"'), (0, 0)),
}


@pytest.mark.parametrize("name", SUBSCRIPTIONS)
def test_a_subscription_gets_its_answer(shared, name):
    message, answer = SUBSCRIPTIONS[name]
    with Peer(shared) as peer:
        peer.send(text(message))
        found = peer.first()
        if found["t"] == "subscription_update":
            topics = found["p"]["success_topics"], found["p"]["failed_topics"]
            assert tuple(map(len, topics)) == answer
        else:
            assert word(found) == answer
        assert peer.is_well()


def test_10_000_topics_at_once_are_as_many_as_the_limit(shared):
    with Peer(shared) as peer:
        started = time.monotonic()
        peer.send(text(subscribe([str(n) for n in range(10000)])))
        accepted = refused = 0
        while accepted + refused < 10000:
            ack = peer.until("subscription_update")["p"]
            accepted += len(ack["success_topics"])
            refused += len(ack["failed_topics"])
        assert accepted == 1000
        assert time.monotonic() - started < 10
        assert peer.is_well()


def test_glob_bombs_cost_nothing_when_topics_match_them_almost(shared):
    with Peer(shared) as peer:
        peer.send(text(subscribe([BOMB[:-2] + f"{n}*b" for n in range(200)])))
        peer.until("subscription_update")
        started = time.monotonic()
        for n in range(repeats(100)):
            peer.say("publish", {"topic": "a" * 250 + str(n), "payload": {}}, id=str(n))
            assert word(peer.first()) == ACK
        assert time.monotonic() - started < 10


def test_a_storm_of_subscriptions_is_answered_or_limited(shared):
    names = [f"storm:{n}" for n in range(100)]
    with Peer(shared) as peer:
        for _ in range(repeats(200)):
            peer.send(text(subscribe(names)) + text(subscribe(names, action='"unsubscribe"')))
        assert peer.is_well()
    shared.await_connections(1)
    assert not [row for row in shared.ctl_json("topic", "ls")["topics"] if row["subscribers"] > 1]
