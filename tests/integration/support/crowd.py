# SPDX-License-Identifier: MIT
"""Many clients on one topic, with as little Python for each message as can be."""
import asyncio
import json
import re

from support import raw

NUMBER = re.compile(rb'"n":(\d+)')


class Member(asyncio.Protocol):
    """Each number must be the one after the last, from 0; `crowd` is told."""

    def __init__(self, crowd, request):
        self.crowd = crowd
        self.request = request
        self.buffer = b""
        self.upgraded = False
        self.next = 0
        self.ready = asyncio.get_running_loop().create_future()
        self.subscribed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error):
        self.crowd.fail(f"a connection ended after {self.next} messages: {error}")

    def data_received(self, data):
        data = self.buffer + data if self.buffer else data
        position, end = 0, len(data)
        if not self.upgraded:
            position = data.find(b"\r\n\r\n") + 4
            if position < 4:
                self.buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101 "):
                self.crowd.fail(f"refused: {data[:200]}")
            self.upgraded = True
        while end - position >= 4:
            length, start = data[position + 1], position + 2
            if length == 126:
                length, start = data[position + 2] << 8 | data[position + 3], position + 4
            if start + length > end:
                break
            self.message(data, start, start + length)
            position = start + length
        self.buffer = data[position:]

    def message(self, data, start, end):
        found = self.subscribed.done() and NUMBER.search(data, start, end)
        if not found:
            return self.control(json.loads(data[start:end]))
        if int(found[1]) != self.next:
            self.crowd.fail(f"a client expected message {self.next}, got {found[1].decode()}")
        self.next += 1
        self.crowd.arrived += 1
        if self.crowd.arrived == self.crowd.expected:
            self.crowd.complete.set()

    def control(self, message):
        if message["t"] == "server_ready":
            self.say("client_hello", {"client_version": "test"})
        elif message["t"] == "server_hello":
            self.ready.set_result(None)
        elif message["t"] == "subscription_update":
            if not self.subscribed.done():
                self.subscribed.set_result(message["p"]["success_topics"])
        elif message["t"] == "topic_snapshot":
            self.crowd.snapshots += 1
        elif message["t"] == "error":
            self.crowd.fail(f"error: {message}")

    def say(self, kind, payload):
        text = json.dumps({"c": "WSE", "t": kind, "p": payload, "v": 1})
        self.transport.write(raw.frame(text.encode()))


class Crowd:
    """Every member gets every number, in order; a failure says who missed what."""

    def __init__(self, server, topic):
        self.server = server
        self.topic = topic
        self.members = []
        self.snapshots = 0
        self.arrived = 0
        self.expected = 0
        self.failure = None
        self.leaving = False
        self.complete = asyncio.Event()

    def fail(self, sentence):
        if not self.leaving:
            self.failure = self.failure or sentence
            self.complete.set()

    async def join(self, count):
        """That many members, a hundred at a time, past their acknowledgement."""
        await self.subscribe(await self.connect(count))

    async def connect(self, count):
        """That many members that have not subscribed yet."""
        loop, gate, token = asyncio.get_running_loop(), asyncio.Semaphore(100), self.server.token()

        async def connect():
            async with gate:
                request = raw.upgrade_request(self.server, token)
                _, member = await loop.create_connection(
                    lambda: Member(self, request), *self.server.host_port
                )
                await asyncio.wait_for(member.ready, 60)
                return member

        members = await asyncio.gather(*(connect() for _ in range(count)))
        self.members += members
        return members

    async def subscribe(self, members):
        """All at once."""
        for member in members:
            member.say("subscription_update", {"action": "subscribe", "topics": [self.topic]})
        for member in members:
            assert await asyncio.wait_for(member.subscribed, 60) == [self.topic]

    def expect(self, count):
        """Before it is published: so many more messages for every member."""
        self.expected += count * len(self.members)
        self.complete.clear()

    async def all_arrived(self, timeout):
        try:
            await asyncio.wait_for(self.complete.wait(), timeout)
        except asyncio.TimeoutError:
            behind = sorted(member.next for member in self.members)
            raise AssertionError(
                f"{self.expected - self.arrived} of {self.expected} messages did not arrive; "
                f"members have from {behind[0]} to {behind[-1]}"
            ) from None
        assert not self.failure, self.failure

    def leave(self):
        self.leaving = True
        for member in self.members:
            member.transport.abort()
