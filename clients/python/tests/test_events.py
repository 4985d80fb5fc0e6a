# SPDX-License-Identifier: MIT
"""Events: as tuples, as messages of the wire, and matched with criteria."""
import datetime
import uuid

import pytest

from wse_server import EventFilter, EventPriority, EventTransformer
from wse_server._wse_accel import rust_match_event, rust_transform_event
from wse_server.inbox import inbound
from wse_server.messages import members, members_of_text
from wse_server.types import LinkEvent

TUPLES = {
    "auth_connect": ({"event": "connect", "user": "alice", "data": {}}, "alice"),
    "connect": ({"event": "connect", "data": {"cookie": "a=b", "peer": "::1"}}, "a=b"),
    "msg": (
        {"event": "message", "type": "chat", "id": "k", "data": {"n": 1}},
        {"t": "chat", "p": {"n": 1}, "id": "k"},
    ),
    "raw": ({"event": "text", "data": "hello"}, "hello"),
    "bin": ({"event": "binary", "data": b"\0"}, b"\0"),
    "disconnect": ({"event": "disconnect", "code": 1006, "reason": "gone"}, None),
}


@pytest.mark.parametrize("kind", TUPLES)
def test_an_event_is_a_tuple_as_the_original_has_it(kind):
    fields, data = TUPLES[kind]
    assert inbound(LinkEvent(seq=1, conn="c1", **fields)) == (kind, "c1", data)


@pytest.mark.parametrize("kind", ["join", "leave"])
def test_presence_is_of_a_topic_and_of_no_connection(kind):
    event = LinkEvent(seq=1, event=kind, topic="room", user="alice", data={"x": 1})
    expected = {"topic": "room", "user_id": "alice", "data": {"x": 1}}
    assert inbound(event) == (f"presence_{kind}", None, expected)


def test_subscriptions_are_told_to_those_who_want_it():
    event = LinkEvent(seq=1, event="subscribe", conn="c1", user="alice", topic="a")
    assert inbound(event) is None
    assert inbound(event, True) == ("subscribe", "c1", {"topic": "a", "user_id": "alice"})


def test_an_envelope_is_taken_apart():
    text = '{"c":"U","t":"chat","p":{"n":1},"id":"k","pri":9,"cid":"x","v":1,"ts":"now"}'
    assert members_of_text(text) == {
        "type": "chat", "payload": {"n": 1}, "id": "k", "priority": 10, "extra": {"cid": "x"},
    }
    assert members_of_text('{"text":"hi"}') == {"payload": {"text": "hi"}}
    assert members_of_text("no json") == {"payload": {"data": "no json"}}
    assert members_of_text("[1]") == {"payload": {"data": [1]}}
    assert members({"t": "chat", "p": 5}) == {"type": "chat", "payload": 5}


@pytest.mark.parametrize("value, nearest", [(1, 1), (2, 3), (6, 5), (9, 10), (99, 10), (-1, 1)])
def test_priorities_are_five(value, nearest):
    assert EventPriority.nearest(value) == nearest


def test_a_domain_event_becomes_a_message():
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    event = {
        "event_type": "ItemCreated", "name": "x",
        "_metadata": {
            "event_id": "e1", "timestamp": now, "correlation_id": "c", "priority": 8,
            "trace_id": "t", "event_version": 2,
        },
    }
    message = rust_transform_event(event, 7, {"ItemCreated": "item_created"})
    assert 0 <= message.pop("latency_ms") < 60_000
    assert message == {
        "v": 1, "id": "e1", "t": "item_created", "ts": now, "seq": 7,
        "p": {"event_type": "ItemCreated", "name": "x"}, "original_event_type": "ItemCreated",
        "cid": "c", "pri": 8, "trace_id": "t", "event_version": 2,
    }


def test_what_it_does_not_say_is_made():
    message = rust_transform_event({"type": "THING", "payload": {"n": 1}}, 1, {})
    assert (message["t"], message["p"], message["event_version"]) == ("thing", {"n": 1}, 1)
    assert uuid.UUID(message["id"]).version == 7
    assert datetime.datetime.fromisoformat(message["ts"]).tzinfo


def test_a_message_of_the_wire_passes():
    message = {"v": 1, "t": "x", "p": {}, "id": "i", "ts": "now", "more": 1}
    assert rust_transform_event(message, 3) == {**message, "seq": 3}


def test_a_transformer_maps_types_and_payloads():
    transformer = EventTransformer({"A": "a"})
    transformer.register_event_type("B", "b")
    transformer.register_event_types({"C": "c"})
    transformer.register_payload_transformer("b", lambda payload: {"only": payload["n"]})
    assert transformer.transform_for_ws({"event_type": "C"}, 1)["t"] == "c"
    assert transformer.transform_for_ws({"event_type": "B", "n": 2}, 1)["p"] == {"only": 2}


EVENT = {"type": "order", "total": 12.5, "paid": True, "user": {"name": "Ada", "tags": ["a", "b"]}}
MATCHES = [
    {}, {"type": "order"}, {"user.name": "Ada"}, {"user.tags.1": "b"},
    {"type": {"$eq": "order"}, "total": {"$gt": 12, "$lte": 12.5}}, {"type": {"$ne": "x"}},
    {"none": {"$ne": 1}}, {"total": {"$gte": 12.5, "$lt": 13}}, {"type": {"$in": ["a", "order"]}},
    {"type": {"$nin": ["a"]}}, {"none": {"$nin": ["a"]}}, {"type": {"$regex": "^or"}},
    {"none": {"$exists": False}}, {"user": {"$exists": True}}, {"user.tags": {"$contains": "a"}},
    {"type": {"$contains": "rde"}}, {"type": {"$startswith": "or"}}, {"type": {"$endswith": "er"}},
    {"$or": [{"type": "x"}, {"total": 12.5}], "type": "ignored"},
    {"$and": [{"type": "order"}, {"paid": True}]}, {"start_from_latest": True, "type": "x"},
]
DIFFERS = [
    {"type": "x"}, {"none": None}, {"paid": 1}, {"total": {"$gt": "a"}}, {"type": {"$gt": 1}},
    {"total": {"$in": []}}, {"type": {"$nin": ["order"]}}, {"type": {"$regex": "^x"}},
    {"none": {"$exists": True}}, {"user.tags": {"$contains": "c"}}, {"type": {"$unknown": 1}},
    {"type": "order", "paid": False}, {"$or": []}, {"$and": [{"type": "order"}, {"type": "x"}]},
    {"none": {"$regex": "."}}, {"total": {"$startswith": "1"}},
]


@pytest.mark.parametrize("criteria", MATCHES, ids=str)
def test_an_event_that_is_wanted(criteria):
    assert rust_match_event(EVENT, criteria) and EventFilter(criteria).matches(EVENT)


@pytest.mark.parametrize("criteria", DIFFERS, ids=str)
def test_an_event_that_is_not_wanted(criteria):
    assert not rust_match_event(EVENT, criteria)
