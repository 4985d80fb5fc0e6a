# SPDX-License-Identifier: MIT
"""What is published arrives: in order, once, with its payload, for everybody who subscribed."""
import websockets

from support.client import Client, asynchronous


@asynchronous
async def test_a_client_receives_in_order_what_wsectl_publishes(server):
    async with await Client.connect(server) as client:
        ack = await client.subscribe("demo")
        assert ack["success_topics"] == ["demo"]
        server.publish_all("demo", [{"n": n} for n in range(500)])
        events = await client.events(500)
        assert [event["p"]["n"] for event in events] == list(range(500))
        assert len({event["id"] for event in events}) == 500


@asynchronous
async def test_publishers_one_after_another_keep_their_order(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        for n in range(10):
            server.publish("demo", {"n": n})
        assert [event["p"]["n"] for event in await client.events(10)] == list(range(10))


@asynchronous
async def test_only_subscribers_of_the_topic_receive_it(server):
    async with await Client.connect(server) as one, await Client.connect(server, "bob") as other:
        await one.subscribe("a")
        await other.subscribe("b")
        server.publish("a", {"for": "a"})
        server.publish("b", {"for": "b"})
        assert [event["p"] for event in await one.events(1)] == [{"for": "a"}]
        assert [event["p"] for event in await other.events(1)] == [{"for": "b"}]
        await one.ping()
        assert not any(message["c"] == "U" for message in one.held)


@asynchronous
async def test_nothing_comes_after_the_acknowledgement_of_an_unsubscribe(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        await client.unsubscribe("demo")
        server.publish("demo", {"n": 1})
        await client.ping()
        assert not [message for message in client.seen if message["c"] == "U"]


@asynchronous
async def test_one_session_subscribed_twice_receives_once(server):
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        await client.subscribe("demo")
        server.publish("demo", {"n": 1})
        await client.events(1)
        await client.ping()
        assert not any(message["c"] == "U" for message in client.held)


@asynchronous
async def test_two_sessions_of_one_user_both_receive(server):
    async with await Client.connect(server) as one, await Client.connect(server) as two:
        await one.subscribe("demo")
        await two.subscribe("demo")
        server.publish("demo", {"n": 1})
        assert (await one.events(1))[0]["p"] == (await two.events(1))[0]["p"] == {"n": 1}


@asynchronous
async def test_a_session_that_ends_abruptly_leaves_the_others_alone(server):
    async with await Client.connect(server) as stays:
        await stays.subscribe("demo")
        for _ in range(20):
            leaves = await Client.connect(server, "bob")
            await leaves.subscribe("demo")
            leaves.socket.transport.abort()
        server.publish_all("demo", [{"n": n} for n in range(50)])
        assert [event["p"]["n"] for event in await stays.events(50)] == list(range(50))


@asynchronous
async def test_payloads_arrive_as_they_were_sent(server):
    payloads = [
        {},
        {"text": "grüße, 世界, \U0001f600"},
        {"escaped": 'a "quoted"\n\t\\ \u0001 text'},
        {"number": 9007199254740991, "fraction": 0.1, "negative": -5},
        {"list": [1, [2, [3]], {"deep": {"deeper": None}}], "flag": True},
        {"long": "x" * 100_000},
    ]
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        server.publish_all("demo", payloads)
        assert [event["p"] for event in await client.events(len(payloads))] == payloads


@asynchronous
async def test_a_payload_that_is_no_object_is_wrapped(server):
    values = [5, "text", [1, 2], True, None]
    async with await Client.connect(server) as client:
        await client.subscribe("demo")
        server.publish_all("demo", values)
        events = await client.events(len(values))
        assert [event["p"] for event in events] == [{"data": value} for value in values]


@asynchronous
async def test_the_library_compresses_pings_and_closes_as_it_likes(server):
    """The defaults of python3-websockets: it offers permessage-deflate and sends pings."""
    headers = {"Authorization": f"Bearer {server.token()}"}
    async with websockets.connect(server.url, extra_headers=headers, ping_interval=0.05) as socket:
        for _ in range(5):
            await (await socket.ping())
        await socket.close(1000, "done")
        assert socket.close_code == 1000
