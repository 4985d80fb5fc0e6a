# SPDX-License-Identifier: MIT
"""A program that publishes through Redis, a single one or a Redis Cluster."""
import asyncio
import contextlib
import json
import threading
import time

import redis

STREAM = "wse:ingress"


async def add(client, topic, payload, **fields):
    """As a backend does, without holding up the clients of this test."""
    fields = {"topic": topic, "payload": json.dumps(payload), **fields}
    await asyncio.get_running_loop().run_in_executor(None, client.xadd, STREAM, fields)


async def await_empty(client):
    """What has been published is no more in the stream."""
    while client.xlen(STREAM):
        await asyncio.sleep(0.02)


def listeners(store):
    """How many connections hear all channels. PUBLISH tells of those of its own server alone."""
    count = 0
    for server in store.servers:
        with server.client() as client:
            count += sum(int(row["psub"]) for row in client.client_list(_type="pubsub"))
    return count


async def publish_heard(store, topic, event):
    """PUBLISH once somebody listens: Redis keeps nothing for whoever comes late."""
    while (count := listeners(store)) == 0:
        await asyncio.sleep(0.02)
    assert count == 1, f"{count} connections hear all channels"
    with store.client() as client:
        text = event if isinstance(event, str) else json.dumps(event)
        client.publish(f"wse:{topic}", text)


class Feeder(threading.Thread):
    """Adds entries to topics by turns while Redis comes and goes, each until it is taken.

    One that was taken, and the answer lost, is added again under the same id."""

    PAUSE_S = 0.05

    def __init__(self, sentinels, topics):
        super().__init__(daemon=True)
        self.sentinels = sentinels
        self.topics = topics
        self.added = {topic: [] for topic in topics}
        self.stopping = threading.Event()

    def run(self):
        count = 0
        while not self.stopping.is_set():
            with contextlib.suppress(redis.RedisError, AssertionError):
                with self.sentinels.client(socket_timeout=2) as client:
                    while not self.stopping.is_set():
                        self._add(client, self.topics[count % len(self.topics)], count)
                        count += 1
                        time.sleep(self.PAUSE_S)
            time.sleep(self.PAUSE_S)

    def _add(self, client, topic, count):
        payload = {"n": count}
        entry = {"topic": topic, "payload": json.dumps(payload), "id": f"fed-{count}"}
        client.xadd(STREAM, entry)
        self.added[topic].append(payload)

    def finish(self):
        """What was added, by topic."""
        self.stopping.set()
        self.join()
        return self.added
