# SPDX-License-Identifier: MIT
"""The application is asked: who may connect, subscribe and publish, and what a state is. See
tests/abi/zoo/app_answers.c for the rules by which it answers."""
import asyncio
import time

import pytest

from support.client import Client, asynchronous
from support.server import DEADLINE_S, MODULES, run
from support.wishes import ask, settled
from support.zoo import module

ROWS = [
    {"match": "ask:*", "subscribe": True, "publish": True, "ask": "app"},
    {"match": "word:*", "subscribe": True, "publish": True, "ask": "app", "ask_for": ["publish"]},
    {"match": "state:*", "subscribe": True, "publish": True, "snapshot": "app"},
    {"match": "kept:*", "subscribe": True, "ask": "app", "retain": "last"},
    {"match": "live:*", "subscribe": True, "publish": True},
]


def make(make_server, auth="auth_jwt", rows=ROWS, limits=None, **tables):
    server = make_server(topic=rows, limits=limits or {}, listen_main={"auth": auth}, **tables)
    app = {"load": module("app_answers"), "journal": str(server.directory / "journal")}
    server.configure(module_app=app)
    return server.start()


@pytest.fixture
def server(make_server):
    return make(make_server)


@pytest.fixture
def gated(make_server):
    """Whose clients are judged by the application."""
    return make(make_server, auth="app")


def journal(server):
    file = server.directory / "journal"
    return file.read_text().splitlines() if file.exists() else []


def asked(server, about):
    """The questions about that, as they were noted."""
    return [line for line in journal(server) if line.startswith(about + " ")]


async def await_asked(server, about, count=1):
    deadline = time.monotonic() + DEADLINE_S
    while len(asked(server, about)) < count:
        assert time.monotonic() < deadline, journal(server)
        await asyncio.sleep(0.01)


async def verdict(server, credential, **options):
    """The code of the error, and of the close that follows."""
    async with await Client.open(server, credential, **options) as client:
        first = await client.receive()
        assert first["t"] == "error", first
        code, _ = await client.closed()
        return first["p"]["code"], code


@asynchronous
async def test_the_application_says_who_a_client_is(gated):
    async with await Client.connect(gated, token="ok.alice") as client:
        assert client.ready["details"]["user_id"] == "alice"
        assert (await client.subscribe("live:1"))["success_topics"] == ["live:1"]
    (question,) = asked(gated, "connect")
    assert question == "connect  by  of ok.alice 2", "a bearer token"
    assert gated.stats()["app_asked"] == 1


@asynchronous
async def test_claims_of_the_application_act_like_those_of_a_token(gated):
    async with await Client.connect(gated, token="replace.alice") as client:
        ack = await client.subscribe("live:1", "ask:1")
        assert ack["success_topics"] == ["live:1"]
        assert ack["failed_topics"] == ["ask:1"]
        assert (await client.publish("state:1"))["p"]["code"] == "NOT_ALLOWED"
    assert asked(gated, "subscribe") == [], "what is refused anyway is not asked about"


@asynchronous
async def test_a_no_is_final_and_everything_else_is_for_now(make_server):
    server = make(make_server, auth="app", limits={"auth_timeout": "100ms"})
    assert await verdict(server, "deny.alice") == ("AUTH_FAILED", 4401)
    for rule in ("silent", "busy", "nonsense", "empty"):
        assert await verdict(server, f"{rule}.alice") == ("UNAVAILABLE", 1013), rule
    assert server.connections() == []
    counted = server.stats()
    assert counted["app_denied"] == 1
    assert counted["auth_timeouts"] == 1
    assert counted["sessions_opened"] == 0


@asynchronous
async def test_who_brings_nothing_is_asked_about_too(gated):
    assert await verdict(gated, None) == ("UNAVAILABLE", 1013), "the application names no user"
    assert asked(gated, "connect") == ["connect  by  of  0"]


@asynchronous
async def test_a_client_that_goes_takes_its_question_back(gated):
    client = await Client.open(gated, "silent.alice")
    await await_asked(gated, "connect")
    client.socket.transport.abort()
    deadline = time.monotonic() + DEADLINE_S
    while "cancel 0" not in journal(gated):
        assert time.monotonic() < deadline, journal(gated)
        await asyncio.sleep(0.01)


@asynchronous
async def test_a_token_is_replaced_with_the_applications_word(gated):
    async with await Client.connect(gated, token="ok.alice") as client:
        await client.subscribe("live:1", "state:1")
        for token, answer in (
            ("ok.bob", "AUTH_FAILED"),
            ("deny.alice", "AUTH_FAILED"),
            ("busy.alice", "UNAVAILABLE"),
        ):
            await client.send("auth_refresh", {"token": token}, id="r")
            assert (await client.until("error"))["p"]["code"] == answer, token
        await client.send("auth_refresh", {"token": "replace.alice"}, id="r")
        await client.until("auth_refreshed")
        lost = (await client.until("subscription_update"))["p"]
        assert lost["failed_topics"] == ["state:1"]


@asynchronous
async def test_a_subscription_needs_its_word(server):
    async with await Client.connect(server) as client:
        ack = await ask(client, "ask:1", "ask:deny", "live:1", "word:1", params={"page": 2})
        assert sorted(ack["success_topics"]) == ["ask:1", "live:1", "word:1"]
        assert ack["failed_topics"] == ["ask:deny"]
        assert ack["reasons"] == {"ask:deny": "not allowed"}
        server.publish("ask:1", {"n": 1})
        server.publish("ask:deny", {"n": 2})
        assert [event["p"]["n"] for event in await client.events(1)] == [1]
        assert await settled(client, len(client.seen)) == []
    assert asked(server, "subscribe") == [
        'subscribe ask:1 by alice of {"page": 2} 0',
        'subscribe ask:deny by alice of {"page": 2} 0',
    ]
    assert server.stats()["app_denied"] == 1


@pytest.mark.parametrize("rule", ["silent", "busy"])
@asynchronous
async def test_nothing_is_granted_without_an_answer(make_server, rule):
    server = make(make_server, limits={"ask_timeout": "100ms"})
    async with await Client.connect(server) as client:
        ack = await client.subscribe(f"ask:{rule}", "live:1")
        assert ack["success_topics"] == ["live:1"]
        assert ack["failed_topics"] == [f"ask:{rule}"]
        error = (await client.until("error"))["p"]
        assert error["code"] == "BACKEND_UNAVAILABLE"
        assert error["recoverable"] is True and "retry_after" in error
        refused = (await client.publish(f"ask:{rule}", {"n": 1}, "k1"))["p"]
        assert refused["code"] == "BACKEND_UNAVAILABLE"
        assert refused["details"] == {"topic": f"ask:{rule}", "id": "k1"}
    assert server.stats()["app_unanswered"] == 2
    assert "app.unanswered" in server.log()


@asynchronous
async def test_a_pattern_is_asked_about_as_the_pattern(server):
    async with await Client.connect(server) as client:
        await client.subscribe("ask:*")
        server.publish("ask:deny", {"n": 1})
        assert [event["p"]["n"] for event in await client.events(1)] == [1]
    assert asked(server, "subscribe") == ["subscribe ask:* by alice of  0"]


@asynchronous
async def test_a_publish_needs_its_word_and_may_become_another(server):
    async with await Client.connect(server) as client:
        await client.subscribe("word:*")
        accepted = await client.publish("word:1", {"text": "mine"})
        assert accepted["t"] == "publish_ack"
        refused = (await client.publish("word:deny", {"text": "mine"}))["p"]
        assert refused["code"] == "NOT_ALLOWED"
        assert (await client.publish("word:replace", {"text": "mine"}))["t"] == "publish_ack"
        unsound = (await client.publish("word:nonsense", {"text": "mine"}))["p"]
        assert unsound["code"] == "BACKEND_UNAVAILABLE"
        texts = [event["p"]["text"] for event in await client.events(2)]
        assert texts == ["mine", "another"]
    assert asked(server, "publish")[0] == 'publish word:1 by alice of {"text": "mine"} 0'
    assert asked(server, "subscribe") == []


@asynchronous
async def test_the_order_of_a_client_stays(server):
    async with await Client.connect(server) as client, await Client.connect(server) as other:
        await client.send("subscription_update", {"action": "subscribe", "topics": ["ask:slow"]})
        for n, topic in enumerate(("ask:slow", "live:1", "word:1", "ask:slow")):
            payload = {"topic": topic, "payload": {"n": n}}
            await client.send("publish", payload, c="U", id=f"k{n}")
        await client.send("sync_request", {"topics": ["ask:slow"], "include_snapshots": True})
        await await_asked(server, "publish ask:slow", 2)
        assert await settled(client, len(client.seen)) == [], "a ping does not wait"
        assert (await other.publish("ask:release"))["t"] == "publish_ack"
        await client.until("snapshot_complete")
        came = [message for message in client.seen if message["t"] != "PONG"]
        acks = [message["p"]["id"] for message in came if message["t"] == "publish_ack"]
        assert acks == ["k0", "k1", "k2", "k3"]
        numbers = [message["p"]["n"] for message in came if message.get("c") == "U"]
        assert numbers == [0, 3], "it was subscribed before the first"


@asynchronous
async def test_only_so_much_waits(make_server):
    server = make(make_server, limits={"ask_pending": 3})
    async with await Client.connect(server) as client, await Client.connect(server) as other:
        for n in range(4):
            await client.send("publish", {"topic": "ask:slow", "payload": {}}, c="U", id=f"k{n}")
        busy = (await client.until("error"))["p"]
        assert (busy["code"], busy["details"]["id"]) == ("BACKEND_BUSY", "k3")
        assert busy["recoverable"] is True and "retry_after" in busy
        await await_asked(server, "publish ask:slow", 3)
        await other.publish("ask:release")
        for n in range(3):
            assert (await client.until("publish_ack"))["p"]["id"] == f"k{n}"


@asynchronous
async def test_a_client_that_is_closed_gets_nothing_any_more(server):
    async with await Client.connect(server) as client, await Client.connect(server, "bob") as bob:
        await client.send("subscription_update", {"action": "subscribe", "topics": ["ask:slow"]})
        await await_asked(server, "subscribe ask:slow")
        server.ctl("revoke", "--user", "alice")
        assert (await client.closed())[0] == 4401
        await bob.publish("ask:release")
    assert server.stats()["subscriptions"] == 0


@asynchronous
async def test_the_state_of_a_topic_is_the_applications(server):
    async with await Client.connect(server) as client:
        await client.subscribe("state:1")
        assert (await client.until("topic_snapshot"))["p"]["data"] == {"user": "alice"}
        await client.subscribe("state:none")
        assert (await client.until("topic_snapshot"))["p"]["empty"] is True
        await client.subscribe("state:deny")
        error = (await client.until("error"))["p"]
        assert error["code"] == "SNAPSHOT_UNAVAILABLE"
        server.publish("state:deny", {"n": 1})
        assert len(await client.events(1)) == 1


@asynchronous
async def test_a_sync_tells_nothing_that_was_not_granted(server):
    server.publish("kept:1", {"n": 1})
    async with await Client.connect(server) as client:
        await client.send("sync_request", {"topics": ["kept:1"], "include_snapshots": True})
        assert (await client.until("snapshot_complete"))["p"]["count"] == 0
        await client.subscribe("kept:1")
        await client.send("sync_request", {"topics": ["kept:1"], "include_snapshots": True})
        assert (await client.until("snapshot_complete"))["p"]["count"] == 1


@asynchronous
async def test_the_server_stops_while_the_application_owes_answers(server):
    async with await Client.connect(server) as client:
        await client.send("subscription_update", {"action": "subscribe", "topics": ["ask:silent"]})
        await await_asked(server, "subscribe ask:silent")
        server.stop()


@pytest.mark.parametrize("key", ["auth", "snapshot", "ask"])
def test_an_application_that_answers_nothing_is_not_asked(directory, key):
    text = '[listen.main]\naddress = "127.0.0.1:0"\nanonymous = true\n'
    text += 'auth = "app"\n' if key == "auth" else f'[[topic]]\nmatch = "a"\n{key} = "app"\n'
    line = text.count("\n")
    text += f'[module.app]\nload = "{module("app_idle")}"\n'
    file = directory / "wse.toml"
    file.write_text(text)
    answer = run("wsed", "-t", "-c", file, "--module-dir", MODULES)
    assert answer.returncode == 78
    assert f"{file}:{line}:{len(key) + 4}: " in answer.stderr
    assert f"{key}: 'app' answers no questions" in answer.stderr
