# SPDX-License-Identifier: MIT
"""Observers of a running server: the access log, and what wsectl tells of modules."""
import json
import os
import time

from support.client import Client, asynchronous
from support.server import DEADLINE_S


def access_log(directory, **options):
    return {"file": str(directory / "access.log"), "format": "json", **options}


def lines(directory):
    return [json.loads(line) for line in (directory / "access.log").read_text().splitlines()]


def await_event(directory, event):
    """The lines, once one of that event is among them."""
    deadline = time.monotonic() + DEADLINE_S
    while event not in [line["event"] for line in lines(directory)]:
        assert time.monotonic() < deadline, lines(directory)
        time.sleep(0.01)
    return lines(directory)


async def visit(server):
    """A client that does one of everything and goes."""
    async with await Client.connect(server) as client:
        await client.subscribe("read:news")
        await client.publish("room", {"n": 1}, type="chat")


@asynchronous
async def test_the_access_log_tells_a_connection_in_order(make_server, directory):
    server = make_server(module_observer_log=access_log(directory)).start()
    await visit(server)
    seen = await_event(directory, "close")
    assert [line["event"] for line in seen] == [
        "open",
        "subscribe",
        "publish",
        "unsubscribe",
        "close",
    ]
    assert len({line["connection"] for line in seen}) == 1
    assert {line["user"] for line in seen} == {"alice"}
    assert {line["listener"] for line in seen} == {"main"}
    publish = seen[2]
    assert (publish["topic"], publish["type"], publish["bytes"]) == ("room", "chat", 8)


@asynchronous
async def test_refused_clients_and_publishes_of_the_operator_are_told(make_server, directory):
    server = make_server(module_observer_log=access_log(directory)).start()
    async with await Client.open(server, "nonsense") as client:
        await client.closed()
    server.publish("room", {"n": 1}, "--type", "chat")
    seen = await_event(directory, "publish")
    assert [line["event"] for line in seen] == ["refused", "publish"]
    assert seen[0]["error"] == "AUTH_FAILED"
    assert "connection" not in seen[1]
    assert "nonsense" not in (directory / "access.log").read_text()


@asynchronous
async def test_what_is_queued_is_written_before_the_server_ends(make_server, directory):
    server = make_server(module_observer_log=access_log(directory)).start()
    clients = [await Client.connect(server, f"user-{i}") for i in range(20)]
    assert server.terminate() == 0
    ends = [line for line in lines(directory) if line["event"] == "close"]
    assert sorted(line["user"] for line in ends) == sorted(f"user-{i}" for i in range(20))
    assert {line["code"] for line in ends} == {4300}
    for client in clients:
        await client.socket.close()


@asynchronous
async def test_instances_have_their_own_events_and_rotations(make_server, directory):
    opens = directory / "opens.log"
    server = make_server(
        module_all=access_log(directory, load="observer_log.so"),
        module_opens={"load": "observer_log.so", "file": str(opens), "events": ["open"]},
    ).start()
    await visit(server)
    await_event(directory, "close")
    os.rename(directory / "access.log", directory / "access.log.1")
    await visit(server)
    deadline = time.monotonic() + DEADLINE_S
    while not (directory / "access.log").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    await_event(directory, "close")
    assert server.terminate() == 0
    assert [line.split()[1] for line in opens.read_text().splitlines()] == ["open", "open"]


def test_modules_and_their_counters_are_shown_loop_by_loop(make_server, directory):
    server = make_server(module_observer_log=access_log(directory)).start()
    rows = {row["name"]: row for row in server.ctl_json("modules")["modules"]}
    assert rows["auth_jwt"]["loops"] == ["loop-0", "loop-1"]
    assert rows["observer_log"]["loops"] == ["service"]
    assert rows["observer_log"]["kind"] == "observer"
    assert rows["observer_log"]["unused"] is None
    server.publish("room", {"n": 1})
    await_event(directory, "publish")
    stats = server.ctl_json("stats")
    counters = {row["name"]: row for row in stats["counters"]}
    assert counters["published"]["loops"]["hub"] == counters["published"]["value"] == 1
    assert set(counters["upgrades"]["loops"]) == {"loop-0", "loop-1", "service", "hub"}
    modules = {row["name"]: row["counters"] for row in stats["modules"]}
    written = next(row for row in modules["observer_log"] if row["name"] == "lines")
    assert set(written["loops"]) == {"service", "other"}
    assert sum(written["loops"].values()) == written["value"]


def test_a_module_that_nothing_uses_is_named_at_the_start(make_server, directory):
    tokens = directory / "tokens"
    tokens.write_text("token-of-dora-0123456789 dora\n")
    tokens.chmod(0o600)
    server = make_server(
        listen_main={"auth": "auth_jwt"}, module_auth_token_file={"file": str(tokens)}
    ).start()
    assert "module.unused module=auth_token_file" in server.log()
    assert "auth_token_file is not used: no listener names it" in server.ctl("modules").stdout
    assert "auth_jwt is not used" not in server.ctl("modules").stdout
