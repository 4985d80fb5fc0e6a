# SPDX-License-Identifier: MIT
"""The modules that have the state of topics: another one in the configuration serves from another
place, and nothing is compiled."""
import contextlib
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest

from support.client import Client, asynchronous
from support.server import DEADLINE_S

TOPIC = [
    {"match": "kept:*", "subscribe": True, "publish": True, "history": {}, "snapshot": "state"},
    {"match": "user:{sub}:*", "subscribe": True, "publish": True, "snapshot": "state"},
]


def with_module(server, load, **options):
    server.configure(
        topic=TOPIC, module_state=None, limits={"snapshot_timeout": "10s"})
    server.configure(module_state={"load": f"{load}.so", **options})
    return server.start()


async def state_of(client, topic, **params):
    """p of the snapshot, or of the error in its place."""
    await client.send("subscription_update",
                      {"action": "subscribe", "topics": [topic], "params": params})
    return (await client.until_any("topic_snapshot", "error"))["p"]


class Application(http.server.BaseHTTPRequestHandler):
    """Behind snapshot_http. What it was asked for is in `asked`."""

    protocol_version = "HTTP/1.1"
    asked = []
    key = "sesame-51c1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        self.asked.append(self.path)
        if self.headers["X-Key"] != self.key:
            return self.answer(403, {})
        query = dict(urllib.parse.parse_qsl(url.query))
        topic = urllib.parse.unquote(url.path.removeprefix("/state/"))
        params = json.loads(query.get("params") or "{}")
        if topic.endswith(":resources"):
            return self.answer(200, resources(query["user"], params.get("include_archived", False)))
        if topic.startswith("kept:"):
            return self.answer(200, {"from": "http"})
        return self.answer(404, {})

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def resources(user, include_archived):
    found = [{"id": 1, "owner": user, "archived": False}]
    return found + ([{"id": 2, "owner": user, "archived": True}] if include_archived else [])


@pytest.fixture
def application():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    server.daemon_threads = True
    Application.asked.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Redis:
    def __init__(self, directory):
        self.socket = str(directory / "redis.sock")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", ""],
            stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.command("PING").startswith(b"+PONG"):
                    return self
            time.sleep(0.01)
        raise AssertionError("redis-server did not start")

    def command(self, *words):
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(DEADLINE_S)
            stream.connect(self.socket)
            text = [f"*{len(words)}\r\n"] + [f"${len(w.encode())}\r\n{w}\r\n" for w in words]
            stream.sendall("".join(text).encode())
            return stream.recv(4096)

    def stop(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path):
    server = Redis(tmp_path).start()
    yield server
    server.stop()


@asynchronous
async def test_another_module_in_the_configuration_has_another_state(
        make_server, directory, application, redis):
    states = directory / "states"
    states.mkdir()
    (states / "kept:1.json").write_text('{"from": "file"}')
    redis.command("SET", "wse:snapshot:kept:1", '{"from":"redis"}')
    modules = [
        ("file", {"load": "snapshot_file.so", "directory": str(states)}),
        ("http", {"load": "snapshot_http.so", "url": application + "/state/{topic}",
                  "headers": {"X-Key": Application.key}}),
        ("redis", {"load": "snapshot_redis.so", "url": f"unix://{redis.socket}"}),
    ]
    server = make_server(topic=TOPIC)
    for name, options in modules:
        server.configure(module_state=None)
        server.configure(module_state=options)
        server.start()
        async with await Client.connect(server) as client:
            assert (await state_of(client, "kept:1"))["data"] == {"from": name}
            server.publish("kept:1", {"n": name})
            assert (await client.events(1))[0]["p"] == {"n": name}
        assert server.terminate() == 0


@asynchronous
async def test_the_history_is_a_state_with_its_place(make_server):
    server = with_module(make_server(), "snapshot_history", messages=2)
    server.publish_all("kept:1", [{"n": n} for n in range(5)])
    async with await Client.connect(server) as client:
        state = await state_of(client, "kept:1")
        assert [event["p"] for event in state["data"]["events"]] == [{"n": 3}, {"n": 4}]
        assert state["offset"] == 5
        server.publish("kept:1", {"n": 5})
        assert [event["o"] for event in await client.events(1)] == [6]
        assert (await state_of(client, "kept:2"))["empty"] is True


@asynchronous
async def test_a_file_that_is_replaced_counts_and_may_say_its_place(make_server, directory):
    states = directory / "states"
    states.mkdir()
    server = with_module(make_server(), "snapshot_file", directory=str(states),
                         check_interval="0s")
    server.publish_all("kept:1", [{"n": n} for n in range(4)])

    def write(text):
        (states / ".new").write_text(text)
        os.rename(states / ".new", states / "kept:1.json")

    write("[1]")
    async with await Client.connect(server) as client:
        assert (await state_of(client, "kept:1"))["data"] == [1]
        epoch = client.seen[-1]["p"]["epoch"]
    write(json.dumps({"data": [1, 2], "epoch": epoch, "offset": 2}))
    async with await Client.connect(server) as client:
        state = await state_of(client, "kept:1")
        assert (state["data"], state["offset"]) == ([1, 2], 2)
        assert [event["o"] for event in await client.events(2)] == [3, 4]
    write("[1")
    async with await Client.connect(server) as client:
        assert (await state_of(client, "kept:1"))["code"] == "SNAPSHOT_UNAVAILABLE"


@asynchronous
async def test_users_and_their_parameters_reach_the_application(make_server, application):
    server = with_module(
        make_server(), "snapshot_http", headers={"X-Key": Application.key},
        url=application + "/state/{topic}?user={user}&params={params}")
    for user in ("alice", "bob"):
        async with await Client.connect(server, user) as client:
            state = await state_of(client, f"user:{user}:resources", include_archived=True)
            assert state["data"] == resources(user, True)
        async with await Client.connect(server, user) as client:
            state = await state_of(client, f"user:{user}:resources")
            assert state["data"] == resources(user, False)
    async with await Client.connect(server) as client:
        assert (await state_of(client, "user:alice:none"))["empty"] is True
    assert Application.key not in server.log()


@asynchronous
async def test_an_application_that_fails_costs_the_state_alone(make_server, application):
    server = with_module(make_server(), "snapshot_http",
                         url=application + "/state/{topic}?key=hush-4431")
    async with await Client.connect(server) as client:
        assert (await state_of(client, "kept:1"))["code"] == "SNAPSHOT_UNAVAILABLE"
        server.publish("kept:1", {"n": 1})
        assert (await client.events(1))[0]["p"] == {"n": 1}
    assert 'problem=\\"status 403\\"' in server.log()
    assert "hush-4431" not in server.log()


@asynchronous
async def test_redis_may_go_and_come_back(make_server, redis):
    redis.command("HSET", "state:kept:1", "name", "x", "count", "3")
    server = with_module(make_server(), "snapshot_redis", url=f"unix://{redis.socket}",
                         key="state:{topic}", type_of_key="auto")
    server.expect_error("module.log")
    async with await Client.connect(server) as client:
        assert (await state_of(client, "kept:1"))["data"] == {"name": "x", "count": 3}
    redis.stop()
    async with await Client.connect(server) as client:
        assert (await state_of(client, "kept:1"))["code"] == "SNAPSHOT_UNAVAILABLE"
    redis.start()
    redis.command("RPUSH", "state:kept:1", "1")
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        async with await Client.connect(server) as client:
            if (await state_of(client, "kept:1")).get("data") == [1]:
                return
    raise AssertionError("the module did not come back to Redis")
