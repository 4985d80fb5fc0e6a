# SPDX-License-Identifier: MIT
"""A healthy client whose stream must not notice what others do to the server."""
import asyncio
import math
import threading
import time

from support.client import Client


def p99(times, period):
    """By nearest rank: of fewer than a hundred it is the slowest. While one number is waited for,
    the others that were due are late as well, though they have not been sent."""
    due = [late - period * n for late in times for n in range(1 + int(late / period))]
    ordered = sorted(due)
    return ordered[math.ceil(len(ordered) * 0.99) - 1]


class Neighbour:
    """While the block runs, publishes numbers to itself; each must come back in order."""

    TOPIC = "neighbour"
    PERIOD_S = 0.02

    def __init__(self, server, period_s=PERIOD_S):
        self.server = server
        self.period_s = period_s
        self.count = 0
        self.slowest_s = 0.0
        self.times_s = []  # of each number, from its publish to its return
        self.late_s = []  # by which this thread was woken: that is the machine, not the server
        self.failure = None
        self.stopping = False
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        assert self.started.wait(30) and not self.failure, self.failure
        return self

    def __exit__(self, kind, *unused):
        self.stopping = True
        self.thread.join()
        if kind is None:
            assert not self.failure, f"the neighbour was disturbed: {self.failure!r}"
            assert self.count > 0

    def await_count(self, count, seconds=30):
        deadline = time.monotonic() + seconds
        while self.count < count:
            assert not self.failure, f"the neighbour was disturbed: {self.failure!r}"
            assert time.monotonic() < deadline, f"the neighbour has stood still for {seconds} s"
            time.sleep(0.005)

    def _run(self):
        try:
            asyncio.run(self._stream())
        except BaseException as failure:  # reported by the test's thread
            self.failure = failure
        self.started.set()

    async def _stream(self):
        clock = asyncio.get_running_loop().time
        watch = asyncio.ensure_future(self._watch(clock))
        async with await Client.connect(self.server, sub="neighbour") as client:
            await client.subscribe(self.TOPIC)
            while not self.stopping:
                sent = clock()
                answer = await client.publish(self.TOPIC, {"n": self.count})
                assert answer["t"] == "publish_ack", answer
                (event,) = await client.events(1)
                assert event["p"] == {"n": self.count}, event
                client.seen.clear()
                took = clock() - sent
                self.slowest_s = max(self.slowest_s, took)
                self.times_s.append(took)
                self.count += 1
                self.started.set()
                await asyncio.sleep(self.period_s)
        watch.cancel()

    async def _watch(self, clock):
        while True:
            before = clock()
            await asyncio.sleep(self.period_s)
            self.late_s.append(max(0.0, clock() - before - self.period_s))
