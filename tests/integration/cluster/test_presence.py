# SPDX-License-Identifier: MIT
"""Who is present, on whatever host."""
import asyncio
import time

from support.client import Client, asynchronous
from support.control import Control
from support.hosts import MORTAL, kill
from support.waiting import await_value
from support.wishes import ask, settled


async def enter(server, user, topic, **data):
    """A connection of the user who is present with that data."""
    client = await Client.connect(server, user)
    ack = await ask(client, topic, presence=data)
    assert ack["success_topics"] == [topic], ack
    return client


async def watch(server, topic):
    client = await Client.connect(server, "watcher")
    await client.subscribe(topic)
    return client


def told(messages):
    """(event, user, data) of what was said of presence."""
    kinds = ("presence_join", "presence_leave", "presence_update")
    return [(m["t"][len("presence_") :], m["p"]["user_id"], m["p"]["data"])
            for m in messages if m["t"] in kinds]


def users(server, topic):
    with Control(server) as control:
        return {row["user"] for row in control.ask("presence", topic=topic)["users"]}


def await_users(server, topic, expected):
    await_value(lambda: users(server, topic), lambda found: found == expected)


@asynchronous
async def test_join_update_and_leave_are_told_on_all_hosts(joined):
    topic = "room:told"
    async with await watch(joined[1], topic) as one, await watch(joined[2], topic) as two:
        bob = await enter(joined[0], "bob", topic, mood="good")
        await one.until("presence_join")
        await bob.send("presence_update", {"topic": topic, "data": {"mood": "bad"}})
        await one.until("presence_update")
        await bob.socket.close()
        for watcher in (one, two):
            await watcher.until("presence_leave")
            assert told(watcher.seen) == [
                ("join", "bob", {"mood": "good"}),
                ("update", "bob", {"mood": "bad"}),
                ("leave", "bob", {"mood": "bad"}),
            ]


@asynchronous
async def test_a_roster_names_users_of_all_hosts(joined):
    topic = "room:roster"
    async with await enter(joined[0], "bob", topic), await enter(joined[1], "carol", topic):
        # Of a host that follows the topic from now on alone.
        async with await Client.connect(joined[2], "dave") as dave:
            await ask(dave, topic, roster=True)
            state = await dave.until("presence_state")
            assert {row["user_id"] for row in state["p"]["users"]} == {"bob", "carol"}
            await_users(joined[2], topic, {"bob", "carol"})


@asynchronous
async def test_a_user_on_two_hosts_leaves_with_the_last_connection(joined):
    topic = "room:both"
    async with await watch(joined[2], topic) as watcher:
        here = await enter(joined[0], "bob", topic)
        await watcher.until("presence_join")
        there = await enter(joined[1], "bob", topic)
        await_users(joined[1], topic, {"bob"})
        await here.socket.close()
        # Somebody else, to see that what was before him has been told.
        await (await enter(joined[0], "carol", topic)).socket.close()
        await watcher.until("presence_leave")
        assert [(event, user) for event, user, _ in told(watcher.seen)] == [
            ("join", "bob"),
            ("join", "carol"),
            ("leave", "carol"),
        ]
        await there.socket.close()
        assert (await watcher.until("presence_leave"))["p"]["user_id"] == "bob"


@asynchronous
async def test_the_users_of_a_host_that_is_killed_have_left(any_redis, make_hosts):
    hosts, topic = make_hosts(any_redis, backplane=MORTAL), "room:killed"
    async with await watch(hosts[1], topic) as watcher, await enter(hosts[1], "carol", topic):
        await watcher.until("presence_join")
        await enter(hosts[0], "bob", topic)
        await watcher.until("presence_join")
        kill(hosts[0])
        assert (await watcher.until("presence_leave"))["p"]["user_id"] == "bob"
        await_users(hosts[1], topic, {"carol"})
        # It comes back as another host, and he with it.
        hosts[0].start()
        hosts.await_ready()
        async with await enter(hosts[0], "bob", topic):
            await watcher.until("presence_join")
            await_users(hosts[0], topic, {"bob", "carol"})
            events = [(event, user) for event, user, _ in told(await settled(watcher))]
            assert events == [("join", "carol"), ("join", "bob"), ("leave", "bob"), ("join", "bob")]


@asynchronous
async def test_a_killed_hosts_user_has_a_grace_to_come_to_another(redis, make_hosts):
    grace = {"grace": "8s"}
    hosts, topic = make_hosts(redis, backplane=MORTAL, presence=grace), "room:moved"
    async with await watch(hosts[1], topic) as watcher:
        for user in ("bob", "carol"):
            await enter(hosts[0], user, topic)
            await watcher.until("presence_join")
        before, began = len(watcher.seen), time.monotonic()
        kill(hosts[0])
        await asyncio.sleep(3)  # the lease of the host is over, and the grace is not
        async with await enter(hosts[2], "bob", topic):
            left = await watcher.until("presence_leave")
            # The lease may be as old as a third of it when the host is killed.
            assert time.monotonic() - began > 2 * 2 / 3 + 8
            assert left["p"]["user_id"] == "carol"
            await_users(hosts[1], topic, {"bob"})
            events = [(event, user) for event, user, _ in told(await settled(watcher, before))]
            assert events == [("leave", "carol")]
