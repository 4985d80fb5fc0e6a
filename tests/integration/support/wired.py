# SPDX-License-Identifier: MIT
"""A client that takes messages in every form there is, as the published clients do."""
import asyncio
import json
import zlib

import msgpack
import websockets

from support.cipher import Cipher
from support.client import TIMEOUT_S

CURRENT = "client_version=2.0.7&protocol_version=1&compression=true&encryption=false"
PREFIXED = "client_version=1.3.1&protocol_version=1&compression=true&encryption=false"


def unprefixed(text):
    """JSON, with the category that stood in front of it as its `c`."""
    if text.startswith("{"):
        return json.loads(text)
    category, rest = text.split("{", 1)
    assert category in ("WSE", "S", "U"), text[:40]
    message = json.loads("{" + rest)
    assert "c" not in message
    return {"c": category, **message}


class Wired:
    """`forms` tells how each message came: text, C, M or E; `seen` has the messages."""

    def __init__(self, socket, cipher=None):
        self.socket = socket
        self.cipher = cipher
        self.forms, self.seen, self.held = [], [], []
        self.positions = {}

    @classmethod
    async def open(cls, server, query=CURRENT, sub="alice", cipher=None):
        """Connected; nothing was read or sent yet."""
        socket = await websockets.connect(
            f"{server.url}?{query}",
            extra_headers=[("Authorization", f"Bearer {server.token(sub)}")],
            compression=None,
            ping_interval=None,
            max_size=1 << 20,
        )
        return cls(socket, cipher)

    @classmethod
    async def connect(cls, server, query=CURRENT, sub="alice", encrypt=False, **hello):
        """… past its hello."""
        client = await cls.open(server, query, sub, Cipher() if encrypt else None)
        await client.until("server_ready")
        await client.hello(**hello)
        return client

    async def __aenter__(self):
        return self

    async def __aexit__(self, *unused):
        await self.socket.close()

    async def hello(self, **more):
        payload = {"client_version": "test", "features": {"compression": True}, **more}
        if self.cipher:
            payload["features"]["encryption"] = True
            payload["encryption_public_key"] = self.cipher.public_key
        await self.send_plain("client_hello", payload)
        answer = (await self.until("server_hello"))["p"]
        if self.cipher and "encryption_public_key" in answer:
            self.cipher.derive(answer["encryption_public_key"])
        return answer

    def read(self, frame):
        if isinstance(frame, str):
            return "text", unprefixed(frame)
        prefix = frame[:2]
        if prefix == b"C:":
            return "C", unprefixed(zlib.decompress(frame[2:]).decode())
        if prefix == b"M:":
            return "M", msgpack.unpackb(frame[2:])
        assert prefix == b"E:", frame[:40]
        return "E", unprefixed(self.cipher.open(frame))

    async def receive(self, timeout=TIMEOUT_S):
        form, message = self.read(await asyncio.wait_for(self.socket.recv(), timeout))
        self.forms.append(form)
        self.seen.append(message)
        if "o" in message:
            self.positions[message["tp"]] = {"epoch": message["e"], "offset": message["o"]}
        return message

    async def until(self, kind, timeout=TIMEOUT_S):
        """The next message of that type; what comes before it is only in `seen`."""
        while True:
            message = await self.receive(timeout)
            if message["t"] == kind:
                return message

    async def send_plain(self, kind, payload=None, **fields):
        await self.socket.send(json.dumps({"c": "WSE", "t": kind, "p": payload or {}, **fields}))

    async def send(self, kind, payload=None, **fields):
        text = json.dumps({"c": "WSE", "t": kind, "p": payload or {}, **fields})
        sealed = self.cipher and self.cipher.aead
        await self.socket.send(self.cipher.seal(text) if sealed else text)

    async def subscribe(self, *topics, **more):
        await self.send(
            "subscription_update", {"action": "subscribe", "topics": list(topics), **more}
        )
        return (await self.until("subscription_update"))["p"]

    async def events(self, count):
        found = []
        while len(found) < count:
            message = await self.receive()
            if message["c"] == "U":
                found.append(message)
        return found
