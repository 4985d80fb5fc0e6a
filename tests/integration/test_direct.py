# SPDX-License-Identifier: MIT
"""The command `send`: to one connection, to all of a user, to everybody, outside of topics."""
import pytest

from support.client import Client, asynchronous
from support.control import Control, ControlError
from support.loops import on_both_loops
from support.wishes import settled


def send(server, **arguments):
    with Control(server) as control:
        return control.ask("send", **arguments)


def id_of(client):
    return client.ready["details"]["connection_id"]


async def notices(client):
    """Those of type `notice` that have come."""
    return [message for message in await settled(client) if message["t"] == "notice"]


def connected(server, user="alice", least=4):
    """Sessions of one user on both loops."""
    return on_both_loops(server, lambda: Client.connect(server, user), least)


@asynchronous
async def test_to_one_connection(server):
    async with connected(server) as clients, await Client.connect(server, "bob") as bob:
        for client in [*clients, bob]:
            answer = send(server, connection=id_of(client), type="notice", payload={"n": 1})
            assert (answer["sent"], answer["dropped"]) == (1, 0)
            (notice,) = await notices(client)
            assert notice["p"] == {"n": 1} and notice["id"] == answer["id"]
        counts = {len(await notices(client)) for client in [*clients, bob]}
        assert counts == {1}


@asynchronous
async def test_to_all_connections_of_a_user_on_both_loops(server):
    async with connected(server, "alice") as mine, connected(server, "bob") as others:
        answer = send(server, user="alice", type="notice", payload={"n": 1})
        assert (answer["sent"], answer["dropped"]) == (len(mine), 0)
        assert [len(await notices(client)) for client in mine] == [1] * len(mine)
        assert [len(await notices(client)) for client in others] == [0] * len(others)


@asynchronous
async def test_to_everybody(server):
    async with connected(server, "alice") as some, connected(server, "bob") as others:
        answer = send(server, all=True, type="notice", payload={"n": 1}, id="first")
        assert answer == {"id": "first", "sent": len(some + others), "dropped": 0}
        for client in some + others:
            (notice,) = await notices(client)
            assert (notice["id"], notice["p"]) == ("first", {"n": 1})


@asynchronous
async def test_in_the_order_they_were_sent(server):
    async with connected(server) as clients:
        with Control(server) as control:
            rows = [{"user": "alice", "type": "notice", "payload": {"n": n}} for n in range(200)]
            control.ask_all([("send", row) for row in rows])
        for client in clients:
            assert [notice["p"]["n"] for notice in await notices(client)] == list(range(200))


@asynchronous
async def test_it_is_never_stamped_and_takes_no_place_in_a_topic(make_server):
    row = {"match": "*", "subscribe": True, "publish": True, "history": {"messages": 10}}
    server = make_server(topic=[row]).start()
    async with await Client.connect(server) as client:
        await client.subscribe("notice")
        server.publish("notice", {"n": 1})
        send(server, user="alice", type="notice", payload={"n": 2})
        send(server, all=True, type="notice", payload={"n": 3}, priority=10)
        server.publish("notice", {"n": 4})
        found = await notices(client)
        assert [notice["p"]["n"] for notice in found] == [1, 2, 3, 4]
        assert [notice.get("o") for notice in found] == [1, None, None, 2]
        assert not {"tp", "e", "o"} & (set(found[1]) | set(found[2]))
        assert found[2]["pri"] == 10
    assert server.ctl_json("topic", "show", "notice")["history_messages"] == 2


@asynchronous
async def test_a_payload_that_is_no_object_is_wrapped(server):
    async with await Client.connect(server) as client:
        send(server, user="alice", type="notice", payload=5)
        send(server, user="alice", type="notice")
        assert [notice["p"] for notice in await notices(client)] == [{"data": 5}, {}]


@asynchronous
async def test_who_is_not_there_gets_nothing(server):
    async with await Client.connect(server, "bob") as client:
        with pytest.raises(ControlError) as refused:
            send(server, connection="nobody", type="notice")
        assert refused.value.code == "not_found"
        answer = send(server, user="alice", type="notice")
        assert (answer["sent"], answer["dropped"]) == (0, 0)
        assert not await notices(client)
    server.await_connections(0)
    assert send(server, all=True, type="notice")["sent"] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"type": "notice"},
        {"type": "notice", "user": "alice", "all": True},
        {"type": "notice", "user": "alice", "connection": "c"},
        {"type": "notice", "connection": "c", "user": "alice", "all": True},
        {"type": "notice", "all": False},
        {"user": "alice"},
        {"type": "", "all": True},
        {"type": "server_ready", "all": True},
        {"type": "error", "user": "alice"},
    ],
)
def test_what_says_no_one_target_or_no_type_is_refused(server, arguments):
    with pytest.raises(ControlError) as refused:
        send(server, **arguments)
    assert refused.value.code == "invalid"
