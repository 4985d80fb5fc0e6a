# SPDX-License-Identifier: MIT
"""A host says whether messages of the others pass, and what is wrong."""
import asyncio
import time

from support.client import Client, asynchronous
from support.hosts import (
    At,
    await_counter,
    await_shards,
    await_status,
    in_background,
    is_ready,
    is_unready,
)
from support.server import DEADLINE_S
from support.waiting import await_value

TOPIC = "room:ready"
WATCH_S = 10


def follows(row):
    return row["attached"] and row["canary_ms"] >= 0 and row["breaker"] == "closed"


@asynchronous
async def test_a_full_redis_is_noticed_though_it_answers(redis, make_hosts):
    (host,) = make_hosts(redis, 1)
    async with await Client.connect(host) as client:
        await client.subscribe(TOPIC)
        await_shards(host, follows)
        with redis.client() as admin:
            admin.config_set("maxmemory", 1)
            began = time.monotonic()
            status = await in_background(await_status, host, is_unready)
            assert time.monotonic() - began < WATCH_S, status
            assert admin.ping()
            admin.config_set("maxmemory", 0)
        await in_background(await_status, host, is_ready)


@asynchronous
async def test_a_reader_that_hears_nothing_is_noticed(redis, make_hosts, proxy):
    way = proxy(redis.port)
    (host,) = make_hosts(At(url=f"redis://{way.address}"), 1)
    async with await Client.connect(host) as client:
        await client.subscribe(TOPIC)
        await_shards(host, follows)
        # What is written is answered, and what is read is not.
        way.swallow(b"XREAD")
        began = time.monotonic()
        status = await in_background(await_status, host, is_unready)
        assert time.monotonic() - began < WATCH_S, status
        way.swallow(None)
        await in_background(await_status, host, is_ready)
        assert (await client.publish(TOPIC, {"n": 1}))["t"] == "publish_ack"
        assert [event["p"] for event in await client.events(1)] == [{"n": 1}]


@asynchronous
async def test_the_breaker_is_open_while_redis_is_away(redis, make_hosts, proxy):
    way = proxy(redis.port)
    (host,) = make_hosts(At(url=f"redis://{way.address}"), 1)
    async with await Client.connect(host) as client:
        await client.subscribe(TOPIC)
        (before,) = await in_background(await_shards, host, follows)
        redis.kill()
        await in_background(await_status, host, is_unready)
        way.accepted = 0
        seen, end = set(), time.monotonic() + WATCH_S
        while time.monotonic() < end:
            seen |= {row["breaker"] for row in host.ctl_json("backplane")["shards"]}
            await asyncio.sleep(0.02)
        assert "closed" not in seen and "open" in seen, seen
        # Six connections and more, each a few times at first and then every second or two.
        assert 3 <= way.accepted < 200, way.accepted
        redis.start()
        (after,) = await in_background(await_shards, host, follows)
        assert after["shard"] == before["shard"]
        await in_background(await_status, host, is_ready)


@asynchronous
async def test_backplane_shows_what_passes(redis, make_hosts):
    host, other = make_hosts(redis, 2)
    async with await Client.connect(host) as client:
        await client.subscribe(TOPIC)
        (row,) = await in_background(await_shards, host, follows)
        assert row["address"] == f"{redis.url}/0"
        assert (row["topics"], row["queued"]) == (1, 0)
        assert 0 <= row["lag_ms"] < 1000 * DEADLINE_S
        # Canaries move it, and messages.
        moved = await in_background(await_shards, host, lambda now: newer(now, row))
        assert (await client.publish(TOPIC, {"n": 1}))["t"] == "publish_ack"
        await client.events(1)
        (last,) = host.ctl_json("backplane")["shards"]
        assert newer(last, moved[0])
        # Who else there is, it hears when it renews its lease.
        shown = await in_background(await_hosts, host, 2)
        assert shown["host"] in shown["hosts"]
        assert shown["ingress"] + other.ctl_json("backplane")["ingress"] == 1
        # Nobody follows anything there.
        assert not any(row["attached"] for row in other.ctl_json("backplane")["shards"])
        text = host.ctl("backplane").stdout
        for word in (shown["host"], redis.address, "closed"):
            assert word in text, text
        redis.pause()
        await in_background(await_status, host, is_unready)
        waiting = asyncio.create_task(client.publish(TOPIC, {"n": 2}))
        await in_background(await_shards, host, lambda now: now["queued"] == 1)
        redis.resume()
        assert (await waiting)["t"] == "publish_ack"
        await in_background(await_shards, host, follows)
        await in_background(await_counter, "reconnects", 1, host)


def await_hosts(host, count):
    return await_value(
        lambda: host.ctl_json("backplane"), lambda shown: len(shown["hosts"]) == count
    )


def newer(row, before):
    return place(row) > place(before)


def place(row):
    return [int(part) for part in row["last_id"].split("-")]
