# SPDX-License-Identifier: MIT
"""A client that does not read: the others do not notice, and it loses what its topic says."""
import asyncio
import pathlib
import resource

import pytest

from support.client import Client, asynchronous
from support.control import Control
from support.crowd import Crowd
from support.stalled import Stalled, numbers, pongs, ranges

KILO = 1 << 10
LIMIT = 128 * KILO  # limits.max_outbound
MESSAGES = 1000
FILL = 1000
FRAME = FILL + 300  # more than the payload with its envelope
ENTRY = 320  # what a waiting frame costs beside its bytes
QUIET = {"heartbeat_interval": "5m", "idle_timeout": "10m"}
DROPS = ("oldest", "lowest", "conflated", "age", "refused")


def start(make_server, slow, keepalive=QUIET, limits=(), history=None, **row):
    """A server whose topics have that policy."""
    row = {"match": "*", "subscribe": True, "publish": True, "slow": slow, **row}
    if history:
        row["history"] = history
    sizes = {"max_outbound": "128k", "max_publish_size": "64k", "close_timeout": "1m"}
    return make_server(
        topic=[row],
        limits={**sizes, **dict(limits)},
        keepalive=keepalive,
        # In memory: what is written to a mapped file counts as memory, too.
        history={"path": ""},
        log={"level": "info"},
    ).start()


def payloads(count, first=0, **more):
    return [{"n": n, "fill": "x" * FILL, **more} for n in range(first, first + count)]


def publish(server, items):
    with Control(server) as control:
        control.publish_all("demo", items)


def is_stuck(stalled):
    """Has what waits for it not moved for a while? It is silent, which serves as the clock."""
    row = stalled.show()
    if row["queued_bytes"] < LIMIT / 2:
        return False
    later = stalled.await_row(lambda each: each["idle_ms"] >= row["idle_ms"] + 300)
    return later["queued_bytes"] >= row["queued_bytes"]


def publish_all(server, stalled, rows):
    """Arguments of publishes, in order; the first ones in steps, until the kernels on both sides
    are full. What comes after them finds a queue that does not move."""
    step = 10
    with Control(server) as control:
        for first in range(0, len(rows), step):
            control.ask_all([("publish", row) for row in rows[first : first + step]])
            if is_stuck(stalled):
                break
        control.ask_all([("publish", row) for row in rows[first + step :]])


def rows_of(items):
    return [{"topic": "demo", "payload": item} for item in items]


def check_drops(server, stalled, **expected):
    """`conn show` and the statistics count these drops and no others."""
    wanted = {**dict.fromkeys(DROPS, 0), **expected}
    assert stalled.show()["dropped"] == wanted
    stats = server.stats()
    assert {name: stats["dropped_" + name] for name in DROPS} == wanted


def check_order(found):
    wrong = [pair for pair in zip(found, found[1:]) if pair[0] >= pair[1]]
    assert not wrong, f"out of order or twice: {wrong[:10]}"


def check_once(found):
    assert len(found) == len(set(found)), "something came twice"


def read_all(stalled, count=MESSAGES, check=check_order):
    """Ends the stall: the numbers that come before the answer to one more ping, and the lost."""
    stalled.ping_all([10**6])
    stalled.wake()
    messages = stalled.read_to(lambda message: pongs([message]) == [10**6])
    found = numbers(messages)
    check(found)
    return found, sorted(set(range(count)) - set(found))


def test_pause_loses_nothing(make_server):
    server = start(make_server, "pause", history={"messages": MESSAGES})
    with Stalled(server, "demo") as stalled:
        before = stalled.show()["messages_out"]
        publish_all(server, stalled, rows_of(payloads(MESSAGES)))
        row = stalled.await_row(lambda row: row["topics_behind"] == 1)
        assert LIMIT / 2 < row["queued_bytes"] <= LIMIT + FRAME
        live = row["messages_out"] - before
        stalled.wake()
        events = stalled.read_to(lambda message: numbers([message]) == [MESSAGES - 1])
        lost = set(range(MESSAGES)) - set(numbers(events))
        assert not lost, f"lost: {ranges(lost)}"
        assert numbers(events) == list(range(MESSAGES))
        assert [event["o"] for event in events] == list(range(1, MESSAGES + 1))
        assert len({event["e"] for event in events}) == 1
        # It is live again.
        stalled.await_row(lambda row: row["topics_behind"] == 0)
        publish(server, payloads(1, first=MESSAGES))
        assert stalled.next_message()["o"] == MESSAGES + 1
        check_drops(server, stalled)
        stats = server.stats()
        assert stats["topics_paused"] >= 1 and stats["slow_closed"] == 0
        assert stats["replayed"] == MESSAGES - live


def test_paused_for_longer_than_the_history_it_is_told_and_goes_on(make_server):
    server = start(make_server, "pause", history={"messages": 100})
    with Stalled(server, "demo") as stalled:
        publish_all(server, stalled, rows_of(payloads(MESSAGES)))
        stalled.await_row(lambda row: row["topics_behind"] == 1)
        stalled.wake()
        events = stalled.read_to(lambda message: message["t"] == "subscription_update")
        ack = events.pop()["p"]
        ((topic, place),) = ack["recovery"].items()
        assert topic == "demo" and place["recovered"] is False, ack
        assert place["offset"] == MESSAGES and not ack["success_topics"], ack
        assert numbers(events) == list(range(len(events))), "a gap before it was told"
        publish(server, payloads(1, first=MESSAGES))
        event = stalled.next_message()
        assert (event["e"], event["o"]) == (place["epoch"], MESSAGES + 1)
        assert server.stats()["recoveries_failed"] == 1
        check_drops(server, stalled)


@asynchronous
async def test_disconnect_closes_with_4430_and_nothing_is_lost_to_who_comes_back(make_server):
    server = start(make_server, "disconnect", history={"messages": MESSAGES})
    with Stalled(server, "demo") as stalled:
        publish_all(server, stalled, rows_of(payloads(MESSAGES)))
        stalled.await_row(lambda row: row["state"] == "closing")
        stalled.wake()
        events, code = stalled.read_to_close()
    assert code == 4430
    assert numbers(events) == list(range(len(events))), "a gap before the end"
    last = {"epoch": events[-1]["e"], "offset": events[-1]["o"]}
    missed = MESSAGES - len(events)
    async with await Client.connect(server) as client:
        wish = {"recover": True, "recovery": {"demo": last}}
        await client.send(
            "subscription_update", {"action": "subscribe", "topics": ["demo"], **wish}
        )
        place = (await client.until("subscription_update"))["p"]["recovery"]["demo"]
        assert place["recovered"] is True and place["count"] == missed > 0
        found = numbers(await client.events(missed))
        assert found == list(range(len(events), MESSAGES))
    stats = server.stats()
    assert stats["slow_closed"] == 1 and stats["replayed"] == missed


def test_drop_oldest_keeps_the_newest_that_fit(make_server):
    server = start(make_server, "drop_oldest")
    with Stalled(server, "demo") as stalled:
        assert stalled.ack["lossy"] == ["demo"]
        publish_all(server, stalled, rows_of(payloads(MESSAGES)))
        queued = stalled.show()["queued_bytes"]
        found, lost = read_all(stalled)
        # One run of numbers is missing: between what was on its way and the newest.
        assert lost == list(range(lost[0], lost[-1] + 1)), f"lost: {ranges(lost)}"
        assert found[-1] == MESSAGES - 1 and found[0] == 0
        newest = MESSAGES - 1 - lost[-1]
        waiting = queued + ENTRY * newest
        assert waiting <= LIMIT, "more is kept than the limit"
        # The kernels may find room for a little more behind the last drop.
        missing = LIMIT - waiting - 2 * Stalled.WINDOW
        assert missing < FRAME + ENTRY, f"{newest} are kept, one more would have fit"
        check_drops(server, stalled, oldest=len(lost))


# What `pri` adds to an event: the payloads make up for it, so that all are of one size.
PRIORITIES = {1: 8, 3: 8, 5: 0, 8: 8, 10: 9}


def mixed(count):
    """Publishes of which one in a hundred is high and one critical; the others take turns. The
    last are more than can wait, and normal: should the kernels have made room for lower ones, it is
    taken from them again."""
    for n in range(count):
        lower = (1, 3, 5)[n % 3] if n < count - 100 else 5
        priority = {98: 8, 99: 10}.get(n % 100, lower)
        size = FILL - PRIORITIES[priority] - len(str(n))
        event = {"n": n, "fill": "x" * size}
        yield {"topic": "demo", "priority": priority, "payload": event}


def test_drop_lowest_loses_the_lower_priorities(make_server):
    server = start(make_server, "drop_lowest")
    rows = list(mixed(MESSAGES))
    with Stalled(server, "demo") as stalled:
        publish_all(server, stalled, rows)
        assert stalled.show()["queued_bytes"] <= LIMIT + FRAME
        found, lost = read_all(stalled)
        check_drops(server, stalled, lowest=len(lost))
    # What came before the first loss was on its way; from then on places were given by priority,
    # and among the same by age.
    rivals = range(lost[0], MESSAGES)
    level = max(rows[n]["priority"] for n in lost)
    assert level == 5, f"lost, though of a high priority: {ranges(lost)}"
    lower = [n for n in rivals if rows[n]["priority"] < level]
    assert set(lower) <= set(lost), f"kept, and {level} dropped: {ranges(set(lower) - set(lost))}"
    same = [n for n in rivals if rows[n]["priority"] == level]
    kept = [n for n in same if n in set(found)]
    assert kept and kept == same[-len(kept) :], f"kept, and newer ones dropped: {ranges(kept)}"


def test_conflate_keeps_the_latest_of_each_key(make_server):
    server = start(make_server, "conflate", key="key")
    keys = [f"k{n % 7}" for n in range(MESSAGES)]
    with Stalled(server, "demo") as stalled:
        items = [{**item, "key": keys[item["n"]]} for item in payloads(MESSAGES)]
        publish_all(server, stalled, rows_of(items))
        assert stalled.show()["queued_bytes"] <= LIMIT + FRAME
        found, lost = read_all(stalled, check=check_once)
        assert lost == list(range(lost[0], lost[-1] + 1)), f"lost: {ranges(lost)}"
        assert found[: lost[0]] == list(range(lost[0]))
        # Seven keys took turns, so the latest of each are the last seven, and each has the place of
        # the first one of its key that had to wait.
        latest = {n % 7: n for n in range(MESSAGES - 7, MESSAGES)}
        assert found[lost[0] :] == [latest[n % 7] for n in range(lost[0], lost[0] + 7)]
        check_drops(server, stalled, conflated=len(lost))


@pytest.mark.parametrize("slow", ["pause", "drop_oldest", "drop_lowest"])
def test_pings_during_a_stall_are_answered_in_order(make_server, slow):
    server = start(make_server, slow, history={"messages": MESSAGES} if slow == "pause" else None)
    with Stalled(server, "demo") as stalled, Control(server) as control:
        # Few enough to leave room for messages: control frames are never dropped.
        for turn in range(20):
            stalled.ping_all(range(turn * 3, turn * 3 + 3))
            control.publish_all("demo", payloads(MESSAGES // 20, first=turn * MESSAGES // 20))
        stalled.wake()
        messages = stalled.read_to(lambda message: numbers([message]) == [MESSAGES - 1])
        stalled.ping_all([60])
        messages += stalled.read_to(lambda message: pongs([message]) == [60])
        assert pongs(messages) == list(range(61))
        check_order(numbers(messages))


def test_a_flood_of_pings_without_a_reader_is_cut(make_server):
    server = start(make_server, "auto", limits={"rate_capacity": 10**6})
    with Stalled(server, "demo") as stalled:
        sent = 0
        while server.stats()["slow_closed"] == 0:
            assert sent < 200_000, "the answers to 200,000 pings wait"
            stalled.ping_all(range(sent, sent + 2000))
            sent += 2000
            # What waits is bounded; what it costs beside its bytes, by the smallest answer.
            assert stalled.show()["queued_bytes"] <= (2 << 20) + LIMIT
        stalled.wake()
        messages, code = stalled.read_to_close()
        assert code == 4430
        assert pongs(messages) == list(range(len(messages)))


def test_what_waits_too_long_is_dropped(make_server):
    limits = {"max_outbound": "1m", "max_outbound_age": "200ms"}
    beating = {"heartbeat_interval": "100ms"}
    server = start(make_server, "drop_oldest", limits=limits, keepalive=beating)
    with Stalled(server, "demo") as stalled:
        # It would fit, had it been read in time.
        publish_all(server, stalled, rows_of(payloads(700)))
        then = stalled.show()["idle_ms"]
        dropped = stalled.await_row(lambda row: row["idle_ms"] > then + 1000)["dropped"]["age"]
        publish(server, payloads(1, first=700))
        stalled.wake()
        messages = stalled.read_to(lambda message: numbers([message]) == [700])
        found = numbers(messages)
        check_order(found)
        lost = sorted(set(range(701)) - set(found))
        assert lost and len(lost) == dropped, f"{dropped} counted, lost: {ranges(lost)}"
        assert lost == list(range(lost[0], 700)), f"lost: {ranges(lost)}"
        check_drops(server, stalled, age=dropped)


@pytest.mark.parametrize("slow", ["pause", "disconnect"])
def test_what_may_not_be_dropped_pauses_or_ends_after_that_time(make_server, slow):
    limits = {"max_outbound": "1m", "max_outbound_age": "200ms"}
    beating = {"heartbeat_interval": "100ms"}
    server = start(make_server, slow, keepalive=beating, limits=limits, history={"messages": 700})
    with Stalled(server, "demo") as stalled:
        publish_all(server, stalled, rows_of(payloads(700)))
        if slow == "pause":
            stalled.await_row(lambda row: row["topics_behind"] == 1)
            stalled.wake()
            messages = stalled.read_to(lambda message: numbers([message]) == [699])
            assert numbers(messages) == list(range(700))
            check_drops(server, stalled)
        else:
            stalled.await_row(lambda row: row["state"] == "closing")
            stalled.wake()
            messages, code = stalled.read_to_close()
            assert code == 4430
            assert numbers(messages) == list(range(len(numbers(messages))))


CLIENTS = 1000
BURST = 16
CROWD_FILL = 8000
CROWD_LIMIT = 256 * KILO
# Growth that is nobody's: pages that the allocator keeps of the frames and of the lists of a
# thousand queues, which come and go with every burst in another place, and of the answers to
# wsectl. It is far below what was published, and so is a second queue of the stalled client.
ALLOWANCE = 1 << 20


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CLIENTS if hard == resource.RLIM_INFINITY else min(hard, 4 * CLIENTS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory_of(server):
    """VmRSS in bytes."""
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * KILO


def has_sanitizer(server):
    return "libasan" in pathlib.Path(f"/proc/{server.process.pid}/maps").read_text()


async def run_bursts(server, crowd, count, look):
    """Each burst has arrived everywhere before the next, so only the stalled client falls behind.
    `look` is called after each."""
    loop = asyncio.get_running_loop()
    fill = "x" * CROWD_FILL
    with Control(server) as control:
        for _ in range(count):
            first = crowd.members[0].next
            crowd.expect(BURST)
            items = [{"n": n, "fill": fill} for n in range(first, first + BURST)]
            publishing = loop.run_in_executor(None, control.publish_all, crowd.topic, items)
            await crowd.all_arrived(60)
            await publishing
            await loop.run_in_executor(None, look)


@pytest.mark.parametrize("slow", ["drop_oldest", "pause"])
def test_one_stalled_client_among_a_thousand_costs_its_limit_and_no_more(
    make_server, many_descriptors, slow
):
    limits = {
        "max_outbound": "256k",
        "max_connections": 2 * CLIENTS,
        "max_connections_per_ip": 2 * CLIENTS,
    }
    history = {"messages": 2 * BURST} if slow == "pause" else None
    server = start(make_server, slow, limits=limits, history=history)
    frame = CROWD_FILL + 300
    bursts = 8 if has_sanitizer(server) else 24
    seen = []

    async def scenario():
        crowd = Crowd(server, "demo")
        await crowd.join(CLIENTS - 1)
        # What the crowd and a full history need is there before the stall.
        await run_bursts(server, crowd, 4, lambda: None)
        before = memory_of(server)
        with Stalled(server, "demo") as stalled:
            await run_bursts(
                server,
                crowd,
                bursts,
                lambda: seen.append((stalled.show()["queued_bytes"], memory_of(server) - before)),
            )
            row = stalled.show()
            assert row["topics_behind"] or row["dropped"]["oldest"], f"it was not stalled: {row}"
        crowd.leave()

    asyncio.run(asyncio.wait_for(scenario(), 300))
    queued, grown = max(each[0] for each in seen), max(each[1] for each in seen)
    assert queued <= CROWD_LIMIT + frame
    if not has_sanitizer(server):
        published = bursts * BURST * frame
        allowed = CROWD_LIMIT + frame + ALLOWANCE
        assert allowed < published / 2, "the test would not notice a queue without a limit"
        assert grown <= allowed, f"grew by {grown} bytes while {published} were published"
