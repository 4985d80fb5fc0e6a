# SPDX-License-Identifier: MIT
"""Redis in all its forms, and hosts on it."""
import contextlib
import pathlib
import shutil
import tempfile

import pytest

from support.hosts import Hosts
from support.proxy import Proxy
from support.redis import Redis
from support.redis_cluster import RedisCluster
from support.sentinels import Sentinels
from support.server import Server


@pytest.fixture
def made(directory):
    """made(kind, ...): starts it; it is stopped at the end of the test, behind the hosts."""
    things = []

    def make(kind, *arguments, **options):
        things.append(kind(directory / f"redis-{len(things)}", *arguments, **options))
        return things[-1].start()

    yield make
    for thing in reversed(things):
        thing.stop()


@pytest.fixture
def redis(made):
    """A server that keeps its data when it is killed."""
    return made(Redis)


@pytest.fixture
def sentinels(made):
    return made(Sentinels)


@pytest.fixture
def redis_cluster(made):
    return made(RedisCluster)


@pytest.fixture(params=[Redis, RedisCluster], ids=["redis", "cluster"])
def any_redis(made, request):
    """What holds on one Redis holds on a Redis Cluster."""
    return made(request.param)


@pytest.fixture
def proxy():
    """proxy(port, ...): one that is stopped at the end."""
    proxies = []

    def make(port, **options):
        proxies.append(Proxy(port, **options).start())
        return proxies[-1]

    yield make
    for each in proxies:
        each.stop()


@pytest.fixture
def make_hosts(made, make_server):
    """make_hosts(redis, count, ...): hosts that are joined, and judged at the end of the test."""
    return lambda redis, count=3, **options: Hosts(make_server, redis, count, **options).start()


@pytest.fixture(scope="module", params=[Redis, RedisCluster], ids=["redis", "cluster"])
def joined(request):
    """Three hosts for all tests of a file, which use topics of their own."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="wse-"))
    servers = []

    def make_server(**tables):
        servers.append(Server(home / str(len(servers)), **tables))
        return servers[-1]

    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        redis = request.param(home / "redis")
        stack.callback(redis.stop)
        redis.start()
        hosts = Hosts(make_server, redis)
        for server in servers:
            stack.callback(server.stop)
        yield hosts.start()
