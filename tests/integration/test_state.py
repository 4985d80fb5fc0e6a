# SPDX-License-Identifier: MIT
"""What topics retain: sent to who subscribes or asks, and the live stream goes on from there."""
import threading

from support.client import Client, asynchronous
from support.control import Control
from support.wishes import Positions, ask, events_of, settled

OPEN = {"subscribe": True, "publish": True}
ROWS = [
    {"match": "last:*", **OPEN, "retain": "last"},
    {"match": "board:*", **OPEN, "retain": "last_by_key", "key": "k"},
    {"match": "kept:*", **OPEN, "retain": "last", "history": {"messages": 5}},
    {"match": "table:*", **OPEN, "retain": "last_by_key", "key": "k", "history": {}},
    {"match": "*", **OPEN},
]


def start(make_server):
    return make_server(topic=ROWS).start()


def snapshots(messages):
    """p of each snapshot, by topic; the parts of one are put together."""
    found = {}
    for message in messages:
        if message["t"] != "topic_snapshot":
            continue
        part = message["p"]
        whole = found.setdefault(part["topic"], {**part, "events": []})
        assert (whole["epoch"], whole["offset"]) == (part["epoch"], part["offset"])
        whole["events"] += part["events"]
        whole["more"] = part["more"]
    assert not [topic for topic, whole in found.items() if whole["more"]], "parts are missing"
    return found


def states(messages):
    return {
        topic: [event["p"] for event in whole["events"]]
        for topic, whole in snapshots(messages).items()
    }


@asynchronous
async def test_the_last_message_comes_behind_the_acknowledgement(make_server):
    server = start(make_server)
    server.publish_all("last:1", [{"n": n} for n in range(3)])
    published = server.ctl_json("publish", "last:1", '{"n":3}', "--type", "price")
    async with await Client.connect(server) as client:
        await client.subscribe("last:1")
        server.publish("last:1", {"n": 4})
        messages = await settled(client)
        kinds = [message["t"] for message in messages]
        assert kinds[-3:] == ["subscription_update", "topic_snapshot", "last:1"]
        snapshot = snapshots(messages)["last:1"]
        assert (snapshot["epoch"], snapshot["offset"]) == (published["epoch"], 4)
        (event,) = snapshot["events"]
        assert (event["t"], event["id"], event["o"]) == ("price", published["id"], 4)
        assert event["p"] == {"n": 3} and event["ts"]


@asynchronous
async def test_the_last_of_each_key_come_in_the_order_of_their_offsets(make_server):
    server = start(make_server)
    rows = [("a", 1), ("b", 2), ("c", 3), ("a", 4), ("b", 5), ("b", 6)]
    server.publish_all("board:1", [{"k": key, "n": n} for key, n in rows])
    async with await Client.connect(server) as client:
        await client.subscribe("board:1")
        (snapshot,) = snapshots(await settled(client)).values()
        found = [(event["p"]["k"], event["p"]["n"], event["o"]) for event in snapshot["events"]]
        assert found == [("c", 3, 3), ("a", 4, 4), ("b", 6, 6)]
        assert snapshot["offset"] == 6


@asynchronous
async def test_a_topic_that_retains_nothing_sends_nothing(make_server):
    server = start(make_server)
    server.publish("other", {"n": 1})
    async with await Client.connect(server) as client:
        await client.subscribe("other", "last:never", "board:*")
        assert not snapshots(await settled(client))


@asynchronous
async def test_who_has_recovered_gets_no_snapshot_and_who_has_not_gets_one(make_server):
    server = start(make_server)
    server.publish("kept:1", {"n": 1})
    async with await Client.connect(server) as client:
        await client.subscribe("kept:1")
        positions = Positions().take(await settled(client))
    server.publish_all("kept:1", [{"n": 2}, {"n": 3}])
    for missed, recovered in ((2, True), (12, False)):
        async with await Client.connect(server) as client:
            ack = await ask(client, "kept:1", recover=True, recovery=positions.recovery)
            assert ack["recovery"]["kept:1"]["recovered"] is recovered
            messages = await settled(client)
            assert len(events_of(messages)) == (missed if recovered else 0)
            assert states(messages) == ({} if recovered else {"kept:1": [{"n": 13}]})
        server.publish_all("kept:1", [{"n": n} for n in range(4, 14)])


@asynchronous
async def test_a_snapshot_and_the_live_stream_have_no_gap_and_no_repeat_between(make_server):
    server = start(make_server)
    stopping = threading.Event()
    written = []

    def write():
        with Control(server) as control:
            while not stopping.is_set() and len(written) < 3000:
                first = len(written)
                written.extend({"k": f"k{n % 7}", "n": n} for n in range(first, first + 5))
                control.publish_all("table:1", written[first:])

    waiting = [await Client.connect(server) for _ in range(20)]
    writer = threading.Thread(target=write)
    writer.start()
    try:
        clients = []
        for client in waiting:
            ack = await client.subscribe("table:1")
            clients.append((client, ack["recovery"]["table:1"]["offset"]))
    finally:
        stopping.set()
        writer.join()
    assert len({offset for _, offset in clients}) > 5, "they did not subscribe while it was written"
    for client, offset in clients:
        messages = await settled(client)
        # Before the first message there is nothing to retain.
        table = {event["p"]["k"]: event for event in written_before(messages, offset)}
        for event in events_of(messages):
            assert event["o"] == offset + 1, f"{event['o']} came after {offset}"
            offset = event["o"]
            table[event["p"]["k"]] = event
        assert offset == len(written)
        wanted = {item["k"]: item["n"] for item in written}
        assert {key: event["p"]["n"] for key, event in table.items()} == wanted
        await client.socket.close()


def written_before(messages, offset):
    whole = snapshots(messages).get("table:1")
    if offset == 0:
        assert whole is None
        return []
    assert whole["offset"] == offset
    return whole["events"]


@asynchronous
async def test_a_sync_is_answered_with_the_state_of_its_topics(make_server):
    server = start(make_server)
    server.publish("last:1", {"n": 1})
    server.publish("last:2", {"n": 2})
    server.publish("other", {"n": 3})
    async with await Client.connect(server) as client:
        for topics, expected in (
            (["last:1", "other"], {"last:1": [{"n": 1}]}),
            (["last:*"], {"last:1": [{"n": 1}], "last:2": [{"n": 2}]}),
            (["other", "never"], {}),
        ):
            since = len(client.seen)
            await client.send("sync_request", {"topics": topics})
            complete = (await client.until("snapshot_complete"))["p"]
            assert states(client.seen[since:]) == expected
            assert complete["success"] is True and complete["count"] == len(expected)
            assert client.seen[-1]["t"] == "snapshot_complete"


@asynchronous
async def test_a_sync_without_topics_is_about_those_that_are_subscribed(make_server):
    server = start(make_server)
    for topic in ("last:1", "last:2", "board:1"):
        server.publish(topic, {"k": "a", "of": topic})
    async with await Client.connect(server) as client:
        await client.subscribe("last:1", "board:*")
        await settled(client)
        since = len(client.seen)
        await client.send("sync_request", {"topics": []})
        await client.until("snapshot_complete")
        assert set(states(client.seen[since:])) == {"last:1", "board:1"}


@asynchronous
async def test_a_state_is_shown_to_nobody_without_the_right(make_server):
    server = start(make_server)
    for topic in ("last:1", "last:secret"):
        server.publish(topic, {"of": topic})
    token = server.token(deny=["last:secret"])
    async with await Client.connect(server, token=token) as client:
        await client.subscribe("last:*")
        await client.send("sync_request", {"topics": ["last:secret", "last:*"]})
        assert (await client.until("snapshot_complete"))["p"]["count"] == 1
        shown = {m["p"]["topic"] for m in client.seen if m["t"] == "topic_snapshot"}
        assert shown == {"last:1"}


@asynchronous
async def test_a_pattern_brings_the_state_of_each_of_its_topics(make_server):
    server = start(make_server)
    for n in range(20):
        server.publish_all(f"last:{n}", [{"n": "old"}, {"n": n}])
    async with await Client.connect(server) as client:
        await client.subscribe("last:*", "last:7")
        found = states(await settled(client))
        assert {topic: state[-1] for topic, state in found.items()} == {
            f"last:{n}": {"n": n} for n in range(20)
        }


@asynchronous
async def test_a_large_state_comes_in_frames_below_a_mebibyte(make_server):
    server = start(make_server)
    items = [{"k": f"k{n}", "fill": "x" * 100_000} for n in range(25)]
    server.publish_all("board:1", items)
    async with await Client.connect(server, max_size=1 << 20) as client:
        await client.subscribe("board:1")
        messages = await settled(client)
        assert states(messages) == {"board:1": items}
        assert len([message for message in messages if message["t"] == "topic_snapshot"]) > 2


@asynchronous
async def test_a_state_outlives_the_server(make_server):
    server = start(make_server)
    server.publish_all("board:1", [{"k": "a", "n": 1}, {"k": "b", "n": 2}, {"k": "a", "n": 3}])
    assert server.terminate() == 0
    server.start()
    async with await Client.connect(server) as client:
        await client.subscribe("board:1")
        expected = [{"k": "b", "n": 2}, {"k": "a", "n": 3}]
        assert states(await settled(client)) == {"board:1": expected}
