# SPDX-License-Identifier: MIT
"""Subscriptions with all that a client can wish for, and where it stands in what it subscribed."""


async def ask(client, *topics, **wish):
    """Subscribes; p of the acknowledgement. `wish` are more members of the request."""
    request = {"action": "subscribe", "topics": list(topics), **wish}
    await client.send("subscription_update", request)
    answer = await client.until_any("subscription_update", "error")
    assert answer["t"] == "subscription_update", answer
    return answer["p"]


async def settled(client, since=0):
    """What has come since then, once all that was on its way has been read."""
    await client.ping()
    return [message for message in client.seen[since:] if message["t"] != "PONG"]


def events_of(messages):
    return [message for message in messages if message.get("c") == "U"]


class Positions:
    """What a client gives back to recover, and its check that a topic has no gap. Give it all
    messages, in their order."""

    def __init__(self):
        self.recovery = {}
        self.last = {}

    def take(self, messages):
        for message in messages:
            if message["t"] == "subscription_update":
                self._take_ack(message["p"].get("recovery", {}))
            elif "tp" in message:
                self._take_event(message["tp"], message["e"], message["o"])
        return self

    def only(self, *names):
        return {name: self.recovery[name] for name in names}

    def _take_ack(self, places):
        for name, place in places.items():
            self.recovery[name] = {"epoch": place["epoch"], "offset": place["offset"]}
            if not place["recovered"]:
                self.last[name] = (place["epoch"], place["offset"])

    def _take_event(self, topic, epoch, offset):
        known = self.last.get(topic)
        if known and known[0] == epoch:
            assert offset == known[1] + 1, f"{topic}: {offset} came after {known[1]}"
        self.last[topic] = (epoch, offset)
        self.recovery[topic] = {"epoch": epoch, "offset": offset}
