# SPDX-License-Identifier: MIT
"""Topics that hosts share, with a backplane that is a cluster of this host alone: the whole way from
a publish through the module and back, without a machine beside this one."""
import subprocess

import pytest

from support.client import Client, asynchronous
from support.control import Control, ControlError
from support.wishes import ask, events_of, settled
from support.zoo import module

SHARED = "shared:1"


@pytest.fixture
def server(make_server):
    return start(make_server)


def start(make_server, **tables):
    rows = [
        {"match": "here:*", "subscribe": True, "publish": True, "history": {}, "scope": "host"},
        {"match": "room", "subscribe": True, "publish": True, "presence": True},
        {"match": "*", "subscribe": True, "publish": True, "history": {}},
    ]
    server = make_server(topic=rows, presence={"grace": "0ms"}, **tables)
    plane = {"load": module("backplane_loop"), "journal": str(server.directory / "journal")}
    server.configure(module_plane=plane)
    return server.start()


def journal(server):
    file = server.directory / "journal"
    return [line.split()[0] for line in file.read_text().splitlines()] if file.exists() else []


def obey(server, what, payload=None):
    """Has the module do what a topic of it says."""
    with Control(server) as control:
        control.ask("publish", topic=f"zoo:{what}", payload=payload or {})


def status(server):
    return server.ctl_json("status")


def numbers(messages):
    return [message["p"]["n"] for message in events_of(messages)]


@asynchronous
async def test_a_message_comes_back_from_the_cluster_with_its_place(server):
    async with await Client.connect(server) as reader, await Client.connect(server) as writer:
        ack = await ask(reader, SHARED)
        assert ack["success_topics"] == [SHARED]
        for n in range(20):
            await writer.publish(SHARED, {"n": n})
        got = await reader.events(20)
        assert [message["p"]["n"] for message in got] == list(range(20))
        assert [message["o"] for message in got] == list(range(1, 21))
        assert {message["e"] for message in got} == {"00000007"}
    assert journal(server).count("follow") == 1


@asynchronous
async def test_topics_of_this_host_alone_do_not_go_there(server):
    async with await Client.connect(server) as client:
        await client.subscribe("here:1")
        await client.publish("here:1", {"n": 1})
        (message,) = await client.events(1)
        assert message["e"] != "00000007"
    assert journal(server) == []


@asynchronous
async def test_what_was_published_while_nobody_followed_is_recovered(server):
    async with await Client.connect(server) as client:
        await client.subscribe(SHARED)
        await client.publish(SHARED, {"n": 1})
        (first,) = await client.events(1)
    for n in (2, 3):
        server.publish(SHARED, {"n": n})
    async with await Client.connect(server) as client:
        place = {SHARED: {"epoch": first["e"], "offset": first["o"]}}
        ack = await ask(client, SHARED, recover=True, recovery=place)
        assert ack["recovery"][SHARED]["recovered"] is True, ack
        assert [message["p"]["n"] for message in await client.events(2)] == [2, 3]


@asynchronous
async def test_a_pattern_takes_what_is_published_on_any_topic_of_it(server):
    async with await Client.connect(server) as client:
        await client.subscribe("shared:*")
        for topic in ("shared:1", "shared:2"):
            server.publish(topic, {"n": 1})
        assert len(await client.events(2)) == 2


@asynchronous
async def test_a_publisher_is_told_to_try_again_when_the_cluster_cannot_take_it(make_server):
    server = start(make_server, cluster={"publish_timeout": "100ms"})
    with Control(server) as control:
        for topic in ("zoo:full", "zoo:slow"):
            with pytest.raises(ControlError) as refused:
                control.ask("publish", topic=topic, payload={})
            assert refused.value.code == "unavailable"
    async with await Client.connect(server) as client:
        await client.subscribe("here:1")
        await client.publish("here:1", {"n": 1})
        assert len(await client.events(1)) == 1


@asynchronous
async def test_who_is_present_elsewhere_is_there_and_leaves_with_the_host(server):
    async with await Client.connect(server, "alice") as client:
        await ask(client, "room", presence={"mood": "good"})
        joined = await client.until("presence_join")
        assert joined["p"]["user_id"] == "alice"  # as it comes back
        obey(server, "join")
        joined = await client.until("presence_join")
        assert (joined["p"]["user_id"], joined["p"]["data"]) == ("bob", {"from": "afar"})
        with Control(server) as control:
            users = [row["user"] for row in control.ask("presence", topic="room")["users"]]
        assert users == ["alice", "bob"]
        obey(server, "gone")
        left = await client.until("presence_leave")
        assert left["p"]["user_id"] == "bob"
    assert "set_fact" in journal(server)


@asynchronous
async def test_readiness_is_what_the_backplane_says(server):
    found = status(server)
    assert (found["ready"], found["unready"]) == (True, None)
    obey(server, "deaf")
    found = status(server)
    assert (found["ready"], found["unready"]) == (False, "plane: the zoo is closed")
    assert "running, not ready" in server.ctl("status").stdout
    async with await Client.connect(server) as client:
        await client.subscribe(SHARED)  # is served all the same
    obey(server, "hear")
    assert status(server)["ready"] is True


@asynchronous
async def test_deaf_for_long_closes_those_who_wait_for_others(make_server):
    server = start(make_server, cluster={"when_deaf": "close", "deaf_after": "1s",
                                         "publish_timeout": "1s"})
    async with await Client.connect(server) as sharing, await Client.connect(server) as alone:
        await sharing.subscribe(SHARED)
        await alone.subscribe("here:1")
        obey(server, "deaf")
        assert (await sharing.closed())[0] == 1012
        await alone.publish("here:1", {"n": 1})
        assert len(await alone.events(1)) == 1


@asynchronous
async def test_send_is_passed_on_and_taken_from_others(server):
    async with await Client.connect(server, "alice") as client:
        with Control(server) as control:
            here = control.ask("send", user="alice", type="notice", payload={"n": 1})
            elsewhere = control.ask("send", connection="somewhere", type="notice", payload={})
        assert (here["sent"], here["others"]) == (1, True)
        assert (elsewhere["sent"], elsewhere["others"]) == (0, True)
        assert journal(server).count("broadcast") == 2
        order = {"do": "send", "user": "alice", "type": "notice", "payload": {"n": 2}}
        for said in (order, {"do": "dance"}, {"do": "send", "type": "notice"}):
            obey(server, "say", said)
        notices = [await client.until("notice"), await client.until("notice")]
        assert [notice["p"]["n"] for notice in notices] == [1, 2]
        assert [m["t"] for m in await settled(client)].count("notice") == 2
    assert server.log().count("cluster.unsound") == 1


def test_operators_ask_the_module(server):
    assert server.ctl_json("backplane")["hosts"] == ["0123456789abcdef"]
    assert "0123456789abcdef" in server.ctl("backplane").stdout
    for words in (("ls",), ("replay", "a", "--all"), ("drop", "a", "1-1")):
        answer = server.ctl("dlq", *words)
        assert answer.returncode == 1 and "the zoo has no letters" in answer.stderr, answer
    for words in (("a",), ("a", "all")):
        assert server.ctl("dlq", "drop", *words).returncode == 2


def test_without_a_backplane_there_is_nobody_to_ask(make_server):
    server = make_server().start()
    assert status(server)["ready"] is True
    answer = server.ctl("backplane")
    assert answer.returncode == 1 and "no module joins this host" in answer.stderr


def test_a_second_backplane_is_an_error_at_its_place(make_server):
    server = make_server()
    for name in ("module_one", "module_two"):
        server.configure(**{name: {"load": module("backplane_loop")}})
    done = subprocess.run(server.command("-t"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 78
    assert "module.two: a second module of kind backplane, beside module.one" in done.stderr


def test_a_start_that_fails_behind_the_modules_says_why(make_server):
    first, second = make_server(), make_server()
    for server in (first, second):
        path = {"path": str(first.directory / "history")}
        server.configure(history=path, module_plane={"load": module("backplane_loop")})
        server.configure(topic=[{"match": "*", "subscribe": True, "history": {}}])
    first.start()
    done = subprocess.run(second.command(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 69, done
    assert "another process writes its history here" in done.stderr
