# SPDX-License-Identifier: MIT
"""Applications behind a running server: what they hear, in which order, and what they may do."""
import asyncio
import json

import pytest

from support.client import Client, asynchronous
from support.puppet import Puppet
from support.server import DEADLINE_S
from support.waiting import await_that, await_value

# WSE_E* of wse/module.h
EINVAL, ENOTFOUND = -1, -5


@pytest.fixture
def server(make_server):
    return make_server(presence={"grace": "0ms"})


@pytest.fixture
def app(server):
    puppet = Puppet(server)
    server.start()
    return puppet


def connection_of(client):
    return client.ready["details"]["connection_id"]


async def say(client, word, topic=".", data="", connection="."):
    await client.send_text(f"!{word} {connection} {topic} {data}")


async def ends(client):
    """The connection ends without a close frame."""
    client.socket.transport.abort()
    await client.socket.wait_closed()


@asynchronous
async def test_an_application_hears_of_a_client_from_its_coming_to_its_end(server, app):
    async with await Client.connect(server, token=server.token(org=7)) as client:
        conn = connection_of(client)
        await client.send("order", {"n": 1}, id="m1")
        await client.send_text("hello | there\n")
        await client.socket.send(b"\xff\x00")
        await client.subscribe("read:news")
        await client.unsubscribe("read:news")
        await client.ping()
    await_value(lambda: app.of(conn), lambda found: found and found[-1].name == "disconnect")
    seen = app.of(conn)
    assert [event.name for event in seen] == [
        "connect",
        "message",
        "text",
        "binary",
        "subscribe",
        "unsubscribe",
        "disconnect",
    ]
    connect, message, text, binary, subscribe, _, disconnect = seen
    assert {event.user for event in seen} == {"alice"}
    assert connect.json["peer"] == "127.0.0.1" and connect.json["listener"] == "main"
    assert connect.json["claims"]["org"] == 7 and "cookie" not in connect.json
    assert (message.type, message.id, message.json) == ("order", "m1", {"n": 1})
    assert text.data == "hello | there\n"
    assert binary.data.encode(errors="surrogateescape") == b"\xff\x00"
    assert subscribe.topic == "read:news"
    assert disconnect.code == 1000


@asynchronous
async def test_who_is_anonymous_has_a_cookie(server):
    app = Puppet(server)
    server.configure(listen_main={"anonymous": True})
    server.start()
    headers = [("Cookie", 'sid=abc; theme="dark"')]
    async with await Client.open(server, headers=headers) as client:
        await client.until("server_ready")
    (event,) = app.await_events(1, "connect")[:1]
    assert event.user == "" and event.json["cookie"] == 'sid=abc; theme="dark"'


@asynchronous
async def test_the_end_is_told_once_however_it_comes(server, app):
    kinds = ("abort", "kill", "close", "bad")
    for kind in kinds:
        client = await Client.connect(server)
        conn = connection_of(client)
        if kind == "abort":
            await ends(client)
        elif kind == "kill":
            server.ctl("conn", "kill", conn, "--code", "4321", "--reason", "so it is")
            await client.closed()
        elif kind == "close":
            await client.socket.close(4002, "mine")
        else:
            # A frame that RFC 6455 does not know.
            client.socket.transport.write(b"\xff\x80\x00\x00\x00\x00")
            await client.closed()
    found = app.await_events(len(kinds), "disconnect")
    server.await_connections(0)
    assert [(event.code, event.data) for event in found[1:3]] == [
        (4321, "so it is"),
        (4002, "mine"),
    ]
    assert found[0].code == 1006 and found[3].code == 1002
    assert len({event.connection for event in found}) == len(kinds) == len(found)


@asynchronous
async def test_who_is_present_is_told(server):
    app = Puppet(server)
    server.configure(topic=[{"match": "*", "subscribe": True, "presence": True}])
    server.start()
    wish = {"action": "subscribe", "topics": ["room"], "presence": {"mood": 1}}
    async with await Client.connect(server) as one, await Client.connect(server) as two:
        for client in (one, two):
            await client.send("subscription_update", wish)
            await client.until("subscription_update")
    app.await_events(1, "leave")
    moves = [
        (each.name, each.topic, each.user, each.json, each.connection)
        for each in app.events()
        if each.name in ("join", "leave")
    ]
    assert moves == [
        ("join", "room", "alice", {"mood": 1}, ""),
        ("leave", "room", "alice", {"mood": 1}, ""),
    ]


@asynchronous
async def test_each_hears_what_it_wants_of_the_listeners_that_name_it(server):
    messages = Puppet(server, "messages", wants=1 << 2)
    other = Puppet(server, "other")
    server.configure(
        listen_main={"app": ["messages"]},
        listen_second={"address": "127.0.0.1:0", "app": ["other"]},
    )
    server.start()
    async with await Client.connect(server) as client:
        await client.send("order", {"n": 1})
        await client.ping()
    url = f"ws://{server.addresses['second']}/wse"
    async with await Client.connect(server, url=url) as client:
        await client.send("order", {"n": 2})
        await client.ping()
    other.await_events(1, "disconnect")
    assert [(event.name, event.json) for event in messages.events()] == [("message", {"n": 1})]
    assert [event.name for event in other.events()] == ["connect", "message", "disconnect"]


@asynchronous
async def test_without_an_application_nothing_is_different(make_server):
    server = make_server().start()
    async with await Client.connect(server) as client:
        await client.send("order", {"n": 1}, id="m1")
        error = await client.until("error")
        assert error["p"]["code"] == "UNKNOWN_TYPE"
        await client.send_text("hello")
        assert (await client.until("error"))["p"]["code"] == "INVALID_MESSAGE"
    assert server.ctl_json("status")["applications"] == []


@asynchronous
async def test_the_order_of_every_client_is_kept_under_load(server):
    clients, messages = 100, 50
    app = Puppet(server)
    server.configure(app={"batch": 64})
    server.start()

    async def talk(number):
        client = await Client.connect(server, f"user{number}")
        for n in range(messages):
            await client.send("order", {"n": n})
            if n % 10 == 0:
                await client.ping()
        if number % 2:
            await client.ping()
            await client.socket.close()
        else:
            await client.ping()
            await ends(client)
        return connection_of(client)

    talks = await asyncio.gather(*(talk(number) for number in range(clients)))
    app.await_events(clients, "disconnect")
    seen = {conn: [] for conn in talks}
    for event in app.events():
        seen[event.connection].append(event)
    for events in seen.values():
        assert [event.name for event in events] == (
            ["connect"] + ["message"] * messages + ["disconnect"]
        )
        assert [event.json["n"] for event in events[1:-1]] == list(range(messages))
    assert max(app.batches()) <= 64
    stats = server.stats()
    assert stats["app_refused"] == 0
    assert stats["app_events"] == clients * (messages + 2)


@asynchronous
async def test_what_is_over_a_bound_is_refused_and_nothing_else_is_lost(server):
    app = Puppet(server)
    server.configure(app={"queue_messages": 8})
    app.be("fail")
    server.start()
    async with await Client.connect(server) as client:
        conn = connection_of(client)
        for n in range(20):
            await client.send("order", {"n": n}, id=f"m{n}")
        await client.ping()
        refused = [each["p"] for each in client.held if each["t"] == "error"]
        assert {each["code"] for each in refused} == {"BACKEND_BUSY"}
        assert all("retry_after" in each for each in refused)
        assert [each["details"]["id"] for each in refused] == [f"m{n}" for n in range(8, 20)]
    await_that(lambda: server.stats()["app_retries"] > 0, "it was never asked")
    (row,) = server.ctl_json("status")["applications"]
    assert row["name"] == "app" and row["away"] and row["queued"] >= 9
    assert "app.away" in server.log()
    app.be("")
    app.await_events(1, "disconnect")
    names = [(event.name, event.id) for event in app.of(conn)]
    assert names == [("connect", "")] + [("message", f"m{n}") for n in range(8)] + [
        ("disconnect", "")
    ]
    assert server.stats()["app_refused"] == 12
    await_that(lambda: not server.ctl_json("status")["applications"][0]["away"], "it stays away")


@asynchronous
async def test_clients_that_go_while_the_application_is_away_are_told_of(server, app):
    app.be("fail")
    connections = []
    for number in range(60):
        client = await Client.connect(server, f"user{number}")
        connections.append(connection_of(client))
        await ends(client)
    await_that(lambda: server.stats()["app_retries"] > 0, "it was never asked")
    app.be("")
    app.await_events(60, "disconnect")
    for conn in connections:
        assert [event.name for event in app.of(conn)] == ["connect", "disconnect"]


@asynchronous
async def test_clients_are_turned_away_when_no_more_can_be_told_of(server):
    app = Puppet(server)
    server.configure(app={"max_bytes": "64k", "queue_bytes": "64k"})
    app.be("hold")
    server.start()
    clients = []
    first = {"t": "server_ready"}
    while first["t"] == "server_ready" and len(clients) < 100:
        clients.append(await Client.open(server, server.token(fill="x" * 3000)))
        first = await clients[-1].receive()
    assert first["p"]["code"] == "BACKEND_BUSY"
    assert (await clients[-1].closed())[0] == 1013
    for client in clients[:-1]:
        await ends(client)
    app.be("")
    await_that(lambda: server.ctl_json("status")["applications"][0]["queued"] == 0, "it waits")
    async with await Client.connect(server):
        pass


@asynchronous
async def test_an_application_speaks_to_its_clients(server, app):
    async with await Client.connect(server) as client, await Client.connect(server) as other:
        await say(client, "send", "invoice", '{"n":1}')
        event = await client.until("invoice")
        assert event["p"] == {"n": 1} and "tp" not in event
        await say(client, "text", ".", "plain words")
        assert await client.receive_raw() == "plain words"
        await say(client, "binary", ".", "bytes")
        assert await client.receive_raw() == b"bytes"
        await say(client, "send", "hint", '{"n":2}', connection_of(other))
        assert (await other.until("hint"))["p"] == {"n": 2}
        assert app.await_answers(4) == [
            ("send", 0, ""),
            ("text", 0, ""),
            ("binary", 0, ""),
            ("send", 0, ""),
        ]


@asynchronous
async def test_its_commands_to_a_client_keep_their_order(server):
    app = Puppet(server)
    server.configure(app={"queue_messages": 1000})
    server.start()
    async with await Client.connect(server) as client:
        for n in range(300):
            await say(client, "send", "step", json.dumps({"n": n}))
        assert [each["p"]["n"] for each in await client.events(300)] == list(range(300))
        assert app.await_answers(300) == [("send", 0, "")] * 300


@asynchronous
async def test_an_application_speaks_before_the_clients_hello(server, app):
    client = await Client.open(server, server.token())
    ready = await client.until("server_ready")
    await say(client, "send", "early", "{}")
    await say(client, "subscribe", "secret:1")
    await client.ping()
    app.await_events(2, "text")
    await client.send("client_hello", {"client_version": "test"})
    assert (await client.receive())["t"] == "server_hello"
    assert (await client.receive())["t"] == "early"
    assert (await client.until("subscription_update"))["p"]["success_topics"] == ["secret:1"]
    assert ready["p"]["details"]["connection_id"]
    await client.socket.close()


@asynchronous
async def test_an_application_subscribes_its_clients(server):
    app = Puppet(server)
    rows = [
        {"match": "secret:*", "history": {}, "presence": True},
        {"match": "*", "subscribe": True, "publish": True},
    ]
    server.configure(topic=rows)
    server.start()
    token = server.token(deny=["secret:never"])
    async with await Client.connect(server, token=token) as client:
        await say(client, "subscribe", "secret:1", '{"presence":{"mood":1}}')
        ack = (await client.until("subscription_update"))["p"]
        assert ack["success_topics"] == ["secret:1"]
        server.publish("secret:1", {"n": 1})
        server.publish("secret:1", {"n": 2})
        first, _ = await client.events(2)
        await say(client, "unsubscribe", "secret:1")
        assert (await client.until("subscription_update"))["p"]["action"] == "unsubscribe"
        place = {"epoch": first["e"], "offset": first["o"]}
        wish = {"recover": True, "recovery": {"secret:1": place}}
        await say(client, "subscribe", "secret:1", json.dumps(wish))
        (again,) = await client.events(1)
        assert again["p"] == {"n": 2}
        await say(client, "subscribe", "secret:never")
        await say(client, "unsubscribe")
        answers = app.await_answers(5)
        assert [(word, status) for word, status, _ in answers] == [
            ("subscribe", 0),
            ("unsubscribe", 0),
            ("subscribe", 0),
            ("subscribe", 0),
            ("unsubscribe", 0),
        ]
        recovered = json.loads(answers[2][2])
        assert recovered["subscribed"] == ["secret:1"] and recovered["failed"] == []
        assert recovered["recovery"]["secret:1"]["recovered"]
        assert recovered["recovery"]["secret:1"]["count"] == 1
        denied = json.loads(answers[3][2])
        assert denied == {
            "subscribed": [],
            "failed": [{"topic": "secret:never", "reason": "denied"}],
        }
        app.await_events(2, "unsubscribe")
    names = [each.name for each in app.events() if each.name in ("join", "leave")]
    assert names[:2] == ["join", "leave"]


@asynchronous
async def test_an_application_sets_what_a_client_may_have(server, app):
    async with await Client.connect(server) as client:
        await client.subscribe("read:1", "read:2")
        await say(client, "acl", ".", '{"allow":["read:1","room"]}')
        lost = (await client.until("subscription_update"))["p"]
        assert lost["failed_topics"] == ["read:2"] and lost["reasons"]
        assert (await client.subscribe("read:3"))["failed_topics"] == ["read:3"]
        assert (await client.publish("read:1", {}))["t"] == "error"
        assert (await client.publish("room", {}))["t"] == "publish_ack"
        app.await_answers(1)
        await say(client, "acl", ".", '{"allow":"x"}')
        assert app.await_answers(2) == [("acl", 0, ""), ("acl", EINVAL, "refused")]


@asynchronous
async def test_an_application_sets_presence(server):
    app = Puppet(server)
    server.configure(topic=[{"match": "*", "subscribe": True, "presence": True}])
    server.start()
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["room"], "presence": {"mood": 1}}
        await client.send("subscription_update", wish)
        await client.until("subscription_update")
        await say(client, "presence", ".", '{"mood":2}')
        update = await client.until("presence_update")
        assert update["p"]["data"] == {"mood": 2}
        assert app.await_answers(1) == [("presence", 0, "")]


@asynchronous
async def test_an_application_closes_clients(server, app):
    async with await Client.connect(server) as client:
        await say(client, "close")
        assert await client.closed() == (4403, "")
    async with await Client.connect(server) as client:
        await say(client, "close", "4123", "not today")
        assert await client.closed() == (4123, "not today")
    app.await_answers(2)
    async with await Client.connect(server) as client:
        await say(client, "close", "1001")
        await say(client, "nonsense")
        await say(client, "send", "x", "{}", "nobody")
        await client.ping()
        answers = app.await_answers(5)
    assert answers[2:4] == [("close", EINVAL, "refused"), ("nonsense", EINVAL, "refused")]
    assert answers[4] == ("send", ENOTFOUND, "")
    codes = [event.code for event in app.await_events(2, "disconnect")]
    assert codes[:2] == [4403, 4123]


@asynchronous
async def test_a_server_that_stops_says_that_everybody_has_gone(server):
    app = Puppet(server)
    app.be("hold")
    server.start()
    clients = [await Client.connect(server, f"user{n}") for n in range(30)]
    for client in clients:
        await client.send("last", {"words": 1})
        await client.ping()
    app.await_events(1)
    server.process.terminate()
    for client in clients:
        await client.closed()
    app.be("")
    assert server.process.wait(DEADLINE_S) == 0
    seen = app.events()
    assert len([each for each in seen if each.name == "disconnect"]) == 30
    assert {each.code for each in seen if each.name == "disconnect"} == {4300}
    assert len([each for each in seen if each.name == "message"]) == 30
    assert "app.events_lost" not in server.log()


@asynchronous
async def test_a_server_that_stops_waits_for_who_goes_on(server):
    app = Puppet(server)
    server.configure(limits={"close_timeout": "500ms"})
    app.be("progress")
    server.start()
    client = await Client.connect(server)
    app.await_events(1)
    server.process.terminate()
    await client.closed()
    # One every 5 ms: a multiple of the time after which who does nothing is given up.
    await_value(app.lines, lambda lines: lines.count("progress") >= 400)
    app.be("")
    assert server.process.wait(DEADLINE_S) == 0
    assert [each.name for each in app.events()] == ["connect", "disconnect"]


@asynchronous
async def test_a_server_stops_without_an_application_that_is_away(server):
    app = Puppet(server)
    server.configure(limits={"close_timeout": "500ms"})
    app.be("fail")
    server.start()
    client = await Client.connect(server)
    await client.ping()
    server.process.terminate()
    await client.closed()
    assert server.process.wait(DEADLINE_S) == 0
    (line,) = [each for each in server.log().splitlines() if "app.events_lost" in each]
    assert "module=app events=2" in line
