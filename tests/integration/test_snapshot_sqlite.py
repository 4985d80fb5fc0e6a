# SPDX-License-Identifier: MIT
"""State in a database, written beside the stream: whoever subscribes at any moment has, with the
snapshot and the stream after it, exactly what the writer has."""
import asyncio
import multiprocessing
import os
import random
import sqlite3
import time

import json

from support import raw, sdk
from support.control import Control
from support.crowd import Member

PAIRS = int(os.environ.get("WSE_SNAPSHOT_PAIRS", "100000"))
TOPICS = [f"orders:{number}" for number in range(100)]
RACERS = 2
AHEAD = 5_000  # publishes that the writer is ahead of the subscribers before it slows down

SCHEMA = "CREATE TABLE state(topic PRIMARY KEY, n INTEGER, sum INTEGER, epoch, offset INTEGER)"
QUERY = (
    "SELECT json_object('n', n, 'sum', sum) AS data, epoch, offset FROM state WHERE topic = ?1"
)


def sum_until(number):
    """What the payloads n = 1, 2, 3... of a topic add up to."""
    return number * (number + 1) // 2


class Writer:
    """Publishes the numbers from 1 on to each topic, in batches that are stored with their places."""

    def __init__(self, server, database):
        self.control = Control(server)
        self.database = sqlite3.connect(database, isolation_level=None)
        self.numbers = dict.fromkeys(TOPICS, 0)

    def publish(self, topics):
        for topic in topics:
            self.numbers[topic] += 1
        requests = [
            ("publish", {"topic": topic, "payload": {"n": self.numbers[topic]}}) for topic in topics
        ]
        places = self.control.ask_all(requests)
        self.database.execute("BEGIN")
        for topic, place in zip(topics, places):
            number = self.numbers[topic]
            assert place["offset"] == number, f"{topic}: {place} for number {number}"
            row = (topic, number, sum_until(number), place["epoch"], place["offset"])
            self.database.execute("REPLACE INTO state VALUES(?, ?, ?, ?, ?)", row)
        self.database.execute("COMMIT")
        return len(topics)

    def run(self, published, subscribed, enough):
        """Until it is enough, in batches of every size."""
        order = random.Random(1)
        while not enough.is_set():
            published.value += self.publish(order.sample(TOPICS, order.randint(1, len(TOPICS))))
            if published.value > subscribed.value + AHEAD:
                time.sleep(0.001)


class Racer(Member):
    """Subscribes to every topic and leaves again; whatever comes must fit to what came before."""

    def __init__(self, race, request):
        super().__init__(race, request)
        self.states = {}  # topic: [n, sum], once its snapshot is there
        self.following = False
        self.events = 0
        self.changed = asyncio.Event()

    def message(self, data, start, end):
        message = json.loads(data[start:end])
        kind = message["t"]
        if message["c"] == "U":
            self.event(message)
        elif kind == "topic_snapshot":
            self.snapshot(message["p"])
        elif kind == "subscription_update":
            self.acknowledged(message["p"])
        else:
            self.control(message)
        self.changed.set()

    def acknowledged(self, answer):
        self.following = answer["action"] == "subscribe"
        if not self.following:
            self.states.clear()

    def snapshot(self, told):
        topic, offset, data = told["topic"], told["offset"], told["data"]
        if topic in self.states:
            self.crowd.fail(f"{topic}: a second snapshot")
        if data != {"n": offset, "sum": sum_until(offset)}:
            self.crowd.fail(f"{topic}: the state {data} stands at {offset}")
        self.states[topic] = [data["n"], data["sum"]]

    def event(self, message):
        topic, state = message["tp"], self.states.get(message["tp"])
        if not self.following or state is None:
            self.crowd.fail(f"{topic}: an event without a state: {message}")
        elif message["o"] != state[0] + 1 or message["p"]["n"] != message["o"]:
            self.crowd.fail(f"{topic}: after {state[0]} came {message}")
        else:
            state[0] += 1
            state[1] += message["p"]["n"]
            self.events += 1

    async def until(self, condition):
        while not condition():
            assert not self.crowd.failure, self.crowd.failure
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), 60)

    async def subscribe(self):
        order = random.sample(TOPICS, len(TOPICS))
        self.say("subscription_update", {"action": "subscribe", "topics": order})
        await self.until(lambda: len(self.states) == len(TOPICS))

    async def unsubscribe(self):
        self.say("subscription_update", {"action": "unsubscribe", "topics": TOPICS})
        await self.until(lambda: not self.following)


class Race:
    def __init__(self):
        self.failure = None

    def fail(self, sentence):
        self.failure = self.failure or sentence

    async def join(self, server):
        request = raw.upgrade_request(server, server.token())
        loop = asyncio.get_running_loop()
        _, racer = await loop.create_connection(lambda: Racer(self, request), *server.host_port)
        await asyncio.wait_for(racer.ready, 60)
        return racer


async def race(server, published, subscribed, enough):
    """Subscribes PAIRS times while as much is published; then the states that clients end with."""
    crowd = Race()
    racers = [await crowd.join(server) for _ in range(RACERS)]

    async def run(racer, seed):
        order = random.Random(seed)
        while subscribed.value < PAIRS or published.value < PAIRS:
            subscribed.value += len(TOPICS)
            await racer.subscribe()
            stay = racer.events + order.choice([0, 0, 50])
            await racer.until(lambda: racer.events >= stay)
            await racer.unsubscribe()

    await asyncio.gather(*(run(racer, seed) for seed, racer in enumerate(racers)))
    for racer in racers:
        await racer.subscribe()
    enough.set()
    return racers


async def scenario(server, database, writer):
    context = multiprocessing.get_context("fork")
    published, subscribed = context.Value("q", 0, lock=False), context.Value("q", 0, lock=False)
    enough = context.Event()
    process = context.Process(target=writer.run, args=(published, subscribed, enough))
    process.start()
    try:
        racers = await race(server, published, subscribed, enough)
    finally:
        enough.set()
        await asyncio.get_running_loop().run_in_executor(None, process.join, 60)
    assert process.exitcode == 0
    rows = sqlite3.connect(database).execute("SELECT topic, n, sum FROM state").fetchall()
    final = {topic: [n, total] for topic, n, total in rows}
    for racer in racers:
        await racer.until(lambda: racer.states == final)
        assert racer.events > 0
        racer.crowd.fail = lambda sentence: None
        racer.transport.abort()
    assert sum(n for n, _ in final.values()) >= PAIRS


def test_snapshot_and_stream_are_what_the_writer_has(make_server, directory):
    database = directory / "state.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(SCHEMA)
    connection.close()
    row = {"match": "orders:*", "subscribe": True, "snapshot": "sqlite"}
    server = make_server(
        module_sqlite={
            "load": str(sdk.PLUGINS / "snapshot_sqlite/snapshot_sqlite.so"),
            "database": str(database),
            "query": QUERY,
            "result": "object",
        },
        topic=[{**row, "history": {"messages": 10000}}],
        limits={"max_subscriptions": 100000, "rate_capacity": 100000, "rate_refill": 100000},
        log={"level": "info"},
    ).start()
    writer = Writer(server, database)
    writer.publish(TOPICS)  # a topic that nobody has published to has no place yet
    asyncio.run(asyncio.wait_for(scenario(server, database, writer), 800))
