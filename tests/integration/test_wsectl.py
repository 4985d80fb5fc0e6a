# SPDX-License-Identifier: MIT
"""wsectl: every command as text and as JSON, and its exit statuses."""
import json
import subprocess

import pytest

from support.client import Client, asynchronous
from support.server import BIN, run

REFUSED, USAGE, UNREACHABLE = 1, 2, 3


def id_of(client):
    return client.ready["details"]["connection_id"]


def test_status(server):
    status = server.ctl_json("status")
    assert status["listeners"][0]["name"] == "main"
    assert status["listeners"][0]["address"] == server.address
    assert status["version"].startswith("0.1")
    text = server.ctl("status")
    assert text.returncode == 0 and server.address in text.stdout


@asynchronous
async def test_publish_answers_with_the_position(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        assert server.ctl("publish", "demo", '{"n":1}').returncode == 0
        answer = server.ctl_json("publish", "demo", '{"n":2}', "--type", "t", "--priority", "8")
        assert answer["offset"] == 2 and isinstance(answer["epoch"], str)
        assert server.ctl("publish", "demo", "-", input='{"n":3}\n{"n":4}\n').returncode == 0
        events = await client.events(4)
        assert [event["p"]["n"] for event in events] == [1, 2, 3, 4]
        assert events[1]["t"] == "t"


@pytest.mark.parametrize("topic, payload", [("demo", "{nonsense"), ("", "{}"), ("a\nb", "{}")])
def test_what_cannot_be_published_is_said(server, topic, payload):
    answer = server.ctl("publish", topic, payload)
    assert answer.returncode in (REFUSED, USAGE) and answer.stderr.count("\n") == 1


def test_a_bad_line_among_good_ones_is_reported(server):
    answer = server.ctl("publish", "demo", "-", input='{"n":1}\nnonsense\n{"n":3}\n')
    assert answer.returncode == REFUSED and "line 2" in answer.stderr


def start_subscriber(server, *arguments):
    """A wsectl that prints events."""
    command = [BIN / "wsectl", "--socket", server.directory / "control.sock", "subscribe"]
    return subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True)


def publish_until_ended(server, subscriber, *topics):
    """Numbers the messages, topic after topic; what the subscriber printed."""
    try:
        for n in range(500):
            if subscriber.poll() is not None:
                break
            server.publish(topics[n % len(topics)], {"n": n})
        out, _ = subscriber.communicate(timeout=30)
    finally:
        subscriber.kill()
    assert subscriber.returncode == 0
    return out


def test_subscribe_prints_events_and_ends_after_count(server):
    subscriber = start_subscriber(server, "demo", "other", "--count", "3", "--json")
    out = publish_until_ended(server, subscriber, "demo", "other")
    events = [json.loads(line) for line in out.splitlines()]
    numbers = [event["payload"]["n"] for event in events]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert [event["topic"] for event in events] == [("demo", "other")[n % 2] for n in numbers]
    assert [event["offset"] for event in events] == [n // 2 + 1 for n in numbers]


def test_subscribe_as_text(server):
    out = publish_until_ended(server, start_subscriber(server, "demo", "-n", "1"), "demo")
    assert "demo" in out and '{"n":' in out.replace(" ", "")


@asynchronous
async def test_conn_ls_and_show(server):
    async with await Client.connect(server, "alice") as one, await Client.connect(server, "bob"):
        await one.subscribe("demo")
        found = {row["user"]: row for row in server.connections()}
        assert set(found) == {"alice", "bob"}
        assert found["alice"]["id"] == id_of(one)
        shown = server.ctl_json("conn", "show", id_of(one))
        assert shown["user"] == "alice" and shown["id"] == id_of(one)
        assert "demo" in json.dumps(shown)
        text = server.ctl("conn", "ls")
        assert id_of(one) in text.stdout and "bob" in text.stdout
        assert id_of(one) in server.ctl("conn", "show", id_of(one)).stdout


@asynchronous
async def test_conn_kill(server):
    client = await Client.connect(server)
    assert server.ctl("conn", "kill", id_of(client), "--code", "4429").returncode == 0
    assert (await client.closed())[0] == 4429
    answer = server.ctl("conn", "kill", id_of(client))
    assert answer.returncode == REFUSED and id_of(client) in answer.stderr


@pytest.mark.parametrize("code", ["0", "999", "1005", "1006", "5000", "x"])
@asynchronous
async def test_conn_kill_sends_no_code_that_does_not_exist(server, code):
    async with await Client.connect(server) as client:
        assert server.ctl("conn", "kill", id_of(client), "--code", code).returncode != 0
        await client.ping()


@asynchronous
async def test_topic_ls_and_show(server):
    async with await Client.connect(server) as client:
        await client.subscribe("a", "b")
        server.publish("a", {"n": 1})
        assert {"a", "b"} <= {row["topic"] for row in server.ctl_json("topic", "ls")["topics"]}
        assert [row["topic"] for row in server.ctl_json("topic", "ls", "b*")["topics"]] == ["b"]
        assert server.ctl_json("topic", "show", "a")["subscribers"] == 1
        assert "a" in server.ctl("topic", "ls").stdout
        assert server.ctl("topic", "show", "a").returncode == 0
    absent = server.ctl("topic", "show", "absent")
    assert absent.returncode == REFUSED and "absent" in absent.stderr


def test_modules(server):
    modules = server.ctl_json("modules")["modules"]
    assert [module["name"] for module in modules] == ["auth_jwt"]
    assert "auth_jwt" in server.ctl("modules").stdout


@asynchronous
async def test_stats_count_what_happened(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        before = server.stats()
        server.publish_all("demo", [{"n": n} for n in range(10)])
        await client.events(10)
        after = server.stats()
    assert after["published"] - before["published"] == 10
    assert after["messages_sent"] - before["messages_sent"] >= 10
    assert after["sessions_opened"] == 1
    assert "published" in server.ctl("stats").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["status", "--nonsense"],
        ["publish"],
        ["publish", "demo", "{}", "more"],
        ["subscribe"],
        ["conn"],
        ["conn", "nonsense"],
        ["conn", "show"],
        ["topic", "show"],
        ["publish", "demo", "{}", "--priority", "x"],
        ["subscribe", "demo", "--count", "x"],
    ],
)
def test_a_wrong_use_is_2(server, arguments):
    answer = server.ctl(*arguments)
    assert answer.returncode == USAGE
    assert answer.stderr and not answer.stdout


def test_help_and_version_need_no_server():
    for option in ("--help", "--version"):
        answer = run("wsectl", option)
        assert answer.returncode == 0 and answer.stdout


def test_without_a_server_the_status_is_3(directory):
    answer = run("wsectl", "--socket", directory / "control.sock", "status")
    assert answer.returncode == UNREACHABLE
    assert str(directory / "control.sock") in answer.stderr


def test_the_control_socket_is_for_its_owner(server):
    assert (server.directory / "control.sock").stat().st_mode & 0o007 == 0
