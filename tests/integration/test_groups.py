# SPDX-License-Identifier: MIT
"""Queue groups: each message to one member, to the others as well when one does not take it."""
import asyncio

from support.client import Client, asynchronous
from support.control import Control
from support.loops import on_both_loops
from support.stalled import Stalled, numbers, ranges
from support.wishes import ask, events_of, settled

TOPIC = "jobs"
HISTORY = {"messages": 1000}


def start(make_server, **tables):
    row = {"match": "*", "subscribe": True, "publish": True, "history": HISTORY}
    return make_server(topic=[row], log={"level": "info"}, **tables).start()


async def member(server, group="workers"):
    client = await Client.connect(server)
    ack = await ask(client, TOPIC, queue_group=group)
    assert ack["success_topics"] == [TOPIC] and ack["queue_group"] == group, ack
    return client


async def publish(server, count, first=0, fill=0):
    """Without holding up the clients of this test."""
    items = [{"n": n, "fill": "x" * fill} for n in range(first, first + count)]

    def run():
        with Control(server) as control:
            control.publish_all(TOPIC, items)

    await asyncio.get_running_loop().run_in_executor(None, run)


def check_shared(shares, count):
    """Every message has gone to exactly one."""
    all_shares = sorted(n for share in shares for n in share)
    lost = set(range(count)) - set(all_shares)
    assert not lost, f"to nobody: {ranges(lost)}"
    twice = {a for a, b in zip(all_shares, all_shares[1:]) if a == b}
    assert not twice, f"to more than one: {ranges(twice)}"


@asynchronous
async def test_members_on_both_loops_have_fair_shares(make_server):
    server = start(make_server)
    async with on_both_loops(server, lambda: member(server), least=8) as members:
        count = 50 * len(members)
        assert server.ctl_json("topic", "show", TOPIC)["group_members"] == len(members)
        await publish(server, count)
        shares = [numbers(await settled(client)) for client in members]
        check_shared(shares, count)
        assert {len(share) for share in shares} == {50}
        assert all(share == sorted(share) for share in shares)


@asynchronous
async def test_copies_of_a_group_carry_no_stamps_and_plain_subscribers_get_all(make_server):
    server = start(make_server)
    async with await member(server) as one, await member(server) as two:
        async with await Client.connect(server) as plain, await member(server, "audit") as audit:
            await plain.subscribe(TOPIC)
            await publish(server, 10)
            shares = [events_of(await settled(client)) for client in (one, two)]
            check_shared([numbers(share) for share in shares], 10)
            copies = shares[0] + shares[1] + events_of(await settled(audit))
            assert len(copies) == 20, "another group has its own"
            assert not [event for event in copies if {"tp", "e", "o"} & set(event)]
            events = events_of(await settled(plain))
            assert numbers(events) == list(range(10))
            assert [event["o"] for event in events] == list(range(1, 11))


@asynchronous
async def test_what_a_stalled_member_does_not_take_goes_to_the_others(make_server):
    limits = {"max_outbound": "128k", "max_publish_size": "64k"}
    server = start(make_server, limits=limits)
    async with await member(server) as one, await member(server) as two:
        with Stalled(server, TOPIC, queue_group="workers") as stalled:
            await publish(server, 600, fill=1000)
            shares = [numbers(await settled(client)) for client in (one, two)]
            taken = sum(map(len, shares))
            assert taken > 400, "the stalled member holds its share"
            stalled.wake()
            shares.append([stalled.next_message()["p"]["n"] for _ in range(600 - taken)])
            check_shared(shares, 600)
            # It takes part again.
            stalled.await_row(lambda row: row["queued_bytes"] == 0)
            await publish(server, 30, first=600)
            again = [stalled.next_message()["p"]["n"] for _ in range(10)]
            others = [numbers(await settled(client)) for client in (one, two)]
            check_shared(others + [shares[2] + again], 630)


@asynchronous
async def test_while_all_are_stalled_messages_wait_for_the_first_who_reads(make_server):
    limits = {"max_outbound": "128k", "max_publish_size": "64k"}
    server = start(make_server, limits=limits)
    with Stalled(server, TOPIC, queue_group="workers") as stalled:
        await publish(server, 600, fill=1000)
        stalled.wake()
        found = [stalled.next_message()["p"]["n"] for _ in range(600)]
        # One that went back and came again may come behind later ones.
        assert sorted(found) == list(range(600))


@asynchronous
async def test_nothing_is_lost_once_a_member_has_gone(make_server):
    server = start(make_server)
    stays, goes = await member(server), await member(server)
    async with stays, await member(server) as leaves:
        await publish(server, 30)
        await goes.socket.close()
        await leaves.unsubscribe(TOPIC)
        # Its end has reached the hub when the hub counts one member.
        while server.ctl_json("topic", "show", TOPIC)["group_members"] > 1:
            await asyncio.sleep(0)
        await stays.ping()
        before = len(stays.seen)
        await publish(server, 50, first=30)
        assert numbers(await settled(stays, since=before)) == list(range(30, 80))


@asynchronous
async def test_a_group_shares_one_topic_under_one_name(make_server):
    server = start(make_server)
    async with await member(server) as client:
        refused = await ask(client, "job*", queue_group="workers")
        assert refused["failed_topics"] == ["job*"], refused
        refused = await ask(client, TOPIC, queue_group="others")
        assert refused["failed_topics"] == [TOPIC], refused
        again = await ask(client, TOPIC, queue_group="workers")
        assert again["success_topics"] == [TOPIC]
        await publish(server, 5)
        assert numbers(await settled(client)) == list(range(5))
