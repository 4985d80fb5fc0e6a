# SPDX-License-Identifier: MIT
"""A healthy client whose stream must not notice what others do to the server."""
import asyncio
import threading

from support.client import Client


class Neighbour:
    """While the block runs, publishes numbers to itself; each must come back in order."""

    TOPIC = "neighbour"
    PERIOD_S = 0.02

    def __init__(self, server):
        self.server = server
        self.count = 0
        self.slowest_s = 0.0
        self.failure = None
        self.stopping = False
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run)

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

    def _run(self):
        try:
            asyncio.run(self._stream())
        except BaseException as failure:  # reported by the test's thread
            self.failure = failure
        self.started.set()

    async def _stream(self):
        clock = asyncio.get_running_loop().time
        async with await Client.connect(self.server, sub="neighbour") as client:
            await client.subscribe(self.TOPIC)
            while not self.stopping:
                sent = clock()
                answer = await client.publish(self.TOPIC, {"n": self.count})
                assert answer["t"] == "publish_ack", answer
                (event,) = await client.events(1)
                assert event["p"] == {"n": self.count}, event
                self.slowest_s = max(self.slowest_s, clock() - sent)
                self.count += 1
                self.started.set()
                await asyncio.sleep(self.PERIOD_S)
