# SPDX-License-Identifier: MIT
"""Subscriptions of patterns: what they deliver, to whom, and how they recover."""
import pytest

from support.client import Client, asynchronous
from support.wishes import Positions, ask, events_of, settled

OPEN = {"subscribe": True, "publish": True}
KEPT = {**OPEN, "history": {"messages": 100}}


def kept(make_server):
    rows = [{"match": "room:*", **KEPT}, {"match": "*", **OPEN}]
    return make_server(topic=rows).start()


def texts(messages):
    return [event["p"]["n"] for event in events_of(messages)]


@asynchronous
async def test_a_pattern_delivers_what_it_takes_and_nothing_else(server):
    async with await Client.connect(server) as client:
        ack = await client.subscribe("room:*", "day:?")
        assert ack["success_topics"] == ["room:*", "day:?"]
        for n, topic in enumerate(["room:1", "room:", "room", "day:1", "day:12", "room:a:b"]):
            server.publish(topic, {"n": n})
        assert texts(await settled(client)) == [0, 1, 3, 5]


@asynchronous
async def test_however_many_subscriptions_take_a_message_it_comes_once(server):
    async with await Client.connect(server) as client:
        await client.subscribe("room:*", "room:1", "*:1", "*")
        server.publish("room:1", {"n": 1})
        assert texts(await settled(client)) == [1]
        await client.unsubscribe("room:*", "*")
        server.publish("room:1", {"n": 2})
        server.publish("room:2", {"n": 3})
        assert texts(await settled(client)) == [1, 2]
        await client.unsubscribe("*:1", "room:1")
        server.publish("room:1", {"n": 4})
        assert texts(await settled(client)) == [1, 2]


@asynchronous
async def test_rows_decide_about_each_topic_of_a_pattern(make_server):
    rows = [
        {"match": "room:secret:*", "subscribe": False},
        {"match": "user:{sub}:*", "subscribe": True},
        {"match": "user:*", "subscribe": False},
        {"match": "*", **OPEN},
    ]
    server = make_server(topic=rows).start()
    async with await Client.connect(server, "alice") as client:
        ack = await client.subscribe("*", "room:secret:*")
        assert ack["success_topics"][0] == "*"
        topics = ["room:1", "room:secret:1", "user:alice:1", "user:bob:1", "room:2"]
        for n, topic in enumerate(topics):
            server.publish(topic, {"n": n})
        assert texts(await settled(client)) == [0, 2, 4]


@asynchronous
async def test_a_deny_of_the_token_holds_inside_an_allowed_pattern(server):
    token = server.token(allow=["room:*"], deny=["room:7", "room:vip:*"])
    async with await Client.connect(server, token=token) as client:
        assert (await client.subscribe("room:*"))["success_topics"] == ["room:*"]
        for n, topic in enumerate(["room:7", "room:8", "room:vip:1", "hall:1", "room:77"]):
            server.publish(topic, {"n": n})
        assert texts(await settled(client)) == [1, 4]


@pytest.mark.parametrize("user", ["alice", "*", "a?ice"])
@asynchronous
async def test_patterns_of_the_listener_are_about_the_user_and_no_other(make_server, user):
    rows = [{"match": "user:{sub}:*", "subscribe": True}]
    server = make_server(topic=rows, listen_main={"subscribe": ["user:{sub}:*"]}).start()
    async with await Client.connect(server, user) as client:
        await client.ping()
        server.publish("user:alice:inbox", {"n": 1})
        server.publish("user:bob:inbox", {"n": 2})
        # A wildcard in a name is a letter where rights are asked for.
        assert texts(await settled(client)) == ([1] if user == "alice" else [])


async def watch_rooms(server):
    """Positions of a client that was subscribed to room:* and has seen 1 and 2 of two rooms."""
    server.publish("room:old", {"n": "before"})
    async with await Client.connect(server) as client:
        ack = await client.subscribe("room:*")
        assert ack["recovery"]["room:*"]["recovered"] is False
        for room in ("room:a", "room:b"):
            server.publish_all(room, [{"n": f"{room} {n}"} for n in (1, 2)])
        assert len(events_of(await settled(client))) == 4
        return Positions().take(client.seen)


def publish_while_away(server):
    server.publish_all("room:a", [{"n": f"room:a {n}"} for n in (3, 4, 5)])
    server.publish_all("room:new", [{"n": f"room:new {n}"} for n in (1, 2)])
    server.publish("hall:1", {"n": "elsewhere"})


def by_topic(messages):
    rooms = {}
    for event in events_of(messages):
        rooms.setdefault(event["tp"], []).append(event["o"])
    return rooms


@asynchronous
async def test_a_pattern_recovers_the_topics_it_had_and_those_that_are_new(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    publish_while_away(server)
    async with await Client.connect(server) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.recovery)
        assert ack["recovery"]["room:*"]["recovered"] is True
        assert ack["recovery"]["room:*"]["count"] == 5
        assert ack["recovery"]["room:a"]["recovered"] is True
        assert ack["recovery"]["room:a"]["count"] == 3
        server.publish("room:a", {"n": "live"})
        server.publish("room:new", {"n": "live"})
        messages = await settled(client)
        assert by_topic(messages) == {"room:a": [3, 4, 5, 6], "room:new": [1, 2, 3]}
        positions.take(messages)


@asynchronous
async def test_without_positions_of_topics_all_since_the_subscription_comes_again(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    publish_while_away(server)
    async with await Client.connect(server) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.only("room:*"))
        assert ack["recovery"]["room:*"]["recovered"] is True
        rooms = by_topic(await settled(client))
        # Not what was there before it subscribed.
        assert rooms == {"room:a": [1, 2, 3, 4, 5], "room:b": [1, 2], "room:new": [1, 2]}


@asynchronous
async def test_only_positions_of_topics_recover_those_topics(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    publish_while_away(server)
    async with await Client.connect(server) as client:
        known = positions.only("room:a", "room:b")
        await ask(client, "room:a", "room:b", recover=True, recovery=known)
        assert by_topic(await settled(client)) == {"room:a": [3, 4, 5]}


@asynchronous
async def test_nothing_missed_nothing_replayed(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    async with await Client.connect(server) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.recovery)
        assert ack["recovery"]["room:*"]["recovered"] is True
        assert ack["recovery"]["room:*"]["count"] == 0
        assert not events_of(await settled(client))


@asynchronous
async def test_what_the_history_has_lost_is_said_by_topic(make_server):
    rows = [{"match": "room:*", **OPEN, "history": {"messages": 3}}]
    server = make_server(topic=rows).start()
    positions = await watch_rooms(server)
    server.publish_all("room:a", [{"n": n} for n in range(3, 9)])
    server.publish("room:b", {"n": 3})
    async with await Client.connect(server) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.recovery)
        assert ack["recovery"]["room:*"]["recovered"] is False
        assert ack["recovery"]["room:a"]["recovered"] is False
        assert ack["recovery"]["room:a"]["offset"] == 8
        assert ack["recovery"]["room:b"]["recovered"] is True
        server.publish("room:a", {"n": "live"})
        messages = await settled(client)
        assert by_topic(messages) == {"room:a": [9], "room:b": [3]}
        positions.take(messages)


@asynchronous
async def test_a_recovery_shows_nothing_of_topics_without_a_right(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    publish_while_away(server)
    token = server.token(deny=["room:a"])
    async with await Client.connect(server, token=token) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.recovery)
        assert "room:a" not in ack["recovery"]
        assert by_topic(await settled(client)) == {"room:new": [1, 2]}


@asynchronous
async def test_a_pattern_recovers_over_a_restart(make_server):
    server = kept(make_server)
    positions = await watch_rooms(server)
    publish_while_away(server)
    assert server.terminate() == 0
    server.start()
    async with await Client.connect(server) as client:
        ack = await ask(client, "room:*", recover=True, recovery=positions.recovery)
        assert ack["recovery"]["room:*"]["recovered"] is True, ack
        server.publish("room:a", {"n": "live"})
        messages = await settled(client)
        assert by_topic(messages) == {"room:a": [3, 4, 5, 6], "room:new": [1, 2]}
        positions.take(messages)


@asynchronous
async def test_patterns_are_asked_for_by_name(server):
    async with await Client.connect(server) as client:
        await client.subscribe("room:*")
        shown = server.ctl_json("conn", "show", client.ready["details"]["connection_id"])
        assert shown["topics"] == ["room:*"]
        ack = await client.unsubscribe("room:*")
        assert ack["topics"] == ["room:*"] and not ack["success_topics"]
