# SPDX-License-Identifier: MIT
"""As whom, where and with which secrets hosts use Redis."""
import json
import pathlib
import re
import shlex

import pytest
from cryptography.fernet import Fernet

from support.backend import STREAM, add, await_empty
from support.client import Client, asynchronous
from support.hosts import MORTAL, At, Hosts, await_counter, await_status, kill
from support.redis import Redis
from support.redis_cluster import RedisCluster
from support.sentinels import Sentinels
from support.shared import passes
from support.waiting import await_value
from support.wishes import ask, events_of, settled

SECRET_WORD = "the-word-that-nobody-reads"
PASSWORD = "pass-4711"
DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs/redis.md"


def documented_rules(name):
    """What the document grants to the account, but for its password."""
    (line,) = re.findall(rf"^ACL SETUSER {name} (.*)$", DOCUMENT.read_text(), re.M)
    return " ".join(word for word in shlex.split(line) if word != "on" and word[0] != ">")


@asynchronous
async def test_the_documented_account_and_a_database(made, make_hosts):
    redis = made(Redis, user=("joiner", PASSWORD), rules=documented_rules("wse"))
    hosts = make_hosts(At(url=f"{redis.url}/3"), 3, backplane=MORTAL)
    await passes(hosts[0], hosts[1], "room:access")
    # Of every shard, and what is done only when a host is killed.
    async with await Client.connect(hosts[1]) as watcher:
        topics = [f"room:access-{n}" for n in range(16)]
        await watcher.subscribe(*topics)
        bob = await Client.connect(hosts[0], "bob")
        for topic in topics:
            await ask(bob, topic, presence={})
        # What a host knows alone goes with it.
        for _ in topics:
            assert (await watcher.until("presence_join"))["p"]["user_id"] == "bob"
        with redis.client(username="joiner", db=3) as client:
            assert client.xlen(STREAM) == 0
            keys = list(client.scan_iter())
            assert {f"{{wse:{shard}}}:s" for shard in range(4)} <= set(keys), keys
        kill(hosts[0])
        for _ in topics:
            assert (await watcher.until("presence_leave"))["p"]["user_id"] == "bob"
        with redis.client(username="joiner", db=3) as client:
            await add(client, "room:added", {"n": 1})
            await await_empty(client)
    hosts.await_ready(*hosts.servers[1:])
    for host in hosts.servers[1:]:
        assert "NOPERM" not in host.log() and PASSWORD not in host.log()
        shown = host.ctl("backplane", "--json").stdout + host.ctl("status", "--json").stdout
        assert PASSWORD not in shown


@asynchronous
async def test_the_documented_backend_only_publishes(made, make_hosts):
    redis = made(Redis)
    with redis.client() as client:
        rules = documented_rules("backend").split()
        client.execute_command("ACL", "SETUSER", "backend", "on", f">{PASSWORD}", *rules)
    hosts = make_hosts(redis, 1)
    async with await Client.connect(hosts[0]) as client:
        await client.subscribe("room:backend")
        with redis.client(username="backend", password=PASSWORD) as backend:
            await add(backend, "room:backend", {"n": 1})
            assert [event["p"] for event in await client.events(1)] == [{"n": 1}]
            backend.publish("wse:room:backend", "{}")
            for refused in (["XLEN", STREAM], ["GET", "{wse}:shards"], ["KEYS", "*"]):
                with pytest.raises(Exception, match="no permissions"):
                    backend.execute_command(*refused)


# A password of all servers, which comes from url, in all three ways to find them.
@pytest.mark.parametrize("kind", [Sentinels, RedisCluster], ids=["sentinels", "cluster"])
@asynchronous
async def test_a_password_of_all_servers(made, make_hosts, kind):
    redis = made(kind, password=PASSWORD)
    hosts = make_hosts(At(**redis.backplane, url=f"redis://:{PASSWORD}@localhost"), 2)
    await passes(hosts[0], hosts[1], "room:access")
    for host in hosts:
        assert PASSWORD not in host.log()


@asynchronous
async def test_a_unix_socket(made, directory, make_hosts):
    path = directory / "redis.sock"
    made(Redis, options=[f"unixsocket {path}"])
    hosts = make_hosts(At(url=f"unix://{path}"), 2)
    await passes(hosts[0], hosts[1], "room:access")


@asynchronous
async def test_sentinels_say_where_it_is(sentinels, make_hosts):
    hosts = make_hosts(sentinels, 2)
    await passes(hosts[0], hosts[1], "room:access")


@asynchronous
async def test_sealed_messages_cannot_be_read_in_redis(any_redis, make_hosts):
    key, topic = Fernet.generate_key(), "room:sealed"
    secret, extra = {"word": SECRET_WORD}, json.dumps({"origin": SECRET_WORD})
    hosts = make_hosts(any_redis, 2, backplane={"fernet_key": key.decode()})
    async with await Client.connect(hosts[1], "bob") as bob:
        await ask(bob, topic, presence=secret)
        await bob.until("presence_join")
        await passes(hosts[0], hosts[1], topic, secret)
        with any_redis.client() as client:
            # What backends write is sealed once it is taken in.
            await add(client, topic, secret, extra=extra)
            event = (await bob.events(2))[1]
            assert (event["p"], event["origin"]) == (secret, SECRET_WORD)
            await await_empty(client)
        sent = hosts[0].ctl("send", "--all", "notice", json.dumps(secret))
        assert sent.returncode == 0, sent
        stored = any_redis.everything()
    assert topic.encode() in stored and SECRET_WORD.encode() not in stored
    # They are Fernet tokens, to whoever has the key.
    opened = {"p": [], "x": [], "v": []}
    with any_redis.client() as client:
        assert client.xlen("{wse}:all") == 1
        for shard in client.scan_iter("{wse:*}:s"):
            for _, entry in client.xrange(shard):
                for name in opened.keys() & entry.keys():
                    opened[name].append(json.loads(Fernet(key).decrypt(entry[name].encode())))
    assert opened["p"] == [secret, secret]
    assert opened["x"] == [json.loads(extra)]
    assert any(SECRET_WORD in json.dumps(fact) for fact in opened["v"]), opened
    for host in hosts:
        assert key.decode() not in host.log()


def test_a_host_with_another_key_is_refused(redis, make_hosts, make_server):
    make_hosts(redis, 1, backplane={"fernet_key": Fernet.generate_key().decode()})
    for key in ({}, {"fernet_key": Fernet.generate_key().decode()}):
        (odd,) = Hosts(make_server, redis, 1, backplane=key)
        odd.start()
        await_status(odd, lambda status: "fernet_key" in str(status["unready"]))


@asynchronous
async def test_what_does_not_open_is_a_dead_letter(redis, make_hosts):
    topic, forged = "room:keys", Fernet(Fernet.generate_key()).encrypt(b"{}").decode()
    (host,) = make_hosts(redis, 1, backplane={"fernet_key": Fernet.generate_key().decode()})
    async with await Client.connect(host) as client:
        await client.subscribe(topic)
        await client.publish(topic, {"n": 1})
        await client.events(1)
    with redis.client() as backend:
        (stream,) = [
            key
            for key in backend.scan_iter(match="{wse:*}:s")
            if any(entry.get("t") == topic for _, entry in backend.xrange(key))
        ]
        (entry,) = [entry for _, entry in backend.xrange(stream) if entry.get("t") == topic]
        backend.xadd(stream, {**entry, "o": "2", "p": forged, "q": str(int(entry["q"]) + 1)})
        (letter,) = await_value(lambda: host.ctl_json("dlq", "ls", topic)["letters"], len)
        assert (letter["reason"], letter["message"]) == ("does not open", forged)


@asynchronous
async def test_a_host_with_another_number_of_shards_is_refused(redis, make_hosts, make_server):
    hosts = make_hosts(redis, 2)
    await passes(hosts[0], hosts[1], "room:access")
    (odd,) = Hosts(make_server, redis, 1, backplane={"shards": 5})
    odd.start()
    status = await_status(odd, lambda status: not status["ready"] and "shards" in str(status))
    assert "5" in str(status) and "4" in str(status), status


@asynchronous
async def test_two_deployments_on_one_redis_are_apart(redis, make_hosts):
    (one,) = make_hosts(redis, 1)
    (two,) = make_hosts(redis, 1, backplane={"prefix": "other"})
    topic = "room:apart"
    async with await Client.connect(one, "bob") as here, await Client.connect(two, "eve") as there:
        for client in (here, there):
            await ask(client, topic, presence={})
            await client.until("presence_join")
        with redis.client() as backend:
            await add(backend, topic, {"n": 1})
            backend.xadd(STREAM, {"topic": topic, "payload": "{no json"})
            await await_empty(backend)
        (place,) = [(e["p"], e["o"]) for e in await here.events(1)]
        assert place == ({"n": 1}, 1)
        assert one.ctl("send", "--all", "notice", '{"n": 2}').returncode == 0
        await_counter("dead_letters", 1, one)
        assert (await there.publish(topic, {"n": 3}))["p"]["offset"] == 1
        (event,) = await there.events(1)
        assert event["p"] == {"n": 3}
        mine, theirs = await settled(here), await settled(there)
        assert [event["p"] for event in events_of(mine)] == [{"n": 1}, {"n": 2}]
        assert [event["p"] for event in events_of(theirs)] == [{"n": 3}]
        joins = [each["p"]["user_id"] for each in theirs if each["t"] == "presence_join"]
        assert joins == ["eve"]
        assert {"n": 2} not in [each["p"] for each in theirs]
    for host, count in ((one, 1), (two, 0)):
        assert len(host.ctl_json("dlq", "ls")["topics"]) == count
        assert len(host.ctl_json("backplane")["hosts"]) == 1
