# SPDX-License-Identifier: MIT
"""What backends publish through Redis: by XADD, once and without a loss, and by PUBLISH."""
import json
import uuid

import pytest

from support.backend import STREAM, add, await_empty, publish_heard
from support.client import Client, asynchronous
from support.follower import Follower
from support.hosts import MORTAL, await_counter, counter, kill
from support.shared import numbers
from support.wishes import events_of, settled


@asynchronous
async def test_an_entry_is_published_once_for_all_hosts(joined):
    topic, count = "room:added", 50
    followers = [Follower(topic) for _ in joined]
    for host, follower in zip(joined, followers):
        await follower.connect(host)
    with joined.redis.client() as client:
        for n in range(count):
            await add(client, topic, {"n": n})
        for follower in followers:
            async with follower:
                got = await follower.take(topic, count)
                await follower.settle()
                assert got == numbers(count)
                assert follower.positions[topic][1] == count
        await await_empty(client)


@asynchronous
async def test_an_entry_says_what_the_message_is(joined):
    topic = "room:fields"
    event = {"t": "bus", "p": {"n": 1}, "metadata": {"event_id": "bus-id", "priority": 10}}
    fields = {"type": "painted", "id": "an-id", "priority": "8", "extra": '{"origin": "shop"}'}
    async with await Client.connect(joined[2]) as client:
        await client.subscribe(topic)
        with joined.redis.client() as backend:
            for _ in range(2):
                await add(backend, topic, {"a": [1, "two"]}, **fields)
            backend.xadd(STREAM, {"topic": topic, "event": json.dumps(event)})
            first, second = await client.events(2)
            assert (first["t"], first["id"], first["p"]) == ("painted", "an-id", {"a": [1, "two"]})
            assert (first["pri"], first["origin"]) == (8, "shop")
            assert (second["t"], second["id"], second["p"]) == ("bus", "bus-id", {"n": 1})
            assert second["pri"] == 10
            assert (first["o"], second["o"]) == (1, 2)
            await await_empty(backend)


@asynchronous
async def test_what_was_added_while_nobody_read_is_published(any_redis, make_hosts):
    hosts, topic, count = make_hosts(any_redis, 2, backplane=MORTAL), "room:later", 20
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        with any_redis.client() as client:
            for n in range(count):
                await add(client, topic, {"n": n})
                if n == count // 2:
                    kill(hosts[0])  # it may be the one that reads, and may have half done it
            assert await follower.take(topic, count) == numbers(count)
            await await_empty(client)
        await follower.settle()
        assert len(follower.payloads[topic]) == count


BUS = {
    # What is published, and t, p and pri of what comes.
    "t-p": ({"t": "painted", "p": {"n": 1}}, ("painted", {"n": 1}, None)),
    "event_type": (
        {"event_type": "PAINTED", "payload": {"n": 1}, "metadata": {"priority": 1}},
        ("painted", {"n": 1}, 1),
    ),
    "whole": (
        {"type": "painted", "n": 1, "metadata": {"priority": 8}},
        ("painted", {"type": "painted", "n": 1}, 8),
    ),
}


@pytest.mark.parametrize("name", BUS)
@asynchronous
async def test_a_message_of_the_bus_is_understood(joined, name):
    topic, (event, expected) = f"room:bus-{name}", BUS[name]
    async with await Client.connect(joined[0]) as one, await Client.connect(joined[1]) as two:
        for client in (one, two):
            await client.subscribe(topic)
        await publish_heard(joined.redis, topic, event)
        for client in (one, two):
            (came,) = await client.events(1)
            assert (came["t"], came["p"], came.get("pri")) == expected
            assert came["o"] == 1


@asynchronous
async def test_a_channel_is_published_once_for_all_hosts(joined):
    topic, count = "room:channel", 20
    followers = [Follower(topic) for _ in joined]
    for host, follower in zip(joined, followers):
        await follower.connect(host)
    for n in range(count):
        await publish_heard(joined.redis, topic, {"t": "note", "p": {"n": n}})
    for follower in followers:
        async with follower:
            got = await follower.take(topic, count)
            await follower.settle()
            assert got == numbers(count)


@asynchronous
async def test_an_event_id_is_published_once(joined):
    topic = "room:event-id"
    async with await Client.connect(joined[1]) as client:
        await client.subscribe(topic)
        for n, identity in enumerate(["one", "one", "two"]):
            event = {"t": "note", "p": {"n": n}, "metadata": {"event_id": identity}}
            await publish_heard(joined.redis, topic, event)
        got = [(event["id"], event["p"]["n"], event["o"]) for event in await client.events(2)]
        assert got == [("one", 0, 1), ("two", 2, 2)]


@asynchronous
async def test_what_is_no_message_becomes_a_dead_letter_and_holds_up_nothing(joined):
    topic, before = "room:bad", counter("dead_letters", *joined)
    async with await Client.connect(joined[1]) as client:
        await client.subscribe(topic)
        with joined.redis.client() as backend:
            backend.xadd(STREAM, {"topic": topic, "payload": "{no json"})
            backend.xadd(STREAM, {"payload": "1"})
            backend.xadd(STREAM, {"topic": topic})
            await publish_heard(joined.redis, topic, {"t": "note", "p": {"n": 0}})
            await publish_heard(joined.redis, topic, "{no json")
            await add(backend, topic, {"n": 1}, id=str(uuid.uuid4()))
            got = [event["p"]["n"] for event in await client.events(2)]
            assert sorted(got) == [0, 1]
            await await_empty(backend)
        assert len(events_of(await settled(client))) == 2
        await_counter("dead_letters", before + 4, *joined)
