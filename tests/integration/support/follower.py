# SPDX-License-Identifier: MIT
"""A client that keeps what it has of each topic, and its positions, over its connections."""
from support.client import Client


class Follower:
    """Subscribes `names`, topics or patterns, and fails at a hole or a doubled event."""

    def __init__(self, *names):
        self.names = names
        self.positions = {}  # (epoch, offset) by topic or pattern: what it gives back
        self.payloads = {}  # by topic, in the order they came
        self.snapshots = {}  # p of topic_snapshot by topic
        self.client = None

    async def connect(self, server):
        """A new connection that recovers; `recovery` of the acknowledgement."""
        self.client = await Client.connect(server)
        recovery = {name: {"epoch": e, "offset": o} for name, (e, o) in self.positions.items()}
        await self.client.send(
            "subscription_update",
            {
                "action": "subscribe",
                "topics": list(self.names),
                "recover": True,
                "recovery": recovery,
            },
        )
        while True:
            message = await self.client.receive()
            if message["t"] == "subscription_update":
                break
            assert "o" not in message, f"an event before the acknowledgement: {message}"
        assert message["p"]["failed_topics"] == [], message
        self._acknowledged(message["p"])
        return message["p"].get("recovery", {})

    async def take(self, topic, count):
        """Reads until it has that many events of the topic; its payloads."""
        while len(self.payloads.get(topic, ())) < count:
            self._take(await self.client.receive())
        return self.payloads[topic]

    async def take_until(self, topic, payload):
        """Reads until the topic's latest payload is this one; its payloads."""
        while self.payloads.get(topic, [None])[-1] != payload:
            self._take(await self.client.receive())
        return self.payloads[topic]

    async def until_told(self, name):
        """Reads until the server says by itself where the topic stands; the entry of it."""
        while True:
            message = await self.client.receive()
            self._take(message)
            found = message["t"] == "subscription_update" and message["p"].get("recovery", {})
            if found and name in found:
                return found[name]

    async def settle(self):
        """Everything that is on its way has come."""
        await self.client.send("ping", {"timestamp": 1})
        while True:
            message = await self.client.receive()
            if message["t"] == "PONG":
                return
            self._take(message)

    async def drop(self):
        """Its connection ends without a word; what it has stays, and can be copied."""
        client, self.client = self.client, None
        client.socket.transport.abort()
        await client.closed()

    async def __aenter__(self):
        return self

    async def __aexit__(self, *unused):
        if self.client:
            await self.drop()

    def _acknowledged(self, payload):
        for name, entry in payload.get("recovery", {}).items():
            # What is replayed moves the position, so one that is recovered stays.
            if not entry["recovered"]:
                self.positions[name] = (entry["epoch"], entry["offset"])

    def _take(self, message):
        if message["t"] == "topic_snapshot":
            self.snapshots[message["p"]["topic"]] = message["p"]
        elif message["t"] == "subscription_update":
            self._acknowledged(message["p"])
        elif "o" in message:
            topic, epoch, offset = message["tp"], message["e"], message["o"]
            before = self.positions.get(topic, (epoch, 0))
            assert (epoch, offset) == (before[0], before[1] + 1), f"{message} after {before}"
            self.positions[topic] = (epoch, offset)
            self.payloads.setdefault(topic, []).append(message["p"])
