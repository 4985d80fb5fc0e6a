# SPDX-License-Identifier: MIT
"""What clients may say beside subscribing and publishing: questions, settings, batches."""
import json

import pytest

from support.client import Client, asynchronous

QUESTIONS = {
    "health_check": "health_check_response",
    "health_check_request": "health_check_response",
    "metrics_request": "metrics_response",
    "config_request": "config_response",
    "config_update": "config_update_response",
    "connection_state_request": "connection_state_response",
    "sequence_stats_request": "sequence_stats_response",
    "system_status": "system_status",
    "system_status_request": "system_status",
}


def nulls(value, path="p"):
    """Where in a message something is null."""
    if value is None:
        return [path]
    if isinstance(value, dict):
        return [found for key in value for found in nulls(value[key], f"{path}.{key}")]
    if isinstance(value, list):
        return [found for item in value for found in nulls(item, f"{path}[]")]
    return []


@pytest.mark.parametrize("question, answer", QUESTIONS.items(), ids=QUESTIONS)
@asynchronous
async def test_a_question_has_its_answer_without_null(server, question, answer):
    async with await Client.connect(server) as client:
        await client.send(question)
        assert nulls((await client.until(answer))["p"]) == []


@asynchronous
async def test_an_answer_is_about_the_client_that_asks(server):
    async with await Client.connect(server, "bob") as bob, await Client.connect(server) as alice:
        await bob.subscribe("bobs-own-topic")
        await alice.subscribe("demo")
        for question, answer in QUESTIONS.items():
            await alice.send(question)
            text = json.dumps(await alice.until(answer))
            assert "bob" not in text, text
        await alice.send("connection_state_request")
        state = (await alice.until("connection_state_response"))["p"]
    assert state["state"] == "connected"
    assert state["connection_id"] == alice.ready["details"]["connection_id"]
    assert state["metrics"]["subscriptions"] == 1


@asynchronous
async def test_debugging_is_answered_where_the_listener_says_so(make_server):
    async with await Client.connect(make_server().start()) as client:
        await client.send("debug_request")
        assert (await client.until("error"))["p"]["code"] == "UNKNOWN_TYPE"
    server = make_server(listen_main={"debug_messages": True}).start()
    token = server.token(marker="a-claim")
    async with await Client.connect(server, token=token) as client:
        await client.subscribe("demo")
        await client.send("debug_request")
        answer = await client.until("debug_response")
    assert answer["p"]["topics"] == ["demo"]
    assert "publish" in answer["p"]["handlers"]
    text = json.dumps(answer)
    assert token not in text and "a-claim" not in text and server.secret not in text


@asynchronous
async def test_unstamped_events_come_in_batches_when_the_client_wants_them_so(make_server):
    rows = [
        {"match": "kept", "subscribe": True, "publish": True, "history": {"messages": 100}},
        {"match": "*", "subscribe": True, "publish": True},
    ]
    server = make_server(topic=rows).start()
    async with await Client.connect(server) as client:
        await client.subscribe("demo", "kept")
        settings = {"batching_enabled": True, "batch_size": 4, "batch_timeout": 5}
        await client.send("config_update", settings)
        answer = (await client.until("config_update_response"))["p"]
        assert answer["success"] is True and answer["updated_settings"] == settings
        server.publish_all("demo", [{"n": n} for n in range(10)])
        server.publish("kept", {"n": 0})
        numbers, sizes = [], []
        while True:
            message = await client.receive()
            if message["t"] == "batch":
                assert message["p"]["count"] == len(message["p"]["messages"])
                assert all("tp" not in each for each in message["p"]["messages"])
                sizes.append(message["p"]["count"])
                numbers += [each["p"]["n"] for each in message["p"]["messages"]]
            elif message.get("tp") == "kept":
                break
    # What was gathered when the stamped one came left before it.
    assert numbers == list(range(10))
    assert sizes == [4, 4, 2]


@asynchronous
async def test_a_batch_leaves_when_its_time_is_up(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        await client.send("config_update", {"batching_enabled": True, "batch_timeout": 0.2})
        await client.until("config_update_response")
        server.publish_all("demo", [{"n": 1}, {"n": 2}])
        assert (await client.until("batch"))["p"]["count"] == 2


@asynchronous
async def test_settings_out_of_their_range_change_nothing(server):
    async with await Client.connect(server) as client:
        await client.send("config_update", {"batching_enabled": True, "max_queue_size": 99})
        answer = (await client.until("config_update_response"))["p"]
        assert answer["success"] is False and answer["updated_settings"] == {}
        await client.send("config_request")
        assert (await client.until("config_response"))["p"]["batching_enabled"] is False


@asynchronous
async def test_a_priority_message_is_an_event(make_server):
    rows = [{"match": "priority:{sub}:*", "subscribe": True, "publish": True}]
    server = make_server(topic=rows).start()
    async with await Client.connect(server) as client:
        await client.subscribe("priority:alice:messages")
        await client.send("priority_message", {"type": "alert", "content": "now"})
        event = (await client.events(1))[0]
        assert event["t"] == "priority_message" and event["pri"] == 8
        assert event["p"] == {"type": "alert", "content": "now"}
        await client.send("priority_message", {"topic": "priority:bob:messages"}, id="m1")
        error = (await client.until("error"))["p"]
        assert error["code"] == "NOT_ALLOWED" and error["details"]["id"] == "m1"


@asynchronous
async def test_a_batch_is_taken_in_order_and_says_what_was_taken(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        publishes = [
            {"t": "publish", "id": f"b{n}", "p": {"topic": "demo", "payload": {"n": n}}}
            for n in range(3)
        ]
        inner = [*publishes, {"t": "no such"}, {"t": "batch", "p": {"messages": []}}, 7]
        await client.send("batch", {"messages": inner, "count": len(inner)})
        result = (await client.until("batch_message_result"))["p"]
        assert (result["total"], result["successful"], result["failed"]) == (6, 3, 3)
        assert [row["success"] for row in result["results"]] == [True] * 3 + [False] * 3
        assert [event["p"]["n"] for event in await client.events(3)] == [0, 1, 2]


@asynchronous
async def test_a_subscribe_in_a_batch_that_came_before_the_hello_waits_for_it(server):
    async with await Client.open(server, server.token()) as client:
        await client.until("server_ready")
        inner = {"t": "subscription_update", "p": {"action": "subscribe", "topics": ["demo"]}}
        await client.send("batch_message", {"messages": [inner]})
        await client.send("client_hello")
        order = [(await client.receive())["t"] for _ in range(3)]
    assert order[0] == "server_hello"
    assert sorted(order[1:]) == ["batch_message_result", "subscription_update"]
