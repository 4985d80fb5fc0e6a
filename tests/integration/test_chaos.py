# SPDX-License-Identifier: MIT
"""Clients and servers die at random, and every client has every message: once, and in order.

WSE_CHAOS_SECONDS: how long there is no peace (20); an hour finds more than a test run has time for.
WSE_CHAOS_CLIENTS: how many clients there are (2000).
WSE_CHAOS_SEED: a number that a failure has printed, to have the same kills and drops again.
"""
import asyncio
import os
import random
import time

import pytest

from support.processes import kill_all, kill_server_process
from support.publisher import Filler, Ledger, Publisher
from support.swarm import Swarm

SECONDS = int(os.environ.get("WSE_CHAOS_SECONDS", 20))
CLIENTS = int(os.environ.get("WSE_CHAOS_CLIENTS", 2000))
SEED = int(os.environ.get("WSE_CHAOS_SEED", time.time_ns() % 1_000_000_000))

TOPICS = [f"room:{house}:{room}" for house in range(10) for room in range(5)]
PUBLISHERS = 10
RATE = 80  # messages a second, of all publishers
DROPS_SHARE = 0.02  # of the clients, every second
SETTLE_S = 60 + CLIENTS / 50  # nobody takes so long, unless something is lost


def subscriptions(rng):
    """Three topics each; every tenth client has a pattern of five instead."""
    return [
        [f"room:{rng.randrange(10)}:*"] if number % 10 == 0 else rng.sample(TOPICS, 3)
        for number in range(CLIENTS)
    ]


@pytest.fixture
def chaos_server(make_server):
    return make_server(
        server={"supervisor": True},
        log={"level": "info"},
        limits={
            "max_connections": 4 * CLIENTS,
            "max_connections_per_ip": 4 * CLIENTS,
            "dedup_ids": 1_000_000,
            "dedup_age": "1h",
        },
        # So small that segments are given up again and again, and room for all that is kept.
        history={"file_size": f"{16 + SECONDS // 5}m"},
        topic=[
            {
                "match": "filler",
                "subscribe": True,
                "publish": True,
                "history": {"messages": 10},
            },
            {
                "match": "room:*",
                "subscribe": True,
                "publish": True,
                "history": {"messages": 1_000_000, "age": "1d", "size": "64m"},
            },
        ],
    )


class Trouble:
    """Ends the server process, or all of wsed, in one way after the other."""

    def __init__(self, server, swarm, rng):
        self.server = server
        self.swarm = swarm
        self.rng = rng
        self.done = []
        self.ways = [self.kill, self.kill, self.kill, self.stop_and_start, self.kill_and_start]

    async def run(self, until):
        loop = asyncio.get_running_loop()
        while loop.time() < until:
            # Some kills hit a server that has just begun to take its clients back.
            await asyncio.sleep(self.rng.choice([0.2, 1, 2, 3]))
            way = self.ways[len(self.done) % len(self.ways)]
            self.done.append(way.__name__)
            await loop.run_in_executor(None, way)

    def kill(self):
        kill_server_process(self.server)

    def stop_and_start(self):
        assert self.server.terminate() == 0, self.server.log()[-2000:]
        self._start()

    def kill_and_start(self):
        kill_all(self.server)
        self._start()

    def _start(self):
        self.server.start()
        self.swarm.order("addresses", [self.server.address])


async def publish_through(server, swarm, rng, ledger):
    """Publishers at work while there is trouble; ends when all they published has its answer."""
    loop = asyncio.get_running_loop()
    publishers = [
        Publisher(number, TOPICS, ledger, PUBLISHERS / RATE, rng) for number in range(PUBLISHERS)
    ]
    fillers = [Filler(PUBLISHERS, ["filler"], Ledger(), 0.1, rng)]
    working = [asyncio.create_task(one.run(server)) for one in publishers + fillers]
    while len(ledger.topics) < len(TOPICS):
        check(working, swarm)
        await asyncio.sleep(0.05)
    swarm.set_drops(CLIENTS * DROPS_SHARE)
    trouble = Trouble(server, swarm, rng)
    troubling = asyncio.create_task(trouble.run(loop.time() + SECONDS))
    while not troubling.done():
        check(working, swarm)
        await asyncio.sleep(0.1)
    await troubling
    swarm.set_drops(0)
    for one in publishers + fillers:
        one.stopping = True
    await asyncio.wait_for(asyncio.gather(*working), SETTLE_S)
    return trouble.done


def check(working, swarm):
    """Ends the test at the first failure, not after all of it."""
    for task in working:
        if task.done():
            task.result()
            raise AssertionError("a publisher has ended")
    failures = swarm.failures()
    assert not failures, "\n".join(map(str, failures))


def test_nothing_is_lost_doubled_or_out_of_order(chaos_server):
    rng = random.Random(SEED)
    print(f"WSE_CHAOS_SEED={SEED}")
    server = chaos_server
    server.start()
    server.expect_error("supervisor.server_died")
    swarm = Swarm([server], subscriptions(rng), SEED)
    try:
        swarm.gather("ready", SETTLE_S)
        ledger = Ledger()
        done = asyncio.run(publish_through(server, swarm, rng, ledger))
        truth = ledger.truth()
        swarm.order("finish", (truth, SETTLE_S))
        reports = swarm.gather("done", SETTLE_S + 30)
    finally:
        swarm.stop()
    totals = {name: sum(report[name] for report in reports) for name in reports[0]}
    print(f"{len(done)} ends of the server: {done}\n{sum(map(len, truth.values()))} messages, "
          f"{ledger.retries} tried again\n{totals}")
    oldest = min(each.name for each in (server.directory / "history").glob("*.seg"))
    assert int(oldest[:16], 16) > 1, "no segment was given up: the file is too large for this test"
    status = server.ctl_json("status")
    assert status["history"]["file"] == "writing" and status["notes"] == [], status
    assert totals["failures"] == 0
    assert totals["connections"] > CLIENTS and ledger.retries > 0
