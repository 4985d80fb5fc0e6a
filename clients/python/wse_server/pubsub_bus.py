# SPDX-License-Identifier: MIT
"""Events through Redis, on channels `wse:TOPIC`: to every wsed that is joined through that Redis,
and to Python programs that subscribe."""
from __future__ import annotations

import asyncio
import collections
import dataclasses
import datetime
import inspect
import itertools
import logging
import random
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from .codec import dump_json, load_object
from .errors import PublishError
from .types import EventPriority

log = logging.getLogger("wse_server.bus")

Handler = Callable[[dict[str, Any]], Any | Awaitable[Any]]

PREFIX = "wse:"
DEAD_LETTERS = PREFIX + "dlq:"
DEAD_LETTER_AGE_S = 7 * 24 * 3600
DEAD_LETTERS_KEPT = 1000
WILDCARDS = re.compile(r"[*?]")
# Of a glob of Redis, what is no wildcard of ours.
SPECIAL = re.compile(r"([\[\]\\])")
WILDCARDS_AS_REGEX = {"*": ".*", "?": "."}


def _channel(pattern: str) -> str:
    """Of a topic or pattern, as Redis is told."""
    if WILDCARDS.search(pattern):
        return PREFIX + SPECIAL.sub(r"\\\1", pattern)
    return PREFIX + pattern


@dataclasses.dataclass(eq=False)
class _Subscription:
    """One handler, called for one event after the other, in their order."""

    id: str
    pattern: str
    handler: Handler
    connection_id: str | None
    queue: "collections.deque[tuple[str, bytes]]" = dataclasses.field(
        default_factory=collections.deque
    )
    there: asyncio.Event = dataclasses.field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.is_pattern = WILDCARDS.search(self.pattern) is not None
        self.channel = _channel(self.pattern)
        parts = (WILDCARDS_AS_REGEX.get(c, re.escape(c)) for c in self.pattern)
        self._regex = re.compile("".join(parts), re.DOTALL)

    def takes(self, topic: str) -> bool:
        return self._regex.fullmatch(topic) is not None

    def same_listener(self, other: "_Subscription") -> bool:
        return self.handler == other.handler and self.connection_id == other.connection_id


class PubSubBus:
    """`redis_client` is a redis.asyncio.Redis.

    Each handler has a queue of at most `queue_size` events; beyond, the oldest is dropped and
    counted. A handler gets an event object of its own. The listener never gives up: it connects
    again after a pause that grows to `max_pause` seconds, and what was published meanwhile is not
    heard, as Redis keeps nothing. What must not be lost is published by XADD on `wse:ingress`:
    publish(…, durable=True).
    """

    def __init__(
        self,
        redis_client: Any,
        *,
        queue_size: int = 10_000,
        attempts: int = 3,
        max_pause: float = 30.0,
    ) -> None:
        self._redis = redis_client
        self._queue_size = queue_size
        self._attempts = attempts
        self._max_pause = max_pause
        self._subscriptions: dict[str, _Subscription] = {}
        self._numbers = itertools.count(1)
        self._pubsub: Any = None
        self._listener: asyncio.Task[None] | None = None
        self._changes = asyncio.Lock()
        self._metrics: collections.Counter[str] = collections.Counter()

    async def initialize(self) -> None:
        """Raises what redis-py raises when Redis does not answer."""
        await self._redis.ping()

    async def shutdown(self) -> None:
        """Ends all subscriptions. The client is the caller's, and stays open."""
        for subscription in list(self._subscriptions):
            await self._forget(self._subscriptions.pop(subscription))
        async with self._changes:
            await self._stop_listening()

    async def __aenter__(self) -> "PubSubBus":
        await self.initialize()
        return self

    async def __aexit__(self, *unused: object) -> None:
        await self.shutdown()

    # Publishing.

    async def publish(
        self,
        topic: str,
        event: Mapping[str, Any],
        priority: EventPriority | int | None = None,
        ttl: int | None = None,
        *,
        durable: bool = False,
    ) -> str:
        """The id of the event, which is sent as it is, with `metadata`. Tried again after a break
        of the connection, then a PublishError; the servers take an id once.

        `ttl` is taken, and nothing comes of it, as in the original. `durable`: nothing is lost
        while no server runs, and Python subscribers do not hear it."""
        if WILDCARDS.search(topic):
            raise ValueError(f"{topic!r} is a pattern")
        message = self._message(event, priority)
        body = dump_json(message)
        if durable:
            entry = {"topic": topic, "event": body}
            await self._try("XADD", lambda: self._redis.xadd(PREFIX + "ingress", entry))
        else:
            await self._try("PUBLISH", lambda: self._redis.publish(PREFIX + topic, body))
        self._metrics["published"] += 1
        return str(message["metadata"]["event_id"])

    def _message(
        self, event: Mapping[str, Any], priority: EventPriority | int | None
    ) -> dict[str, Any]:
        given = event.get("metadata")
        metadata = dict(given) if isinstance(given, Mapping) else {}
        if priority is not None:
            metadata["priority"] = int(EventPriority.nearest(int(priority)))
        event_id = event.get("id") or event.get("event_id") or metadata.get("event_id")
        metadata["event_id"] = str(event_id or uuid.uuid4())
        now = datetime.datetime.now(datetime.timezone.utc)
        metadata["published_at"] = now.isoformat()
        return {**event, "metadata": metadata}

    async def _try(self, what: str, command: Callable[[], Awaitable[Any]]) -> None:
        pause = 0.05
        for attempt in range(1, self._attempts + 1):
            try:
                await command()
                return
            except Exception as error:  # noqa: BLE001 - redis-py's are many
                self._metrics["publish_errors"] += 1
                if attempt == self._attempts:
                    raise PublishError(f"Redis did not take the {what}: {error}") from error
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause *= 2

    # Subscribing.

    async def subscribe(
        self, pattern: str, handler: Handler, connection_id: str | None = None
    ) -> str:
        """The handler, a function or coroutine function, gets the events of a topic, or of those
        that a pattern with `*` and `?` takes. The id is for unsubscribe()."""
        subscription = _Subscription(
            id=f"{pattern}::{next(self._numbers)}",
            pattern=pattern,
            handler=handler,
            connection_id=connection_id,
        )
        async with self._changes:
            first = not self._has(pattern)
            self._subscriptions[subscription.id] = subscription
            try:
                if first:
                    await self._subscribe_redis([pattern])
            except BaseException:
                del self._subscriptions[subscription.id]
                raise
            subscription.task = asyncio.create_task(self._feed(subscription))
            if self._listener is None:
                self._listener = asyncio.create_task(self._listen())
        return subscription.id

    async def unsubscribe(self, subscription_id: str) -> bool:
        """False when there is none of that id."""
        async with self._changes:
            subscription = self._subscriptions.pop(subscription_id, None)
            if subscription is None:
                return False
            await self._forget(subscription)
            if not self._has(subscription.pattern):
                await self._unsubscribe_redis(subscription.pattern)
            if not self._subscriptions:
                await self._stop_listening()
        return True

    async def unsubscribe_connection(self, connection_id: str) -> int:
        """All that were made for the connection; how many."""
        ids = [
            each.id for each in self._subscriptions.values() if each.connection_id == connection_id
        ]
        return sum([await self.unsubscribe(each) for each in ids])

    def _has(self, pattern: str) -> bool:
        return any(each.pattern == pattern for each in self._subscriptions.values())

    async def _forget(self, subscription: _Subscription) -> None:
        task = subscription.task
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # Redis.

    async def _subscribe_redis(self, patterns: list[str]) -> None:
        if self._pubsub is None:
            self._pubsub = self._redis.pubsub()
        for pattern in patterns:
            if WILDCARDS.search(pattern):
                await self._pubsub.psubscribe(_channel(pattern))
            else:
                await self._pubsub.subscribe(_channel(pattern))

    async def _unsubscribe_redis(self, pattern: str) -> None:
        if self._pubsub is None:
            return
        try:
            if WILDCARDS.search(pattern):
                await self._pubsub.punsubscribe(_channel(pattern))
            else:
                await self._pubsub.unsubscribe(_channel(pattern))
        except Exception as error:  # noqa: BLE001 - the listener finds out, and begins anew
            log.debug("unsubscribe failed: %s", error)

    async def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None and listener is not asyncio.current_task():
            listener.cancel()
            await asyncio.gather(listener, return_exceptions=True)
        await self._drop_pubsub()

    async def _drop_pubsub(self) -> None:
        pubsub, self._pubsub = self._pubsub, None
        if pubsub is not None:
            try:
                await pubsub.close()
            except Exception as error:  # noqa: BLE001 - it is broken already
                log.debug("close failed: %s", error)

    async def _listen(self) -> None:
        pause = 0.1
        while True:
            try:
                pubsub = self._pubsub
                if pubsub is None:
                    async with self._changes:
                        patterns = {each.pattern for each in self._subscriptions.values()}
                        await self._subscribe_redis(sorted(patterns))
                    log.info("bus.listening patterns=%d", len(patterns))
                    continue
                message = await pubsub.get_message(ignore_subscribe_messages=True, timeout=1.0)
                pause = 0.1
                if message is not None:
                    self._deliver(message)
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001 - redis-py's are many; it goes on
                self._metrics["listener_errors"] += 1
                log.warning("bus.lost problem=%s", error)
                async with self._changes:
                    await self._drop_pubsub()
                await asyncio.sleep(pause * random.uniform(0.8, 1.2))
                pause = min(2 * pause, self._max_pause)

    def _deliver(self, message: Mapping[str, Any]) -> None:
        """To those whose pattern the message came by: by each of them Redis sends it once."""
        pattern = message.get("pattern")
        came_by = _text(pattern if pattern is not None else message["channel"])
        channel, data = _text(message["channel"]), message["data"]
        body = data.encode() if isinstance(data, str) else data
        self._metrics["received"] += 1
        for subscription in self._subscriptions.values():
            if subscription.is_pattern != (pattern is not None):
                continue
            if subscription.channel == came_by and not self._had(subscription, _topic(channel)):
                self._enqueue(subscription, channel, body)

    def _had(self, subscription: _Subscription, topic: str) -> bool:
        """Whether the same listener gets this event by another subscription, too: the topic's own
        comes before any pattern, and of several patterns the one that was made first."""
        for other in self._subscriptions.values():
            if other is subscription or not other.same_listener(subscription):
                continue
            if not other.takes(topic):
                continue
            if not other.is_pattern and subscription.is_pattern:
                return True
            if other.is_pattern == subscription.is_pattern and self._is_older(other, subscription):
                return True
        return False

    def _is_older(self, one: _Subscription, other: _Subscription) -> bool:
        order = list(self._subscriptions)
        return order.index(one.id) < order.index(other.id)

    def _enqueue(self, subscription: _Subscription, channel: str, body: bytes) -> None:
        if len(subscription.queue) >= self._queue_size:
            subscription.queue.popleft()
            self._metrics["dropped"] += 1
        subscription.queue.append((channel, body))
        subscription.there.set()

    async def _feed(self, subscription: _Subscription) -> None:
        """Until it is cancelled, or its own handler has unsubscribed it."""
        while subscription.id in self._subscriptions:
            await subscription.there.wait()
            while subscription.queue and subscription.id in self._subscriptions:
                channel, body = subscription.queue.popleft()
                event = load_object(body)
                if event is None:
                    self._metrics["malformed"] += 1
                    continue
                try:
                    result = subscription.handler(event)
                    if inspect.isawaitable(result):
                        await result
                    self._metrics["handled"] += 1
                except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - it is kept
                    # Only who is forgotten is cancelled; else something else was, for which the
                    # handler waited.
                    is_over = subscription.id not in self._subscriptions
                    if is_over and isinstance(error, asyncio.CancelledError):
                        raise
                    self._metrics["handler_errors"] += 1
                    log.exception("a handler of %s failed", subscription.pattern)
                    await self._bury(channel, body, error)
            subscription.there.clear()

    # Dead letters: events whose handler failed.

    async def _bury(self, channel: str, body: bytes, error: Exception) -> None:
        topic = channel.removeprefix(PREFIX)
        letter = {
            "channel": topic,
            "message": load_object(body),
            "message_id": str(uuid.uuid4()),
            "error_type": type(error).__name__,
            "error_details": str(error),
            "timestamp": datetime.datetime.now(datetime.timezone.utc).isoformat(),
            "retry_count": 0,
        }
        key = DEAD_LETTERS + topic
        try:
            pipeline = self._redis.pipeline()
            pipeline.lpush(key, dump_json(letter))
            pipeline.ltrim(key, 0, DEAD_LETTERS_KEPT - 1)
            pipeline.expire(key, DEAD_LETTER_AGE_S)
            await pipeline.execute()
            self._metrics["dead_letters"] += 1
        except Exception as failure:  # noqa: BLE001 - it is in the log already
            log.error("dead_letter.lost topic=%s problem=%s", topic, failure)

    async def get_dlq_messages(self, channel: str, limit: int = 100) -> list[dict[str, Any]]:
        """Events of the topic whose handler failed, the latest first."""
        rows = await self._redis.lrange(DEAD_LETTERS + _topic(channel), 0, limit - 1)
        return [letter for row in rows if (letter := load_object(row)) is not None]

    async def replay_dlq_message(self, channel: str, message_id: str) -> bool:
        """Publishes it again, to its own topic, and takes it out; False when there is none."""
        key = DEAD_LETTERS + _topic(channel)
        for row in await self._redis.lrange(key, 0, -1):
            letter = load_object(row)
            if letter is None or letter.get("message_id") != message_id:
                continue
            await self._redis.publish(PREFIX + _topic(channel), dump_json(letter["message"]))
            await self._redis.lrem(key, 1, row)
            return True
        return False

    def get_metrics(self) -> dict[str, int]:
        """What was counted, and `subscriptions`, `patterns` and `queued` as they are."""
        names = (
            "published",
            "publish_errors",
            "received",
            "handled",
            "handler_errors",
            "malformed",
            "dropped",
            "dead_letters",
            "listener_errors",
        )
        subscriptions = self._subscriptions.values()
        return {
            **{name: self._metrics[name] for name in names},
            "subscriptions": len(subscriptions),
            "patterns": len({each.pattern for each in subscriptions}),
            "queued": sum(len(each.queue) for each in subscriptions),
        }


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _topic(channel: str) -> str:
    return channel.removeprefix(PREFIX)
