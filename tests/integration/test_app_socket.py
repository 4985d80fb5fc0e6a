# SPDX-License-Identifier: MIT
"""Backends on the application link, beside a real server and real clients."""
import asyncio
import collections
import json
import pathlib
import random
import re
import subprocess
import sys

import msgpack
import pytest

from support.app_link import AppLink, LinkClosed, Refused, bytes_of
from support.client import Client, asynchronous
from support.server import DEADLINE_S, Server
from support.waiting import await_that

SUPPORT = pathlib.Path(__file__).parent / "support"
DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "app-link.md"

CLIENTS = 200
MESSAGES = 50  # of each
LONG = "x" * 1000  # no name of a topic


@pytest.fixture
def make_app_server(make_server, directory):
    def make(**tables):
        module = {"path": str(directory / "app.sock"), **tables.pop("module_app_socket", {})}
        return make_server(module_app_socket=module, **tables).start()

    return make


@pytest.fixture
def server(make_app_server):
    return make_app_server()


def link_to(server, **hello):
    return AppLink(server.directory / "app.sock", **hello)


def is_end(event):
    return event["event"] == "disconnect"


@pytest.mark.parametrize("pack", [None, msgpack], ids=["json", "msgpack"])
@asynchronous
async def test_events_come_in_order(server, pack):
    client = await Client.connect(server)
    await client.subscribe("news")
    await client.send("move", {"x": 1, "y": [2.5, None]}, id="m1")
    await client.send_text("no object")
    await client.socket.send(b"\xff\xfe\x00")
    await client.ping()
    await client.unsubscribe("news")
    await client.socket.close(4321, "enough")
    with link_to(server, pack=pack) as link:
        events = link.until(is_end)
        link.ack()
        link.ping()
        assert server.module_stats("app_socket")["acks"] == len(events)
    conn = client.ready["details"]["connection_id"]
    assert [event["event"] for event in events] == [
        "connect", "subscribe", "message", "text", "binary", "unsubscribe", "disconnect"
    ]
    assert [event["seq"] for event in events] == list(range(1, 8))
    assert {(event["conn"], event["user"]) for event in events} == {(conn, "alice")}
    connect, subscribe, message, text, binary, unsubscribe, end = events
    assert connect["data"]["listener"] == "main" and connect["data"]["claims"]["sub"] == "alice"
    assert subscribe["topic"] == unsubscribe["topic"] == "news"
    assert (message["type"], message["id"]) == ("move", "m1")
    assert message["data"] == {"x": 1, "y": [2.5, None]}
    assert text["data"] == "no object" and bytes_of(binary) == b"\xff\xfe\x00"
    assert (end["code"], end["reason"]) == (4321, "enough")


@asynchronous
async def test_only_wanted_events_come(make_app_server):
    server = make_app_server(module_app_socket={"events": ["message", "disconnect"]})
    async with await Client.connect(server) as client:
        await client.subscribe("news")
        await client.send("move")
    with link_to(server) as link:
        assert [event["event"] for event in link.until(is_end)] == ["message", "disconnect"]
        link.ack()


@asynchronous
async def test_a_backend_steers_a_client(make_app_server):
    server = make_app_server(module_app_socket={"events": ["text"]})
    async with await Client.connect(server) as client:
        conn = client.ready["details"]["connection_id"]
        with link_to(server) as link:
            link.call("conn.send", conn=conn, type="greeting", payload={"n": 1}, id="g1")
            link.call("conn.send_text", conn=conn, text='{"t":"raw","p":{}}')
            link.call("conn.send_binary", conn=conn, data="//4A")
            greeting = await client.until("greeting")
            assert greeting["p"] == {"n": 1} and greeting["id"] == "g1"
            assert (await client.until("raw"))["p"] == {}
            assert await client.receive_raw() == b"\xff\xfe\x00"
            answer = link.call("conn.subscribe", conn=conn, topics=["news", LONG])
            assert answer["subscribed"] == ["news"]
            assert [LONG.startswith(row["topic"]) for row in answer["failed"]] == [True]
            server.publish("news", {"n": 2})
            assert [event["p"] for event in await client.events(1)] == [{"n": 2}]
            link.call("conn.unsubscribe", conn=conn)
            server.publish("news", {"n": 3})
            link.call("conn.send", conn=conn, type="last")
            await client.until("last")
            assert not any(event.get("p") == {"n": 3} for event in client.seen)
            link.call("conn.close", conn=conn, code=4001, reason="enough")
            assert await client.closed() == (4001, "enough")
            with pytest.raises(Refused) as refused:
                link.call("conn.send", conn=conn, type="greeting")
            assert refused.value.code == "not_found"


@asynchronous
async def test_commands_keep_their_order(make_app_server):
    server = make_app_server(module_app_socket={"events": ["text"]})
    async with await Client.connect(server) as client:
        conn = client.ready["details"]["connection_id"]
        with link_to(server, pack=msgpack) as link:
            ids = [link.begin("conn.send", conn=conn, type="n", payload={"n": n})
                   for n in range(500)]
            for id in ids:
                link.end(id)
        for n in range(500):
            assert (await client.until("n"))["p"] == {"n": n}


class Backend:
    """A process that may be killed, and what it has handled, see link_backend.py."""

    def __init__(self, server):
        self.server = server
        self.file = server.directory / "handled"
        self.file.touch()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(SUPPORT / "link_backend.py"),
             str(self.server.directory / "app.sock"), str(self.file)]
        )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def count(self):
        return self.file.read_bytes().count(b"\n")

    def rows(self):
        return [json.loads(line) for line in self.file.read_text().splitlines()]


async def send_all(server, gate, names):
    async with gate:
        client = await Client.connect(server)
    names.add(client.ready["details"]["connection_id"])
    for n in range(MESSAGES):
        await client.send("move", {"n": n})
        await asyncio.sleep(0)
    # The server has read all of it, and closes in its own time.
    await client.ping()
    await client.socket.close()


async def kill_now_and_then(backend, chance):
    """Each time when some more of the messages have been handled; how often."""
    kills = 0
    for share in (0.1, 0.25, 0.4, 0.5, 0.65, 0.8, 0.9):
        wanted = share * CLIENTS * MESSAGES
        while backend.count() < wanted:
            await asyncio.sleep(0.002)
        await asyncio.sleep(chance.uniform(0, 0.02))
        backend.kill()
        kills += 1
        await asyncio.sleep(chance.uniform(0, 0.1))
        backend.start()
    return kills


@asynchronous
async def test_a_backend_that_is_killed_sees_everything_once(server):
    chance = random.Random(7)
    backend = Backend(server)
    backend.start()
    gate, names = asyncio.Semaphore(20), set()
    killing = asyncio.create_task(kill_now_and_then(backend, chance))
    try:
        await asyncio.gather(*(send_all(server, gate, names) for _ in range(CLIENTS)))
        assert await killing == 7
        total = CLIENTS * (MESSAGES + 2)
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while backend.count() < total:
            assert asyncio.get_running_loop().time() < deadline, backend.count()
            await asyncio.sleep(0.02)
    finally:
        killing.cancel()
        backend.kill()
    rows = backend.rows()
    assert [row["seq"] for row in rows] == list(range(1, total + 1))
    assert len({row["epoch"] for row in rows}) == 1
    of_each = collections.defaultdict(list)
    for row in rows:
        of_each[row["conn"]].append(row["data"]["n"] if row["event"] == "message" else row["event"])
    assert set(of_each) == names
    for seen in of_each.values():
        assert seen == ["connect", *range(MESSAGES), "disconnect"]


@asynchronous
async def test_a_restarted_backend_resumes(server):
    async with await Client.connect(server) as client:
        for n in range(3):
            await client.send("move", {"n": n})
        await client.ping()
        with link_to(server) as link:
            link.until(lambda event: event.get("data") == {"n": 2})
            epoch = link.welcome["epoch"]
        # Nothing of the last drain was acknowledged; the backend knows better.
        with link_to(server, resume={"epoch": epoch, "seq": link.handled - 1}) as link:
            assert [event["data"] for event in link.drain(wait_ms=5000)] == [{"n": 2}]
            await client.socket.close()
            link.until(is_end)
            link.ack()


@asynchronous
async def test_what_is_left_comes_before_the_server_stops(make_app_server):
    server = make_app_server(module_app_socket={"events": ["message", "disconnect"]})
    clients = [await Client.connect(server) for _ in range(20)]
    for client in clients:
        for n in range(20):
            await client.send("move", {"n": n})
        await client.ping()
    with link_to(server) as link:
        events = link.drain(max=10, wait_ms=5000)
        stopping = asyncio.create_task(asyncio.to_thread(server.terminate))
        try:
            while True:
                events += await asyncio.to_thread(link.drain, 10, 1000)
        except LinkClosed:
            pass
    assert await stopping == 0
    kinds = collections.Counter(event["event"] for event in events)
    assert kinds == {"message": 400, "disconnect": 20}


@asynchronous
async def test_a_secret_is_asked_for(make_app_server, directory):
    (directory / "app-secret").write_text("the secret of the backends")
    (directory / "app-secret").chmod(0o600)
    server = make_app_server(module_app_socket={"secret": f"file:{directory / 'app-secret'}"})
    with pytest.raises(Refused) as refused:
        link_to(server)
    assert refused.value.code == "denied"
    link_to(server, secret="the secret of the backends").close()
    assert "the secret of the backends" not in server.log()


@asynchronous
async def test_the_backend_of_the_document_works(server):
    (source,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    path = str(server.directory / "app.sock")
    assert '"/run/wse/app.sock"' in source
    process = subprocess.Popen(
        [sys.executable, "-c", source.replace("/run/wse/app.sock", path)],
        stderr=subprocess.DEVNULL,  # it ends with the server, by an exception
    )
    try:
        async with await Client.connect(server) as client:
            await client.send("say", {"text": "hello"})
            assert (await client.until("echo"))["p"] == {"text": "hello"}
    finally:
        process.kill()
        process.wait()


def test_a_server_that_was_killed_leaves_a_socket_that_is_replaced(make_app_server):
    server = make_app_server()
    server.process.kill()
    server.process.wait()
    server.start()
    link_to(server).close()


def test_a_second_server_does_not_take_the_socket(make_app_server, directory):
    make_app_server()
    other = Server(directory / "other", module_app_socket={"path": str(directory / "app.sock")})
    answer = subprocess.run(other.command(), capture_output=True, text=True, timeout=DEADLINE_S)
    assert answer.returncode != 0
    assert "somebody listens there already" in answer.stdout + answer.stderr


def test_a_backend_can_be_seen(server):
    with link_to(server, name="billing-1"):
        await_that(lambda: server.module_stats("app_socket")["connections"] == 1, "no connection")
        assert "name=billing-1" in server.log()
