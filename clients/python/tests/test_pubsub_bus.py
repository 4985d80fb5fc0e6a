# SPDX-License-Identifier: MIT
"""The bus, over a real Redis."""
import asyncio
import contextlib
import decimal
import json
import uuid

import pytest

redis = pytest.importorskip("redis.asyncio")

from support.redis_server import RedisServer  # noqa: E402
from wse_server import EventPriority, PubSubBus  # noqa: E402
from wse_server.errors import PublishError  # noqa: E402

TIMEOUT_S = 20


@pytest.fixture
def server(directory):
    made = RedisServer(directory).start()
    yield made
    made.stop()


def run(scenario):
    return asyncio.run(asyncio.wait_for(scenario, 60))


@contextlib.asynccontextmanager
async def bus_on(server, **options):
    async with redis.Redis(unix_socket_path=server.path) as client:
        async with PubSubBus(redis_client=client, **options) as bus:
            yield bus


class Heard:
    """A handler that keeps what it hears."""

    def __init__(self):
        self.queue = asyncio.Queue()

    async def __call__(self, event):
        await self.queue.put(event)

    async def next(self):
        return await asyncio.wait_for(self.queue.get(), TIMEOUT_S)

    async def take(self, count):
        return [await self.next() for _ in range(count)]


def test_an_event_comes_as_it_was_published(server):
    async def scenario():
        heard = Heard()
        async with bus_on(server) as bus:
            await bus.subscribe("user:7:orders", heard)
            item = uuid.uuid4()
            event = {"event_type": "made", "item": item, "price": decimal.Decimal("1.50")}
            event_id = await bus.publish(
                topic="user:7:orders", event=event, priority=EventPriority.HIGH
            )
            assert event == {
                "event_type": "made", "item": item, "price": decimal.Decimal("1.50"),
            }
            got = await heard.next()
        assert (got["event_type"], got["item"], got["price"]) == ("made", str(item), "1.50")
        assert got["metadata"].pop("published_at")
        assert got["metadata"] == {"priority": 8, "event_id": event_id}

    run(scenario())


def test_events_keep_their_order_for_each_handler(server):
    async def scenario():
        order, done = [], asyncio.Event()

        async def slow(event):
            await asyncio.sleep(0.002 if event["n"] % 3 == 0 else 0)
            order.append(event["n"])
            if len(order) == 60:
                done.set()

        async with bus_on(server) as bus:
            await bus.subscribe("a", slow)
            for n in range(60):
                await bus.publish("a", {"n": n})
            await asyncio.wait_for(done.wait(), TIMEOUT_S)
        assert order == list(range(60))

    run(scenario())


def test_a_handler_may_end_its_own_subscription(server):
    async def scenario():
        got, heard, others_are_there = [], Heard(), asyncio.Event()

        async def first_only(event):
            got.append(event["n"])
            await others_are_there.wait()
            await bus.unsubscribe(name)

        async with bus_on(server) as bus:
            before = len(asyncio.all_tasks())
            name = await bus.subscribe("a", first_only)
            await bus.subscribe("b", heard)
            for n in range(3):
                await bus.publish("a", {"n": n})
            await bus.publish("b", {})
            await heard.next()  # so those before have come
            others_are_there.set()
            while bus.get_metrics()["handled"] < 2:
                await asyncio.sleep(0)
            assert got == [0]
            assert len(asyncio.all_tasks()) == before + 2  # the listener, and who feeds `heard`

    run(scenario())


def test_a_handler_whose_own_task_was_cancelled_hears_on(server):
    async def scenario():
        heard = Heard()

        async def handler(event):
            if event["n"] == 0:
                raise asyncio.CancelledError
            await heard(event)

        async with bus_on(server) as bus:
            await bus.subscribe("a", handler)
            for n in range(2):
                await bus.publish("a", {"n": n})
            assert (await heard.next())["n"] == 1
            assert bus.get_metrics()["handler_errors"] == 1

    run(scenario())


def test_patterns_are_globs_and_nothing_more(server):
    async def scenario():
        heard = Heard()
        async with bus_on(server) as bus:
            await bus.subscribe("user:?:[x]*", heard)
            for topic in ("user:7:x", "user:77:[x]", "user:7:[x]yes"):
                await bus.publish(topic, {"topic": topic})
            assert (await heard.next())["topic"] == "user:7:[x]yes"
            assert heard.queue.empty()

    run(scenario())


def test_a_listener_gets_an_event_once(server):
    async def scenario():
        heard, other = Heard(), Heard()
        async with bus_on(server) as bus:
            await bus.subscribe("a:*", heard, "c1")
            await bus.subscribe("a:b", heard, "c1")
            await bus.subscribe("*", heard, "c1")
            await bus.subscribe("a:*", other, "c2")
            for topic in ("a:b", "a:c", "z", "end:1"):
                await bus.publish(topic, {"topic": topic})
            assert [(await heard.next())["topic"] for _ in range(4)] == [
                "a:b", "a:c", "z", "end:1",
            ]
            assert [(await other.next())["topic"] for _ in range(2)] == ["a:b", "a:c"]
            assert heard.queue.empty() and other.queue.empty()

    run(scenario())


def test_handlers_do_not_see_what_others_change(server):
    async def scenario():
        heard = Heard()

        async def change(event):
            event["n"] = "changed"

        async with bus_on(server) as bus:
            await bus.subscribe("a", change)
            await bus.subscribe("a", heard)
            await bus.publish("a", {"n": 1})
            assert (await heard.next())["n"] == 1

    run(scenario())


def test_a_subscription_ends(server):
    async def scenario():
        first, second = Heard(), Heard()
        async with bus_on(server) as bus:
            one = await bus.subscribe("a", first, "c1")
            await bus.subscribe("a", second, "c2")
            await bus.subscribe("b", second, "c2")
            assert await bus.unsubscribe(one) and not await bus.unsubscribe(one)
            await bus.publish("a", {"n": 1})
            assert (await second.next())["n"] == 1 and first.queue.empty()
            assert await bus.unsubscribe_connection("c2") == 2
            assert await bus.unsubscribe_connection("c2") == 0
            assert bus.get_metrics()["subscriptions"] == 0
            with server.client() as client:
                assert client.pubsub_channels() == []

    run(scenario())


def test_a_handler_that_fails_leaves_a_letter_that_can_be_replayed(server):
    async def scenario():
        heard, failures = Heard(), [1]

        async def handler(event):
            if failures:
                failures.pop()
                raise ValueError("not today")
            await heard(event)

        async with bus_on(server) as bus:
            await bus.subscribe("a", handler)
            await bus.publish("a", {"n": 1})
            while not (letters := await bus.get_dlq_messages("a")):
                await asyncio.sleep(0.01)
            (letter,) = letters
            assert (letter["channel"], letter["error_type"]) == ("a", "ValueError")
            assert letter["error_details"] == "not today" and letter["message"]["n"] == 1
            assert not await bus.replay_dlq_message("a", "another")
            assert await bus.replay_dlq_message("a", letter["message_id"])
            assert (await heard.next())["n"] == 1
            assert await bus.get_dlq_messages("a") == []
            with server.client() as client:
                assert client.pubsub_numsub("wse:a") == [("wse:a", 1)]

    run(scenario())


def test_letters_are_bounded_and_have_an_end(server, monkeypatch):
    monkeypatch.setattr("wse_server.pubsub_bus.DEAD_LETTERS_KEPT", 2)

    async def scenario():
        async with bus_on(server) as bus:
            await bus.subscribe("a", lambda event: 1 / 0)
            for n in range(4):
                await bus.publish("a", {"n": n})
            while bus.get_metrics()["dead_letters"] < 4:
                await asyncio.sleep(0.01)
            letters = await bus.get_dlq_messages("a")
            assert [letter["message"]["n"] for letter in letters] == [3, 2]
            with server.client() as client:
                assert 0 < client.ttl("wse:dlq:a") <= 7 * 24 * 3600

    run(scenario())


def test_what_is_too_much_for_a_handler_gives_way_and_is_counted(server):
    async def scenario():
        go, seen = asyncio.Event(), []

        async def stuck(event):
            await go.wait()
            seen.append(event["n"])

        async with bus_on(server, queue_size=2) as bus:
            await bus.subscribe("a", stuck)
            await bus.publish("a", {"n": 0})
            while bus.get_metrics()["received"] < 1 or bus.get_metrics()["queued"]:
                await asyncio.sleep(0.01)
            for n in range(1, 5):
                await bus.publish("a", {"n": n})
            while bus.get_metrics()["received"] < 5:
                await asyncio.sleep(0.01)
            assert bus.get_metrics()["dropped"] == 2
            go.set()
            while len(seen) < 3:
                await asyncio.sleep(0.01)
        assert seen == [0, 3, 4]

    run(scenario())


def test_what_is_no_object_is_counted_and_passed_over(server):
    async def scenario():
        heard = Heard()
        async with bus_on(server) as bus:
            await bus.subscribe("a", heard)
            with server.client() as client:
                client.publish("wse:a", "[1]")
                client.publish("wse:a", "{")
            await bus.publish("a", {"n": 1})
            assert (await heard.next())["n"] == 1
            assert bus.get_metrics()["malformed"] == 2

    run(scenario())


def test_the_listener_comes_back_after_redis_does(server):
    async def scenario():
        heard = Heard()
        async with bus_on(server, max_pause=0.1) as bus:
            await bus.subscribe("a", heard)
            await bus.subscribe("b*", heard)
            server.stop()
            while bus.get_metrics()["listener_errors"] < 2:
                await asyncio.sleep(0.01)
            server.start()
            with server.client() as client:
                while client.pubsub_numsub("wse:a") != [("wse:a", 1)] or not client.pubsub_numpat():
                    await asyncio.sleep(0.01)
            await bus.publish("a", {"n": 1})
            await bus.publish("b", {"n": 2})
            assert [event["n"] for event in await heard.take(2)] == [1, 2]

    run(scenario())


def test_a_publish_that_redis_does_not_take_is_an_error(server):
    async def scenario():
        async with bus_on(server, attempts=2) as bus:
            server.stop()
            with pytest.raises(PublishError, match="PUBLISH"):
                await bus.publish("a", {"n": 1})
            assert bus.get_metrics()["publish_errors"] == 2

    run(scenario())


def test_nobody_publishes_on_a_pattern(server):
    async def scenario():
        async with bus_on(server) as bus:
            with pytest.raises(ValueError, match="is a pattern"):
                await bus.publish("a:*", {})

    run(scenario())


def test_what_must_not_be_lost_waits_in_the_stream(server):
    async def scenario():
        async with bus_on(server) as bus:
            await bus.publish("a", {"event_type": "x", "n": 1}, durable=True)
        with server.client() as client:
            ((_, fields),) = client.xrange("wse:ingress")
        assert fields["topic"] == "a" and json.loads(fields["event"])["n"] == 1

    run(scenario())


def test_without_redis_it_does_not_begin(directory):
    async def scenario():
        async with redis.Redis(unix_socket_path=str(directory / "none")) as client:
            with pytest.raises(redis.ConnectionError):
                await PubSubBus(redis_client=client).initialize()

    run(scenario())
