# SPDX-License-Identifier: MIT
"""Many clients that send messages to an application, each of which must come once, in order, however
often the application, or what stands between, is killed in the middle."""
import asyncio
import collections

from support.client import Client
from support.server import DEADLINE_S

CLIENTS = 200
MESSAGES = 50  # of each
EVENTS = CLIENTS * (MESSAGES + 2)
MIDDLES = (3, 10, 20, 30, 40, 47)  # messages before which something happens


class Talkers:
    def __init__(self, server):
        self.server = server
        self.names = set()  # of the connections
        self.arrived = collections.Counter()
        self.over = {n: asyncio.Event() for n in MIDDLES}

    async def talk_all(self):
        """Until all have come and gone."""
        gate = asyncio.Semaphore(20)
        await asyncio.gather(*(self._talk(gate) for _ in range(CLIENTS)))
        assert len(self.names) == CLIENTS

    async def _talk(self, gate):
        async with gate:
            client = await Client.connect(self.server)
        self.names.add(client.ready["details"]["connection_id"])
        for n in range(MESSAGES):
            if n in self.over:
                self.arrived[n] += 1
                await self.over[n].wait()
            await client.send("move", {"n": n})
        # The server has read all of it, and closes in its own time.
        await client.ping()
        await client.socket.close()

    async def middles(self):
        """One after the other: half of the clients wait, until the event is set; the others are on
        their way."""
        for n, over in self.over.items():
            while self.arrived[n] < CLIENTS / 2:
                await asyncio.sleep(0.001)
            yield over
            assert over.is_set()


async def reach(count, wanted):
    deadline = asyncio.get_running_loop().time() + 2 * DEADLINE_S
    while count() < wanted:
        assert asyncio.get_running_loop().time() < deadline, count()
        await asyncio.sleep(0.005)


def judge(rows, names):
    """`rows`: {"epoch","seq","event","conn","data"} of every event as the application had it."""
    assert [row["seq"] for row in rows] == list(range(1, EVENTS + 1))
    assert len({row["epoch"] for row in rows}) == 1
    of_each = collections.defaultdict(list)
    for row in rows:
        of_each[row["conn"]].append(row["data"]["n"] if row["event"] == "message" else row["event"])
    assert set(of_each) == names
    for seen in of_each.values():
        assert seen == ["connect", *range(MESSAGES), "disconnect"]
