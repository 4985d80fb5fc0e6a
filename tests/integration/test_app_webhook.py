# SPDX-License-Identifier: MIT
"""A backend behind app_webhook, beside a real server and real clients."""
import asyncio
import json
import pathlib
import random
import subprocess
import sys

import pytest

from support import talkers
from support.client import Client, asynchronous
from support.waiting import await_that, await_value

PROGRAM = pathlib.Path(__file__).parent / "support" / "webhook_backend.py"


class Backend:
    """A process that may be killed, and what it has handled, see webhook_backend.py."""

    def __init__(self, directory):
        self.file = directory / "handled"
        self.file.touch()
        self.port = None
        self.process = None

    def start(self):
        arguments = [self.file] + ([self.port] if self.port else [])
        self.process = subprocess.Popen(
            [sys.executable, "-B", PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def count(self):
        return self.file.read_bytes().count(b"\n")

    def rows(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]


@pytest.fixture
def backend(directory):
    backend = Backend(directory).start()
    yield backend
    backend.kill()


@pytest.fixture
def server(make_server, backend):
    return make_server(module_app_webhook={
        "url": f"http://127.0.0.1:{backend.port}/events", "retry": "10ms", "max_retry": "100ms"
    }).start()


async def kill_in_the_middle(backend, all_talkers, chance):
    async for over in all_talkers.middles():
        await asyncio.sleep(chance.uniform(0, 0.01))
        backend.kill()
        over.set()
        await asyncio.sleep(chance.uniform(0, 0.1))
        backend.start()


@asynchronous
async def test_a_backend_that_is_killed_sees_everything_once(server, backend):
    all_talkers = talkers.Talkers(server)
    await asyncio.gather(all_talkers.talk_all(),
                         kill_in_the_middle(backend, all_talkers, random.Random(7)))
    await talkers.reach(backend.count, talkers.EVENTS)
    talkers.judge(backend.rows(), all_talkers.names)
    await_that(lambda: server.module_stats("app_webhook")["delivered"] == talkers.EVENTS,
               "the last answer does not come")
    assert server.module_stats("app_webhook")["retried"] > 0
    assert server.stats()["app_refused"] == 0


@asynchronous
async def test_a_backend_answers_with_commands(server):
    client = await Client.connect(server)
    await client.send("echo")
    for n in range(3):
        assert (await client.until("echo"))["p"] == {"n": n}
    assert (await client.closed())[0] == 4321
    assert server.module_stats("app_webhook")["commands"] == 4


@asynchronous
async def test_what_is_left_comes_before_the_server_stops(server, backend):
    clients = [await Client.connect(server) for _ in range(20)]
    backend.kill()
    for client in clients:
        for n in range(20):
            await client.send("move", {"n": n})
        await client.ping()
    stopping = asyncio.create_task(asyncio.to_thread(server.terminate))
    backend.start()
    assert await stopping == 0
    kinds = [row["event"] for row in backend.rows()]
    assert [kinds.count(kind) for kind in ("connect", "message", "disconnect")] == [20, 400, 20]


@asynchronous
async def test_a_server_whose_backend_stays_away_stops_all_the_same(server, backend):
    client = await Client.connect(server)
    backend.kill()
    await client.send("move")
    await client.ping()
    await_value(lambda: server.module_stats("app_webhook")["retried"], lambda tries: tries > 0)
    assert await asyncio.to_thread(server.terminate) == 0
    backend.start()
