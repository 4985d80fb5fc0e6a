# SPDX-License-Identifier: MIT
"""Limits against abuse: what happens beyond them, and which counter says so."""
import asyncio
import subprocess

import pytest

from support import raw
from support.client import Client, asynchronous
from support.neighbour import Neighbour

PING = raw.frame(b"", 9)
PONG = raw.frame(b'{"t":"PONG"}')


def slow_rates(**limits):
    return {"rate_capacity": 1000, "rate_refill": 1000, **limits}


@asynchronous
async def test_the_connections_of_a_user_share_a_rate_over_all_loops(make_server):
    limits = slow_rates(rate_capacity_per_user=100, rate_refill_per_user=1)
    server = make_server(server={"loops": 2}, limits=limits).start()
    clients = [await Client.connect(server) for _ in range(6)]
    async with await Client.connect(server, "bob") as bob:
        for client in clients:
            for _ in range(30):
                await client.send("PONG")
        # Of 186 messages a hundred are let through, and those that come in while it fills again.
        refused = [
            asyncio.create_task(client.until("error", timeout=60)) for client in clients
        ]
        done, _ = await asyncio.wait(refused, return_when=asyncio.FIRST_COMPLETED)
        assert done.pop().result()["p"]["code"] == "RATE_LIMITED"
        for task in refused:
            task.cancel()
        stats = server.stats()
        assert stats["rate_limited"] == stats["rate_limited_user"] > 0
        assert (await bob.ping())["t"] == "PONG"
    for client in clients:
        await client.socket.close()


@asynchronous
async def test_the_connections_from_an_address_share_a_rate(make_server):
    limits = slow_rates(rate_capacity_per_ip=20, rate_refill_per_ip=1)
    server = make_server(limits=limits).start()
    async with await Client.connect(server) as alice, await Client.connect(server, "bob") as bob:
        for _ in range(30):
            await alice.send("PONG")
        error = await alice.until("error")
        assert error["p"]["code"] == "RATE_LIMITED"
        for _ in range(30):
            await bob.send("PONG")
        assert (await bob.until("error"))["p"]["code"] == "RATE_LIMITED"
    assert server.stats()["rate_limited_ip"] >= 2


def test_who_goes_on_far_over_the_rate_is_closed(make_server):
    server = make_server(limits={"rate_capacity": 50, "rate_refill": 10}).start()
    with Neighbour(server) as neighbour:
        with raw.open_session(server) as connection:
            connection.send(PONG * 20000)
            assert connection.close_code() == 4429
    assert neighbour.slowest_s < 5
    stats = server.stats()
    assert stats["rate_closed"] == 1
    assert stats["rate_limited"] >= 500


@pytest.mark.parametrize("opcode", [9, 10])
def test_a_flood_of_control_frames_is_closed(make_server, opcode):
    server = make_server(limits={"ping_rate": 10}).start()
    with raw.open_session(server) as connection:
        connection.send(raw.frame(b"", opcode) * 20000)
        assert connection.close_code() == 4429
    stats = server.stats()
    assert stats["rate_closed"] == 1 and stats["pings_over_rate"] >= 90


def test_pings_over_the_rate_get_no_answer(make_server):
    server = make_server(limits={"ping_rate": 10}).start()
    ping = raw.frame(b'{"t":"ping","p":{"timestamp":1}}')
    with raw.open_session(server) as connection:
        # Fewer than close it, and more than can be answered within a second.
        connection.send(ping * 90 + raw.frame(b'{"t":"system_status"}'))
        pongs = 0
        while b'"system_status"' not in (got := connection.read_frame())[1]:
            pongs += b'"PONG"' in got[1]
    stats = server.stats()
    assert pongs + stats["pings_over_rate"] == 90
    assert pongs >= 10 and stats["pings_over_rate"] > 0


def test_unfinished_requests_make_room_for_new_ones(make_server):
    server = make_server(server={"loops": 1}, limits={"max_pending_handshakes": 4}).start()
    idle = [raw.RawSocket(server) for _ in range(20)]
    with raw.open_session(server):
        pass
    assert server.stats()["handshakes_cut"] >= 16
    for connection in idle:
        connection.socket.close()


@asynchronous
async def test_a_request_names_so_many_topics_and_no_more(make_server):
    limits = {"max_topics_per_request": 10, "max_subscriptions": 100}
    server = make_server(limits=limits).start()
    async with await Client.connect(server) as client:
        topics = [f"t{n}" for n in range(15)]
        await client.send("subscription_update", {"action": "subscribe", "topics": topics})
        taken, refused = [], []
        while len(taken) + len(refused) < 15:
            answer = (await client.until("subscription_update"))["p"]
            taken += answer["success_topics"]
            refused += answer["failed_topics"]
    assert (taken, refused) == (topics[:10], topics[10:])
    assert server.stats()["topics_over_limit"] == 5


def test_half_a_limit_is_no_limit(make_server):
    server = make_server(limits={"rate_capacity_per_user": 5})
    result = subprocess.run(server.command("-t"), capture_output=True, text=True, timeout=30)
    assert result.returncode == 78
    assert "rate_capacity_per_user: needs rate_refill_per_user beside it" in result.stderr
