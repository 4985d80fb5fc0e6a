# SPDX-License-Identifier: MIT
"""A host that stops: what it has begun for the cluster comes to an end, and takes no time."""
import json
import time

from support.client import Client, asynchronous
from support.hosts import await_counter
from support.wishes import ask

STREAM = "wse:ingress"
COUNT = 3000


def offset(host, topic):
    return host.ctl_json("topic", "show", topic)["offset"]


def await_empty(backend, host):
    deadline = time.monotonic() + 60
    while backend.xlen(STREAM):
        assert time.monotonic() < deadline, f"{backend.xlen(STREAM)} wait:\n{host.log()[-2000:]}"
        time.sleep(0.02)


@asynchronous
async def test_a_stop_while_backends_publish_loses_and_repeats_nothing(redis, make_hosts):
    topic = "room:stopping"
    # Then nothing but the order of the stop keeps an entry from being published twice.
    (host,) = make_hosts(redis, 1, backplane={"queue_age": "1s", "dedup_age": "1s"})
    with redis.client() as backend:
        pipeline = backend.pipeline(transaction=False)
        for n in range(COUNT):
            pipeline.xadd(STREAM, {"topic": topic, "payload": json.dumps({"n": n})})
        pipeline.execute()
        await_counter("ingress", 50, host)
        host.stop()
        assert "module.stop_timeout" not in host.log()
        assert backend.xlen(STREAM) > 0, "it was too quick to be stopped in the middle"
        time.sleep(1.1)  # what dedup_age has remembered is forgotten
        host.start()
        async with await Client.connect(host) as client:
            await client.subscribe(topic)
            await_empty(backend, host)
            await client.ping()
            assert offset(host, topic) == COUNT


@asynchronous
async def test_a_stop_takes_its_clients_out_of_the_groups_and_the_presence(redis, make_hosts):
    hosts = make_hosts(redis, 2)
    topics = [f"room:{n}" for n in range(200)]
    client = await Client.connect(hosts[0])
    await ask(client, *topics, queue_group="workers")
    await ask(client, *topics)

    def facts():
        with redis.client() as backend:
            return [key for key in backend.scan_iter(match="{wse:*}:f:*", count=1000)]

    while len(facts()) < len(topics):
        await client.ping()
    hosts[0].stop()
    assert facts() == [], "who asks for them finds a host that is no more"
