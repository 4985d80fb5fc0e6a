# SPDX-License-Identifier: MIT
"""A backend that is asked over HTTP: who connects, subscribes and publishes, and what a state is."""
import http.server
import json
import threading

import pytest

from support.client import Client, asynchronous

ROWS = [
    {"match": "room:*", "subscribe": True, "publish": True, "ask": "app_webhook"},
    {"match": "board:*", "subscribe": True, "snapshot": "app_webhook"},
]


class Backend(http.server.BaseHTTPRequestHandler):
    """What is asked stands in `asked`; `answers` has the status and body for a question."""

    protocol_version = "HTTP/1.1"
    asked = []
    answers = {}

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(question)
        status, body = self.answers[question["question"]](question)
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def denied(*_):
    return 200, {"ok": False, "code": "denied"}


@pytest.fixture
def backend():
    Backend.asked.clear()
    Backend.answers = {
        "connect": lambda asked: (200, {
            "ok": True, "user": asked["data"].removeprefix("token of "), "data": {"org": 7}}),
        "subscribe": lambda asked: (200, {"ok": asked["topic"] != "room:2", "code": "denied"}),
        "publish": lambda asked: (200, {"ok": True, "data": {**asked["data"], "by": asked["user"]}}),
        "snapshot": lambda asked: (200, {"ok": True, "data": {"of": asked["topic"]}}),
    }
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Backend.url = f"http://127.0.0.1:{server.server_port}/ask"
    yield Backend
    server.shutdown()
    server.server_close()


@pytest.fixture
def server(make_server, backend):
    return make_server(
        topic=ROWS, listen_main={"auth": "app_webhook"},
        module_app_webhook={"url": backend.url, "events": ["none"]}).start()


async def verdict(server, token):
    """The code of the error, and of the close that follows."""
    async with await Client.open(server, token) as client:
        error = await client.until("error")
        return error["p"]["code"], (await client.closed())[0]


@asynchronous
async def test_a_backend_decides(server, backend):
    async with await Client.connect(server, token="token of anna") as client:
        assert client.ready["details"]["user_id"] == "anna"
        ack = await client.subscribe("room:1", "room:2")
        assert (ack["success_topics"], ack["failed_topics"]) == (["room:1"], ["room:2"])
        assert (await client.publish("room:1", {"n": 1}))["t"] == "publish_ack"
        assert (await client.events(1))[0]["p"] == {"n": 1, "by": "anna"}
        backend.answers["publish"] = denied
        assert (await client.publish("room:1", {"n": 2}))["p"]["code"] == "NOT_ALLOWED"
        await client.subscribe("board:1")
        assert (await client.until("topic_snapshot"))["p"]["data"] == {"of": "board:1"}
    connect = backend.asked[0]
    assert connect["source"] == "bearer" and connect["listener"] == "main"
    assert connect["peer"] == "127.0.0.1"
    stats = server.module_stats("app_webhook")
    assert (stats["granted"], stats["denied"]) == (4, 2)


@asynchronous
async def test_a_no_is_final_and_everything_else_is_for_now(server, backend):
    for answer in (denied, lambda _: (403, b"")):
        backend.answers["connect"] = answer
        assert await verdict(server, "token of anna") == ("AUTH_FAILED", 4401)
    for status, body in ((200, b"ok"), (200, {"ok": True}), (401, {"ok": True, "user": "anna"}),
                         (302, b""), (500, {"ok": True, "user": "anna"})):
        backend.answers["connect"] = lambda _: (status, body)
        assert await verdict(server, "token of anna") == ("UNAVAILABLE", 1013), (status, body)
    assert server.connections() == []


@asynchronous
async def test_nothing_is_granted_while_the_backend_is_slow(make_server, backend):
    backend.answers["subscribe"] = lambda _: threading.Event().wait()
    server = make_server(
        topic=ROWS, module_app_webhook={"url": backend.url, "events": ["none"]},
        limits={"ask_timeout": "100ms"}).start()
    async with await Client.connect(server) as client:
        ack = await client.subscribe("room:1")
        assert ack["success_topics"] == [] and ack["failed_topics"] == ["room:1"]
        assert (await client.until("error"))["p"]["code"] == "BACKEND_UNAVAILABLE"
