# SPDX-License-Identifier: MIT
"""Who is there: joins, leaves and updates, rosters, and what makes no noise."""
import time

import pytest

from support.client import Client, asynchronous
from support.control import Control, ControlError
from support.server import DEADLINE_S
from support.wishes import ask, settled

TOPIC = "room:1"
LONG = "5m"  # a grace that no test outlasts


def start(make_server, grace="200ms", **presence):
    rows = [
        {"match": "room:*", "subscribe": True, "publish": True, "presence": True},
        {"match": "*", "subscribe": True, "publish": True},
    ]
    return make_server(topic=rows, presence={"grace": grace, **presence}).start()


def told(messages):
    """(event, user, data) of what was said of presence; each names its topic."""
    kinds = ("presence_join", "presence_leave", "presence_update")
    found = [message for message in messages if message["t"] in kinds]
    assert all(message["p"]["topic"].startswith("room:") for message in found), found
    return [(m["t"][len("presence_") :], m["p"]["user_id"], m["p"]["data"]) for m in found]


async def enter(server, user, topic=TOPIC, **data):
    """A connection of the user who is present with that data."""
    client = await Client.connect(server, user)
    ack = await ask(client, topic, presence=data)
    assert ack["success_topics"] == [topic], ack
    return client


def roster(server, topic=TOPIC, **arguments):
    with Control(server) as control:
        return control.ask("presence", topic=topic, **arguments)


def users(server, topic=TOPIC):
    return {row["user"]: row["connections"] for row in roster(server, topic)["users"]}


def await_users(server, expected, topic=TOPIC):
    deadline = time.monotonic() + DEADLINE_S
    while (found := users(server, topic)) != expected:
        assert time.monotonic() < deadline, f"present: {found}, expected: {expected}"


@asynchronous
async def test_join_update_and_leave_are_told_to_all_who_subscribe(make_server):
    server = start(make_server)
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe(TOPIC)
        bob = await enter(server, "bob", mood="good")
        joined = await watcher.until("presence_join")
        assert joined["p"] == {"topic": TOPIC, "user_id": "bob", "data": {"mood": "good"}}
        assert (await bob.until("presence_join"))["p"] == joined["p"]
        await bob.send("presence_update", {"topic": TOPIC, "data": {"mood": "bad"}})
        updated = (await watcher.until("presence_update"))["p"]
        assert updated == {"topic": TOPIC, "user_id": "bob", "data": {"mood": "bad"}}
        # The same again is no news.
        await bob.send("presence_update", {"topic": TOPIC, "data": {"mood": "bad"}})
        await bob.ping()
        await bob.socket.close()
        left = (await watcher.until("presence_leave"))["p"]
        assert left == {"topic": TOPIC, "user_id": "bob", "data": {"mood": "bad"}}
        assert [event for event, _, _ in told(watcher.seen)] == ["join", "update", "leave"]


@asynchronous
async def test_an_unsubscribe_is_a_leave(make_server):
    server = start(make_server, grace="0s")
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe(TOPIC)
        async with await enter(server, "bob") as bob:
            await watcher.until("presence_join")
            await bob.unsubscribe(TOPIC)
            assert (await watcher.until("presence_leave"))["p"]["user_id"] == "bob"
            assert users(server) == {}


@asynchronous
async def test_an_update_without_a_topic_is_about_all_of_them(make_server):
    server = start(make_server)
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe("room:1", "room:2", "room:3")
        async with await enter(server, "bob", "room:1") as bob:
            await ask(bob, "room:2", presence={})
            await bob.send("presence_update", {"data": {"mood": "new"}})
            found = [(await watcher.until("presence_update"))["p"] for _ in range(2)]
            assert {update["topic"] for update in found} == {"room:1", "room:2"}
            assert all(update["data"] == {"mood": "new"} for update in found)


@asynchronous
async def test_who_subscribes_a_pattern_is_told_too(make_server):
    server = start(make_server)
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe("room:*")
        async with await enter(server, "bob", "room:7"):
            assert (await watcher.until("presence_join"))["p"]["topic"] == "room:7"


@asynchronous
async def test_a_roster_comes_behind_the_acknowledgement_when_asked_for(make_server):
    server = start(make_server)
    async with await enter(server, "bob", a=1), await enter(server, "carol", a=2):
        async with await enter(server, "bob", a=3), await Client.connect(server, "dave") as dave:
            await ask(dave, TOPIC, roster=True)
            state = await dave.until("presence_state")
            assert state["p"] == {
                "topic": TOPIC,
                "users": [
                    {"user_id": "bob", "data": {"a": 3}, "connections": 2},
                    {"user_id": "carol", "data": {"a": 2}, "connections": 1},
                ],
                "count": 2,
                "truncated": False,
            }
            kinds = [message["t"] for message in dave.seen]
            assert kinds.index("subscription_update") < kinds.index("presence_state")
            # Asked for by nobody, it does not come; who only looks is not there.
            async with await Client.connect(server, "erin") as erin:
                await erin.subscribe(TOPIC)
                assert "presence_state" not in [m["t"] for m in await settled(erin)]
            assert users(server) == {"bob": 2, "carol": 1}


@asynchronous
async def test_a_topic_without_presence_tells_nothing(make_server):
    server = start(make_server)
    async with await Client.connect(server) as client:
        await ask(client, "hall:1", presence={"a": 1}, roster=True)
        kinds = {message["t"] for message in await settled(client)}
        assert not [kind for kind in kinds if kind.startswith("presence")]
    assert roster(server, "hall:1")["total"] == 0


@asynchronous
async def test_a_reconnect_within_the_grace_makes_no_noise(make_server):
    server = start(make_server, grace=LONG)
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe(TOPIC)
        bob = await enter(server, "bob", mood="good")
        await watcher.until("presence_join")
        for _ in range(3):
            bob.socket.transport.abort()
            await bob.socket.wait_closed()
            await_users(server, {"bob": 0})
            bob = await enter(server, "bob", mood="good")
            assert users(server) == {"bob": 1}
        assert told(await settled(watcher)) == [("join", "bob", {"mood": "good"})]
        # With other data, it is an update.
        await bob.socket.close()
        await_users(server, {"bob": 0})
        async with await enter(server, "bob", mood="tired"):
            await watcher.until("presence_update")
        assert told(watcher.seen)[1:] == [("update", "bob", {"mood": "tired"})]


@asynchronous
async def test_a_user_is_there_until_the_last_connection_has_gone(make_server):
    server = start(make_server, grace="0s")
    async with await Client.connect(server, "watcher") as watcher:
        await watcher.subscribe(TOPIC)
        connections = [await enter(server, "bob") for _ in range(4)]
        assert users(server) == {"bob": 4}
        for left in (3, 2, 1):
            await connections.pop().socket.close()
            await_users(server, {"bob": left})
        assert told(await settled(watcher)) == [("join", "bob", {})]
        await connections.pop().socket.close()
        await watcher.until("presence_leave")
        assert users(server) == {}


@pytest.mark.parametrize("size, admitted", [(100, True), (101, False)])
@asynchronous
async def test_the_data_has_a_limit(make_server, size, admitted):
    server = start(make_server, max_data="100")
    data = {"d": "x" * (size - len('{"d": ""}'))}  # as json.dumps writes it
    async with await Client.connect(server, "bob") as bob:
        request = {"action": "subscribe", "topics": [TOPIC], "presence": data}
        await bob.send("subscription_update", request)
        answer = await bob.until_any("subscription_update", "error")
        assert (answer["t"] == "subscription_update") is admitted
        assert users(server) == ({"bob": 1} if admitted else {})
        await ask(bob, TOPIC, presence={})
        await bob.send("presence_update", {"topic": TOPIC, "data": data})
        answer = await bob.until_any("presence_update", "error")
        assert (answer["t"] == "presence_update") is admitted
        if not admitted:
            assert answer["p"]["code"] == "MESSAGE_TOO_LARGE"
            assert roster(server)["users"][0]["data"] == {}


@asynchronous
async def test_a_topic_has_a_limited_number_of_users(make_server):
    server = start(make_server, max_members=2)
    async with await enter(server, "a"), await enter(server, "b"), await enter(server, "c") as c:
        assert users(server) == {"a": 1, "b": 1}
        # It is subscribed all the same.
        server.publish(TOPIC, {"n": 1})
        assert (await c.events(1))[0]["p"] == {"n": 1}


@asynchronous
async def test_the_control_socket_shows_who_is_there(make_server):
    server = start(make_server)
    assert roster(server) == {"topic": TOPIC, "users": [], "total": 0, "truncated": False}
    async with await enter(server, "bob", a=1), await enter(server, "carol", a=2):
        assert roster(server, limit=1) == {
            "topic": TOPIC,
            "users": [{"user": "bob", "data": {"a": 1}, "connections": 1}],
            "total": 2,
            "truncated": True,
        }
    with pytest.raises(ControlError) as refused:
        roster(server, topic="")
    assert refused.value.code == "invalid"
