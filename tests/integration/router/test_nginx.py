# SPDX-License-Identifier: MIT
"""The server behind Debian's nginx, configured as docs/nginx.md says."""
import http.client
import json
import ssl
import tomllib

import pytest
import websockets

from support import certificates, nginx
from support.client import Client, asynchronous

SITE, SHUTDOWN, STREAM = nginx.blocks("nginx")
HTTP_TOML, STREAM_TOML = (tomllib.loads(text)["listen"]["main"] for text in nginx.blocks("toml"))
ORIGIN = "https://app.example.com"


@pytest.fixture
def front(directory):
    one = nginx.Nginx(directory / "nginx")
    yield one
    one.stop()


@pytest.fixture
def pair(directory):
    return certificates.make(directory, "app", names=("app.example.com", "localhost"))


@pytest.fixture
def trust(pair):
    return ssl.create_default_context(cafile=str(pair.certificate))


def listener(table, **changes):
    """As the document has it, on a port that the kernel chooses."""
    return {**table, "address": "127.0.0.1:0", **changes}


def serve_site(front, server, pair):
    front.write(
        SITE,
        server.address,
        [
            ("listen 443 ssl", f"listen 127.0.0.1:{front.port} ssl"),
            ("/etc/nginx/app.pem", str(pair.certificate)),
            ("/etc/nginx/app.key", str(pair.key)),
        ],
        top=SHUTDOWN.replace("30s", "5s"),
    )
    front.start()


def connect(front, server, trust, sub="alice", **options):
    return Client.connect(
        server,
        sub,
        url=f"wss://localhost:{front.port}/wse",
        ssl=trust,
        origin=ORIGIN,
        **options,
    )


def ask(front, trust, method, path, body=None, **headers):
    connection = http.client.HTTPSConnection("localhost", front.port, timeout=20, context=trust)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@asynchronous
async def test_websockets_and_pages(make_server, front, pair, trust):
    server = make_server(listen_main=listener(HTTP_TOML)).start()
    serve_site(front, server, pair)
    assert ask(front, trust, "GET", "/livez") == (200, b"ok\n")
    assert ask(front, trust, "GET", "/nowhere")[0] == 404
    async with await connect(front, server, trust) as client:
        await client.subscribe("news")
        server.publish("news", {"n": 1})
        (event,) = await client.events(1)
        assert event["p"] == {"n": 1}
        big = {"text": "x" * 300_000}
        assert (await client.publish("news", big))["t"] == "publish_ack"
        assert (await client.events(1))[0]["p"] == big


@asynchronous
async def test_nginx_is_believed_who_its_clients_are(make_server, front, pair, trust):
    server = make_server(listen_main=listener(HTTP_TOML)).start()
    serve_site(front, server, pair)
    # The client of nginx has the address of a trusted proxy here, and so may say for whom it asks.
    behind = [("X-Forwarded-For", "203.0.113.9")]
    async with await connect(front, server, trust, headers=behind):
        assert [row["ip"] for row in server.connections()] == ["203.0.113.9"]
    with pytest.raises(websockets.InvalidStatusCode) as refused:
        await Client.open(
            server, server.token(), url=f"wss://localhost:{front.port}/wse", ssl=trust,
            origin="https://evil.example",
        )  # fmt: skip
    assert refused.value.status_code == 403


def test_an_application_behind_both(make_server, application, front, pair, trust):
    table = listener(HTTP_TOML, fallback=application.url)
    server = make_server(listen_main=table).start()
    serve_site(front, server, pair)
    body = json.dumps({"numbers": [1, 2, 3]})
    kind = {"Content-Type": "application/json"}
    for _ in range(3):
        assert ask(front, trust, "POST", "/json", body, **kind) == (200, b'{"sum":6}')
    # nginx keeps its connection to the server for all of them.
    assert server.stats()["connections_accepted"] == 1
    headers = json.loads(ask(front, trust, "GET", "/who")[1])["headers"]
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-forwarded-for"] == "127.0.0.1, 127.0.0.1"
    assert headers["x-forwarded-host"] == f"localhost:{front.port}" == headers["host"]
    content = b"y" * 900_000
    got = json.loads(ask(front, trust, "POST", "/upload", content)[1])
    assert got["size"] == len(content)


@asynchronous
async def test_the_applications_websocket_behind_both(make_server, application, front, pair, trust):
    table = listener(HTTP_TOML, fallback=application.url)
    server = make_server(listen_main=table).start()
    serve_site(front, server, pair)
    url = f"wss://localhost:{front.port}/app/ws"
    async with websockets.connect(url, ssl=trust, open_timeout=20) as socket:
        await socket.recv()
        await socket.send("hello")
        assert await socket.recv() == "echo hello"


@asynchronous
async def test_clients_come_back_when_nginx_is_reloaded(make_history_server, front, pair, trust):
    server = make_history_server(listen_main=listener(HTTP_TOML)).start()
    serve_site(front, server, pair)
    client = await connect(front, server, trust)
    await client.subscribe("room:news")
    server.publish("room:news", {"n": 1})
    await client.events(1)
    front.reload()
    # An old worker serves its connections on, for a while.
    server.publish("room:news", {"n": 2})
    await client.events(1)
    assert (await client.closed())[0] in (1006, 1001)
    server.await_connections(0)
    async with await connect(front, server, trust) as again:
        await again.subscribe("room:news")
        server.publish("room:news", {"n": 3})
        assert (await again.events(1))[0]["p"] == {"n": 3}


@asynchronous
async def test_the_proxy_protocol_carries_tls_through(make_server, front, pair, trust):
    tls = {"certificate": str(pair.certificate), "key": str(pair.key)}
    server = make_server(listen_main=listener(STREAM_TOML, tls=tls)).start()
    front.write(
        STREAM, server.address, [("listen 8443", f"listen 127.0.0.1:{front.port}")], is_stream=True
    )
    front.start()
    async with await Client.connect(
        server, url=f"wss://localhost:{front.port}/wse", ssl=trust, origin=None
    ) as client:
        await client.ping()
        (row,) = server.connections()
        port = client.socket.transport.get_extra_info("sockname")[1]
        assert row["ip"] == "127.0.0.1" and row.get("port", port) == port
    assert server.stats()["proxies_refused"] == 0
