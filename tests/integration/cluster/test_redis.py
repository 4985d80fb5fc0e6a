# SPDX-License-Identifier: MIT
"""What the other tests are written with does what it says, with nothing of ours in it."""
import contextlib
import time

import pytest
import redis as redis_py

from support.proxy import Proxy
from support.redis import Redis
from support.redis_cluster import RedisCluster
from support.sentinels import NAME, Sentinels, role


@pytest.mark.parametrize("aof, kept", [(True, "1"), (False, None)])
def test_a_killed_server_comes_back_where_it_was(made, aof, kept):
    server = made(Redis, aof=aof)
    port = server.port
    with server.client() as client:
        client.set("a", 1)
    server.kill()
    with pytest.raises(redis_py.ConnectionError), server.client() as client:
        client.ping()
    server.restart()
    with server.client() as client:
        assert (server.port, client.get("a")) == (port, kept)


def test_a_paused_server_is_silent_until_it_is_resumed(redis):
    with redis.client(socket_timeout=0.2) as client:
        client.ping()
        redis.pause()
        with pytest.raises(redis_py.TimeoutError):
            client.ping()
        redis.resume()
        assert client.ping()


def test_sentinels_fail_over_without_a_loss(sentinels):
    first = sentinels.primary
    with first.client() as client:
        for number in range(1000):
            client.rpush("list", number)
    second = sentinels.fail_over()
    assert second is not first
    with second.client() as client:
        assert client.llen("list") == 1000
    with sentinels.sentinels[0].client() as client:
        assert client.sentinel_get_master_addr_by_name(NAME) == ("127.0.0.1", second.port)
    sentinels.bring_back()
    assert role(first) == "slave"


def test_a_cluster_has_its_keys_on_three_servers(redis_cluster):
    with redis_cluster.client() as client:
        for number in range(100):
            client.set(f"{{key:{number}}}:a", number)
    counts = []
    for server in redis_cluster.servers:
        with server.client() as client:
            counts.append(client.dbsize())
    assert sum(counts) == 100 and min(counts) > 0


def test_a_proxy_cuts_off_who_goes_through_it(redis):
    proxy = Proxy(redis.port).start()
    try:
        with redis_py.Redis(port=proxy.port, socket_timeout=0.2) as client:
            assert client.ping()
            proxy.cut()
            with pytest.raises(redis_py.TimeoutError):
                client.ping()
            with redis.client() as other:
                assert other.ping()
            proxy.mend()
            assert client.ping()
            connection = client.client_id()
            proxy.drop()
            with contextlib.suppress(redis_py.ConnectionError):
                client.ping()
            assert client.client_id() != connection
    finally:
        proxy.stop()


def test_a_proxy_says_another_port_in_answers(sentinels):
    sentinel, primary = sentinels.sentinels[0], sentinels.primary
    way = Proxy(primary.port).start()
    ports = {str(primary.port).encode(): str(way.port).encode()}
    ask = Proxy(sentinel.port, ports).start()
    try:
        with redis_py.Redis(port=ask.port, decode_responses=True) as client:
            place = client.sentinel_get_master_addr_by_name(NAME)
        assert place == ("127.0.0.1", way.port)
        with redis_py.Redis(port=place[1]) as client:
            assert client.ping()
    finally:
        ask.stop()
        way.stop()


def test_a_proxy_swallows_the_answers_of_some(redis):
    proxy = Proxy(redis.port).start()
    try:
        with redis_py.Redis(port=proxy.port, socket_timeout=0.2) as silent:
            with redis_py.Redis(port=proxy.port) as other:
                proxy.swallow(b"GET")
                with pytest.raises(redis_py.TimeoutError):
                    silent.get("a")
                assert other.ping()
                proxy.swallow(None)
                assert silent.get("a") is None
    finally:
        proxy.stop()


def test_a_proxy_takes_its_time(redis):
    proxy = Proxy(redis.port, delay_s=0.1).start()
    try:
        with redis_py.Redis(port=proxy.port) as client:
            began = time.monotonic()
            for number in range(3):
                assert client.incr("n") == number + 1
            assert time.monotonic() - began >= 0.3
    finally:
        proxy.stop()


def test_sentinels_promote_a_replica_that_was_behind(sentinels):
    first = sentinels.primary
    with first.client() as client:
        client.set("a", "kept")
        sentinels.leave_behind()
        client.set("a", "lost")
    second = sentinels.fail_over(in_step=False)
    with second.client() as client:
        assert second is not first and client.get("a") == "kept"


@pytest.mark.parametrize("kind", [Redis, Sentinels, RedisCluster])
def test_a_password_lets_in_who_has_it(made, kind):
    server = made(kind, password="pass-4711")
    with server.client() as client:
        client.set("a", 1)
        assert client.get("a") == "1"
    with server.servers[0].client(password=None) as client:
        with pytest.raises(redis_py.AuthenticationError):
            client.get("a")
