# SPDX-License-Identifier: MIT
"""What Redis has lost is told where it is lost, and what it has kept is no loss."""
import asyncio

import pytest

from support.client import asynchronous
from support.follower import Follower
from support.hosts import At, await_status, counter
from support.redis import Redis
from support.shared import numbers, publish


@asynchronous
async def test_a_hole_that_redis_has_trimmed_is_told(made, make_hosts, proxy):
    # Few messages are kept: 10 of the topic, and some more of its shard.
    redis = made(Redis, options=["stream-node-max-entries 10"])
    short = {"stream_length": 100}
    way = proxy(redis.port)
    hosts = make_hosts(redis, 1, backplane=short)
    (far,) = make_hosts(At(url=f"redis://{way.address}"), 1, backplane=short)
    topic, count = "few:hole", 400
    async with Follower(topic) as follower:
        await follower.connect(far)
        await publish(hosts[0], topic, 5)
        await follower.take(topic, 5)
        way.cut()
        places = await publish(hosts[0], topic, count - 5, first=5)
        await_status(far, lambda status: not status["ready"])
        way.mend(reset=True)
        update = await follower.until_told(topic)
        assert not update["recovered"], update
        places += await publish(hosts[0], topic, 1, first=count)
        got = await follower.take_until(topic, {"n": count})
        assert follower.positions[topic] == places[-1]
        # What came before the hole, and what came behind it: the last ones, without another hole.
        assert got[:5] == numbers(5) and got[5:] == numbers(count + 1)[-len(got[5:]) :]
        assert counter("holes", far) >= 1


@asynchronous
async def test_lost_data_is_told_and_no_place_is_given_twice(made, make_hosts):
    redis = made(Redis, aof=False)
    hosts, topic = make_hosts(redis), "room:lost"
    followers = [Follower(topic) for _ in hosts]
    for host, follower in zip(hosts, followers):
        await follower.connect(host)
    before = await publish(hosts[0], topic, 10)
    for follower in followers:
        await follower.take(topic, 10)
    redis.restart()
    after = await publish(hosts[1], topic, 10, first=10)
    assert not {epoch for epoch, _ in before} & {epoch for epoch, _ in after}
    assert [offset for _, offset in after] == list(range(1, 11))
    # A host may find out only now: what came before it told where the topic goes on is not sent.
    for follower in followers:
        assert not (await follower.until_told(topic))["recovered"]
    after += await publish(hosts[1], topic, 1, first=20)
    for follower in followers:
        async with follower:
            # The follower itself fails at a place that nobody has told it of.
            got = await follower.take_until(topic, {"n": 20})
            assert got[:10] == numbers(10) and got[10:] == numbers(21)[-len(got[10:]) :]
            assert follower.positions[topic] == after[-1]
    # A client of the time before comes to any host, and hears that it has missed something.
    async with Follower(topic) as late:
        late.positions[topic] = before[4]
        told = await late.connect(hosts[2])
        assert not told[topic]["recovered"], told


@asynchronous
async def test_what_redis_has_kept_is_no_loss(redis, make_hosts):
    hosts, topic = make_hosts(redis, 2), "room:kept"
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        for n in range(3):
            await publish(hosts[0], topic, 5, first=5 * n)
            redis.restart()
        (*_, last) = await publish(hosts[0], topic, 5, first=15)
        assert await follower.take(topic, 20) == numbers(20)
        assert follower.positions[topic] == last
        # Nobody was told of a loss.
        assert last[1] == 20


@asynchronous
async def test_a_failover_loses_nothing(sentinels, make_hosts):
    hosts, topic = make_hosts(sentinels, 2), "room:failover"
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        await publish(hosts[0], topic, 10)
        loop = asyncio.get_running_loop()
        failing = loop.run_in_executor(None, sentinels.fail_over)
        (*_, last) = await publish(hosts[0], topic, 10, first=10)
        await failing
        (*_, last) = await publish(hosts[0], topic, 10, first=20)
        assert await follower.take(topic, 30) == numbers(30)
        assert follower.positions[topic] == last and last[1] == 30


async def check_told(follower, topic, before, host, n):
    """It is told of the loss, and has what came behind it: the last ones, without another hole.

    `before`: what it has. The host publishes another one, `n`, as those that came before it was
    told are not sent."""
    update = await follower.until_told(topic)
    assert not update["recovered"], update
    (final,) = await publish(host, topic, 1, first=n)
    got = await follower.take_until(topic, {"n": n})
    assert got[: len(before)] == before
    behind = got[len(before) :]
    assert behind == numbers(len(behind), first=n + 1 - len(behind)), got
    assert follower.positions[topic] == final


async def check_late(host, topic, place):
    """A client that had this place hears on the host that it has missed something."""
    async with Follower(topic) as late:
        late.positions[topic] = place
        told = await late.connect(host)
        assert not told[topic]["recovered"], (place, told)


# The host that knows of the loss is back while the others wait for it, or only afterwards.
@pytest.mark.parametrize("grace", ["30s", "1s"], ids=["asked", "late"])
@pytest.mark.parametrize("lost", [1, 3])
@asynchronous
async def test_a_lost_tail_is_told_to_who_comes_late(made, make_hosts, proxy, lost, grace):
    redis, topic, kept = made(Redis, aof=False), "room:tail", 9
    way, options = proxy(redis.port), {"vote_grace": grace}
    (near,) = make_hosts(redis, 1, backplane=options)
    (far,) = make_hosts(At(url=f"redis://{way.address}"), 1, backplane=options)
    async with Follower(topic) as follower:
        await follower.connect(far)
        await publish(near, topic, kept)
        await follower.take(topic, kept)
        with redis.client() as client:
            client.save()
        before = await publish(far, topic, lost, first=kept)
        await follower.take(topic, kept + lost)
        way.cut()
        redis.restart()
        first = kept + lost
        # As many again on the same topic: nothing is to be seen by their number.
        publishing = asyncio.create_task(publish(near, topic, lost + 1, first))
        if grace == "1s":
            await publishing
        way.mend(reset=True)
        after = await publishing
        await_status(far, lambda status: status["ready"])
        if grace == "30s":
            assert not {epoch for epoch, _ in before} & {epoch for epoch, _ in after}
        await check_told(follower, topic, numbers(first), near, first + lost + 1)
        assert counter("epochs_lost", near, far) > 0
        for host in (near, far):
            await check_late(host, topic, before[-1])


@asynchronous
async def test_a_replica_that_was_behind_is_told(sentinels, make_hosts):
    hosts, topic = make_hosts(sentinels, 2), "room:behind"
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        await publish(hosts[0], topic, 9)
        sentinels.leave_behind()
        before = await publish(hosts[0], topic, 3, first=9)
        await follower.take(topic, 12)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, sentinels.fail_over, False)
        after = await publish(hosts[0], topic, 3, first=12)
        assert not {epoch for epoch, _ in before} & {epoch for epoch, _ in after}
        await check_told(follower, topic, numbers(12), hosts[0], 15)
        await check_late(hosts[0], topic, before[-1])
