# SPDX-License-Identifier: MIT
"""RustWSEServer with the real wsed: what clients do is told, what the application says reaches
them, and nobody is left behind when one of both ends."""
import asyncio
import json
import os
import signal
import sys

import pytest

from support.application import in_thread, session, take
from support.client import Client, asynchronous
from support.server import DEADLINE_S

SAID = ("msg", "raw", "bin")


def address(server):
    return f"127.0.0.1:{server.port}"


def conn_of(client):
    return client.ready["details"]["connection_id"]


async def told(server, client):
    """The connection, once the application has heard of it: before, it may not be found."""
    conn = conn_of(client)
    heard = set()
    while conn not in heard:
        heard = {each[1] for each in await take(server, 1, ("connect", "auth_connect"))}
    return conn


@asynchronous
async def test_what_a_client_does_is_told_in_its_order(make_server, secret):
    server = make_server(jwt_secret=secret, topics=[])
    async with await session(address(server), secret, "alice") as client:
        await client.send("chat", {"n": 1}, c="U", id="k1")
        await client.send_text("no json")
        await client.socket.send(b"\x00\xff")
        await client.send("chat", {"n": 2}, c="U")
        conn = conn_of(client)
        connect, first, text, octets, last = await take(server, 5)
        assert connect == ("auth_connect", conn, "alice")
        assert first == ("msg", conn, {"t": "chat", "p": {"n": 1}, "id": "k1"})
        assert text == ("raw", conn, "no json") and octets == ("bin", conn, b"\x00\xff")
        assert last[2]["p"] == {"n": 2}
        assert server.user_of(conn) == "alice"
    assert await take(server, 1) == [("disconnect", conn, None)]


@asynchronous
async def test_who_needs_no_token_comes_with_his_cookie(make_server):
    server = make_server()
    url = f"ws://{address(server)}/wse"
    async with await Client.connect(None, url=url, headers=[("Cookie", "session=s1")]) as client:
        assert await take(server, 1) == [("connect", conn_of(client), "session=s1")]


@asynchronous
async def test_a_client_has_the_topics_that_the_application_grants(make_server):
    server = make_server()
    async with await session(address(server)) as client:
        conn = conn_of(client)
        asking = asyncio.ensure_future(client.subscribe("mine", "other"))
        asked = {}
        while len(asked) < 2:
            for _, connection, data in await take(server, 1, SAID):
                assert (connection, data["t"]) == (conn, "subscription_update")
                (topic,) = data["p"]["topics"]
                asked[topic] = True
        await in_thread(server.subscribe_connection, conn, ["mine"])
        await in_thread(server.unsubscribe_connection, conn, ["other"])
        ack = await asking
        assert ack["success_topics"] == ["mine"] and ack["failed_topics"] == ["other"]
        await in_thread(server.broadcast, "mine", json.dumps({"t": "x", "p": {"n": 1}}))
        (event,) = await client.events(1)
        assert (event["t"], event["p"]) == ("x", {"n": 1})


@asynchronous
async def test_the_application_subscribes_a_connection_and_ends_it(make_server):
    server = make_server(topics=[])
    async with await session(address(server)) as client:
        ((_, conn, _),) = await take(server, 1)
        await in_thread(server.subscribe_connection, conn, ["a", "b"])
        assert await in_thread(server.get_topic_subscriber_count, "a") == 1
        await in_thread(server.unsubscribe_connection, conn, ["a"])
        await in_thread(server.publish, "a", {"n": 0})
        await in_thread(server.publish, "b", {"n": 1}, type="x")
        (event,) = await client.events(1)
        assert event["p"] == {"n": 1}


@asynchronous
async def test_what_is_said_to_one_connection_reaches_it_alone(make_server):
    server = make_server(topics=[])
    async with await session(address(server)) as client, await session(address(server)) as other:
        conn = await told(server, client)
        server.send(conn, "as it is")
        server.send_bytes(conn, b"\x00\x01")
        assert server.send_event(conn, {"t": "note", "p": {"n": 1}, "id": "k1"}) > 0
        assert server.send_event(conn, {"t": "note", "p": {"n": 1}, "id": "k1"}) == 0
        assert await client.receive_raw() == "as it is"
        assert await client.receive_raw() == b"\x00\x01"
        (event,) = await client.events(1)
        assert (event["t"], event["p"], event["id"]) == ("note", {"n": 1}, "k1")
        server.broadcast_all(json.dumps({"t": "all", "p": {"n": 2}}))
        for each in (client, other):
            assert [event["t"] for event in await each.events(1)] == ["all"]


@asynchronous
async def test_an_acl_holds_for_what_comes_after_and_before(make_server):
    server = make_server(topics=[{"match": "*", "subscribe": True}])
    async with await session(address(server)) as client:
        conn = await told(server, client)
        await client.subscribe("a", "b")
        await in_thread(server.set_topic_acl, conn, deny=["a"])
        assert (await client.until("subscription_update"))["p"]["failed_topics"] == ["a"]
        ack = await client.subscribe("a", "c")
        assert ack["failed_topics"] == ["a"] and ack["success_topics"] == ["c"]
        await in_thread(server.publish, "a", {"n": 0})
        await in_thread(server.publish, "b", {"n": 1})
        assert [event["p"]["n"] for event in await client.events(1)] == [1]


@asynchronous
async def test_who_missed_something_gets_it(make_server):
    server = make_server(recovery_enabled=True, topics=[{"match": "*"}])
    async with await session(address(server)) as client:
        conn = await told(server, client)
        first = await in_thread(server.publish, "a", {"n": 1})
        for n in (2, 3):
            await in_thread(server.publish, "a", {"n": n})
        answer = await in_thread(
            server.subscribe_with_recovery, conn, ["a"], True, first["epoch"], first["offset"]
        )
        assert answer["recovered"] is True
        assert answer["topics"]["a"]["count"] == 2 and answer["topics"]["a"]["offset"] == 3
        assert [event["p"]["n"] for event in await client.events(2)] == [2, 3]


@asynchronous
async def test_who_is_there_is_told(make_server, secret):
    server = make_server(jwt_secret=secret, presence_enabled=True, topics=[{"match": "*"}])
    async with await session(address(server), secret, "alice") as client:
        conn = await told(server, client)
        await in_thread(server.subscribe_connection, conn, ["room"], {"mood": "good"})
        (event,) = await take(server, 1, ("presence_join",))
        data = {"topic": "room", "user_id": "alice", "data": {"mood": "good"}}
        assert event == ("presence_join", None, data)
        present = await in_thread(server.presence, "room")
        assert present == {"alice": {"data": {"mood": "good"}, "connections": 1}}
        assert await in_thread(server.presence_stats, "room") == {
            "num_users": 1, "num_connections": 1,
        }


@asynchronous
async def test_a_connection_is_ended(make_server):
    server = make_server()
    async with await session(address(server)) as client:
        server.disconnect(await told(server, client), 4009, "enough")
        assert await client.closed() == (4009, "enough")


@asynchronous
async def test_what_there_is_is_counted(make_server):
    server = make_server()
    async with await session(address(server)) as client:
        assert await in_thread(server.get_connections) == [conn_of(client)]
        assert await in_thread(server.get_connection_count) == 1
        snapshot = await in_thread(server.health_snapshot)
        assert snapshot["connections"] == 1 and snapshot["inbound_dropped"] == 0
        text = await in_thread(server.prometheus_metrics)
        assert "wse_connections 1\n" in text and "wse_connections_accepted_total 1\n" in text


@asynchronous
async def test_callbacks_hear_in_order(make_server):
    heard = asyncio.Queue()
    server = make_server(start=False)

    async def connect(conn, cookie):
        await heard.put(("connect", conn))

    async def message(conn, data):
        await heard.put(("message", data))

    async def disconnect(conn):
        await heard.put(("disconnect", conn))

    server.set_callbacks(connect, message, disconnect)
    await in_thread(server.start)
    async with await session(address(server)) as client:
        conn = conn_of(client)
        for n in range(50):
            await client.send("n", {"n": n}, c="U")
    async with asyncio.timeout(DEADLINE_S):
        got = [await heard.get() for _ in range(52)]
    assert got[0] == ("connect", conn) and got[-1] == ("disconnect", conn)
    assert [data["p"]["n"] for _, data in got[1:-1]] == list(range(50))


@asynchronous
async def test_a_function_of_the_application_judges_tokens(make_server):
    def validate(token):
        if token != "good":
            raise ValueError("bad")
        return {"sub": "alice", "wse_topics": {"allow": ["a"]}}

    server = make_server(authenticate=validate, topics=[{"match": "*", "subscribe": True}])
    url = f"ws://{address(server)}/wse"
    async with await Client.connect(None, token="good", url=url) as client:
        assert client.ready["details"]["user_id"] == "alice"
        ack = await client.subscribe("a", "b")
        assert ack["success_topics"] == ["a"] and ack["failed_topics"] == ["b"]
    for bad, code in (("bad", "AUTH_FAILED"), (None, "AUTH_REQUIRED")):
        async with await Client.open(None, bad, url=url) as client:
            assert (await client.receive())["p"]["code"] in (code, "AUTH_FAILED")
            assert (await client.closed())[0] == 4401


@asynchronous
async def test_the_state_of_a_topic_comes_from_python(make_server):
    server = make_server(
        snapshot=lambda question: {"topic": question.topic} if question.topic == "a" else None,
        topics=[{"match": "*", "subscribe": True}],
    )
    async with await session(address(server)) as client:
        await client.subscribe("a")
        assert (await client.until("topic_snapshot"))["p"]["data"] == {"topic": "a"}
        await client.subscribe("b")
        assert (await client.until("topic_snapshot"))["p"]["empty"] is True


@asynchronous
async def test_a_wsed_that_dies_is_replaced_and_its_connections_are_told(make_server):
    server = make_server()
    async with await session(address(server)) as client:
        conn = conn_of(client)
        await take(server, 1)
        os.kill(server._daemon.pid, signal.SIGKILL)
        await client.closed()
    assert await take(server, 1) == [("disconnect", conn, None)]
    async with asyncio.timeout(DEADLINE_S):
        while True:
            try:
                client = await session(address(server))
                break
            except OSError:
                await asyncio.sleep(0.05)
    async with client:
        assert await take(server, 1) == [("connect", conn_of(client), "")]


@asynchronous
async def test_a_stop_sends_clients_away_and_keeps_what_they_did(make_server):
    server = make_server()
    async with await session(address(server)) as client:
        conn = conn_of(client)
        await client.send("last", {"n": 1}, c="U")
        await client.ping()
        stopping = asyncio.ensure_future(in_thread(server.stop))
        assert (await client.closed())[0] == 4300
    await stopping
    events = await take(server, 3)
    assert [(kind, connection) for kind, connection, _ in events] == [
        ("connect", conn), ("msg", conn), ("disconnect", conn),
    ]
    assert not server.is_running() and server.drain_inbound(1, 1) == []


@asynchronous
async def test_who_attaches_goes_on_where_the_last_one_was(make_server):
    from wse_server import RustWSEServer

    owner = make_server(topics=[])

    def attach():
        other = RustWSEServer(
            link=owner._daemon.link_path, control_socket=owner._daemon.control_path
        )
        other.start()
        return other

    async with await session(address(owner)) as client:
        first = await in_thread(attach)
        told = await take(first, 1)
        await in_thread(first.stop)  # before it has said that it handled it
        second = await in_thread(attach)
        assert await take(second, 1) == told
        await client.send("n", {"n": 2}, c="U")
        assert (await take(second, 1))[0][2]["p"] == {"n": 2}
        second.ack()
        await in_thread(second.stop)
        third = await in_thread(attach)
        await client.send("n", {"n": 3}, c="U")
        ((_, conn, data),) = await take(third, 1)
        assert (conn, data["p"]) == (conn_of(client), {"n": 3})
        assert await in_thread(third.get_connection_count) == 1
        await in_thread(third.stop)


PARENT = """
import sys
from wse_server import RustWSEServer
server = RustWSEServer("127.0.0.1", 0)
server.start()
print(server.port, flush=True)
sys.stdin.readline()
"""


@asynchronous
async def test_clients_are_let_go_when_the_application_is_killed():
    import pathlib

    import wse_server

    path = str(pathlib.Path(wse_server.__file__).parents[1])
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-c", PARENT,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )
    port = int(await parent.stdout.readline())
    async with await session(f"127.0.0.1:{port}") as client:
        parent.kill()
        # The kernel says it once for each thread that was there, and wsed takes a second time for
        # a hurry; clients come back after either.
        assert (await client.closed())[0] in (4300, 1006)
    await parent.wait()


def test_a_port_that_is_taken_is_said(make_server):
    from wse_server import StartError
    from wse_server.server import RustWSEServer

    first = make_server()
    with pytest.raises(StartError, match="in use"):
        RustWSEServer("127.0.0.1", first.port).start()


def test_what_wsed_finds_wrong_is_raised_in_its_words(make_server):
    from wse_server import StartError

    with pytest.raises(StartError, match="unknown key 'macth'"):
        make_server(topics=[{"macth": "*"}])
