# SPDX-License-Identifier: MIT
"""What a session may subscribe to and publish: rows, the token's claim, default subscriptions."""
from support.client import Client, asynchronous


async def subscribable(client, *topics):
    ack = await client.subscribe(*topics)
    assert sorted(ack["success_topics"] + ack["failed_topics"]) == sorted(topics)
    return ack["success_topics"]


@asynchronous
async def test_the_first_matching_row_decides(make_server):
    server = make_server(
        topic=[
            {"match": "news:internal", "subscribe": False, "publish": False},
            {"match": "news:*", "subscribe": True, "publish": False},
            {"match": "chat:?", "subscribe": True, "publish": True},
        ]
    ).start()
    async with await Client.connect(server) as client:
        topics = ["news:today", "news:internal", "chat:1", "chat:12", "unlisted"]
        assert await subscribable(client, *topics) == ["news:today", "chat:1"]
        assert (await client.publish("chat:1", {}))["t"] == "publish_ack"
        refused = await client.publish("news:today", {}, key="k7")
        assert refused["p"]["code"] == "NOT_ALLOWED"
        assert refused["p"]["details"] == {"topic": "news:today", "id": "k7"}


@asynchronous
async def test_sub_in_a_row_is_the_user_literally(make_server):
    rows = [{"match": "user:{sub}:*", "subscribe": True}]
    server = make_server(topic=rows).start()
    async with await Client.connect(server, "alice") as client:
        mine = await subscribable(client, "user:alice:x", "user:bob:x", "user:alice", "user::x")
        assert mine == ["user:alice:x"]
    async with await Client.connect(server, "*") as client:
        assert await subscribable(client, "user:alice:x", "user:*:x") in ([], ["user:*:x"])
    async with await Client.connect(server, "a?") as client:
        assert "user:ab:x" not in await subscribable(client, "user:ab:x")


@asynchronous
async def test_the_claim_narrows_and_deny_wins(server):
    token = server.token(allow=["a:*", "user:*", "secret:1"], deny=["a:private:*"])
    async with await Client.connect(server, token=token) as client:
        topics = ["a:1", "a:private:1", "b:1", "secret:1"]
        assert await subscribable(client, *topics) == ["a:1"]
        assert (await client.publish("a:1", {}))["t"] == "publish_ack"
        assert (await client.publish("a:private:1", {}))["p"]["code"] == "NOT_ALLOWED"
        assert (await client.publish("b:1", {}))["p"]["code"] == "NOT_ALLOWED"


@asynchronous
async def test_a_denied_topic_stays_denied_however_it_is_asked_for(server):
    token = server.token(allow=["tenant:a:*"], deny=["tenant:a:secret:*"])
    async with await Client.connect(server, token=token) as client:
        # A pattern is admitted where it may hold something allowed; that alone is delivered.
        asked = ["tenant:a:*", "tenant:a:secret:*", "tenant:a:secret:1", "*", "tenant:?:secret:1"]
        assert "tenant:a:secret:1" not in await subscribable(client, *asked)
        server.publish("tenant:a:secret:1", {"n": 1})
        server.publish("tenant:b:open:1", {"n": 2})
        server.publish("tenant:a:open:1", {"n": 3})
        assert [event["p"]["n"] for event in await client.events(1)] == [3]
        await client.ping()
        assert len([message for message in client.seen if message["c"] == "U"]) == 1


@asynchronous
async def test_a_pattern_that_can_hold_nothing_allowed_is_refused(server):
    token = server.token(allow=["tenant:a:*"])
    async with await Client.connect(server, token=token) as client:
        assert await subscribable(client, "tenant:b:*", "other*", "tenant:?:x") == ["tenant:?:x"]


@asynchronous
async def test_topics_that_are_no_topics_are_refused(server):
    async with await Client.connect(server) as client:
        bad = ["", "x" * 5000, "with\ncontrol", "\u007f"]
        ack = await client.subscribe("good", *bad)
        assert ack["success_topics"] == ["good"]
        await client.ping()


@asynchronous
async def test_a_session_has_a_limited_number_of_subscriptions(make_server):
    server = make_server(limits={"max_subscriptions": 3}).start()
    async with await Client.connect(server) as client:
        assert await subscribable(client, "a", "b") == ["a", "b"]
        assert await subscribable(client, "c", "d", "e") == ["c"]
        await client.unsubscribe("a")
        assert await subscribable(client, "d") == ["d"]


@asynchronous
async def test_default_subscriptions_come_with_the_hello(make_server):
    server = make_server(listen_main={"subscribe": ["user:{sub}:inbox", "demo"]}).start()
    async with await Client.connect(server, "alice") as client:
        await client.ping()
        server.publish("user:alice:inbox", {"for": "alice"})
        server.publish("user:bob:inbox", {"for": "bob"})
        server.publish("demo", {"for": "all"})
        payloads = [event["p"] for event in await client.events(2)]
        assert payloads == [{"for": "alice"}, {"for": "all"}]


@asynchronous
async def test_a_default_subscription_needs_the_right_as_well(make_server):
    server = make_server(listen_main={"subscribe": ["secret:1", "demo"]}).start()
    async with await Client.connect(server) as client:
        await client.ping()
        server.publish("secret:1", {"n": 1})
        server.publish("demo", {"n": 2})
        assert (await client.events(1))[0]["p"] == {"n": 2}
