# SPDX-License-Identifier: MIT
"""Router mode with the real wsed: FastAPI and uvicorn own the port."""
import asyncio
import contextlib
import json
import urllib.request

import pytest

from support.application import in_thread, serving, session
from support.client import Client, asynchronous
from support.server import DEADLINE_S

from fastapi import FastAPI


@contextlib.asynccontextmanager
async def application(**options):
    """(address, router)"""
    from wse_server import WSEConfig, create_wse_router

    wse = create_wse_router(WSEConfig(**options))
    app = FastAPI()
    app.include_router(wse, prefix="/wse")
    try:
        async with serving(app) as address:
            yield address, wse
    finally:
        await wse.stop()


@asynchronous
async def test_an_event_reaches_who_subscribes(secret):
    async with application(jwt_secret=secret) as (address, wse):
        async with await session(address, secret) as client:
            await client.subscribe("orders")
            answer = await wse.publish("orders", {"event_type": "MADE", "n": 1}, priority=8)
            assert answer["offset"] == 1
            (event,) = await client.events(1)
            assert (event["t"], event["pri"], event["o"]) == ("made", 8, 1)
            assert event["p"]["n"] == 1


@asynchronous
async def test_a_bad_token_is_refused_as_by_wsed_itself(secret):
    async with application(jwt_secret=secret) as (address, _):
        async with await Client.open(None, "bad", url=f"ws://{address}/wse") as client:
            assert (await client.receive())["p"]["code"] == "AUTH_FAILED"
            assert await client.closed() == (4401, "Authentication failed")


@asynchronous
async def test_a_cookie_is_a_token_and_the_query_passes(secret):
    from support import tokens

    headers = [("Cookie", f"access_token={tokens.token(secret, 'bob')}")]
    async with application(jwt_secret=secret) as (address, wse):
        url = f"ws://{address}/wse?topics=orders%2Cnews"
        async with await Client.connect(None, url=url, headers=headers) as client:
            assert client.ready["details"]["user_id"] == "bob"
            conn = client.ready["details"]["connection_id"]
            ack = await client.until("subscription_update")
            assert sorted(ack["p"]["success_topics"]) == ["news", "orders"]
            row = await in_thread(wse._daemon.ask, "conn.show", id=conn)
            assert row["ip"] == "127.0.0.1"


@asynchronous
async def test_a_page_of_another_origin_is_refused(secret):
    import websockets

    async with application(jwt_secret=secret) as (address, _):
        with pytest.raises(websockets.InvalidStatusCode) as caught:
            await Client.open(None, url=f"ws://{address}/wse", origin="http://evil.example")
        assert caught.value.status_code == 403
        own = await Client.open(None, url=f"ws://{address}/wse", origin=f"http://{address}")
        async with own as client:
            assert (await client.receive())["p"]["code"] == "AUTH_REQUIRED"


@asynchronous
async def test_many_clients_get_all_in_order(secret):
    count, events = 20, 200
    async with application(jwt_secret=secret) as (address, wse):
        clients = [await session(address, secret, f"user{n}") for n in range(count)]
        for client in clients:
            await client.subscribe("orders")
        for n in range(events):
            await wse.publish("orders", {"n": n, "pad": "x" * 500})
        for client in clients:
            got = await client.events(events)
            assert [event["p"]["n"] for event in got] == list(range(events))
            await client.socket.close()


@asynchronous
async def test_a_slow_client_does_not_hold_up_others(secret):
    async with application(jwt_secret=secret) as (address, wse):
        slow = await session(address, secret, "slow")
        async with await session(address, secret, "fast") as fast:
            await slow.subscribe("orders")
            await fast.subscribe("orders")
            slow.socket.transport.pause_reading()
            for n in range(100):
                await wse.publish("orders", {"n": n, "pad": "x" * 50_000})
            assert [event["p"]["n"] for event in await fast.events(100)] == list(range(100))
        slow.socket.transport.abort()


@asynchronous
async def test_processes_are_joined_by_redis(redis, secret):
    options = {"jwt_secret": secret, "redis_url": f"redis://{redis.address}"}
    async with application(**options) as (one, _), application(**options) as (_, other):
        async with await session(one, secret) as client:
            await client.subscribe("orders")
            await other.publish("orders", {"n": 1})
            (event,) = await client.events(1)
            assert event["p"] == {"n": 1}


@asynchronous
async def test_what_is_durable_on_the_bus_arrives(redis, secret):
    import redis.asyncio as aioredis

    from wse_server import PubSubBus

    url = f"redis://{redis.address}"
    async with aioredis.Redis.from_url(url) as client_of_redis:
        bus = PubSubBus(redis_client=client_of_redis)
        await bus.publish("orders", {"event_type": "MADE", "n": 1}, durable=True)
        async with application(jwt_secret=secret, redis_url=url) as (address, _):
            async with await session(address, secret) as client:
                await client.subscribe("orders")
                await bus.publish("orders", {"event_type": "MADE", "n": 2}, durable=True)
                async with asyncio.timeout(DEADLINE_S):
                    event = None
                    while event is None or event["p"]["n"] != 2:
                        (event,) = await client.events(1)
                assert event["t"] == "made"


@asynchronous
async def test_the_end_of_the_application_sends_clients_away(secret):
    from wse_server import WSEConfig, create_wse_router

    wse = create_wse_router(WSEConfig(jwt_secret=secret))
    app = FastAPI()
    app.include_router(wse, prefix="/wse")
    async with serving(app) as address:
        client = await session(address, secret)
        await wse.stop()
        assert (await client.closed())[0] == 4300


@asynchronous
async def test_health_is_told(secret):
    async with application(jwt_secret=secret) as (address, _):
        def get():
            with urllib.request.urlopen(f"http://{address}/wse/health") as answer:
                return json.loads(answer.read())

        async with await session(address, secret):
            health = await in_thread(get)
            assert health["status"] == "healthy" and health["connections"] == 1
