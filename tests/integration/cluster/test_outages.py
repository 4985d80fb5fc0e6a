# SPDX-License-Identifier: MIT
"""Redis is away, or a host cannot reach it."""
import asyncio
import time

from support.client import Client, asynchronous
from support.follower import Follower
from support.hosts import At, Hosts, await_status, counter, kill
from support.shared import answers, numbers, publish, send_publish

OTHER_END = "local:1"


@asynchronous
async def test_what_waits_is_published_in_order_when_redis_is_back(redis, make_hosts):
    hosts, topic, count = make_hosts(redis, 2), "room:waits", 20
    async with Follower(topic) as follower, await Client.connect(hosts[0]) as client:
        await follower.connect(hosts[1])
        await publish(hosts[0], topic, 1)
        redis.kill()
        for n in range(1, count):
            await send_publish(client, topic, n)
        await client.ping()
        assert not [each for each in client.seen if each["t"] == "publish_ack"]
        redis.start()
        told = await answers(client, count - 1)
        assert [answer["p"].get("offset") for answer in told] == list(range(2, count + 1)), told
        assert await follower.take(topic, count) == numbers(count)


@asynchronous
async def test_a_full_queue_refuses_what_may_be_tried_again(redis, make_hosts):
    bounds = {"queue_messages": 10, "queue_age": "30s"}
    hosts, topic = make_hosts(redis, 1, backplane=bounds), "room:full"
    async with await Client.connect(hosts[0]) as client:
        await client.subscribe(OTHER_END)
        redis.kill()
        await_status(hosts[0], lambda status: not status["ready"])
        for n in range(30):
            await send_publish(client, topic, n)
        refused = await answers(client, 20)
        assert {answer["p"].get("code") for answer in refused} == {"UNAVAILABLE"}, refused
        # Topics of the host alone are none of Redis' business.
        assert (await client.publish(OTHER_END, {"n": 0}))["t"] == "publish_ack"
        assert [event["p"] for event in await client.events(1)] == numbers(1)
        redis.start()
        taken = await answers(client, 10)
        assert [answer["p"].get("offset") for answer in taken] == list(range(1, 11)), taken
        (again,) = [answer["p"]["details"]["id"] for answer in refused][:1]
        number = int(again.rpartition("-")[2])
        await send_publish(client, topic, number)
        assert (await answers(client, 1))[0]["p"].get("offset") == 11


@asynchronous
async def test_what_waits_for_too_long_is_refused(redis, make_hosts):
    hosts = make_hosts(redis, 1, backplane={"queue_age": "1s"})
    redis.pause()
    async with await Client.connect(hosts[0]) as client:
        began = time.monotonic()
        answer = await client.publish("room:old", {"n": 0})
        assert answer["t"] == "error" and answer["p"]["code"] == "UNAVAILABLE", answer
        assert time.monotonic() - began > 0.5
    redis.resume()
    await_status(hosts[0], lambda status: status["ready"])


@asynchronous
async def test_all_goes_on_after_a_pause(redis, make_hosts):
    hosts, topic = make_hosts(redis, 2), "room:pause"
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        await publish(hosts[0], topic, 5)
        redis.pause()
        waiting = asyncio.create_task(publish(hosts[0], topic, 5, first=5))
        await asyncio.get_running_loop().run_in_executor(
            None, await_status, hosts[1], lambda status: not status["ready"])
        redis.resume()
        await waiting
        assert await follower.take(topic, 10) == numbers(10)
        await_status(hosts[1], lambda status: status["ready"])


@asynchronous
async def test_a_host_that_was_cut_off_has_all_it_missed(redis, make_hosts, proxy):
    way = proxy(redis.port)
    hosts = make_hosts(redis, 1)
    (far,) = make_hosts(At(url=f"redis://{way.address}"), 1)
    topic, count = "room:cut", 50
    async with Follower(topic) as follower:
        await follower.connect(far)
        await publish(hosts[0], topic, 5)
        await follower.take(topic, 5)
        way.cut()
        await publish(hosts[0], topic, count - 5, first=5)
        await_status(far, lambda status: not status["ready"])
        way.mend(reset=True)
        assert await follower.take(topic, count) == numbers(count)
        assert counter("holes", far) == 0


@asynchronous
async def test_a_host_that_starts_again_goes_on_where_the_others_are(redis, make_hosts):
    hosts, topic = make_hosts(redis, 2), "room:again"
    async with Follower(topic) as follower:
        await follower.connect(hosts[1])
        await publish(hosts[0], topic, 5)
        await follower.take(topic, 5)
        kill(hosts[1])
        await publish(hosts[0], topic, 5, first=5)
        hosts[1].start()
        hosts.await_ready()
        told = await follower.connect(hosts[1])
        assert told[topic]["recovered"] and told[topic]["count"] == 5, told
        assert await follower.take(topic, 10) == numbers(10)


@asynchronous
async def test_hosts_start_and_stop_without_redis(redis, make_server):
    redis.kill()
    (host,) = hosts = Hosts(make_server, redis, 1)
    host.start()
    async with await Client.connect(host) as client:
        await client.subscribe("local:1")
        assert (await client.publish("local:1", {"n": 0}))["t"] == "publish_ack"
        assert not host.ctl_json("status")["ready"]
        redis.start()
        hosts.await_ready()
        assert (await client.publish("room:1", {"n": 0}))["t"] == "publish_ack"
        redis.kill()
        await_status(host, lambda status: not status["ready"])


@asynchronous
async def test_sessions_are_closed_when_the_host_is_deaf_for_long(redis, make_hosts):
    cluster = {"when_deaf": "close", "deaf_after": "1s"}
    (host,) = make_hosts(redis, 1, cluster=cluster)
    async with await Client.connect(host) as shared, await Client.connect(host) as own:
        await shared.subscribe("room:1")
        await own.subscribe("local:1")
        redis.pause()
        code, _ = await shared.closed()
        assert code == 1012
        assert (await own.publish("local:1", {"n": 0}))["t"] == "publish_ack"
    redis.resume()


@asynchronous
async def test_a_queue_is_bounded_in_bytes_and_keeps_its_order(redis, make_hosts):
    hosts, topic = make_hosts(redis, 2, backplane={"queue_bytes": "1m"}), "room:bytes"
    count, size = 30, 100_000
    most = (1 << 20) // size
    async with Follower(topic) as follower, await Client.connect(hosts[0]) as client:
        await follower.connect(hosts[1])
        redis.pause()
        for n in range(count):
            await send_publish(client, topic, n, "x" * size)
        refused = await answers(client, count - most)
        assert {answer["p"].get("code") for answer in refused} == {"UNAVAILABLE"}, refused
        redis.resume()
        told = await answers(client, most)
        taken = [answer["p"] for answer in told if answer["t"] == "publish_ack"]
        assert len(taken) > most / 2, told
        assert [each["offset"] for each in taken] == list(range(1, len(taken) + 1))
        got = [payload["n"] for payload in await follower.take(topic, len(taken))]
        assert got == [int(each["id"].rpartition("-")[2]) for each in taken] == sorted(got)
        await publish(hosts[0], topic, 1, first=count)
        assert (await follower.take(topic, len(taken) + 1))[-1] == {"n": count}


@asynchronous
async def test_clients_stay_while_redis_is_away(redis, make_hosts):
    hosts, topic = make_hosts(redis, 2), "room:stay"
    async with Follower(topic) as follower, await Client.connect(hosts[1]) as client:
        await follower.connect(hosts[1])
        await client.subscribe(OTHER_END)
        await publish(hosts[0], topic, 5)
        connected = sorted(row["id"] for row in hosts[1].connections())
        redis.kill()
        await_status(hosts[1], lambda status: not status["ready"])
        for n in range(50):
            assert (await client.publish(OTHER_END, {"n": n}))["t"] == "publish_ack"
        assert [event["p"] for event in await client.events(50)] == numbers(50)
        assert not hosts[1].ctl_json("status")["ready"]
        redis.start()
        await publish(hosts[0], topic, 5, first=5)
        assert await follower.take(topic, 10) == numbers(10)
        hosts.await_ready()
        assert sorted(row["id"] for row in hosts[1].connections()) == connected


@asynchronous
async def test_a_redis_that_is_far_away_holds_up_its_own_topics_alone(redis, make_hosts, proxy):
    way = proxy(redis.port, delay_s=0.2)
    (near,), topic, count = make_hosts(redis, 1), "room:far", 10
    (far,) = make_hosts(At(url=f"redis://{way.address}"), 1)
    async with Follower(topic) as here, Follower(topic) as there:
        await here.connect(near)
        await there.connect(far)
        async with await Client.connect(far) as client:
            first = []
            for n in range(count):
                await send_publish(client, topic, n)
                await send_publish(client, OTHER_END, n)
                told = await answers(client, 2)
                assert {answer["t"] for answer in told} == {"publish_ack"}, told
                first.append(told[0]["p"]["topic"])
        assert first.count(OTHER_END) > count / 2
        await publish(near, topic, count, first=count)
        for follower in (here, there):
            assert await follower.take(topic, 2 * count) == numbers(2 * count)


@asynchronous
async def test_a_host_stops_while_redis_is_silent(redis, make_hosts):
    (host,) = make_hosts(redis, 1)
    async with await Client.connect(host) as client:
        await client.subscribe("room:silent")
        await client.publish("room:silent", {"n": 0})
        redis.pause()
        await send_publish(client, "room:silent", 1)
        await client.ping()
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(None, host.terminate) == 0, host.log()[-2000:]
    host.process = None
    redis.resume()
