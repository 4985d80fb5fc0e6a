# SPDX-License-Identifier: MIT
"""A publisher that tries again, with the same id, until it has the answer."""
import asyncio

import websockets

from support.client import Client
from support.swarm import payload_for

WINDOW = 16  # publishes without an answer
DROPS_SHARE = 0.02  # of the publishes: the connection ends before there can be an answer
AWAY = (OSError, asyncio.TimeoutError, websockets.WebSocketException)


class Ledger:
    """What the acknowledgements say was published, of all publishers."""

    def __init__(self):
        self.topics = {}  # key by offset, by topic
        self.epochs = {}
        self.places = {}  # (topic, offset) by key
        self.retries = 0

    def enter(self, key, answer):
        topic, epoch, offset = answer["topic"], answer["epoch"], answer["offset"]
        known = self.epochs.setdefault(topic, epoch)
        assert epoch == known, f"{topic} has epoch {epoch} in {answer}, and had {known}"
        if key in self.places:
            before = self.places[key]
            assert before == (topic, offset), f"{key} is at {before}, and then at {answer}"
            return
        taken = self.topics.setdefault(topic, {})
        assert offset not in taken, f"{topic}:{offset} is {taken[offset]} and {key}"
        taken[offset] = key
        self.places[key] = (topic, offset)

    def truth(self):
        """Keys in the order of the offsets, by topic; there is no offset without a key."""
        for topic, taken in self.topics.items():
            missing = set(range(1, max(taken) + 1)) - set(taken)
            assert not missing, f"{topic}: nobody published the offsets {sorted(missing)[:10]}"
        return {
            topic: [taken[offset] for offset in sorted(taken)]
            for topic, taken in self.topics.items()
        }


class Publisher:
    def __init__(self, number, topics, ledger, period_s, rng):
        self.number = number
        self.topics = topics
        self.ledger = ledger
        self.period_s = period_s
        self.rng = rng
        self.count = 0
        self.waiting = {}  # topic by key, without an answer
        self.stopping = False
        self.token = None

    async def run(self, *servers):
        """Until it is told to stop and everything has an answer, which any of the servers gives."""
        self.token = servers[0].token("publisher", ttl=86400)
        while not self.stopping or self.waiting:
            try:
                server = self.rng.choice(servers)
                async with await Client.connect(server, token=self.token) as client:
                    await self._session(client)
            except AWAY:
                await asyncio.sleep(0.05)

    async def _session(self, client):
        self.ledger.retries += len(self.waiting)
        for key in list(self.waiting):
            await self._publish(client, key)
        reading = asyncio.create_task(self._read(client))
        try:
            while not reading.done() and not (self.stopping and not self.waiting):
                if not self.stopping and len(self.waiting) < WINDOW:
                    await self._publish(client, self._next())
                    if self.rng.random() < DROPS_SHARE:
                        client.socket.transport.abort()
                await asyncio.sleep(self.period_s)
        finally:
            reading.cancel()
            await asyncio.wait([reading])
            why = None if reading.cancelled() else reading.exception()
        if why:
            raise why

    def _next(self):
        key = f"p{self.number}-{self.count}"
        self.waiting[key] = self.topics[self.count % len(self.topics)]
        self.count += 1
        return key

    async def _publish(self, client, key):
        await client.send(
            "publish",
            {"topic": self.waiting[key], "type": "note", "payload": self.payload(key)},
            c="U",
            id=key,
        )

    @staticmethod
    def payload(key):
        return payload_for(key)

    async def _read(self, client):
        while True:
            message = await client.receive(timeout=600)
            payload = message["p"]
            client.seen.clear()
            if message["t"] == "publish_ack":
                self.ledger.enter(payload["id"], payload)
                self.waiting.pop(payload["id"], None)
            elif message["t"] == "error":
                key = payload.get("details", {}).get("id")
                assert payload["code"] == "UNAVAILABLE", message
                await asyncio.sleep(0.05)
                if key in self.waiting:
                    self.ledger.retries += 1
                    await self._publish(client, key)
            elif message["t"] == "ping":
                await client.send("PONG")


class Filler(Publisher):
    """Fills the history file with what nobody keeps for long, so that its segments are given up."""

    @staticmethod
    def payload(key):
        return {"key": key, "fill": "x" * 400_000}
