# SPDX-License-Identifier: MIT
"""Many clients at once, of which some go where it hurts most; an application that does, too."""
import asyncio
import hashlib
import json
import os
import random
import time

from support import processes
from support.client import Client, asynchronous
from support.server import DEADLINE_S

CLIENTS = 60
REQUESTS = 8
SEED = 20260807


class Visitor:
    """A client that sends requests with a body of its own each, in pieces of any size."""

    def __init__(self, server, number):
        self.server = server
        self.random = random.Random(SEED + number)
        self.right = 0

    async def run(self):
        for _ in range(REQUESTS):
            reader, writer = await asyncio.open_connection(*self.server.host_port)
            try:
                while await self.request(reader, writer):
                    pass
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

    async def request(self, reader, writer):
        """False: it has left, or was left."""
        body = self.random.randbytes(self.random.choice([1, 100, 70_000, 300_000]))
        way = self.random.choice(["stay", "stay", "stay", "close", "half body", "no answer"])
        sent = self.framed(body)
        if way == "half body":
            sent = sent[: self.random.randrange(len(sent))]
        while sent:
            size = self.random.choice([1, 10, 1000, 100_000])
            writer.write(sent[:size])
            sent = sent[size:]
            await writer.drain()
        if way in ("half body", "no answer"):
            if self.random.random() < 0.5:
                writer.transport.abort()
            return False
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ")[1])
        if status != 200:
            assert status in (502, 504), head
            return False
        (length,) = (
            int(line.split(":")[1]) for line in head.split("\r\n") if "content-length" in line
        )
        answer = json.loads(await reader.readexactly(length))
        expected = {"size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        assert answer == expected
        self.right += 1
        return way == "stay"

    def framed(self, body):
        head = b"POST /upload HTTP/1.1\r\nHost: a\r\n"
        if self.random.random() < 0.5:
            return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        chunks = b""
        at = 0
        while at < len(body):
            piece = body[at : at + self.random.choice([100, 5000, 100_000])]
            chunks += b"%x\r\n%b\r\n" % (len(piece), piece)
            at += len(piece)
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


async def await_descriptors(server, count):
    deadline = time.monotonic() + DEADLINE_S
    while processes.descriptors(server.process.pid) > count:
        assert time.monotonic() < deadline, os.listdir(f"/proc/{server.process.pid}/fd")
        await asyncio.sleep(0.01)


@asynchronous
async def test_nobody_gets_the_answer_of_another(server):
    before = processes.descriptors(server.process.pid)
    async with await Client.connect(server) as client:
        visitors = [Visitor(server, number) for number in range(CLIENTS)]
        await asyncio.gather(*(visitor.run() for visitor in visitors))
        assert all(visitor.right for visitor in visitors)
        await client.ping()
    await await_descriptors(server, before)


@asynchronous
async def test_an_application_may_go_in_the_middle_of_everything(server, application):
    before = processes.descriptors(server.process.pid)
    async with await Client.connect(server) as client:
        visitors = [Visitor(server, number) for number in range(20)]
        tasks = [asyncio.create_task(visitor.run()) for visitor in visitors]
        for _ in range(3):
            goal = sum(visitor.right for visitor in visitors) + 20
            while sum(visitor.right for visitor in visitors) < goal:
                if all(task.done() for task in tasks):
                    break
                await asyncio.sleep(0.01)
            application.kill()
            application.start()
        await asyncio.gather(*tasks)
        await client.ping()
        again = Visitor(server, 0)
        await again.run()
        assert again.right
    await await_descriptors(server, before)
