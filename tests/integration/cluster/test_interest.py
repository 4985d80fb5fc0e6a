# SPDX-License-Identifier: MIT
"""A host reads what its clients want, and nothing else."""
import asyncio

from support.client import Client, asynchronous
from support.control import Control
from support.follower import Follower
from support.hosts import await_counter, await_shards, counter, in_background
from support.server import DEADLINE_S
from support.shared import answers, send_publish
from support.waiting import await_value

BATCH = 128  # messages that one script appends
LINGER_S = 15  # that a host goes on reading a topic which nobody has any more


def read(*hosts):
    return [(counter("read", host), counter("received", host)) for host in hosts]


def flood(host, topic, count):
    with Control(host) as control:
        control.publish_all(topic, [{"n": n} for n in range(count)])


def entries(redis, topic):
    """(messages of the topic, canaries, others) in the stream of its shard, but for the one entry
    that a stream begins with."""
    with redis.client() as client:
        for key in client.scan_iter("{wse:*}:s"):
            rows = [fields for _, fields in client.xrange(key) if fields.keys() != {"n", "q"}]
            messages = sum(fields.get("t") == topic and "p" in fields for fields in rows)
            canaries = sum("c" in fields for fields in rows)
            if messages:
                return messages, canaries, len(rows) - messages - canaries
    return 0, 0, 0


@asynchronous
async def test_a_host_without_interest_has_none_of_the_messages(any_redis, make_hosts):
    hosts, topic, count = make_hosts(any_redis), "room:busy", 500
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        before = read(hosts[2])
        await in_background(flood, hosts[0], topic, count)
        await follower.take(topic, count)
        assert counter("received", hosts[1]) >= count
        # Neither who publishes nor who only stands by reads what it has no client for.
        assert counter("received", hosts[0]) == 0
        assert read(hosts[2]) == before


@asynchronous
async def test_one_more_host_adds_no_messages(any_redis, make_hosts):
    hosts, topic, count = make_hosts(any_redis), "room:flood", 2000
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        before = read(hosts[0], hosts[2])
        flooding = asyncio.create_task(in_background(flood, hosts[0], topic, count))
        await follower.take(topic, 1)
        fourth = hosts.add()
        await in_background(fourth.start)
        await in_background(hosts.await_ready)
        await follower.take(topic, count)
        await flooding
        assert read(hosts[0], hosts[2]) == before
        assert read(fourth) == [(0, 0)]
    messages, canaries, others = entries(any_redis, topic)
    assert (messages, others) == (count, 0) and canaries > 0


@asynchronous
async def test_a_host_stops_reading_when_its_interest_is_over(redis, make_hosts):
    (host, other), topic = make_hosts(redis, 2), "room:over"
    async with await Client.connect(host) as client:
        await client.subscribe(topic)
        await_counter("read", 2, host)  # canaries come back
        await client.unsubscribe(topic)
        await in_background(
            await_value,
            lambda: [row["attached"] for row in host.ctl_json("backplane")["shards"]],
            lambda attached: not any(attached),
            LINGER_S + DEADLINE_S,
        )
        before = read(host)
        await in_background(flood, other, topic, 500)
        canaries = entries(redis, topic)[1]
        await asyncio.sleep(3)  # three canaries' time
        assert entries(redis, topic) == (500, canaries, 0)
        assert read(host) == before
        # And begins again with what there is.
        ack = await client.subscribe(topic)
        assert ack["success_topics"] == [topic]
        await_shards(host, lambda row: row["attached"])


@asynchronous
async def test_many_publishes_go_in_few_batches(redis, make_hosts):
    (host,), topic, count = make_hosts(redis, 1), "room:many", 1000
    async with await Client.connect(host) as client:
        await client.publish(topic, {"n": 0})
        appended, batches = counter("appended", host), counter("batches", host)
        redis.pause()
        for n in range(count):
            await send_publish(client, topic, n)
        await client.ping()
        redis.resume()
        await answers(client, count)
        assert counter("appended", host) == appended + count
        # The first goes alone, before the others have come.
        assert counter("batches", host) - batches <= -(-count // BATCH) + 2
