# SPDX-License-Identifier: MIT
"""Queue groups with members on several hosts: each message to one of all of them."""
import asyncio
import threading
import time

from support.client import Client, asynchronous
from support.control import Control
from support.hosts import MORTAL, kill
from support.server import DEADLINE_S
from support.stalled import numbers, ranges
from support.wishes import ask, events_of, settled


async def member(host, topic, group="workers"):
    client = await Client.connect(host)
    ack = await ask(client, topic, queue_group=group)
    assert ack["success_topics"] == [topic] and ack["queue_group"] == group, ack
    return client


async def publish(hosts, topic, count, first=0):
    """By turns through the hosts; returns when all of it has its place."""
    clients = [await Client.connect(host) for host in hosts]
    try:
        for n in range(first, first + count):
            answer = await clients[n % len(clients)].publish(topic, {"n": n})
            assert answer["t"] == "publish_ack", answer
    finally:
        for client in clients:
            await client.socket.close()


async def shares(clients, count):
    """The numbers that each client got, once there are so many in all, or no more come."""
    deadline = time.monotonic() + DEADLINE_S
    while sum(len(events_of(client.seen)) for client in clients) < count:
        if time.monotonic() > deadline:
            break
        for client in clients:
            await client.ping()
        await asyncio.sleep(0.02)
    return [numbers(await settled(client)) for client in clients]


def check_shared(found, count, first=0):
    """Every message has gone to exactly one."""
    every = sorted(n for share in found for n in share)
    lost = set(range(first, first + count)) - set(every)
    assert not lost, f"to nobody: {ranges(lost)}"
    twice = {a for a, b in zip(every, every[1:]) if a == b}
    assert not twice, f"to more than one: {ranges(twice)}"


@asynchronous
async def test_a_message_goes_to_one_member_of_all_hosts(joined):
    topic, count = "jobs:shared", 60
    clients = [await member(host, topic) for host in joined]
    plain = await Client.connect(joined[0])
    try:
        await plain.subscribe(topic)
        await publish(joined, topic, count)
        found = await shares(clients, count)
        check_shared(found, count)
        assert all(share == sorted(share) for share in found)
        assert len(await plain.events(count)) == count
    finally:
        for client in [*clients, plain]:
            await client.socket.close()


@asynchronous
async def test_each_group_has_its_own(joined):
    topic, count = "jobs:groups", 30
    workers = [await member(host, topic) for host in joined[:2]]
    audit = [await member(host, topic, "audit") for host in joined[1:]]
    try:
        await publish(joined, topic, count)
        for group in (workers, audit):
            check_shared(await shares(group, count), count)
    finally:
        for client in workers + audit:
            await client.socket.close()


@asynchronous
async def test_who_is_left_has_all_when_the_others_go(joined):
    topic, count = "jobs:leaving", 20
    stays, goes = await member(joined[0], topic), await member(joined[1], topic)
    async with stays:
        await publish(joined, topic, count)
        check_shared(await shares([stays, goes], count), count)
        await goes.unsubscribe(topic)
        await goes.socket.close()
        before = len(events_of(stays.seen))
        await publish(joined, topic, count, first=count)
        (share,) = await shares([stays], before + count)
        # What was the other's turn, until all have heard that it is gone, is handed over, and comes
        # behind what was published after it.
        assert sorted(share[before:]) == list(range(count, 2 * count))


@asynchronous
async def test_who_comes_and_goes_in_a_flood_loses_nothing(joined):
    topic, least, turns, over = "jobs:flood", 3000, 12, threading.Event()
    stays, goes = await member(joined[0], topic), await member(joined[1], topic)

    def flood():
        """Until all has been tried; how many."""
        count = 0
        with Control(joined[0]) as control:
            while count < least or not over.is_set():
                control.publish_all(topic, [{"n": n} for n in range(count, count + 100)])
                count += 100
        return count

    try:
        flooding = asyncio.get_running_loop().run_in_executor(None, flood)
        for _ in range(turns):
            await asyncio.sleep(0.1)
            await goes.unsubscribe(topic)
            await asyncio.sleep(0.05)
            await ask(goes, topic, queue_group="workers")
        over.set()
        count = await flooding
        found = await shares([stays, goes], count)
        check_shared(found, count)
        assert all(found), "one of them had nothing to do"
    finally:
        for client in (stays, goes):
            await client.socket.close()


@asynchronous
async def test_a_dead_host_takes_nothing_for_long(any_redis, make_hosts):
    topic, count = "jobs:death", 20
    hosts = make_hosts(any_redis, 2, backplane=MORTAL)
    goes = await member(hosts[1], topic)
    async with await member(hosts[0], topic) as stays, await Client.connect(hosts[0]) as plain:
        await plain.subscribe(topic)
        await publish(hosts[:1], topic, count)
        check_shared(await shares([stays, goes], count), count)
        await plain.events(count)
        kill(hosts[1])
        # Its lease ends, and from then on everything is for the others.
        first, got = 0, []
        while got != list(range(first, first + count)):
            first += count
            since = len(stays.seen)
            await publish(hosts[:1], topic, count, first)
            await plain.events(count)
            got = numbers(await settled(stays, since))
