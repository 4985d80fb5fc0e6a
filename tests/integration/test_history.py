# SPDX-License-Identifier: MIT
"""What the history promises over restarts, and damage to its file."""
import copy
import os
import random
import shutil
import time

import pytest

from support.client import Client, asynchronous
from support.follower import Follower
from support.history import (
    FINE,
    follow,
    history_of,
    kill_and_start,
    let_it_be_replaced,
    numbers,
    stop_and_start,
)
from support.server import DEADLINE_S, run

ENDS = [stop_and_start, let_it_be_replaced, kill_and_start]


@pytest.fixture(params=ENDS, ids=lambda end: end.__name__)
def restart(request):
    return request.param


@pytest.fixture
def supervised(make_history_server):
    return make_history_server(server={"supervisor": True}).start()


async def snapshot_of(server, topic):
    """What a new subscriber gets at once: the topic's (epoch, offset), offset and payload each."""
    follower = Follower(topic)
    await follower.connect(server)
    await follower.settle()
    await follower.drop()
    found = follower.snapshots[topic]
    return found["epoch"], found["offset"], [(each["o"], each["p"]) for each in found["events"]]


@asynchronous
async def test_what_was_missed_is_recovered_over_a_restart(supervised, restart):
    async with await follow(supervised, 3, "room:1", "room:2") as follower:
        epochs = {topic: epoch for topic, (epoch, _) in follower.positions.items()}
        supervised.publish_all("room:1", numbers(4, 5))
        restart(supervised)
        supervised.publish("room:1", {"n": 6})
        recovery = await follower.connect(supervised)
        assert recovery["room:1"]["recovered"] and recovery["room:1"]["count"] == 3, recovery
        assert recovery["room:2"]["recovered"] and recovery["room:2"]["count"] == 0, recovery
        assert await follower.take("room:1", 6) == numbers(1, 6)
        supervised.publish("room:2", {"n": 4})
        assert await follower.take("room:2", 4) == numbers(1, 4)
        assert follower.positions["room:1"] == (epochs["room:1"], 6)
        assert follower.positions["room:2"] == (epochs["room:2"], 4)


@asynchronous
async def test_retained_state_survives_a_restart(supervised, restart):
    supervised.publish_all("last:1", numbers(1, 3))
    supervised.publish_all("keyed:1", [{"k": n % 3, "n": n} for n in range(7)] + [{"k": 9}] * 3)
    before = [await snapshot_of(supervised, topic) for topic in ("last:1", "keyed:1")]
    assert before[0][1:] == (3, [(3, {"n": 3})])
    assert before[1][2] == [
        (5, {"k": 1, "n": 4}), (6, {"k": 2, "n": 5}), (7, {"k": 0, "n": 6}), (10, {"k": 9})
    ]
    restart(supervised)
    assert [await snapshot_of(supervised, topic) for topic in ("last:1", "keyed:1")] == before


@asynchronous
async def test_a_publish_tried_again_after_a_restart_is_known(supervised, restart):
    async with await Client.connect(supervised) as client:
        before = (await client.publish("room:1", {"n": 1}, key="once"))["p"]
    restart(supervised)
    async with await Client.connect(supervised) as client:
        assert (await client.publish("room:1", {"n": 1}, key="once"))["p"] == before
        after = (await client.publish("room:1", {"n": 2}, key="another"))["p"]
    assert (after["epoch"], after["offset"]) == (before["epoch"], before["offset"] + 1)


@asynchronous
async def test_a_pattern_recovers_over_a_restart_also_what_it_has_not_seen(supervised, restart):
    async with Follower("room:*") as follower:
        await follower.connect(supervised)
        supervised.publish_all("room:1", numbers(1, 3))
        await follower.take("room:1", 3)
        await follower.drop()
        supervised.publish_all("room:1", numbers(4, 5))
        supervised.publish_all("room:before", numbers(1, 2))
        restart(supervised)
        supervised.publish_all("room:after", numbers(1, 2))
        recovery = await follower.connect(supervised)
        assert recovery["room:*"]["recovered"] and recovery["room:1"]["recovered"], recovery
        assert await follower.take("room:1", 5) == numbers(1, 5)
        for topic in ("room:before", "room:after"):
            assert await follower.take(topic, 2) == numbers(1, 2)
            assert follower.positions[topic][1] == 2
        await follower.settle()
        assert sum(map(len, follower.payloads.values())) == 9


def segments(server):
    return sorted((server.directory / "history").glob("*.seg"))


def used(segment):
    """Bytes up to the last one that was written."""
    return len(segment.read_bytes().rstrip(b"\0"))


def change(path, at, data):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(data)


def flip(path, at):
    change(path, at, bytes([path.read_bytes()[at] ^ 0x10]))


@asynchronous
async def test_a_damaged_message_costs_its_own_topic_its_epoch(make_history_server):
    server = make_history_server().start()
    followers = {topic: await follow(server, 3, topic) for topic in ("room:1", "room:2")}
    server.publish_all("room:1", numbers(4, 5))
    server.publish("room:2", {"n": "victim"})
    server.terminate()
    newest = segments(server)[-1]
    flip(newest, newest.read_bytes().rfind(b"victim"))
    server.start()
    async with followers["room:1"] as intact:
        recovery = await intact.connect(server)
        assert recovery["room:1"]["recovered"], recovery
        assert await intact.take("room:1", 5) == numbers(1, 5)
    async with followers["room:2"] as victim:
        before = victim.positions["room:2"]
        recovery = await victim.connect(server)
        assert not recovery["room:2"]["recovered"], recovery
        assert recovery["room:2"]["epoch"] != before[0], recovery
        server.publish("room:2", {"n": 5})
        assert (await victim.take("room:2", 4))[-1] == {"n": 5}


def flips(path):
    """One byte each, all over what was written, the head of the file among it."""
    places = random.Random(7)
    for at in [0, 9, 25, 50] + [places.randrange(used(path)) for _ in range(8)]:
        yield f"byte {at} flipped", lambda at=at: flip(path, at)


def cuts(path):
    size = used(path)
    for end in (0, 1, 40, size // 2, size):
        yield f"cut at {end}", lambda end=end: os.truncate(path, end)


def zeros(path):
    for count in (16, 4096, path.stat().st_size):
        yield f"{count} zeros at its start", lambda count=count: change(path, 0, bytes(count))


def removed(path):
    yield "removed", path.unlink


async def check_nothing_is_silently_lost(server, before, topic, what):
    """`before` has 3 of the topic's 5 messages."""
    async with copy.deepcopy(before) as follower:
        epoch = follower.positions[topic][0]
        entry = (await follower.connect(server))[topic]
        if entry["recovered"]:
            assert await follower.take(topic, 5) == numbers(1, 5), what
        else:
            is_used = entry["epoch"] == epoch and entry["offset"] < 5
            assert not is_used, f"{what}: {topic} gives its offsets again: {entry}"
        server.publish(topic, {"n": "live"})
        have = len(follower.payloads[topic])
        assert (await follower.take(topic, have + 1))[-1] == {"n": "live"}, what


@pytest.mark.parametrize("damage", [flips, cuts, zeros, removed], ids=lambda one: one.__name__)
@asynchronous
async def test_damage_to_the_newest_segment_is_never_a_silent_loss(make_history_server, damage):
    server = make_history_server(log={"level": "info"}).start()
    followers = {topic: await follow(server, 3, topic) for topic in ("room:1", "room:2")}
    for topic in followers:
        server.publish_all(topic, numbers(4, 5))
    server.terminate()
    home, intact = server.directory / "history", server.directory / "intact"
    shutil.copytree(home, intact)
    for what, do_it in damage(segments(server)[-1]):
        shutil.rmtree(home)
        shutil.copytree(intact, home)
        do_it()
        server.start()
        for topic, before in followers.items():
            await check_nothing_is_silently_lost(server, before, topic, what)
        assert server.ctl_json("status")["notes"] == [], what
        assert server.terminate() == 0, what


@pytest.mark.parametrize("damage", [flips, cuts, zeros, removed], ids=lambda one: one.__name__)
@asynchronous
async def test_damage_to_an_older_segment_leaves_what_came_later(make_history_server, damage):
    server = make_history_server(log={"level": "info"}).start()
    early = await follow(server, 3, "room:early")
    server.publish_all("room:early", numbers(4, 5))
    server.publish_all("room:fill", [{"fill": "x" * 200_000}] * 22)
    late = await follow(server, 3, "room:late")
    server.publish_all("room:late", numbers(4, 5))
    server.terminate()
    home, intact = server.directory / "history", server.directory / "intact"
    shutil.copytree(home, intact)
    assert len(segments(server)) == 3
    for what, do_it in list(damage(segments(server)[0]))[:6]:
        shutil.rmtree(home)
        shutil.copytree(intact, home)
        do_it()
        server.start()
        await check_nothing_is_silently_lost(server, early, "room:early", what)
        async with copy.deepcopy(late) as follower:
            entry = (await follower.connect(server))["room:late"]
            assert entry["recovered"] and entry["count"] == 2, f"{what}: {entry}"
            assert await follower.take("room:late", 5) == numbers(1, 5), what
        assert server.terminate() == 0, what


@asynchronous
async def test_without_its_state_file_the_history_begins_new_epochs(make_history_server):
    server = make_history_server().start()
    async with await follow(server, 3, "room:1") as follower:
        server.publish_all("last:1", numbers(1, 3))
        state_before = await snapshot_of(server, "last:1")
        server.terminate()
        (server.directory / "history" / "state").unlink()
        server.start()
        before = follower.positions["room:1"]
        recovery = await follower.connect(server)
        assert not recovery["room:1"]["recovered"], recovery
        assert recovery["room:1"]["epoch"] != before[0], recovery
        server.publish("room:1", {"n": 4})
        assert await follower.take("room:1", 4) == numbers(1, 4)
        state = await snapshot_of(server, "last:1")
        assert state[0] != state_before[0]
        assert [payload for _, payload in state[2]] == [{"n": 3}]


def test_a_second_server_on_the_same_history_is_refused(make_history_server):
    first = make_history_server().start()
    path = str(first.directory / "history")
    second = make_history_server(history={"path": path})
    ended = run("wsed", *second.command()[1:])
    assert ended.returncode in (69, 71)
    assert f"{path}: another process writes its history here" in ended.stderr
    assert history_of(first) == FINE


@asynchronous
async def test_an_empty_path_is_a_history_in_memory_alone(make_history_server):
    server = make_history_server(history={"path": ""}).start()
    files = sorted(server.directory.iterdir())
    async with await follow(server, 3, "room:1") as follower:
        server.publish_all("room:1", numbers(4, 5))
        assert (await follower.connect(server))["room:1"]["recovered"]
        assert await follower.take("room:1", 5) == numbers(1, 5)
        await follower.drop()
        assert sorted(server.directory.iterdir()) == files
        assert history_of(server) == ("none", [])
        before = follower.positions["room:1"]
        stop_and_start(server)
        recovery = await follower.connect(server)
        assert not recovery["room:1"]["recovered"] and recovery["room:1"]["epoch"] != before[0]


@asynchronous
async def test_who_was_away_for_more_than_is_kept_is_told_and_goes_on(make_history_server):
    server = make_history_server().start()
    async with await follow(server, 3, "few:1") as follower:
        epoch = follower.positions["few:1"][0]
        server.publish_all("few:1", numbers(4, 9))
        recovery = await follower.connect(server)
        assert recovery["few:1"] == {"epoch": epoch, "offset": 9, "recovered": False, "count": 0}
        server.publish("few:1", {"n": 10})
        assert await follower.take("few:1", 4) == numbers(1, 3) + [{"n": 10}]
        await follower.drop()
        server.publish_all("few:1", numbers(11, 15))
        assert (await follower.connect(server))["few:1"]["recovered"]
        assert await follower.take("few:1", 9) == numbers(1, 3) + numbers(10, 15)


@asynchronous
async def test_who_was_away_for_longer_than_is_kept_is_told_and_goes_on(make_history_server):
    server = make_history_server().start()
    away = await follow(server, 3, "brief:1")
    epoch = away.positions["brief:1"][0]
    server.publish_all("brief:1", numbers(4, 5))
    deadline = time.monotonic() + DEADLINE_S
    while True:
        async with copy.deepcopy(away) as follower:
            entry = (await follower.connect(server))["brief:1"]
            if not entry["recovered"]:
                assert entry == {"epoch": epoch, "offset": 5, "recovered": False, "count": 0}
                server.publish("brief:1", {"n": 6})
                assert await follower.take("brief:1", 4) == numbers(1, 3) + [{"n": 6}]
                return
        assert time.monotonic() < deadline, f"still recovered: {entry}"
