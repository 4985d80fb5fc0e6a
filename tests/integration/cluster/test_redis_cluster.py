# SPDX-License-Identifier: MIT
"""What only a Redis Cluster does: a part of it goes, and its slots move."""
import asyncio
import itertools

from support.client import Client, asynchronous
from support.follower import Follower
from support.hosts import await_status, counter, in_background, is_unready
from support.redis_cluster import RedisCluster
from support.shared import numbers, publish

SHARDS = 16


def shard_of(topic):
    """FNV-1a, as the module spreads topics."""
    found = 2166136261
    for octet in topic.encode():
        found = (found ^ octet) * 16777619 % 2**32
    return found % SHARDS


def topic_at(client, ports):
    """One whose shard is kept by a server with one of these ports."""
    topics = (f"room:part-{number}" for number in itertools.count())
    return next(topic for topic in topics if port_of(client, f"{{wse:{shard_of(topic)}}}") in ports)


def port_of(client, key):
    return client.get_node_from_key(key).port


@asynchronous
async def test_a_cluster_goes_on_without_one_of_its_servers(made, make_hosts):
    cluster = made(RedisCluster, options=["cluster-require-full-coverage no"])
    hosts = make_hosts(cluster, 2, backplane={"shards": SHARDS})
    with cluster.client() as client:
        needed = port_of(client, "{wse}")
        (victim, *_) = (server for server in cluster.servers if server.port != needed)
        gone = topic_at(client, [victim.port])
        there = topic_at(client, [each.port for each in cluster.servers if each is not victim])
    async with await Client.connect(hosts[0]) as one, await Client.connect(hosts[1]) as two:
        await one.subscribe(gone, there)
        await two.subscribe(there)
        victim.kill()
        await in_background(await_status, hosts[0], is_unready)
        for n, client in enumerate((one, two)):
            assert (await client.publish(there, {"n": n}))["t"] == "publish_ack"
        for client in (one, two):
            assert [event["p"] for event in await client.events(2)] == numbers(2)
        assert hosts[1].ctl_json("status")["ready"]
        waiting = asyncio.create_task(two.publish(gone, {"n": 2}))
        victim.start()
        assert (await waiting)["t"] == "publish_ack"
        assert [event["p"] for event in await one.events(1)] == [{"n": 2}]
        await in_background(hosts.await_ready)


@asynchronous
async def test_slots_move_while_all_runs(redis_cluster, make_hosts):
    hosts = make_hosts(redis_cluster, 2, backplane={"shards": SHARDS})
    topics, count = [f"room:moves-{n}" for n in range(SHARDS)], 0
    async with Follower(*topics) as follower:
        await follower.connect(hosts[1])
        moving = asyncio.create_task(in_background(redis_cluster.empty, 0, 1))
        while count < 5 or not moving.done():
            for topic in topics:
                await publish(hosts[0], topic, 1, first=count)
            count += 1
        await moving
        for topic in topics:
            await publish(hosts[0], topic, 1, first=count)
            assert await follower.take(topic, count + 1) == numbers(count + 1)
        assert counter("epochs_lost", *hosts) == counter("holes", *hosts) == 0
