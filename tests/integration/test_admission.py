# SPDX-License-Identifier: MIT
"""Who is let in before there is a session: origins, limits, paths, where the token is."""
import contextlib
import socket

import pytest
import websockets

from support import raw
from support.client import Client, asynchronous

LISTED = "https://app.example.com"


def upgrade_status(server, **changes):
    with raw.RawSocket(server) as connection:
        connection.send(raw.upgrade_request(server, server.token(), **changes))
        return connection.head()[0]


@pytest.fixture
def listed(make_server):
    return make_server(listen_main={"origins": [LISTED, "http://localhost:3000"]}).start()


@pytest.mark.parametrize(
    "origin, admitted",
    [
        (LISTED, True),
        ("http://localhost:3000", True),
        ("http://app.example.com", False),  # another scheme
        ("https://app.example.com:444", False),  # another port
        ("https://app.example.com.evil.org", False),
        ("https://evil.org/https://app.example.com", False),
        ("https://xapp.example.com", False),
        ("https://app.example.co", False),
        ("app.example.com", False),
        ("null", False),
        ("", False),
        ("https://app.example.com https://evil.org", False),
    ],
)
def test_an_origin_is_admitted_only_when_it_is_listed(listed, origin, admitted):
    assert upgrade_status(listed, Origin=origin) == (101 if admitted else 403)


def test_a_client_without_origin_is_no_browser_and_is_admitted(listed):
    assert upgrade_status(listed) == 101


def test_without_a_list_only_the_same_origin_is_admitted(server):
    assert upgrade_status(server, Origin=f"http://{server.address}") == 101
    assert upgrade_status(server, Origin="http://evil.example") == 403
    assert upgrade_status(server, Origin=f"http://{server.address}0") == 403
    assert upgrade_status(server) == 101


def test_a_second_origin_header_admits_nobody(listed):
    request = raw.upgrade_request(listed, listed.token(), Origin="https://evil.example")
    request = request.replace(b"\r\n\r\n", f"\r\nOrigin: {LISTED}\r\n\r\n".encode())
    with raw.RawSocket(listed) as connection:
        connection.send(request)
        assert connection.head()[0] in (400, 403)


def test_another_path_is_no_websocket(server):
    assert upgrade_status(server, path="/other") != 101
    assert upgrade_status(server, path="/wse/") != 101
    assert upgrade_status(server, path="/wsex") != 101


@asynchronous
async def test_over_the_connection_limit_the_answer_is_503(make_server):
    server = make_server(limits={"max_connections": 5, "max_connections_per_ip": 100}).start()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(5):
            await stack.enter_async_context(await Client.connect(server))
        assert upgrade_status(server) == 503
    check_room(server)


@asynchronous
async def test_over_the_limit_of_an_address_only_that_address_gets_503(make_server):
    server = make_server(limits={"max_connections": 100, "max_connections_per_ip": 3}).start()
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(await Client.connect(server))
        assert upgrade_status(server) == 503
        elsewhere = await Client.connect(server, local_addr=("127.0.0.2", 0))
        await stack.enter_async_context(elsewhere)
        assert (await elsewhere.ping())["t"] == "PONG"
    check_room(server)


def check_room(server):
    """Closed connections are counted out."""
    server.await_connections(0)
    assert upgrade_status(server) == 101


@asynchronous
async def test_the_token_is_taken_from_the_cookie_then_the_header(server):
    cookie, bearer = server.token("cookie"), server.token("bearer")
    cases = [
        ({"Cookie": f"a=b; access_token={cookie}"}, "cookie"),
        ({"Authorization": f"Bearer {bearer}"}, "bearer"),
        ({"Authorization": f"bearer {bearer}"}, "bearer"),
        ({"Cookie": f"access_token={cookie}", "Authorization": f"Bearer {bearer}"}, "cookie"),
        ({"Cookie": "access_token=", "Authorization": f"Bearer {bearer}"}, "bearer"),
        ({"Cookie": "access_token=undefined", "Authorization": f"Bearer {bearer}"}, "bearer"),
        ({"Cookie": "access_token=null", "Authorization": f"Bearer {bearer}"}, "bearer"),
        ({"Cookie": "xaccess_token=nonsense", "Authorization": f"Bearer {bearer}"}, "bearer"),
    ]
    for headers, user in cases:
        async with await Client.open(server, headers=headers.items()) as client:
            ready = await client.receive()
            assert ready["t"] == "server_ready", (headers, ready)
            assert ready["p"]["details"]["user_id"] == user


@asynchronous
async def test_the_cookie_has_the_name_of_the_configuration(make_server):
    server = make_server(listen_main={"token_cookie": "session"}).start()
    headers = [("Cookie", f"session={server.token()}")]
    async with await Client.open(server, headers=headers) as client:
        assert (await client.receive())["t"] == "server_ready"
    headers = [("Cookie", f"access_token={server.token()}")]
    async with await Client.open(server, headers=headers) as client:
        assert (await client.receive())["p"]["code"] == "AUTH_REQUIRED"


@asynchronous
async def test_a_token_in_the_query_counts_only_when_enabled(make_server):
    server = make_server().start()
    async with await Client.open(server, query=f"?token={server.token()}") as client:
        assert (await client.receive())["p"]["code"] == "AUTH_REQUIRED"
    other = make_server(listen_main={"token_query": True}).start()
    async with await Client.open(other, query=f"?a=1&token={other.token()}&b=2") as client:
        assert (await client.receive())["t"] == "server_ready"


@asynchronous
async def test_anonymous_listeners_need_no_token(make_server):
    server = make_server(listen_main={"anonymous": True}, module_auth_jwt=None).start()
    async with await Client.open(server) as client:
        assert (await client.receive())["t"] == "server_ready"


def test_without_auth_module_and_anonymous_the_start_is_refused(make_server):
    from support.server import run

    server = make_server(module_auth_jwt=None)
    answer = run("wsed", *server.command()[1:])
    assert answer.returncode == 78
    assert "anonymous" in answer.stderr


@asynchronous
async def test_two_listeners_have_their_own_rules(make_server):
    server = make_server(
        listen_main={"subscribe": []},
        **{"listen_second": {"address": "127.0.0.1:0", "path": "/other", "origins": [LISTED]}},
    ).start()
    url = f"ws://{server.addresses['second']}/other"
    async with await Client.connect(server, url=url) as client:
        await client.subscribe("demo")
        server.publish("demo", {"n": 1})
        await client.events(1)
    with pytest.raises(websockets.InvalidStatusCode):
        await Client.connect(server, url=url, origin="http://elsewhere")


def test_the_port_is_free_again_after_the_stop(server):
    address = server.host_port
    assert server.terminate() == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)
