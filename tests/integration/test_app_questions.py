# SPDX-License-Identifier: MIT
"""What backends decide and call over the application link."""
import asyncio

import pytest

from support.app_link import AppLink, Refused
from support.client import Client, asynchronous

ASKING = [
    {"match": "asked:*", "subscribe": True, "publish": True, "ask": "app_socket"},
    {"match": "state:*", "subscribe": True, "snapshot": "app_socket"},
    {"match": "*", "subscribe": True, "publish": True},
]


@pytest.fixture
def module(directory):
    """Nobody drains here: what waits for a backend would hold up the stop."""
    return {"path": str(directory / "app.sock"), "events": ["text"]}


@pytest.fixture
def asking(make_server, module):
    return make_server(module_app_socket=module, topic=ASKING).start()


def link_to(server, **hello):
    return AppLink(server.directory / "app.sock", **hello)


async def serving(link, count):
    """Answers that many questions while the test goes on."""
    return asyncio.create_task(asyncio.to_thread(link.serve, count))


@asynchronous
async def test_backends_decide_who_subscribes(asking):
    with link_to(asking, answers=["subscribe"]) as link:
        link.answers["subscribe"] = lambda question: (
            {"ok": True} if question["topic"] == "asked:yes" else {"ok": False, "code": "denied"}
        )
        async with await Client.connect(asking) as client:
            served = await serving(link, 2)
            ack = await client.subscribe("asked:yes", "asked:no")
            await served
        assert ack["success_topics"] == ["asked:yes"]
        assert {question["user"] for question in link.asked} == {"alice"}


@asynchronous
async def test_nothing_is_granted_without_an_answer(asking):
    async with await Client.connect(asking) as client:
        ack = await client.subscribe("asked:yes")
        assert ack["success_topics"] == []


@asynchronous
async def test_backends_change_what_is_published(asking):
    with link_to(asking, answers=["subscribe", "publish"]) as link:
        link.answers["subscribe"] = lambda question: {"ok": True}
        link.answers["publish"] = lambda question: {
            "ok": True, "data": {**question["data"], "by": question["user"]}
        }
        async with await Client.connect(asking) as client:
            served = await serving(link, 2)
            await client.subscribe("asked:room")
            await client.publish("asked:room", {"text": "hello"})
            assert [event["p"] for event in await client.events(1)] == [
                {"text": "hello", "by": "alice"}
            ]
            await served


@asynchronous
async def test_backends_give_the_state_of_topics(asking):
    with link_to(asking, answers=["snapshot"]) as link:
        link.answers["snapshot"] = lambda question: {"ok": True, "data": {"of": question["topic"]}}
        async with await Client.connect(asking) as client:
            served = await serving(link, 1)
            await client.subscribe("state:1")
            snapshot = await client.until("topic_snapshot")
            assert snapshot["p"]["data"] == {"of": "state:1"}
            await served


@asynchronous
async def test_a_backend_that_goes_is_replaced_by_another(asking):
    first = link_to(asking, answers=["subscribe"])
    with link_to(asking, answers=["subscribe"]) as second:
        second.answers["subscribe"] = lambda question: {"ok": True}
        async with await Client.connect(asking) as client:
            served = await serving(second, 1)
            subscribing = asyncio.create_task(client.subscribe("asked:yes"))
            assert (await asyncio.to_thread(first.receive))["op"] == "ask"
            first.close()
            assert (await subscribing)["success_topics"] == ["asked:yes"]
            await served


@asynchronous
async def test_backends_judge_credentials(make_server, module):
    server = make_server(module_app_socket=module, listen_main={"auth": "app_socket"}).start()
    with link_to(server, answers=["connect"]) as link:
        link.answers["connect"] = lambda question: (
            {"ok": True, "user": "bob", "data": {"role": "admin"}}
            if question["data"] == "good" else {"ok": False, "code": "denied"}
        )
        served = await serving(link, 2)
        client = await Client.connect(server, token="good")
        async with client:
            assert client.ready["details"]["user_id"] == "bob"
        refused = await Client.open(server, token="bad")
        await refused.closed()
        await served
        assert [question["source"] for question in link.asked] == ["bearer", "bearer"]


@asynchronous
async def test_operations_of_the_api_are_called(asking):
    with link_to(asking) as link:
        async with await Client.connect(asking) as client:
            await client.subscribe("news")
            link.call("publish", topic="news", payload={"n": 1})
            assert [event["p"] for event in await client.events(1)] == [{"n": 1}]
        with pytest.raises(Refused) as refused:
            link.call("no_such_operation")
        assert refused.value.code == "not_found"
