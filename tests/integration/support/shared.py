# SPDX-License-Identifier: MIT
"""Messages of topics that hosts share, each with a number."""
from support.client import Client


def numbers(count, first=0):
    """The payloads of so many messages."""
    return [{"n": n} for n in range(first, first + count)]


async def publish(server, topic, count, first=0):
    """Through a client of that host, one after the other; the places that it was told."""
    async with await Client.connect(server) as client:
        answers = [await client.publish(topic, payload) for payload in numbers(count, first)]
    assert {answer["t"] for answer in answers} == {"publish_ack"}, answers
    return [(answer["p"]["epoch"], answer["p"]["offset"]) for answer in answers]


async def send_publish(client, topic, n, fill=None):
    """Without waiting for the answer."""
    payload = {"n": n} if fill is None else {"n": n, "fill": fill}
    message = {"topic": topic, "payload": payload}
    await client.send("publish", message, c="U", id=f"{topic}-{n}")


async def answers(client, count):
    """The answers to so many publishes that were sent."""
    return [await client.until_any("publish_ack", "error") for _ in range(count)]


async def passes(publishing, subscribed, topic, payload=None):
    """A message goes from one host to the other."""
    payload = payload or {"n": 1}
    async with await Client.connect(subscribed) as client:
        await client.subscribe(topic)
        async with await Client.connect(publishing) as publisher:
            answer = await publisher.publish(topic, payload)
            assert answer["t"] == "publish_ack", answer
        assert [event["p"] for event in await client.events(1)] == [payload]
