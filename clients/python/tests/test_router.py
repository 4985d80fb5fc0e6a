# SPDX-License-Identifier: MIT
"""The router in a real FastAPI on a real uvicorn: WebSockets relayed to a wsed that the test plays,
by python3-websockets on both sides."""
import asyncio
import contextlib
import http
import json
import urllib.request

import pytest

pytest.importorskip("fastapi")
pytest.importorskip("uvicorn")
websockets = pytest.importorskip("websockets")

from fastapi import FastAPI  # noqa: E402

from support.asgi import Uvicorn  # noqa: E402
from wse_server import WSEConfig, create_wse_router  # noqa: E402
from wse_server.errors import CallError  # noqa: E402
from wse_server.event_transformer import EventTransformer  # noqa: E402

TIMEOUT_S = 20


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 60))


@contextlib.asynccontextmanager
async def relayed(wsed, serve, **options):
    """(uvicorn, the router), with `serve` as the WebSocket of the wsed behind."""
    options.setdefault("process_request", None)
    async with websockets.serve(serve, "127.0.0.1", 0, compression=None, **options) as behind:
        port = behind.sockets[0].getsockname()[1]
        router = create_wse_router(WSEConfig(link=wsed.path, listen=f"127.0.0.1:{port}"))
        app = FastAPI()
        app.include_router(router, prefix="/wse")
        server = Uvicorn(app)
        await asyncio.to_thread(server.__enter__)
        try:
            yield server
        finally:
            await asyncio.to_thread(server.__exit__)


def dial(server, path="/wse", **options):
    return websockets.connect(f"ws://{server.address}{path}", open_timeout=TIMEOUT_S, **options)


async def echo(socket, path):
    async for message in socket:
        await socket.send(message)


def test_messages_go_both_ways_as_they_are(wsed):
    async def scenario():
        async with relayed(wsed, echo, max_size=None) as server, dial(server, max_size=None) as s:
            for message in ("text ü", b"\0\xff", "", "x" * 70_000, b"y" * 1_000_000):
                await s.send(message)
                assert await s.recv() == message

    run(scenario())


def test_what_a_client_says_of_itself_reaches_wsed(wsed):
    async def scenario():
        seen = {}

        async def serve(socket, path):
            seen.update(path=path, headers=socket.request_headers)
            await socket.send("seen")

        headers = [
            ("Cookie", "access_token=t"), ("Authorization", "Bearer b"), ("X-Mine", "1"),
            ("X-Forwarded-For", "203.0.113.7"), ("Origin", "http://page"),
        ]
        async with relayed(wsed, serve) as server:
            async with dial(server, "/wse?topics=a%2Cb&x=1", extra_headers=headers) as socket:
                await socket.recv()
            assert seen["path"] == "/wse?topics=a%2Cb&x=1"
            told = seen["headers"]
            assert told["Cookie"] == "access_token=t" and told["Authorization"] == "Bearer b"
            assert told["X-Mine"] == "1" and told["Origin"] == "http://page"
            assert told["Host"] == server.address
            assert told["X-Forwarded-For"] == "203.0.113.7, 127.0.0.1"
            assert told["X-Forwarded-Proto"] == "http"
            assert len(told.get_all("Sec-WebSocket-Key")) == 1
            assert "Sec-WebSocket-Extensions" not in told

    run(scenario())


def test_the_sub_protocol_is_the_one_that_wsed_takes(wsed):
    async def scenario():
        async with relayed(wsed, echo, subprotocols=["b"]) as server:
            async with dial(server, subprotocols=["a", "b"]) as socket:
                assert socket.subprotocol == "b"

    run(scenario())


@pytest.mark.parametrize("code, reason", [(4401, "Authentication failed"), (4300, ""), (1009, "")])
def test_how_wsed_closes_is_how_the_client_is_closed(wsed, code, reason):
    async def scenario():
        async def serve(socket, path):
            await socket.send("last words")
            await socket.close(code, reason)

        async with relayed(wsed, serve) as server, dial(server) as socket:
            assert await socket.recv() == "last words"
            await socket.wait_closed()
            assert (socket.close_code, socket.close_reason) == (code, reason)

    run(scenario())


def test_a_wsed_that_dies_makes_clients_come_back(wsed):
    async def scenario():
        async def serve(socket, path):
            socket.transport.abort()

        async with relayed(wsed, serve) as server, dial(server) as socket:
            await socket.wait_closed()
            assert socket.close_code == 1012

    run(scenario())


@pytest.mark.parametrize("code", [1000, 4000])
def test_how_the_client_closes_is_what_wsed_hears(wsed, code):
    async def scenario():
        ended = asyncio.get_running_loop().create_future()

        async def serve(socket, path):
            await socket.wait_closed()
            ended.set_result(socket.close_code)

        async with relayed(wsed, serve) as server:
            async with dial(server) as socket:
                await socket.close(code)
            assert await asyncio.wait_for(ended, TIMEOUT_S) == code

    run(scenario())


def test_a_client_that_vanishes_is_gone_for_wsed(wsed):
    async def scenario():
        ended = asyncio.get_running_loop().create_future()

        async def serve(socket, path):
            await socket.wait_closed()
            ended.set_result(socket.close_code)

        async with relayed(wsed, serve) as server:
            socket = await dial(server)
            socket.transport.abort()
            assert await asyncio.wait_for(ended, TIMEOUT_S) == 1006

    run(scenario())


@pytest.mark.parametrize("status, outcome", [(403, 403), (503, 1013)])
def test_a_client_that_wsed_refuses_is_refused_or_comes_back(wsed, status, outcome):
    async def scenario():
        async def refuse(path, headers):
            return http.HTTPStatus(status), [], b"no"

        async with relayed(wsed, echo, process_request=refuse) as server:
            if outcome == 403:
                with pytest.raises(websockets.InvalidStatusCode) as caught:
                    await dial(server)
                assert caught.value.status_code == outcome
            else:
                async with dial(server) as socket:
                    await socket.wait_closed()
                    assert socket.close_code == outcome

    run(scenario())


def test_a_client_that_does_not_read_holds_up_wsed(wsed):
    """Not what passes between is kept here, whatever there is of it."""

    async def scenario():
        sent = 0
        stuck = asyncio.Event()

        async def serve(socket, path):
            nonlocal sent
            while True:
                try:
                    await asyncio.wait_for(socket.send(b"z" * 65536), 1)
                except asyncio.TimeoutError:
                    stuck.set()
                    await socket.wait_closed()
                    return
                sent += 65536

        async with relayed(wsed, serve, write_limit=65536) as server:
            socket = await dial(server, max_queue=1, read_limit=65536, compression=None)
            await asyncio.wait_for(stuck.wait(), TIMEOUT_S)
            assert sent < 64 << 20
            socket.transport.abort()

    run(scenario())


def test_a_pong_waits_for_the_client_that_it_stands_for(wsed):
    async def scenario():
        answered = asyncio.get_running_loop().create_future()

        async def serve(socket, path):
            pong = await socket.ping(b"have you got it?")
            await socket.send("it")
            answered.set_result(pong.done())
            await socket.wait_closed()

        async with relayed(wsed, serve) as server, dial(server) as socket:
            assert await socket.recv() == "it"
            assert await answered is False

    run(scenario())


def test_a_publish_is_a_call_under_an_id(wsed):
    wsed.answers["publish"] = lambda params: {"topic": params["topic"], "offset": 1}

    async def scenario():
        mapped = {"ItemCreated": "item_created"}
        config = WSEConfig(link=wsed.path, listen="127.0.0.1:1", event_type_map=mapped)
        wse = create_wse_router(config)
        answer = await wse.publish("notifications", {"event_type": "ItemCreated", "n": 1}, 8)
        assert answer == {"topic": "notifications", "offset": 1}
        await wse.stop()

    run(scenario())
    params = wsed.peer().next("call")["params"]
    assert params.pop("id")
    params.pop("extra")
    assert params == {
        "topic": "notifications", "type": "item_created", "priority": 8,
        "payload": {"event_type": "ItemCreated", "n": 1},
    }


def test_a_transformer_of_the_application_has_the_last_word(wsed):
    wsed.answers["publish"] = lambda params: {}

    class Mine(EventTransformer):
        def transform_for_ws(self, event, sequence):
            return {"v": 2, "id": f"id-{sequence}", "t": "mine", "ts": "now", "p": {"got": event}}

    async def scenario():
        wse = create_wse_router(WSEConfig(link=wsed.path, listen="h:1", transformer=Mine()))
        await wse.publish("a", {"n": 1})
        await wse.publish("a", {"n": 2})
        await wse.stop()

    run(scenario())
    peer = wsed.peer()
    for n in (1, 2):
        assert peer.next("call")["params"] == {
            "topic": "a", "type": "mine", "id": f"id-{n}", "payload": {"got": {"n": n}},
        }


def test_a_publish_that_is_refused_is_raised(wsed):
    async def scenario():
        wse = create_wse_router(WSEConfig(link=wsed.path, listen="127.0.0.1:1"))
        task = asyncio.ensure_future(wse.publish("a*", {}))
        peer = await asyncio.to_thread(wsed.peer)
        call = await asyncio.to_thread(peer.next, "call")
        peer.refuse(call, "invalid", "topic: is a pattern")
        with pytest.raises(CallError, match="is a pattern"):
            await task
        await wse.stop()

    run(scenario())


def test_a_snapshot_service_answers_on_the_loop_of_the_application(wsed):
    class Service:
        async def get_data_snapshot(self, user_id, include_details=False):
            await asyncio.sleep(0)
            return [{"user": user_id}]

    async def scenario():
        config = WSEConfig(link=wsed.path, listen="h:1", snapshot_service=Service())
        wse = create_wse_router(config)
        await wse.start()
        peer = await asyncio.to_thread(wsed.peer)
        peer.send(op="ask", id=1, question="snapshot", topic="data", user="bob")
        answer = await asyncio.to_thread(peer.next, "answer")
        assert answer["data"] == [{"user": "bob"}]
        await wse.stop()

    run(scenario())


def test_an_application_hears_of_clients_in_order_on_its_loop(wsed):
    async def scenario():
        heard = asyncio.Queue()
        wse = create_wse_router(WSEConfig(link=wsed.path, listen="h:1", on_event=heard.put))
        wsed.emit("connect", conn="c1", user="alice")
        wsed.emit("message", conn="c1", type="chat", data={"n": 1})
        await wse.start()
        got = [await asyncio.wait_for(heard.get(), TIMEOUT_S) for _ in range(2)]
        assert got == [("auth_connect", "c1", "alice"), ("msg", "c1", {"t": "chat", "p": {"n": 1}})]
        await wse.stop()

    run(scenario())


def test_health_says_that_clients_are_served(wsed):
    async def scenario():
        async with relayed(wsed, echo) as server:
            url = f"http://{server.address}/wse/health"
            with await asyncio.to_thread(urllib.request.urlopen, url) as answer:
                assert json.loads(answer.read())["status"] == "healthy"

    run(scenario())
