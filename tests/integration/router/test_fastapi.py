# SPDX-License-Identifier: MIT
"""A whole application of FastAPI and the server's own WebSockets on one port."""
import hashlib
import http.client
import json
import pathlib
import re
import tomllib
import uuid

import pytest
import websockets

from support import processes
from support.web_application import BLOCK, Application
from support.browser import Browser
from support.client import TIMEOUT_S, Client, asynchronous


DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs/router-mode.md"


def test_pages_and_json_over_one_connection(server, browser):
    for _ in range(5):
        status, body = browser.get("/page")
        assert status == 200 and b"<title>page</title>" in body
        assert browser.post("/json", {"numbers": [1, 2, 3]}) == (200, {"sum": 6})
        assert browser.get("/nowhere")[0] == 404
        assert browser.ask("HEAD", "/page").read() == b""
    stats = server.stats()
    assert stats["requests_relayed"] == 20
    assert stats["connections_accepted"] == 1


def test_the_application_knows_who_asks(browser):
    status, body = browser.get("/who", X_Forwarded_For="6.6.6.6", Connection="X-Secret", X_Secret="1")
    headers = json.loads(body)["headers"]
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == headers["host"]
    assert "x-secret" not in headers


def test_a_stream_comes_while_it_is_made(browser, make_browser):
    answer = browser.ask("GET", "/stream")
    assert answer.read(6) == b"first "
    with make_browser() as other:
        assert other.ask("POST", "/go").status == 204
    assert answer.read() == b"second"


def test_server_sent_events_and_a_reader_that_leaves(browser, make_browser):
    answer = browser.ask("GET", "/events", Accept="text/event-stream")
    assert answer.getheader("content-type").startswith("text/event-stream")
    assert answer.readline() == b": here\n"
    answer.readline()
    with make_browser() as other:
        for text in ("one", "two"):
            other.post("/events", {"text": text})
            assert answer.readline() == f"data: {text}\n".encode()
            answer.readline()
        answer.close()
        browser.connection.close()
        assert other.get("/gone")[0] == 200


def blocks(count):
    for _ in range(count):
        yield BLOCK


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_upload(browser, chunked):
    count = 600
    length = {} if chunked else {"Content_Length": str(count * len(BLOCK))}
    answer = browser.ask("POST", "/upload", blocks(count), **length)
    got = json.loads(answer.read())
    digest = hashlib.sha256()
    for block in blocks(count):
        digest.update(block)
    assert got == {"size": count * len(BLOCK), "sha256": digest.hexdigest()}
    assert browser.get("/page")[0] == 200


@pytest.mark.parametrize("length", ["true", "false"])
def test_a_large_download_is_not_kept_in_memory(server, browser, length):
    assert browser.get("/page")[0] == 200
    before = processes.memory_kib(server.process.pid, "VmHWM")
    answer = browser.ask("GET", f"/download?blocks=1500&length={length}")
    got, expected = hashlib.sha256(), hashlib.sha256()
    while part := answer.read(65536):
        got.update(part)
    for block in blocks(1500):
        expected.update(block)
    assert got.digest() == expected.digest()
    # 94 MiB went through.
    assert processes.memory_kib(server.process.pid, "VmHWM") - before < 48 * 1024
    assert browser.get("/page")[0] == 200


def test_a_form_with_a_file(browser):
    boundary = uuid.uuid4().hex
    content = BLOCK * 40
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    ).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    got = json.loads(browser.ask("POST", "/form", body, Content_Type=kind).read())
    assert got == {"note": "hello", "sha256": hashlib.sha256(content).hexdigest()}


@asynchronous
async def test_the_websockets_of_both_share_the_port(server, make_browser):
    url = f"ws://{server.address}/app/ws"
    async with websockets.connect(url, open_timeout=TIMEOUT_S) as socket:
        assert json.loads(await socket.recv()) == {"for": "127.0.0.1"}
        async with await Client.connect(server) as client:
            await client.subscribe("news")
            server.publish("news", {"n": 1})
            (event,) = await client.events(1)
            assert event["p"] == {"n": 1}
            for text in ("a", "b" * 100_000):
                await socket.send(text)
                assert await socket.recv() == "echo " + text
            with make_browser() as browser:
                assert browser.get("/page")[0] == 200
            await client.ping()
    assert socket.close_code == 1000
    assert server.stats()["upgrades"] == 1


@asynchronous
async def test_other_ways_to_the_applications_websocket_are_shut(server):
    with pytest.raises(websockets.InvalidStatusCode) as refused:
        await websockets.connect(f"ws://{server.address}/nowhere", open_timeout=TIMEOUT_S)
    assert refused.value.status_code == 403


def test_an_answer_that_breaks_off_is_seen_to(browser):
    answer = browser.ask("GET", "/breaks")
    with pytest.raises(http.client.IncompleteRead):
        answer.read()


@asynchronous
async def test_clients_stay_while_the_application_is_started_anew(server, application, browser):
    assert browser.get("/page")[0] == 200
    async with await Client.connect(server) as client:
        url = f"ws://{server.address}/app/ws"
        async with websockets.connect(url, open_timeout=TIMEOUT_S) as socket:
            await socket.recv()
            answer = browser.ask("GET", "/stream")
            assert answer.read(6) == b"first "
            application.kill()
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                answer.read()
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
        await client.ping()
        application.start()
        browser.connection.close()
        assert browser.get("/page")[0] == 200
        await client.ping()


def test_a_silent_application_is_a_504(make_server, application):
    server = make_server(
        listen_main={"fallback": application.url}, limits={"relay_timeout": "300ms"}
    ).start()
    with Browser(server) as browser:
        status, body = browser.get("/silent")
        assert status == 504 and b"in time" in body
    assert server.stats()["relays_failed"] == 1


@pytest.mark.parametrize("limits", [{"max_relays": 2}, {"max_connections": 5}], ids=str)
@asynchronous
async def test_relays_do_not_keep_websockets_out(make_server, application, limits):
    server = make_server(
        server={"loops": 1}, listen_main={"fallback": application.url}, limits=limits
    ).start()
    with Browser(server) as one, Browser(server) as two, Browser(server) as three:
        streams = [each.ask("GET", "/stream") for each in (one, two)]
        answer = three.ask("GET", "/page")
        assert answer.status == 503 and answer.getheader("retry-after")
        answer.read()
        assert server.stats()["relays_refused"] == 1
        async with await Client.connect(server) as client:
            await client.ping()
        for stream in streams:
            assert stream.read(6) == b"first "
        one.connection.close()
        # The place is free once the server has seen it.
        while (status := three.ask("GET", "/page")).status == 503:
            status.read()
        assert status.read()


def test_the_configuration_of_the_document_is_good(make_server, application):
    (text,) = re.findall(r"^```toml\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
    tables = tomllib.loads(text)
    listener = {**tables["listen"]["main"], "address": "127.0.0.1:0", "fallback": application.url}
    server = make_server(listen_main=listener, limits=tables["limits"]).start()
    with Browser(server) as browser:
        assert browser.get("/page")[0] == 200


def test_an_application_on_a_unix_socket(make_server, directory):
    behind = Application(directory / "app.sock").start()
    try:
        server = make_server(listen_main={"fallback": behind.url}).start()
        with Browser(server) as browser:
            assert browser.get("/page")[0] == 200
            behind.kill()
            assert browser.get("/page")[0] == 502
    finally:
        behind.close()
