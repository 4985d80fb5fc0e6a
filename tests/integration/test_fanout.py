# SPDX-License-Identifier: MIT
"""1,000 clients on two loops each get 1,000 messages: none lost, doubled or out of order."""
import asyncio
import json
import re
import resource

import pytest

from support import raw
from support.client import asynchronous

CLIENTS = 1000
MESSAGES = 1000
NUMBER = re.compile(rb'"n":(\d+)')


class Subscriber(asyncio.Protocol):
    """As little Python per message as can be, for a million of them."""

    def __init__(self, request):
        self.request = request
        self.buffer = b""
        self.upgraded = False
        self.next = 0
        loop = asyncio.get_running_loop()
        self.subscribed = loop.create_future()
        self.done = loop.create_future()
        self.ended = loop.create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def connection_lost(self, error):
        self.fail(f"the connection ended after {self.next} messages: {error}")

    def fail(self, sentence):
        for future in (self.subscribed, self.done, self.ended):
            if not future.done():
                future.set_exception(AssertionError(sentence))

    def data_received(self, data):
        data = self.buffer + data if self.buffer else data
        position, end = 0, len(data)
        if not self.upgraded:
            position = data.find(b"\r\n\r\n") + 4
            if position < 4:
                self.buffer = data
                return
            if not data.startswith(b"HTTP/1.1 101 "):
                self.fail(f"refused: {data[:200]}")
            self.upgraded = True
        while end - position >= 4:
            length, start = data[position + 1], position + 2
            if length == 126:
                length, start = data[position + 2] << 8 | data[position + 3], position + 4
            if start + length > end:
                break
            self.message(data[position], data[start : start + length])
            position = start + length
        self.buffer = data[position:]

    def message(self, first, payload):
        found = NUMBER.search(payload)
        if found and self.subscribed.done():
            if int(found[1]) != self.next:
                self.fail(f"expected message {self.next}, got {found[1].decode()}")
            self.next += 1
            if self.next == MESSAGES:
                self.done.set_result(None)
                # Whatever was sent twice is in front of the answer.
                self.send("ping", {})
        elif first & 0x0F == 1:
            self.control(json.loads(payload))
        else:
            self.fail(f"unexpected frame {first:#x}: {payload!r}")

    def control(self, message):
        if message["t"] == "server_ready":
            self.send("client_hello", {"client_version": "test"})
            self.send("subscription_update", {"action": "subscribe", "topics": ["demo"]})
        elif message["t"] == "subscription_update":
            if message["p"]["success_topics"] == ["demo"]:
                self.subscribed.set_result(None)
            else:
                self.fail(f"refused: {message}")
        elif message["t"] == "PONG":
            self.ended.set_result(None)
        elif message["t"] == "error":
            self.fail(f"error: {message}")

    def send(self, kind, payload):
        text = json.dumps({"c": "WSE", "t": kind, "p": payload, "v": 1})
        self.transport.write(raw.frame(text.encode()))


async def connect_all(server):
    """Clients past their acknowledgement, a hundred at a time."""
    loop, gate, token = asyncio.get_running_loop(), asyncio.Semaphore(100), server.token()

    async def connect():
        async with gate:
            request = raw.upgrade_request(server, token)
            _, client = await loop.create_connection(
                lambda: Subscriber(request), *server.host_port
            )
            await asyncio.wait_for(client.subscribed, 60)
            return client

    return await asyncio.gather(*(connect() for _ in range(CLIENTS)))


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CLIENTS if hard == resource.RLIM_INFINITY else min(hard, 4 * CLIENTS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_clients_each_get_a_thousand_messages(make_server, many_descriptors):
    server = make_server(
        log={"level": "info"},
        limits={"max_connections": 2 * CLIENTS, "max_connections_per_ip": 2 * CLIENTS},
    ).start()

    async def scenario():
        clients = await connect_all(server)
        lines = "".join(f'{{"n":{n}}}\n' for n in range(MESSAGES))
        loop = asyncio.get_running_loop()
        publishing = loop.run_in_executor(
            None, lambda: server.ctl("publish", "demo", "-", input=lines, timeout=200)
        )
        await asyncio.wait_for(asyncio.gather(*(client.done for client in clients)), 200)
        assert (await publishing).returncode == 0
        await asyncio.wait_for(asyncio.gather(*(client.ended for client in clients)), 60)
        assert all(client.next == MESSAGES for client in clients)
        for client in clients:
            client.transport.abort()

    asyncio.run(scenario())


@asynchronous
async def test_both_loops_have_sessions(make_server):
    server = make_server().start()
    clients = []
    for _ in range(40):
        request = raw.upgrade_request(server, server.token())
        _, client = await asyncio.get_running_loop().create_connection(
            lambda: Subscriber(request), *server.host_port
        )
        await asyncio.wait_for(client.subscribed, 60)
        clients.append(client)
    loops = server.ctl_json("topic", "show", "demo")["loops"]
    counts = [row["subscribers"] for row in loops if row["subscribers"] > 0]
    assert len(counts) == 2 and sum(counts) == 40
    for client in clients:
        client.transport.abort()
