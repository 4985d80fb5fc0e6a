# SPDX-License-Identifier: MIT
"""The rules M1 to M19 of docs/protocol.md that apply so far, one test each, named after them."""
import asyncio
import datetime
import json
import re
import signal

import pytest
import websockets

from support.client import Client, asynchronous

MIB = 1 << 20
RESERVED_CODES = (1000, 1001, 1005)


@asynchronous
async def test_m1_server_ready_comes_first_and_unasked(server):
    async with await Client.open(server, server.token()) as client:
        message = json.loads(await client.receive_raw())
        assert message["t"] == "server_ready" and message["c"] == "WSE" and message["v"] == 1
        details = message["p"]["details"]
        assert isinstance(details["connection_id"], str) and details["connection_id"]
        assert isinstance(details["features"], dict)


@asynchronous
async def test_m1_server_ready_comes_first_without_auth_as_well(make_server):
    server = make_server(listen_main={"anonymous": True}, module_auth_jwt=None).start()
    async with await Client.open(server) as client:
        assert json.loads(await client.receive_raw())["t"] == "server_ready"


@pytest.mark.parametrize("kind", ["ping", "PING"])
@asynchronous
async def test_m2_pong_is_text_and_stands_in_the_first_25_characters(server, kind):
    async with await Client.connect(server) as client:
        await client.send(kind, {"timestamp": 1234567890123})
        text = await client.receive_raw()
        assert isinstance(text, str)
        assert '"t":"PONG"' in text[:25]
        assert json.loads(text)["p"]["client_timestamp"] == 1234567890123


@asynchronous
async def test_m2_the_ping_of_the_server_too(make_server):
    keepalive = {"heartbeat_interval": "1s", "idle_timeout": "60s"}
    server = make_server(keepalive=keepalive).start()
    async with await Client.connect(server) as client:
        while True:
            text = await client.receive_raw()
            assert isinstance(text, str)
            if json.loads(text)["t"] == "ping":
                assert '"t":"ping"' in text[:25]
                return


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
@asynchronous
async def test_m4_a_stopping_server_asks_its_clients_to_return(make_server, sign):
    server = make_server().start()
    client = await Client.connect(server)
    server.process.send_signal(sign)
    code, _ = await client.closed()
    assert code in (4300, 1012)


@asynchronous
async def test_m4_a_killed_connection_may_return(server):
    client = await Client.connect(server)
    server.ctl("conn", "kill", client.ready["details"]["connection_id"])
    code, _ = await client.closed()
    assert code not in RESERVED_CODES


@asynchronous
async def test_m5_a_bad_token_is_a_101_then_an_error_then_4401(server):
    for token, expected in ((None, "AUTH_REQUIRED"), ("nonsense", "AUTH_FAILED")):
        client = await Client.open(server, token)  # raises unless the answer is 101
        text = await client.receive_raw()
        assert isinstance(text, str)
        error = json.loads(text)
        assert (error["t"], error["p"]["code"]) == ("error", expected)
        code, _ = await client.closed()
        assert code == 4401


@asynchronous
async def test_m6_stamps_are_absent_or_without_gaps(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        server.publish_all("demo", [{"n": n} for n in range(100)])
        offsets = [event.get("o") for event in await client.events(100)]
        if offsets != [None] * 100:
            assert offsets == list(range(offsets[0], offsets[0] + 100))


@asynchronous
async def test_m7_the_acknowledgement_comes_before_the_first_live_message(server):
    async with await Client.connect(server, "bob") as publisher:
        for round_ in range(20):
            topic = f"busy:{round_}"

            async def flood():
                for n in range(20):
                    await publisher.publish(topic, {"n": n})

            async with await Client.connect(server) as client:
                flooding = asyncio.create_task(flood())
                await client.send("subscription_update", {"action": "subscribe", "topics": [topic]})
                await flooding
                await client.ping()
                kinds = [message["t"] for message in client.seen[2:]]
                numbers = [m["p"]["n"] for m in client.seen if m["c"] == "U"]
                assert kinds[0] == "subscription_update", kinds
                assert numbers == list(range(20))[20 - len(numbers) :]


@asynchronous
async def test_m8_offsets_start_at_1(server):
    async with await Client.connect(server) as client:
        acks = [(await client.publish("fresh", {"n": n}))["p"] for n in range(3)]
        assert [ack["offset"] for ack in acks] == [1, 2, 3]


@asynchronous
async def test_m10_the_acknowledgement_of_an_unsubscribe_lists_nothing(server):
    async with await Client.connect(server) as client:
        await client.subscribe("a", "b")
        ack = await client.unsubscribe("a")
        assert ack["action"] == "unsubscribe"
        assert ack["success_topics"] == []


@asynchronous
async def test_m11_an_acknowledgement_is_a_success_with_lists_of_strings(server):
    async with await Client.connect(server) as client:
        ack = await client.subscribe("demo", "secret:1")
        assert ack["action"] == "subscribe" and ack["success"] is True
        assert ack["success_topics"] == ["demo"] and ack["failed_topics"] == ["secret:1"]
        ack = await client.subscribe("secret:1")
        assert ack["success_topics"] == [] and ack["failed_topics"] == ["secret:1"]


async def open_and_subscribe_without_hello(server):
    client = await Client.open(server, server.token())
    await client.until("server_ready")
    await client.send("subscription_update", {"action": "subscribe", "topics": ["demo"]})
    await client.send("sync_request", {"topics": ["demo"]}, c="S")
    return client


@asynchronous
async def test_m14_subscriptions_before_the_hello_wait_for_it(server):
    async with await open_and_subscribe_without_hello(server) as client:
        await client.send("client_hello", {"client_version": "2.4.1"})
        kinds = [(await client.receive())["t"] for _ in range(3)]
        assert kinds[0] == "server_hello"
        assert set(kinds[1:]) == {"subscription_update", "snapshot_complete"}


@asynchronous
async def test_m14_without_a_hello_they_wait_one_second(server):
    clock = asyncio.get_running_loop().time
    async with await open_and_subscribe_without_hello(server) as client:
        sent = clock()
        kinds = {(await client.receive())["t"] for _ in range(2)}
        assert kinds == {"subscription_update", "snapshot_complete"}
        assert 0.5 < clock() - sent < 5


@asynchronous
async def test_m15_no_frame_is_over_a_mebibyte(server):
    async with await Client.connect(server, max_size=None) as client:
        await client.subscribe("demo")
        for size in (MIB // 2, MIB - 65536, MIB - 100, MIB, MIB + 1):
            line = json.dumps({"text": "x" * size}) + "\n"
            answer = server.ctl("publish", "demo", "-", input=line)
            if answer.returncode != 0:
                assert size > MIB // 2, answer.stderr
                continue
            while json.loads(text := await client.receive_raw())["c"] != "U":
                pass
            assert len(text.encode()) <= MIB
        await client.ping()


NEVER_NULL = {"features", "details", "recovery", "message", "topics", "limits", "code"}


def nulls(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            if item is None and key in NEVER_NULL:
                yield f"{path}.{key}"
            yield from nulls(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from nulls(item, path + "[]")


@asynchronous
async def test_m16_what_may_be_read_as_an_object_is_never_null(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo", "secret:1")
        await client.unsubscribe("demo")
        await client.send("sync_request", {}, c="S")
        await client.send("unknown_type")
        await client.send("subscription_update", {"action": "nonsense"})
        await client.send("publish", None)
        await client.send_text("nonsense")
        await client.publish("secret:1", {})
        await client.ping()
        assert not [found for message in client.seen for found in nulls(message)]


@asynchronous
async def test_m17_the_time_of_a_message_is_that_of_its_sending(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        for n in range(5):
            before = datetime.datetime.now(datetime.timezone.utc)
            server.publish("demo", {"n": n})
            (event,) = await client.events(1)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["ts"])
            sent = datetime.datetime.fromisoformat(event["ts"].replace("Z", "+00:00"))
            after = datetime.datetime.now(datetime.timezone.utc)
            slack = datetime.timedelta(milliseconds=50)
            assert before - slack <= sent <= after + slack


@asynchronous
async def test_m18_an_epoch_is_one_string_and_offsets_are_integers(server):
    async with await Client.connect(server) as client:
        acks = [(await client.publish("demo", {"n": n}))["p"] for n in range(3)]
        assert len({ack["epoch"] for ack in acks}) == 1
        assert isinstance(acks[0]["epoch"], str) and acks[0]["epoch"]
        assert all(isinstance(ack["offset"], int) and ack["offset"] < 1 << 53 for ack in acks)


@pytest.mark.parametrize("category", ["WSE", "S", "U", "X", "", 5, None])
@asynchronous
async def test_m19_any_category_is_accepted(server, category):
    async with await Client.connect(server) as client:
        await client.send(
            "subscription_update", {"action": "subscribe", "topics": ["demo"]}, c=category
        )
        ack = await client.until("subscription_update")
        assert ack["p"]["success_topics"] == ["demo"]


@asynchronous
async def test_m19_no_category_is_accepted_too(server):
    async with await Client.connect(server) as client:
        await client.socket.send('{"t":"ping","p":{"timestamp":1},"v":1}')
        await client.until("PONG")


def test_m5_the_library_sees_no_http_refusal(server):
    async def scenario():
        socket = await websockets.connect(server.url)
        await socket.close()

    asyncio.run(scenario())
