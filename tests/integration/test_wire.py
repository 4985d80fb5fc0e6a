# SPDX-License-Identifier: MIT
"""Messages in every form: text, compressed, MessagePack, encrypted, and as clients of 1.x read them."""
import asyncio
import json
import time

import msgpack
import pytest
import websockets
import zlib

from support.cipher import Cipher
from support.client import asynchronous
from support.server import Server, run
from support.wired import CURRENT, PREFIXED, Wired

LONG = {"text": "long enough to be compressed " * 100}
FORMS = {
    "text": ("compression=false", {}),
    "C": (CURRENT, {}),
    "M": (CURRENT + "&format=msgpack", {}),
    "E": (CURRENT, {"encrypt": True}),
    "old": (PREFIXED, {}),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(
        tmp_path_factory.mktemp("wire"),
        module_compress_zlib={},
        module_codec_msgpack={},
        module_encrypt_aesgcm={},
        topic=[
            {"match": "kept:*", "subscribe": True, "publish": True, "history": {"messages": 100}},
            {"match": "*", "subscribe": True, "publish": True},
        ],
    ).start()
    yield one
    one.stop()


def deflates(server):
    modules = {row["name"]: row["counters"] for row in server.ctl_json("stats")["modules"]}
    return next(row["value"] for row in modules["compress_zlib"] if row["name"] == "deflates")


@pytest.mark.parametrize("form", FORMS)
@asynchronous
async def test_every_form_subscribes_receives_publishes_and_recovers(server, form):
    query, options = FORMS[form]
    topic = f"kept:{form}"
    async with await Wired.connect(server, query, **options) as client:
        assert (await client.subscribe(topic))["success_topics"] == [topic]
        server.publish_all(topic, [{"n": 1}, {"n": 2, **LONG}])
        assert [each["p"]["n"] for each in await client.events(2)] == [1, 2]
        await client.send("publish", {"topic": topic, "payload": {"n": 3, **LONG}}, id="mine")
        await client.until("publish_ack")
        positions = client.positions
    server.publish_all(topic, [{"n": 4}, {"n": 5, **LONG}])
    async with await Wired.connect(server, query, **options) as client:
        ack = await client.subscribe(topic, recover=True, recovery=positions)
        assert ack["recovery"][topic]["recovered"] is True
        missed = await client.events(2 if positions[topic]["offset"] == 3 else 3)
        assert [each["p"]["n"] for each in missed][-2:] == [4, 5]
        server.publish(topic, {"n": 6})
        last = (await client.events(1))[0]
        assert (last["p"]["n"], last["o"]) == (6, 6)


@pytest.mark.parametrize("form", ["text", "C", "M", "E"])
@asynchronous
async def test_messages_come_in_the_form_that_was_asked_for(server, form):
    query, options = FORMS[form]
    async with await Wired.connect(server, query, **options) as client:
        await client.subscribe("news")
        server.publish("news", LONG)
        await client.events(1)
        assert client.forms[-1] == form
        assert client.forms[:2] == ["text", "text"], "the greeting is plain"
        await client.send("ping", {"timestamp": 5})
        await client.until("PONG")
        assert client.forms[-1] == "text"


@asynchronous
async def test_old_clients_have_the_category_in_front_and_text_frames(server):
    async with await Wired.open(server, PREFIXED + "&topics=old%3Aa%2Cold%3Ab") as client:
        ready = await client.socket.recv()
        assert ready.startswith('WSE{"t":"server_ready"') and '"ts"' not in ready
        await client.socket.send('WSE{"t":"client_hello","p":{"client_version":"1.3.1"},"v":1}')
        assert (await client.socket.recv()).startswith('WSE{"t":"server_hello"')
        ack = await client.receive()
        assert ack["p"]["success_topics"] == ["old:a", "old:b"], "the list in the URL counts"
        server.publish("old:a", {"n": 1})
        assert (await client.socket.recv()).startswith("U{")
        server.publish("old:b", LONG)
        frame = await client.socket.recv()
        assert frame[:2] == b"C:" and zlib.decompress(frame[2:]).startswith(b"U{")
        await client.socket.send('WSE{"t":"PING","p":{"timestamp":77},"v":1}')
        pong = await client.socket.recv()
        assert pong[:25].startswith('WSE{"t":"PONG"') and '"timestamp":77' in pong
        assert all("seq" not in each for each in client.seen)


@asynchronous
async def test_whatever_a_client_sends_is_unwrapped_once(server):
    text = json.dumps({"t": "ping", "p": {"timestamp": 9}})
    async with await Wired.connect(server) as client:
        frames = [
            text,
            text.encode(),
            "U" + text,
            b"WSE" + text.encode(),
            b"C:" + zlib.compress(text.encode()),
            b"C:" + zlib.compress(b"U" + text.encode()),
            zlib.compress(text.encode(), 9),
            b"M:" + msgpack.packb(json.loads(text)),
        ]
        for frame in frames:
            await client.socket.send(frame)
            assert (await client.until("PONG"))["p"]["client_timestamp"] == 9, frame
        for frame in [
            b"C:" + zlib.compress(b"C:" + zlib.compress(text.encode())),
            b"M:" + msgpack.packb("no map"),
            b"C:nonsense",
            b"E:" + bytes(60),
            b"X:?",
        ]:
            await client.socket.send(frame)
            assert (await client.until("error"))["p"]["code"] == "INVALID_MESSAGE", frame


@asynchronous
async def test_a_message_is_compressed_once_for_all_clients_of_a_loop(server):
    clients = [await Wired.connect(server) for _ in range(30)]
    for client in clients:
        await client.subscribe("crowd")
    before = deflates(server)
    server.publish_all("crowd", [{"n": n, **LONG} for n in range(10)])
    for client in clients:
        assert [each["p"]["n"] for each in await client.events(10)] == list(range(10))
        assert client.forms[-10:] == ["C"] * 10
        await client.socket.close()
    assert deflates(server) - before == 10 * 2, "once for each message and loop"


@asynchronous
async def test_the_compressed_form_of_a_replay_is_shared(server):
    server.publish_all("kept:shared", [{"n": n, **LONG} for n in range(20)])
    before = deflates(server)
    for _ in range(10):
        async with await Wired.connect(server) as client:
            head = (await client.subscribe("kept:shared"))["recovery"]["kept:shared"]
            await client.subscribe(
                "kept:shared",
                recover=True,
                recovery={"kept:shared": {"epoch": head["epoch"], "offset": 0}},
            )
            await client.events(20)
    assert deflates(server) - before <= 20 * 2 + 4


# An encrypting browser client asks before its hello, and makes its key in its own time.
@asynchronous
async def test_what_was_asked_before_the_hello_is_answered_encrypted_after_a_moment(server):
    server.publish("kept:early", {"secret": 1})
    async with await Wired.open(server, cipher=Cipher()) as client:
        await client.until("server_ready")
        await client.send_plain("subscription_update", {"action": "subscribe", "topics": ["kept:early"]})
        await client.send_plain("sync_request", {"topics": ["kept:early"], "include_snapshots": True})
        began = time.monotonic()
        await client.hello()
        await client.until("snapshot_complete")
        assert time.monotonic() - began > 0.09
        assert client.forms == ["text", "text", "E", "E"], client.seen


# A client that subscribes between its hello and the server's answer, as one that reconnects does.
@asynchronous
async def test_what_was_under_way_when_the_key_came_is_not_lost(server):
    async with await Wired.open(server, cipher=Cipher()) as client:
        await client.until("server_ready")
        await client.send_plain(
            "client_hello",
            {
                "features": {"encryption": True},
                "encryption_public_key": client.cipher.public_key,
            },
        )
        await client.send_plain("subscription_update", {"action": "subscribe", "topics": ["news"]})
        hello = (await client.until("server_hello"))["p"]
        client.cipher.derive(hello["encryption_public_key"])
        assert (await client.until("subscription_update"))["p"]["success_topics"] == ["news"]
        assert client.forms[-1] == "E"
        await client.send_plain("subscription_update", {"action": "subscribe", "topics": ["more"]})
        assert (await client.until("error"))["p"]["code"] == "ENCRYPTION_REQUIRED"
        assert client.forms[-1] == "E"


@asynchronous
async def test_nothing_but_keep_alives_is_plain_on_an_encrypted_connection(server):
    async with await Wired.connect(server, encrypt=True) as client:
        for topic in ("news", "kept:e"):
            await client.subscribe(topic)
        server.publish("news", LONG)
        server.publish("kept:e", {"n": 1})
        assert server.ctl("send", "--all", '{"to":"all"}').returncode == 0
        await client.events(3)
        await client.send("no_such_type", {})
        await client.until("error")
        await client.send_plain("ping", {"timestamp": 1})
        await client.until("PONG")
        plain = [m["t"] for form, m in zip(client.forms, client.seen) if form == "text"]
        assert plain == ["server_ready", "server_hello", "PONG"]


async def next_server_key(client, fresh):
    """Asks until a second has passed since the last change."""
    while True:
        await client.send("key_rotation_request", {"public_key": fresh.public_key})
        answer = await client.receive()
        while answer["t"] not in ("key_rotation_response", "error"):
            answer = await client.receive()
        if answer["t"] == "key_rotation_response":
            assert answer["p"]["success"] is True
            return answer["p"]["new_public_key"]
        assert answer["p"]["code"] == "RATE_LIMITED", answer
        await asyncio.sleep(0.1)


@asynchronous
async def test_a_key_is_changed_in_the_middle_of_a_stream(server):
    async with await Wired.connect(server, encrypt=True) as client:
        await client.subscribe("rotating")
        old = client.cipher
        for turn in range(3):
            fresh = Cipher()
            fresh.derive(await next_server_key(client, fresh))
            client.cipher = fresh
            server.publish("rotating", {"n": turn})
            assert (await client.events(1))[0]["p"] == {"n": turn}
        client.cipher = old
        await client.send("ping", {})
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await client.socket.recv()
        assert client.socket.close_code == 4400


@asynchronous
async def test_a_forged_frame_ends_the_session(server):
    async with await Wired.connect(server, encrypt=True) as client:
        frame = bytearray(client.cipher.seal('{"t":"ping","p":{}}'))
        frame[-1] ^= 1
        await client.socket.send(bytes(frame))
        with pytest.raises(websockets.ConnectionClosed):
            while True:
                await client.socket.recv()
        assert client.socket.close_code == 4400


def utc(offset_s=0.0):
    now = time.time() + offset_s
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z"


@asynchronous
async def test_signed_types_are_signed_both_ways(tmp_path):
    server = Server(
        tmp_path,
        module_encrypt_aesgcm={},
        listen_main={"signed_types": ["order*"]},
    ).start()
    async with await Wired.connect(server, encrypt=True) as client:
        payload = '{"topic":"orders","type":"order.new","payload":{"n":1}}'

        async def publish(key, when, signature=None):
            sig = signature or client.cipher.sign("publish", key, when, payload)
            text = f'{{"t":"publish","id":"{key}","ts":"{when}","p":{payload},"sig":"{sig}"}}'
            await client.socket.send(client.cipher.seal(text))
            while True:
                answer = await client.receive()
                if answer["t"] in ("publish_ack", "error"):
                    return answer["p"].get("code", "ack")

        await client.subscribe("orders")
        now = utc()
        assert await publish("a", now) == "ack"
        events = [m for m in client.seen if m["t"] == "order.new"] or await client.events(1)
        event = events[0]
        text = json.dumps(event["p"], separators=(",", ":"))
        assert event["sig"] == client.cipher.sign("order.new", event["id"], event["ts"], text)
        assert await publish("a", now) == "SIGNATURE_INVALID", "a replay"
        assert await publish("b", utc(-90)) == "SIGNATURE_INVALID", "an old one"
        assert await publish("c", utc(), "AAAA") == "SIGNATURE_INVALID"
    async with await Wired.connect(server) as client:
        await client.send("publish", {"topic": "orders", "type": "order"}, id="k")
        assert (await client.until("error"))["p"]["code"] == "SIGNATURE_REQUIRED"
    server.stop()


def test_signed_types_want_a_module_that_signs(tmp_path):
    server = Server(tmp_path, listen_main={"signed_types": ["order*"]})
    checked = run("wsed", *server.command("-t")[1:])
    assert checked.returncode == 78
    assert "listen.main: signed_types needs a module that signs" in checked.stderr
