# SPDX-License-Identifier: MIT
"""A WSE client over python3-websockets: a WebSocket implementation that is not ours."""
import asyncio
import functools
import itertools
import json

import websockets

TIMEOUT_S = 20
KEYS = itertools.count(1)


def asynchronous(test):
    """Lets pytest run a coroutine as a test, with a deadline."""

    @functools.wraps(test)
    def wrapper(*arguments, **options):
        return asyncio.run(asyncio.wait_for(test(*arguments, **options), 90))

    return wrapper


class Client:
    """One session. Everything received is kept in `seen`, in order."""

    def __init__(self, socket):
        self.socket = socket
        self.ready = None  # p of server_ready
        self.hello = None  # p of server_hello
        self.seen = []
        self.held = []  # read by a wait for something else

    @classmethod
    async def open(cls, server, token=None, query="", url=None, headers=(), **options):
        """A connection, nothing read yet. `token` goes into the Authorization header."""
        headers = list(headers)
        if token:
            headers.append(("Authorization", f"Bearer {token}"))
        options.setdefault("ping_interval", None)
        options.setdefault("compression", None)
        return cls(
            await websockets.connect(
                (url or server.url) + query,
                extra_headers=headers,
                open_timeout=TIMEOUT_S,
                close_timeout=TIMEOUT_S,
                **options,
            )
        )

    @classmethod
    async def connect(cls, server, sub="alice", token=None, **options):
        """A session past its hello."""
        token = token or (server.token(sub) if server else None)
        client = await cls.open(server, token, **options)
        first = await client.receive()
        assert first["t"] == "server_ready", first
        client.ready = first["p"]
        await client.send("client_hello", {"client_version": "test", "protocol_version": 1})
        client.hello = (await client.until("server_hello"))["p"]
        return client

    async def __aenter__(self):
        return self

    async def __aexit__(self, *unused):
        await self.socket.close()

    async def send_text(self, text):
        await self.socket.send(text)

    async def send(self, kind, payload=None, **fields):
        message = {"c": fields.pop("c", "WSE"), "t": kind, "p": payload or {}, "v": 1, **fields}
        await self.socket.send(json.dumps(message))

    async def receive_raw(self, timeout=TIMEOUT_S):
        return await asyncio.wait_for(self.socket.recv(), timeout)

    async def receive(self, timeout=TIMEOUT_S):
        if self.held:
            return self.held.pop(0)
        return await self._read(timeout)

    async def _read(self, timeout):
        message = json.loads(await self.receive_raw(timeout))
        self.seen.append(message)
        return message

    async def until(self, kind, timeout=TIMEOUT_S):
        """The next message of that type; others are kept for later reads, in order."""
        return await self.until_any(kind, timeout=timeout)

    async def subscribe(self, *topics):
        """p of the acknowledgement."""
        return await self._ask("subscribe", topics)

    async def unsubscribe(self, *topics):
        return await self._ask("unsubscribe", topics)

    async def _ask(self, action, topics):
        await self.send("subscription_update", {"action": action, "topics": list(topics)})
        answer = await self.until_any("subscription_update", "error")
        assert answer["t"] == "subscription_update", answer
        return answer["p"]

    async def publish(self, topic, payload=None, key=None, **fields):
        """The answer to a publish: publish_ack or error. `key`: to publish again under it."""
        key = key or f"k{next(KEYS)}"
        await self.send("publish", {"topic": topic, "payload": payload, **fields}, c="U", id=key)
        return await self.until_any("publish_ack", "error")

    async def until_any(self, *kinds, timeout=TIMEOUT_S):
        for index, message in enumerate(self.held):
            if message["t"] in kinds:
                return self.held.pop(index)
        while True:
            message = await self._read(timeout)
            if message["t"] in kinds:
                return message
            self.held.append(message)

    async def events(self, count):
        """The next `count` messages of category U."""
        found = []
        while len(found) < count:
            message = await self.receive()
            if message.get("c") == "U":
                found.append(message)
        return found

    async def ping(self):
        """A round trip: whatever was queued to us before the answer has been read after it."""
        await self.send("ping", {"timestamp": 1})
        return await self.until("PONG")

    async def closed(self, timeout=TIMEOUT_S):
        """Reads on until the server closes; (code, reason)."""
        try:
            while True:
                await self._read(timeout)
        except websockets.ConnectionClosed:
            return self.socket.close_code, self.socket.close_reason
