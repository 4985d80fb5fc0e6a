# SPDX-License-Identifier: MIT
"""The messages of a session: publish, ping, limits, and what is no message."""
import json

import pytest

from support.client import Client, asynchronous


@asynchronous
async def test_a_publish_is_acknowledged_and_delivered(server):
    async with await Client.connect(server) as one, await Client.connect(server, "bob") as two:
        await one.subscribe("demo")
        await two.subscribe("demo")
        ack = await one.publish("demo", {"text": "hi"}, key="k42", type="greeting", priority=8)
        assert ack["t"] == "publish_ack"
        assert ack["p"]["id"] == "k42" and ack["p"]["topic"] == "demo"
        for client in (one, two):
            (event,) = await client.events(1)
            assert (event["t"], event["p"]) == ("greeting", {"text": "hi"})


@asynchronous
async def test_the_type_comes_from_the_payload_or_the_topic(server):
    cases = [
        ({"event_type": "a", "type": "b"}, "a"),
        ({"type": "b"}, "b"),
        ({"text": "neither"}, "demo"),
    ]
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        for payload, kind in cases:
            server.publish("demo", payload)
            await client.publish("demo", payload)
            assert [event["t"] for event in await client.events(2)] == [kind, kind]
        server.publish("demo", {"type": "b"}, "--type", "explicit")
        assert (await client.events(1))[0]["t"] == "explicit"


@asynchronous
async def test_a_client_cannot_pose_as_the_server(server):
    reserved = ["server_ready", "error", "PONG", "subscription_update", "server_hello", "ping"]
    async with await Client.connect(server) as one, await Client.connect(server, "bob") as two:
        await two.subscribe("demo")
        for kind in reserved:
            answer = await one.publish("demo", {"n": 1}, type=kind)
            assert answer["t"] == "error", kind
        server.publish("demo", {"last": True})
        assert (await two.events(1))[0]["p"] == {"last": True}
        assert not [m for m in two.seen[3:] if m["t"] in reserved and m["c"] == "U"]


@pytest.mark.parametrize(
    "payload",
    [{}, {"topic": ""}, {"topic": 5}, {"topic": "a\u0001"}, {"topic": "x" * 5000}, {"payload": 1}],
)
@asynchronous
async def test_a_publish_without_a_topic_is_invalid(server, payload):
    async with await Client.connect(server) as client:
        await client.send("publish", payload, id="k1")
        answer = await client.until("error")
        assert answer["p"]["code"] in ("INVALID_MESSAGE", "NOT_ALLOWED", "MESSAGE_TOO_LARGE")
        await client.ping()


@asynchronous
async def test_a_publish_over_its_limit_is_refused_and_the_connection_stays(make_server):
    server = make_server(limits={"max_message_size": "64k", "max_publish_size": "4k"}).start()
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        refused = await client.publish("demo", {"text": "x" * 5000})
        assert refused["p"]["code"] == "MESSAGE_TOO_LARGE"
        assert (await client.publish("demo", {"text": "x" * 3000}))["t"] == "publish_ack"


@asynchronous
async def test_an_unknown_type_is_answered_and_forgiven(server):
    async with await Client.connect(server) as client:
        await client.send("no_such_thing", {"a": 1})
        answer = await client.until("error")
        assert answer["p"]["code"] == "UNKNOWN_TYPE" and answer["p"]["recoverable"] is True
        await client.ping()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "nonsense",
        "[]",
        "5",
        "null",
        '"text"',
        "{}",
        '{"t":5}',
        '{"t":""}',
        '{"t":null,"p":{}}',
        '{"t":"ping"} trailing',
        '{"t":"ping",}',
        "{'t':'ping'}",
        '{"t":"publish","p":{"topic":"demo","payload":NaN}}',
        '{"t":"a","p":' + "[" * 5000 + "]" * 5000 + "}",
        '{"t":"\\ud800"}',
    ],
    ids=lambda text: repr(text[:20]),
)
@asynchronous
async def test_what_is_no_message_is_answered_and_the_connection_stays(server, text):
    async with await Client.connect(server) as client:
        await client.send_text(text)
        answer = await client.until("error")
        assert answer["p"]["code"] in ("INVALID_MESSAGE", "UNKNOWN_TYPE"), answer
        await client.ping()


@asynchronous
async def test_aliases_prefixes_and_binary_json_are_understood(server):
    ping = json.dumps({"type": "ping", "payload": {"timestamp": 1}})
    async with await Client.connect(server) as client:
        for message in (ping, "WSE" + ping, "S" + ping, "U" + ping, ping.encode()):
            await client.socket.send(message)
            await client.until("PONG")
        await client.send("subscription", {"action": "subscribe", "topics": ["demo"]})
        ack = await client.until("subscription_update")
        assert ack["p"]["success_topics"] == ["demo"]


@asynchronous
async def test_an_empty_list_of_topics_is_no_error(server):
    async with await Client.connect(server) as client:
        ack = await client.subscribe()
        assert ack["success_topics"] == [] and ack["failed_topics"] == []
        assert not [message for message in client.seen if message["t"] == "error"]


@asynchronous
async def test_a_sync_request_is_answered_even_with_nothing(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        await client.send("sync_request", {"topics": ["demo"], "include_snapshots": True}, c="S")
        answer = await client.until("snapshot_complete")
        assert isinstance(answer["p"], dict)


@asynchronous
async def test_the_rate_limit_warns_then_refuses_and_the_connection_stays(make_server):
    server = make_server(limits={"rate_capacity": 50, "rate_refill": 10}).start()
    async with await Client.connect(server) as client:
        for _ in range(200):
            await client.send("ping", {"timestamp": 1})
        # The bucket fills again, so sooner or later a ping is answered.
        limited = await client.until("error")
        assert limited["p"]["code"] == "RATE_LIMITED"
        warnings = [m for m in client.seen if m["t"] == "rate_limit_warning"]
        assert len(warnings) == 1
        assert warnings[0]["p"]["limit"] == 50 and warnings[0]["p"]["remaining"] <= 10
        errors = [m for m in client.seen if m["t"] == "error"]
        assert len(errors) == 1
        assert client.socket.open


@asynchronous
async def test_the_rate_limit_of_one_is_not_that_of_another(make_server):
    server = make_server(limits={"rate_capacity": 50, "rate_refill": 1}).start()
    async with await Client.connect(server) as flood, await Client.connect(server, "bob") as calm:
        for _ in range(500):
            await flood.send("ping", {"timestamp": 1})
        await flood.until("error")
        await calm.ping()


@asynchronous
async def test_who_says_nothing_is_closed_as_idle(make_server):
    keepalive = {"heartbeat_interval": "1s", "idle_timeout": "3s"}
    server = make_server(keepalive=keepalive).start()
    async with await Client.connect(server) as client:
        code, _ = await client.closed()
        assert code == 4408


@asynchronous
async def test_who_answers_pings_is_not_idle(make_server):
    keepalive = {"heartbeat_interval": "1s", "idle_timeout": "3s"}
    server = make_server(keepalive=keepalive).start()
    async with await Client.connect(server) as client:
        for _ in range(5):
            ping = await client.until("ping")
            await client.send("PONG", {"server_timestamp": ping["p"].get("server_time")})
        await client.ping()


@asynchronous
async def test_the_answer_to_the_hello_has_the_limits_in_force(make_server):
    limits = {"max_message_size": "256k", "max_publish_size": "128k", "rate_capacity": 777}
    server = make_server(limits=limits).start()
    async with await Client.connect(server) as client:
        assert client.hello["limits"]["max_message_size"] == 256 * 1024
        assert client.hello["limits"]["rate_limit_capacity"] == 777
        assert client.hello["ping_interval"] > 0
        assert client.hello["connection_id"] == client.ready["details"]["connection_id"]
