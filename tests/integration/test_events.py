# SPDX-License-Identifier: MIT
"""Modules of kind event: what is published is mapped, and subscriptions have filters."""
import pytest

from support.client import Client, asynchronous
from support.wishes import events_of, settled

OPEN = {"subscribe": True, "publish": True}
ROWS = [
    {"match": "kept:*", **OPEN, "history": {"messages": 100}},
    {"match": "state:*", **OPEN, "retain": "last_by_key", "key": "n"},
    {"match": "*", **OPEN},
]
MAP = {"types": {"ItemCreated": "item_created"}, "topics": ["kept:*", "plain"]}
SMALL_FILTERS = {"max_conditions": 8}


def with_modules(make_server, **tables):
    tables.setdefault("topic", ROWS)
    modules = {"module.event_map": MAP, "module.event_filter": SMALL_FILTERS}
    return make_server(**{**modules, **tables}).start()


def domain_event(now_ms, **members):
    metadata = {"event_id": "e-1", "timestamp": now_ms, "correlation_id": "c-1", "priority": 8}
    return {"event_type": "ItemCreated", "payload": {"n": 1}, "_metadata": {**metadata, **members}}


def numbers(messages):
    return [event["p"]["n"] for event in events_of(messages)]


async def wall_ms(client):
    """The server's own clock, so that no time of day is guessed."""
    await client.send("ping", {"timestamp": 1})
    return (await client.until("PONG"))["p"]["server_timestamp"]


@asynchronous
async def test_a_domain_event_goes_out_as_a_message(make_server):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        await client.subscribe("plain")
        server.publish("plain", domain_event(await wall_ms(client)))
        event = await client.until("item_created")
        assert event["p"] == {"n": 1}
        assert event["id"] == "e-1"
        assert event["cid"] == "c-1"
        assert event["pri"] == 8
        assert event["original_event_type"] == "ItemCreated"
        assert event["latency_ms"] >= 0
        assert event["v"] == 1


@asynchronous
async def test_a_publisher_is_answered_under_its_own_id(make_server):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        await client.subscribe("kept:1")
        payload = domain_event(await wall_ms(client))
        await client.send("publish", {"topic": "kept:1", "payload": payload}, id="mine")
        event = await client.until("item_created")
        assert event["id"] == "e-1"
        assert event["ts"].endswith("Z")
        ack = await client.until("publish_ack")
        assert ack["p"]["id"] == "mine"
        assert ack["p"]["offset"] == event["o"] == 1
        # The domain's id makes a second try the same event.
        await client.send("publish", {"topic": "kept:1", "payload": payload}, id="again")
        assert (await client.until("publish_ack"))["p"]["offset"] == 1


@asynchronous
async def test_what_was_added_outlives_a_restart(make_server):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        ack = await client.subscribe("kept:1")
        start = {"kept:1": {key: ack["recovery"]["kept:1"][key] for key in ("epoch", "offset")}}
        server.publish("kept:1", domain_event(1767323045678))
        first = await client.until("item_created")
        assert first["ts"] == "2026-01-02T03:04:05.678Z"
    server.stop()
    server.start()
    async with await Client.connect(server) as client:
        await client.send(
            "subscription_update",
            {"action": "subscribe", "topics": ["kept:1"], "recover": True, "recovery": start},
        )
        again = await client.until("item_created")
        assert again == first
        assert again["cid"] == "c-1"


@asynchronous
async def test_a_filter_delivers_only_what_matches(make_server):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["kept:1", "other:*"], "filter": {"n": {"$gt": 2}}}
        await client.send("subscription_update", wish)
        ack = (await client.until("subscription_update"))["p"]
        assert ack["success_topics"] == ack["lossy"] == ["kept:1", "other:*"]
        assert "recovery" not in ack
        for n in range(5):
            server.publish("kept:1", {"n": n})
            server.publish("other:1", {"n": 10 * n})
            server.publish("unrelated", {"n": 100 + n})
        messages = await settled(client)
        assert sorted(numbers(messages)) == [3, 4, 10, 20, 30, 40]
        assert all("o" not in event and "tp" not in event for event in events_of(messages))
        await client.subscribe("kept:*")
        server.publish("kept:1", {"n": 0})
        server.publish("kept:1", {"n": 9})
        later = events_of(await settled(client))[-2:]
        assert [event["p"]["n"] for event in later] == [0, 9]
        assert all("o" in event for event in later)


@asynchronous
async def test_a_filter_sees_what_was_mapped(make_server):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["kept:*"]}
        wish["filter"] = {"_event.type": "item_created", "$or": [{"n": 1}, {"n": 7}]}
        await client.send("subscription_update", wish)
        await client.until("subscription_update")
        server.publish("kept:1", {"event_type": "ItemCreated", "payload": {"n": 1}})
        server.publish("kept:1", {"event_type": "ItemRemoved", "payload": {"n": 7}})
        server.publish("kept:1", {"event_type": "ItemCreated", "payload": {"n": 2}})
        assert numbers(await settled(client)) == [1]


@asynchronous
async def test_retained_state_passes_the_filter(make_server):
    server = with_modules(make_server)
    for n in range(4):
        server.publish("state:1", {"n": n})
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["state:1"], "filter": {"n": {"$in": [1, 3]}}}
        await client.send("subscription_update", wish)
        snapshot = await client.until("topic_snapshot")
        assert [event["p"]["n"] for event in snapshot["p"]["events"]] == [1, 3]


@pytest.mark.parametrize(
    "criteria, reason",
    [
        ({"n": {"$near": 1}}, "filter: there is no operator $near"),
        ({"n": {"$regex": "("}}, "filter: $regex: not a regular expression, or a costly one"),
        ({str(n): n for n in range(9)}, "filter: more than 8 conditions"),
        ([1], "filter: not a JSON object"),
        ({"n": "x" * 5000}, "filter: longer than 4096 bytes"),
    ],
    ids=["operator", "regex", "conditions", "list", "long"],
)
@asynchronous
async def test_a_bad_filter_is_a_failed_topic(make_server, criteria, reason):
    server = with_modules(make_server)
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["a"], "filter": criteria}
        await client.send("subscription_update", wish)
        ack = (await client.until("subscription_update"))["p"]
        assert ack["failed_topics"] == ["a"]
        assert ack["reasons"] == {"a": reason}


@asynchronous
async def test_without_a_module_there_are_no_filters(server):
    async with await Client.connect(server) as client:
        wish = {"action": "subscribe", "topics": ["a"], "filter": {}}
        await client.send("subscription_update", wish)
        ack = (await client.until("subscription_update"))["p"]
        assert ack["reasons"] == {"a": "filter: no module of this server offers filters"}


@pytest.mark.parametrize("policy", ["pass", "drop"])
@asynchronous
async def test_a_failure_is_treated_as_configured(make_server, policy):
    mapped = {"types": {"Broken": "server_ready"}}
    server = with_modules(
        make_server, events={"on_failure": policy}, **{"module.event_map": mapped}
    )
    async with await Client.connect(server) as client:
        await client.subscribe("plain")
        await client.send("publish", {"topic": "plain", "type": "Broken", "payload": {"n": 1}})
        if policy == "pass":
            assert (await client.until("Broken"))["p"] == {"n": 1}
        else:
            assert (await client.until("error"))["p"]["code"] == "EVENT_REFUSED"
    assert server.stats()["events_failed"] == 1


@asynchronous
async def test_what_cannot_be_dropped_is_withheld_even_when_failures_pass(make_server):
    server = with_modules(
        make_server,
        events={"on_failure": "pass"},
        **{"module.event_map": {"drop": ["internal_note"]}},
    )
    crowd = {"internal_note": 1, **{f"m{i}": i for i in range(64)}}
    async with await Client.connect(server) as client:
        await client.subscribe("plain")
        for payload in ({"payload": crowd}, {"n": 1, "internal_note": 2}):
            await client.send("publish", {"topic": "plain", "type": "made", "payload": payload})
        assert (await client.until("made"))["p"] == {"n": 1}
    assert server.stats()["events_dropped"] == 1
