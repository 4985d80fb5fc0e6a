# SPDX-License-Identifier: MIT
"""Several wsed that a Redis makes one."""
import asyncio

from support.waiting import await_value

OPEN = {"subscribe": True, "publish": True}
HISTORY = {"messages": 1000, "age": "10m"}
TOPICS = [
    {"match": "local:*", "scope": "host", "history": HISTORY, **OPEN},
    {"match": "few:*", "history": {"messages": 10}, **OPEN},
    {"match": "room:*", "history": HISTORY, "presence": True, **OPEN},
    {"match": "jobs:*", "history": HISTORY, **OPEN},
    {"match": "*", **OPEN},
]
# Quick to notice what it has to wait for, and few connections. What is published while Redis is
# away waits until it is back.
BACKPLANE = {"shards": 4, "canary": "1s", "queue_age": "60s"}
CLUSTER = {"publish_timeout": "60s"}
# For tests that kill hosts. A machine that is slow must not end the lease of one that lives.
MORTAL = {"lease": "2s"}


class At:
    """A Redis, by another way than its own."""

    def __init__(self, **backplane):
        self.backplane = backplane


class Hosts:
    """Started by start(), which waits until all are joined. All of them take the same tokens."""

    def __init__(self, make_server, redis, count=3, backplane=None, **tables):
        """`redis`: what has `backplane`, the module's options that say where it is. `backplane`:
        more options of the module."""
        self.servers = []
        self.redis = redis
        self.make_server = make_server
        self.backplane = {**BACKPLANE, **redis.backplane, **(backplane or {})}
        self.tables = tables
        for _ in range(count):
            self.add()

    def add(self):
        """One more, which is not started."""
        server = self.make_server(
            topic=TOPICS,
            presence={"grace": "200ms"},
            log={"level": "info"},
            cluster=CLUSTER,
            module_backplane_redis=self.backplane,
        )
        server.configure(**self.tables)
        # What the module says of a Redis that is away.
        server.expect_error("module.log")
        self.servers.append(server)
        server.secret = self.servers[0].secret
        (server.directory / "secret").write_text(server.secret)
        return server

    def __iter__(self):
        return iter(self.servers)

    def __getitem__(self, index):
        return self.servers[index]

    def start(self):
        for server in self.servers:
            server.start()
        self.await_ready()
        return self

    def await_ready(self, *servers):
        for server in servers or self.servers:
            await_status(server, lambda status: status["ready"])


def await_status(server, test):
    """`wsectl status` once it passes the test."""
    return await_value(lambda: server.ctl_json("status"), test)


def is_ready(status):
    return status["ready"]


def is_unready(status):
    return not status["ready"] and status["unready"]


def await_shards(server, test):
    """The rows of `wsectl backplane` once there are some, and all of them pass the test."""
    return await_value(
        lambda: server.ctl_json("backplane")["shards"],
        lambda rows: rows and all(test(row) for row in rows),
    )


def kill(server):
    """SIGKILL, and nobody starts it again but the test. `server.start()` does."""
    server.process.kill()
    server.process.wait()
    server.process = None


def counter(name, *servers):
    """A counter of the backplane, of all these hosts."""
    return sum(server.module_stats("backplane_redis")[name] for server in servers)


def await_counter(name, least, *servers):
    await_value(lambda: counter(name, *servers), lambda found: found >= least)


async def in_background(function, *arguments):
    """What waits, without holding up the clients of the test; what it returns."""
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)
