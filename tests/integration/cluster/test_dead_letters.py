# SPDX-License-Identifier: MIT
"""What cannot be delivered is kept, listed, replayed and dropped, on any host."""
import json

import pytest

from support.backend import STREAM
from support.client import Client, asynchronous
from support.hosts import await_counter
from support.waiting import await_that, await_value

TOPIC = "room:letters"


@pytest.fixture
def hosts(any_redis, make_hosts):
    return make_hosts(any_redis, 2)


def add(redis, count, text):
    """So many entries with the payload, as a backend adds them."""
    with redis.client() as client:
        for _ in range(count):
            client.xadd(STREAM, {"topic": TOPIC, "payload": text})


def is_empty(redis):
    with redis.client() as client:
        return client.xlen(STREAM) == 0


def letters(host):
    return host.ctl_json("dlq", "ls", TOPIC)["letters"]


def await_letters(host, count):
    return await_value(lambda: letters(host), lambda found: len(found) == count)


def test_any_host_lists_what_was_refused_and_why(any_redis, hosts):
    add(any_redis, 3, "{no json")
    for host in hosts:
        found = await_letters(host, 3)
        assert {letter["topic"] for letter in found} == {TOPIC}
        assert {letter["message"] for letter in found} == {"{no json"}
        assert all("JSON" in letter["reason"] for letter in found), found
        (row,) = host.ctl_json("dlq", "ls")["topics"]
        assert (row["topic"], row["count"]) == (TOPIC, 3)
        assert found[0]["id"] in host.ctl("dlq", "ls", TOPIC).stdout
    await_counter("dead_letters", 3, *hosts)


def test_one_is_dropped_and_then_all(any_redis, hosts):
    add(any_redis, 3, "{no json")
    first, *others = await_letters(hosts[0], 3)
    assert hosts[1].ctl_json("dlq", "drop", TOPIC, first["id"])["dropped"] == 1
    assert letters(hosts[0]) == others
    again = hosts[1].ctl("dlq", "drop", TOPIC, first["id"])
    assert again.returncode != 0 and "no such letter" in again.stderr, again
    assert hosts[1].ctl_json("dlq", "drop", TOPIC, "--all")["dropped"] == 2
    assert letters(hosts[0]) == [] and hosts[0].ctl_json("dlq", "ls")["topics"] == []


@asynchronous
async def test_what_was_too_large_is_replayed_when_it_is_not_any_more(any_redis, make_hosts):
    hosts = make_hosts(any_redis, 2, limits={"max_publish_size": "1k"})
    payload = {"fill": "x" * 2000}
    add(any_redis, 2, json.dumps(payload))
    first = await_letters(hosts[0], 2)[-1]
    # What nothing has changed for stays where it is.
    answer = hosts[1].ctl("dlq", "replay", TOPIC, first["id"], "--json")
    assert json.loads(answer.stdout)["failed"][0]["id"] == first["id"], answer
    assert len(letters(hosts[0])) == 2
    # Else whoever reads next would put them aside once more.
    await_that(lambda: is_empty(any_redis), "entries stay in the stream")
    for host in hosts:
        assert host.terminate() == 0
        host.configure(limits={"max_publish_size": "64k"})
        host.start()
    hosts.await_ready()
    async with await Client.connect(hosts[1]) as client:
        await client.subscribe(TOPIC)
        assert hosts[0].ctl_json("dlq", "replay", TOPIC, first["id"])["replayed"] == 1
        (event,) = await client.events(1)
        assert event["p"] == payload
        assert len(letters(hosts[0])) == 1, letters(hosts[0])
        assert hosts[0].ctl_json("dlq", "replay", TOPIC, "--all")["replayed"] == 1
        (event,) = await client.events(1)
        assert event["p"] == payload
        assert letters(hosts[1]) == []
