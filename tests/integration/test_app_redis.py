# SPDX-License-Identifier: MIT
"""Workers behind app_redis, beside a real server, real clients and a real Redis."""
import asyncio
import json
import random

import pytest
import redis as redis_py

from support import talkers
from support.client import Client, asynchronous
from support.redis import Redis
from support.waiting import await_value

COMMANDS = "wse:commands:host1"


@pytest.fixture
def redis(directory):
    redis = Redis(directory / "redis")
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture
def server(make_server, redis):
    server = make_server(module_app_redis={
        "url": f"redis://{redis.address}", "groups": ["workers"], "commands": COMMANDS})
    server.expect_error("module.log")  # redis.lost
    return server.start()


def row_of(fields):
    """As JSON, with the epoch; the number is told twice, and is the same."""
    row = {"epoch": fields["epoch"], **json.loads(fields["event"])}
    assert str(row["seq"]) == fields["seq"] and fields["commands"] == COMMANDS
    return row


class Worker:
    """One of a group, with a connection that comes and goes with Redis."""

    def __init__(self, redis):
        self.redis = redis
        self.handled = {}  # by the place of the entry

    def take(self):
        """Reads what there is, and says so once it is handled. How many have been."""
        try:
            with self.redis.client(socket_timeout=5) as client:
                for new in ("0", ">"):  # what was given and not confirmed, first
                    while entries := client.xreadgroup("workers", "one", {"wse:events": new}, 500):
                        if not entries[0][1]:
                            break
                        for place, fields in entries[0][1]:
                            self.handled[place] = row_of(fields)
                        client.xack("wse:events", "workers", *(id for id, _ in entries[0][1]))
        except redis_py.RedisError:
            pass
        return len(self.handled)

    def rows(self):
        return list(self.handled.values())


async def kill_in_the_middle(redis, all_talkers, chance):
    async for over in all_talkers.middles():
        await asyncio.sleep(chance.uniform(0, 0.01))
        redis.kill()
        over.set()
        await asyncio.sleep(chance.uniform(0, 0.1))
        await asyncio.to_thread(redis.start)


@asynchronous
async def test_redis_that_is_killed_has_everything_once(server, redis):
    worker, all_talkers = Worker(redis), talkers.Talkers(server)
    await asyncio.gather(all_talkers.talk_all(),
                         kill_in_the_middle(redis, all_talkers, random.Random(7)))
    await talkers.reach(worker.take, talkers.EVENTS)
    with redis.client() as client:
        entries = client.xrange("wse:events")
    talkers.judge([row_of(fields) for _, fields in entries], all_talkers.names)
    assert sorted(row["seq"] for row in worker.rows()) == list(range(1, talkers.EVENTS + 1))
    assert server.stats()["app_refused"] == 0


@asynchronous
async def test_a_worker_steers_a_client(server, redis):
    client = await Client.connect(server)
    conn = client.ready["details"]["connection_id"]
    with redis.client() as worker:
        def command(method, **params):
            worker.xadd(COMMANDS, {"method": method, "params": json.dumps(params),
                                   "reply": "replies", "id": method})

        command("conn.subscribe", conn=conn, topics=["news"])
        for n in range(100):
            command("conn.send", conn=conn, type="n", payload={"n": n})
        command("conn.send", conn="nobody", type="n")
        command("conn.close", conn=conn, code=4321, reason="enough")
        for n in range(100):
            assert (await client.until("n"))["p"] == {"n": n}
        assert await client.closed() == (4321, "enough")
        replies = await asyncio.to_thread(
            await_value, lambda: worker.xrange("replies"), lambda found: len(found) == 103)
        assert worker.xlen(COMMANDS) in (0, 1)  # the last one is removed in its own time
    by_id = {fields["id"]: fields for _, fields in replies if fields["ok"] == "true"}
    assert json.loads(by_id["conn.subscribe"]["result"])["subscribed"] == ["news"]
    (failed,) = [fields for _, fields in replies if fields["ok"] == "false"]
    assert json.loads(failed["error"])["code"] == "not_found"
