# SPDX-License-Identifier: MIT
"""Servers with a history of their own, for the tests that end them."""
from support.follower import Follower
from support.processes import kill_all, kill_server_process

OPEN = {"subscribe": True, "publish": True}
SMALL = {"file_size": "32m", "max_memory": "16m"}  # segments of 2 MiB
TOPICS = [
    {"match": "room:*", "history": {"messages": 10_000, "size": "64m"}, **OPEN},
    {"match": "last:*", "retain": "last", **OPEN},
    {"match": "keyed:*", "history": {"messages": 2}, "retain": "last_by_key", "key": "k", **OPEN},
    {"match": "few:*", "history": {"messages": 5}, **OPEN},
    {"match": "brief:*", "history": {"messages": 100, "age": "200ms"}, **OPEN},
    {"match": "*", **OPEN},
]


def numbers(first, last):
    return [{"n": n} for n in range(first, last + 1)]


def stop_and_start(server):
    assert server.terminate() == 0, server.log()[-4000:]
    server.start()


def kill_and_start(server):
    kill_all(server)
    server.start()


def let_it_be_replaced(server):
    server.expect_error("supervisor.server_died")
    kill_server_process(server)
    server.await_ready()


async def follow(server, count, *names):
    """A follower that has the first `count` messages of the topics, and is away."""
    follower = Follower(*names)
    await follower.connect(server)
    for name in names:
        server.publish_all(name, numbers(1, count))
        await follower.take(name, count)
    await follower.drop()
    return follower


def history_of(server):
    status = server.ctl_json("status")
    return status["history"]["file"], [note["code"] for note in status["notes"]]


FINE = ("writing", [])
FAILING = ("failing", ["history_memory_only"])
