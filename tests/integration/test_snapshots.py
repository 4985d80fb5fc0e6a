# SPDX-License-Identifier: MIT
"""The state of a topic comes from a module, then the stream goes on from there."""
import asyncio
import os
import time

import pytest

from support.client import Client, asynchronous
from support.crowd import Crowd
from support.server import DEADLINE_S
from support.zoo import module

# Each subscribes as often: 10,000 subscriptions that want the same state at the same time.
CLIENTS = int(os.environ.get("WSE_SNAPSHOT_CLIENTS", "1000"))
TIMES = 10
ROWS = [
    {"match": "kept:*", "subscribe": True, "publish": True, "history": {}, "snapshot": "state"},
    {"match": "live:*", "subscribe": True, "publish": True, "snapshot": "state"},
]


def make(make_server, name, **limits):
    return make_server(
        module_state={"load": module(name)},
        topic=ROWS,
        limits={"max_connections": CLIENTS + 10, **limits},
        # Those who wait for the last of many have nothing to say.
        keepalive={"heartbeat_interval": "5m", "idle_timeout": "10m"},
    ).start()


async def await_stat(server, name, least):
    deadline = time.monotonic() + DEADLINE_S
    while server.stats()[name] < least:
        assert time.monotonic() < deadline, server.stats()
        await asyncio.sleep(0.01)


def asked(server):
    """How many questions the module has had."""
    modules = {row["name"]: row["counters"] for row in server.ctl_json("stats")["modules"]}
    return next(row["value"] for row in modules["state"] if row["name"] == "asked")


@asynchronous
async def test_the_state_comes_then_the_stream(make_server):
    server = make(make_server, "snapshot_sync")
    server.publish_all("kept:1", [{"n": n} for n in range(3)])
    async with await Client.connect(server) as client:
        await client.send(
            "subscription_update",
            {"action": "subscribe", "topics": ["kept:1"], "params": {"page": 2}},
        )
        ack = await client.receive()
        assert ack["p"]["recovery"]["kept:1"]["offset"] == 3
        snapshot = await client.receive()
        assert (snapshot["c"], snapshot["t"]) == ("S", "topic_snapshot")
        assert snapshot["p"]["topic"] == "kept:1"
        assert snapshot["p"]["epoch"] == ack["p"]["recovery"]["kept:1"]["epoch"]
        assert snapshot["p"]["offset"] == 3
        assert snapshot["p"]["data"] == {"user": "", "params": {"page": 2}, "offset": 3}
        server.publish("kept:1", {"n": 3})
        assert [event["o"] for event in await client.events(1)] == [4]


@asynchronous
async def test_the_stream_goes_on_from_where_the_state_ends(make_server):
    server = make(make_server, "snapshot_sync")
    server.publish_all("kept:older", [{"n": n} for n in range(3)])
    async with await Client.connect(server) as client:
        await client.subscribe("kept:older")
        told = await client.receive()
        assert told["p"]["recovery"]["kept:older"]["offset"] == 2
        assert told["p"]["recovery"]["kept:older"]["recovered"] is False
        assert (await client.receive())["p"]["offset"] == 2
        assert (await client.receive())["o"] == 3


@asynchronous
async def test_a_module_may_name_the_type_and_say_that_there_is_nothing(make_server):
    server = make(make_server, "snapshot_sync")
    async with await Client.connect(server) as client:
        await client.subscribe("live:typed")
        assert (await client.receive())["t"] == "orders_snapshot"
        await client.subscribe("live:none")
        nothing = await client.receive()
        assert nothing["t"] == "topic_snapshot"
        assert nothing["p"]["empty"] is True


@pytest.mark.parametrize("topic", ["kept:broken", "live:nonsense"])
@asynchronous
async def test_a_state_that_cannot_be_had_costs_nothing_but_itself(make_server, topic):
    server = make(make_server, "snapshot_sync")
    async with await Client.connect(server) as client:
        await client.subscribe(topic)
        error = (await client.until("error"))["p"]
        assert (error["code"], error["recoverable"]) == ("SNAPSHOT_UNAVAILABLE", True)
        assert error["details"]["topic"] == topic
        server.publish(topic, {"n": 1})
        assert (await client.events(1))[0]["p"] == {"n": 1}


@asynchronous
async def test_a_sync_is_answered_by_the_subscribe_before_it_and_later_ones_ask_anew(make_server):
    server = make(make_server, "snapshot_sync")
    async with await Client.connect(server) as client:
        await client.send("subscription_update", {"action": "subscribe", "topics": ["kept:1"]})
        await client.send("sync_request", {"topics": ["kept:1"], "include_snapshots": True})
        assert (await client.until("snapshot_complete"))["p"]["count"] == 1
        assert asked(server) == 1
        await client.send("sync_request", {"topics": ["kept:1"]})
        assert (await client.until("snapshot_complete"))["p"]["count"] == 1
        assert asked(server) == 2
        kinds = [message["t"] for message in client.seen]
        assert kinds.count("topic_snapshot") == 2


@pytest.mark.parametrize("name", ["snapshot_never", "snapshot_late"])
@asynchronous
async def test_a_module_that_does_not_answer_hangs_nobody(make_server, name):
    server = make(make_server, name, snapshot_timeout="100ms")
    async with await Client.connect(server) as client:
        await client.subscribe("kept:1", "live:1")
        server.publish("kept:1", {"n": 1})
        server.publish("live:1", {"n": 1})
        assert len(await client.events(2)) == 2
        failed = [each["p"]["details"]["topic"] for each in client.seen if each["t"] == "error"]
        assert sorted(failed) == ["kept:1", "live:1"]
        assert server.stats()["snapshot_timeouts"] == 2


@asynchronous
async def test_the_server_stops_while_a_module_owes_answers(make_server):
    server = make(make_server, "snapshot_never", snapshot_timeout="60s", close_timeout="100ms")
    async with await Client.connect(server) as client:
        await client.subscribe("kept:1")
        await await_stat(server, "snapshot_flights", 1)
        server.stop()


def test_many_subscribers_cost_one_question(make_server):
    server = make(make_server, "snapshot_gate", snapshot_timeout="60s")

    async def scenario():
        crowd = Crowd(server, "kept:1")
        await crowd.subscribe(await crowd.connect(CLIENTS))
        for times in range(1, TIMES):
            await await_stat(server, "snapshot_joined", times * CLIENTS - 1)
            for member in crowd.members:
                for action in ("unsubscribe", "subscribe"):
                    member.say("subscription_update", {"action": action, "topics": ["kept:1"]})
        await await_stat(server, "snapshot_joined", TIMES * CLIENTS - 1)
        assert asked(server) == 1
        crowd.expect(1)
        assert server.ctl("publish", "kept:1", '{"n":0}').returncode == 0
        async with await Client.connect(server) as client:
            await client.subscribe("kept:open")
            await client.until("topic_snapshot")
        await crowd.all_arrived(60)
        assert asked(server) == 2
        assert crowd.snapshots == CLIENTS
        crowd.leave()

    asyncio.run(asyncio.wait_for(scenario(), 200))
