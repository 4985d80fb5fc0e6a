# SPDX-License-Identifier: MIT
"""Messages, places and histories that any host gives, on one Redis and on a Redis Cluster."""
import asyncio
import itertools

from support.client import Client, asynchronous
from support.control import Control
from support.follower import Follower
from support.shared import numbers, publish
from support.wishes import ask, events_of, settled

ROOMS = itertools.count(1)


def room():
    """A topic that no other test of this file has."""
    return f"room:messages-{next(ROOMS)}"


@asynchronous
async def test_all_hosts_have_all_messages_in_one_order(joined):
    topic, count = room(), 30
    followers = [Follower(topic) for _ in joined]
    for host, follower in zip(joined, followers):
        await follower.connect(host)
    told = await asyncio.gather(
        *(publish(host, topic, count, 100 * n) for n, host in enumerate(joined))
    )
    places = sorted(place for places in told for place in places)
    assert places == [(places[0][0], offset) for offset in range(1, 3 * count + 1)]
    for follower in followers:
        async with follower:
            assert await follower.take(topic, 3 * count) == followers[0].payloads[topic]
            assert follower.positions[topic] == places[-1]
    # What one client publishes keeps its order among the others.
    order = [payload["n"] for payload in followers[0].payloads[topic]]
    for host in range(3):
        assert [n for n in order if n // 100 == host] == list(range(100 * host, 100 * host + count))


@asynchronous
async def test_a_message_comes_as_it_was_published(joined):
    topic = room()
    payload = {"text": "grüß dich \u0000 \"'", "list": [1, 2.5, None], "fill": "x" * 200_000}
    async with await Client.connect(joined[0]) as here, await Client.connect(joined[1]) as there:
        await there.subscribe(topic)
        answer = (await here.publish(topic, payload, "the-id", type="painted"))["p"]
        (event,) = await there.events(1)
        assert (event["t"], event["id"], event["p"]) == ("painted", "the-id", payload)
        assert (event["tp"], event["e"], event["o"]) == (topic, answer["epoch"], answer["offset"])


@asynchronous
async def test_messages_without_a_history_come_too(joined):
    async with await Client.connect(joined[0]) as here, await Client.connect(joined[1]) as there:
        await there.subscribe("plain:1")
        for n in range(20):
            await here.publish("plain:1", {"n": n})
        assert [event["p"] for event in await there.events(20)] == numbers(20)


@asynchronous
async def test_a_client_recovers_on_another_host_by_the_same_place(joined):
    topic = room()
    async with Follower(topic) as follower:
        await follower.connect(joined[0])
        await publish(joined[0], topic, 5)
        await follower.take(topic, 5)
        await follower.drop()
        places = await publish(joined[1], topic, 5, first=5)
        told = await follower.connect(joined[2])
        assert told[topic]["recovered"] and told[topic]["count"] == 5, told
        assert await follower.take(topic, 10) == numbers(10)
        assert follower.positions[topic] == places[-1]


@asynchronous
async def test_a_host_that_followed_nothing_has_the_history(joined):
    topic = room()
    ((epoch, _), *_) = await publish(joined[0], topic, 5)
    async with Follower(topic) as follower:
        follower.positions[topic] = (epoch, 0)
        told = await follower.connect(joined[1])
        assert told[topic]["recovered"] and told[topic]["count"] == 5, told
        await publish(joined[2], topic, 1, first=5)
        assert await follower.take(topic, 6) == numbers(6)


@asynchronous
async def test_a_place_of_another_time_is_told(joined):
    topic = room()
    places = await publish(joined[0], topic, 5)
    async with Follower(topic) as follower:
        follower.positions[topic] = ("00000001", 3)
        told = await follower.connect(joined[1])
        assert not told[topic]["recovered"], told
        assert (told[topic]["epoch"], told[topic]["offset"]) == places[-1]
        await publish(joined[2], topic, 1, first=5)
        assert await follower.take(topic, 1) == numbers(1, first=5)


@asynchronous
async def test_only_so_many_are_kept_as_the_history_says(joined):
    topic = f"few:{room()}"
    places = await publish(joined[0], topic, 25)
    for kept, expected in ((10, True), (11, False)):
        async with Follower(topic) as follower:
            follower.positions[topic] = (places[0][0], 25 - kept)
            told = await follower.connect(joined[1])
            assert told[topic]["recovered"] == expected, (kept, told)


@asynchronous
async def test_a_pattern_takes_the_topics_of_all_hosts(joined):
    base = room()
    topics = [f"{base}:{name}" for name in "abcdefgh"]
    async with Follower(f"{base}:*") as follower:
        await follower.connect(joined[0])
        for number, topic in enumerate(topics):
            await publish(joined[number % 3], topic, 5)
        for topic in topics:
            assert await follower.take(topic, 5) == numbers(5)


@asynchronous
async def test_what_a_pattern_has_seen_is_recovered_on_another_host(joined):
    base = room()
    topics = [f"{base}:a", f"{base}:b"]
    async with Follower(f"{base}:*") as follower:
        await follower.connect(joined[0])
        for topic in topics:
            await publish(joined[0], topic, 5)
        for topic in topics:
            await follower.take(topic, 5)
        await follower.drop()
        for topic in topics:
            await publish(joined[1], topic, 5, first=5)
        await follower.connect(joined[2])
        for topic in topics:
            assert await follower.take(topic, 10) == numbers(10)


@asynchronous
async def test_who_has_a_pattern_and_the_topic_has_each_message_once(joined):
    topic = room()
    async with await Client.connect(joined[0]) as client:
        await client.subscribe(topic, f"{topic[:-1]}*")
        await publish(joined[1], topic, 10)
        await client.events(10)
        assert [event["p"] for event in events_of(await settled(client))] == numbers(10)


@asynchronous
async def test_a_publish_is_made_once_on_whatever_host_it_is_tried_again(joined):
    topic = room()
    async with Follower(topic) as follower, await Client.connect(joined[1]) as one:
        await follower.connect(joined[0])
        async with await Client.connect(joined[2]) as two:
            first = (await one.publish(topic, {"n": 0}, "again"))["p"]
            second = (await two.publish(topic, {"n": 0}, "again"))["p"]
            assert (first["epoch"], first["offset"]) == (second["epoch"], second["offset"])
            # Both at once, and who comes first is for Redis to say.
            both = await asyncio.gather(
                *(client.publish(topic, {"n": 1}, "once") for client in (one, two))
            )
            assert {answer["p"]["offset"] for answer in both} == {2}, both
            await one.publish(topic, {"n": 2})
        assert await follower.take(topic, 3) == numbers(3)


@asynchronous
async def test_a_topic_that_was_left_is_followed_again(joined):
    topic = room()
    for n in range(3):
        async with await Client.connect(joined[0]) as client:
            await client.subscribe(topic)
            await publish(joined[1], topic, 1, first=n)
            assert [event["p"] for event in await client.events(1)] == numbers(1, first=n)
            await client.unsubscribe(topic)


@asynchronous
async def test_a_topic_of_a_host_is_its_own(joined):
    async with await Client.connect(joined[0]) as here, await Client.connect(joined[1]) as there:
        for client in (here, there):
            await client.subscribe("local:1")
        (place,) = await publish(joined[0], "local:1", 1)
        await publish(joined[1], "local:1", 1, first=1)
        await publish(joined[0], "local:1", 1, first=2)
        events = await here.events(2)
        assert [event["p"]["n"] for event in events] == [0, 2]
        assert [(event["e"], event["o"]) for event in events] == [place, (place[0], 2)]
        assert [event["p"]["n"] for event in events_of(await settled(there))] == [1]


@asynchronous
async def test_a_subscription_asks_for_what_is_retained_elsewhere(joined):
    topic = room()
    await publish(joined[0], topic, 3)
    async with await Client.connect(joined[1]) as client:
        ack = await ask(client, topic, recover=True, recovery={})
        assert ack["success_topics"] == [topic]
        assert ack["recovery"][topic]["offset"] == 3, ack


@asynchronous
async def test_send_reaches_clients_of_every_host(joined):
    clients = [await Client.connect(host, f"user-{n}") for n, host in enumerate(joined)]
    try:
        with Control(joined[0]) as control:
            control.ask("send", all=True, type="notice", payload={"n": 1})
            control.ask("send", user="user-2", type="notice", payload={"n": 2})
            identity = clients[1].ready["details"]["connection_id"]
            control.ask("send", connection=identity, type="notice", payload={"n": 3})
            control.ask("send", all=True, type="last", payload={})
        got = []
        for client in clients:
            await client.until("last")
            got.append([each["p"]["n"] for each in client.seen if each["t"] == "notice"])
        assert got == [[1], [1, 3], [1, 2]]
    finally:
        for client in clients:
            await client.socket.close()
