# SPDX-License-Identifier: MIT
"""Redis is killed, paused and failed over, hosts are killed and cut off, clients come back to any
host; and every client has every message: once, and in the order of its topic.

WSE_CHAOS_SECONDS: for how long, at least (0: until everything has happened once).
WSE_CHAOS_CLIENTS: how many clients there are (1000).
WSE_CHAOS_SEED: a number that a failure has printed, to have the same drops again.
"""
import asyncio
import contextlib
import os
import random
import time

import pytest

from support.backend import STREAM, Feeder
from support.follower import Follower
from support.hosts import OPEN, Hosts, kill
from support.proxy import Proxy
from support.publisher import Ledger, Publisher
from support.swarm import Swarm
from support.waiting import await_that

SECONDS = int(os.environ.get("WSE_CHAOS_SECONDS", 0))
CLIENTS = int(os.environ.get("WSE_CHAOS_CLIENTS", 1000))
SEED = int(os.environ.get("WSE_CHAOS_SEED", time.time_ns() % 1_000_000_000))

TOPICS = [f"room:{house}:{room}" for house in range(8) for room in range(5)]
PUBLISHERS_OF_A_HOST = 3
FED = ["fed:0", "fed:1"]  # what a backend adds to
RATE = 60  # messages a second, of all publishers
DROPS_SHARE = 0.02  # of the clients, every second
PAUSE_S = 10
CUT_S = 4
SETTLE_S = 60 + CLIENTS / 25  # nobody takes so long, unless something is lost


def subscriptions(rng):
    """Three topics each; every tenth client has a pattern of five instead."""
    return [
        [f"room:{rng.randrange(8)}:*"] if number % 10 == 0 else rng.sample(TOPICS, 3)
        for number in range(CLIENTS)
    ]


class Far:
    """The way of one host to Redis, and to those who say where it is, which can be cut."""

    def __init__(self, sentinels):
        ways = {server.port: Proxy(server.port).start() for server in sentinels.servers}
        ports = {str(port).encode(): str(way.port).encode() for port, way in ways.items()}
        asked = [Proxy(each.port, ports).start() for each in sentinels.sentinels]
        self.proxies = [*ways.values(), *asked]
        self.backplane = {**sentinels.backplane, "sentinels": [each.address for each in asked]}

    def cut(self):
        for proxy in self.proxies:
            proxy.cut()

    def mend(self):
        for proxy in self.proxies:
            proxy.mend()

    def stop(self):
        for proxy in self.proxies:
            proxy.stop()


@pytest.fixture
def far(sentinels):
    made = Far(sentinels)
    yield made
    made.stop()


@pytest.fixture
def hosts(sentinels, far, make_server):
    history = {"messages": 100_000, "age": "1d", "size": "64m"}
    tables = {
        "topic": [{"match": "*", "history": history, **OPEN}],
        "limits": {"max_connections": 4 * CLIENTS, "max_connections_per_ip": 4 * CLIENTS},
    }
    made = Hosts(make_server, sentinels, 3, **tables)
    made[2].configure(module_backplane_redis=far.backplane)
    return made.start()


class Trouble:
    """One thing after the other, each in a thread of its own."""

    def __init__(self, hosts, sentinels, far, swarm, rng):
        self.hosts = hosts
        self.sentinels = sentinels
        self.far = far
        self.swarm = swarm
        self.rng = rng
        self.done = []
        self.ways = [
            self.kill_redis,
            self.kill_a_host,
            self.pause_redis,
            self.cut_off_a_host,
            self.fail_over,
            self.kill_a_host,
            self.kill_redis,
        ]

    async def run(self, until):
        loop = asyncio.get_running_loop()
        while len(self.done) < len(self.ways) or loop.time() < until:
            await asyncio.sleep(self.rng.choice([0.5, 1, 2]))
            way = self.ways[len(self.done) % len(self.ways)]
            self.done.append(way.__name__)
            await loop.run_in_executor(None, way)

    def kill_redis(self):
        primary = self.sentinels.primary
        primary.kill()
        time.sleep(self.rng.uniform(0, 1))
        primary.start()

    def pause_redis(self):
        self.sentinels.primary.pause()
        time.sleep(PAUSE_S)
        self.sentinels.primary.resume()

    def fail_over(self):
        self.sentinels.fail_over()
        self.sentinels.bring_back()

    def cut_off_a_host(self):
        self.far.cut()
        time.sleep(CUT_S)
        self.far.mend()

    def kill_a_host(self):
        host = self.rng.choice(self.hosts.servers)
        kill(host)
        time.sleep(self.rng.uniform(0, 1))
        host.start()
        self.swarm.order("addresses", [host.address for host in self.hosts])


async def publish_through(trouble, swarm, rng, ledger):
    """Publishers at work while there is trouble; ends when all they published has its answer."""
    hosts = [host for host in trouble.hosts for _ in range(PUBLISHERS_OF_A_HOST)]
    period_s = len(hosts) / RATE
    publishers = [Publisher(n, TOPICS, ledger, period_s, rng) for n in range(len(hosts))]
    working = [asyncio.create_task(one.run(host)) for one, host in zip(publishers, hosts)]
    while len(ledger.topics) < len(TOPICS):
        check(working, swarm)
        await asyncio.sleep(0.05)
    swarm.set_drops(CLIENTS * DROPS_SHARE)
    troubling = asyncio.create_task(trouble.run(asyncio.get_running_loop().time() + SECONDS))
    try:
        while not troubling.done():
            check(working, swarm)
            await asyncio.sleep(0.1)
        await troubling
    finally:
        with contextlib.suppress(asyncio.CancelledError):
            troubling.cancel()
            await troubling
    swarm.set_drops(0)
    for one in publishers:
        one.stopping = True
    await asyncio.wait_for(asyncio.gather(*working), SETTLE_S)


def check(working, swarm):
    """Ends the test at the first failure, not after all of it."""
    for task in working:
        if task.done():
            task.result()
            raise AssertionError("a publisher has ended")
    failures = swarm.failures()
    assert not failures, "\n".join(map(str, failures))


async def check_fed(hosts, added):
    """All that the backend has added is in its topics, once and in order, on every host."""
    for host in hosts:
        for topic, expected in added.items():
            async with Follower(topic) as follower:
                await follower.connect(host)
                epoch, _ = follower.positions[topic]
                await follower.drop()
                follower.positions[topic] = (epoch, 0)
                told = await follower.connect(host)
                assert told[topic]["recovered"], told
                assert await follower.take(topic, len(expected)) == expected
                assert follower.positions[topic] == (epoch, len(expected))


def await_fed(sentinels):
    with sentinels.client() as client:
        await_that(lambda: client.xlen(STREAM) == 0, "entries stay in the stream")


def test_nothing_is_lost_doubled_or_out_of_order(hosts, sentinels, far):
    rng = random.Random(SEED)
    print(f"WSE_CHAOS_SEED={SEED}")
    swarm = Swarm(hosts.servers, subscriptions(rng), SEED)
    trouble = Trouble(hosts, sentinels, far, swarm, rng)
    began = time.monotonic()
    try:
        swarm.gather("ready", SETTLE_S)
        ledger, feeder = Ledger(), Feeder(sentinels, FED)
        feeder.start()
        asyncio.run(publish_through(trouble, swarm, rng, ledger))
        added = feeder.finish()
        truth = ledger.truth()
        swarm.order("finish", (truth, SETTLE_S))
        reports = swarm.gather("done", SETTLE_S + 30)
    finally:
        print(f"{trouble.done} in {time.monotonic() - began:.0f} s")
        swarm.stop()
    totals = {name: sum(report[name] for report in reports) for name in reports[0]}
    print(f"{sum(map(len, truth.values()))} messages, {ledger.retries} tried again\n{totals}")
    assert totals["failures"] == 0
    assert totals["connections"] > CLIENTS
    hosts.await_ready()
    for host in hosts:
        assert host.stats()["cluster_published"] > 0, "nobody has published through it"
    await_fed(sentinels)
    assert all(added.values())
    asyncio.run(check_fed(hosts, added))
