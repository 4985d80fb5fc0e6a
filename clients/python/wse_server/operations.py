# SPDX-License-Identifier: MIT
"""What RustWSEServer does to connections and topics, and what it tells about them."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from . import reports
from .errors import CallError, LinkError
from .requests import SubscriptionRequests

ALL = 100_000  # rows, where an answer has a limit
TOPICS_AT_ONCE = 256  # of the link
KICKED = 4000  # as `wsectl conn kill`


class Operations:
    """The half of RustWSEServer that needs nothing but calls."""

    _requests: SubscriptionRequests
    _features: Any
    _redis_url: str | None

    def _call(self, method: str, params: Mapping[str, Any], again: bool = False) -> Any:
        raise NotImplementedError

    def _post(self, method: str, params: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def _ask(self, command: str, **args: Any) -> Any:
        raise NotImplementedError

    def inbound_queue_depth(self) -> int:
        raise NotImplementedError

    # Connections.

    def subscribe_connection(
        self,
        conn: str,
        topics: Sequence[str],
        presence_data: Mapping[str, Any] | None = None,
        queue_group: str | None = None,
    ) -> None:
        """Waits until messages of the topics reach the connection. Topics that it may not have are
        left out, as is everything when the connection is gone; subscribe_with_recovery() says."""
        rest = list(topics)
        if presence_data is None and queue_group is None:
            rest = self._requests.grant(conn, rest)
        params: dict[str, Any] = {}
        if presence_data is not None:
            params["presence_data"] = dict(presence_data)
        if queue_group is not None:
            params["queue_group"] = queue_group
        self._subscribe(conn, rest, params)
        self._requests.grant(conn, topics)

    def subscribe_with_recovery(
        self,
        conn: str,
        topics: Sequence[str],
        recover: bool = False,
        epoch: str | None = None,
        offset: int | None = None,
    ) -> dict[str, Any]:
        """Waits. {"recovered", "topics": {topic: {epoch, offset, recoverable, recovered, count}}};
        the messages after the position are sent to the connection before any other."""
        params: dict[str, Any] = {}
        if recover:
            params["recover"] = True
            if epoch is not None and offset is not None:
                params.update(epoch=epoch, offset=offset)
        rows = {}
        for answer in self._subscribe(conn, topics, params):
            stamps = answer.get("recovery") or {}
            rows.update({each: _position(stamps.get(each)) for each in answer["subscribed"]})
        self._requests.grant(conn, topics)
        recovered = bool(rows) and all(row["recovered"] for row in rows.values())
        return {"recovered": recovered, "topics": rows}

    def _subscribe(
        self, conn: str, topics: Sequence[str], params: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """The answers; none of a connection that is gone."""
        answers = []
        for part in _parts(topics):
            answer = self._if_there("conn.subscribe", {"conn": conn, "topics": part, **params})
            if answer is None:
                break
            answers.append(answer)
        return answers

    def unsubscribe_connection(self, conn: str, topics: Sequence[str] | None = None) -> None:
        """Waits. None: of all topics, and of queue groups. What the connection asks for, and has
        not been answered, is denied."""
        rest = self._requests.deny(conn, topics)
        if topics is None:
            self._if_there("conn.unsubscribe", {"conn": conn})
        for part in _parts(rest):
            self._if_there("conn.unsubscribe", {"conn": conn, "topics": part})

    def set_topic_acl(
        self,
        conn: str,
        allow: Iterable[str] | None = None,
        deny: Iterable[str] | None = None,
    ) -> None:
        """Waits. Patterns; a list that is None stays as it was. A deny wins, and counts for what is
        subscribed already."""
        params: dict[str, Any] = {"conn": conn}
        if allow is not None:
            params["allow"] = list(allow)
        if deny is not None:
            params["deny"] = list(deny)
        if len(params) > 1:
            self._if_there("conn.acl", params)

    def disconnect(self, conn: str, code: int = KICKED, reason: str = "") -> None:
        """After what is queued for it. The usual code is one after which clients come back."""
        self._post("conn.close", {"conn": conn, "code": code, "reason": reason})

    def update_presence(self, conn: str, data: Mapping[str, Any]) -> None:
        """On all topics on which the connection is present."""
        self._post("conn.presence", {"conn": conn, "data": dict(data)})

    def _if_there(self, method: str, params: Mapping[str, Any]) -> Any:
        try:
            return self._call(method, params)
        except CallError as error:
            if error.code == "not_found":
                return None
            raise

    # What there is.

    def get_connections(self) -> list[str]:
        return [row["id"] for row in self._ask("conn.ls", limit=ALL)["connections"]]

    def get_connection_count(self) -> int:
        return int(self._ask("status")["connections"])

    def get_topic_subscriber_count(self, topic: str) -> int:
        """On this host."""
        try:
            return int(self._ask("topic.show", topic=topic)["subscribers"])
        except CallError as error:
            if error.code == "not_found":
                return 0
            raise

    def get_queue_group_info(self, topic: str) -> dict[str, Any]:
        """{"topic", "members"}: connections in the topic's groups."""
        try:
            row = self._ask("topic.show", topic=topic)
        except CallError as error:
            if error.code != "not_found":
                raise
            row = {"group_members": 0}
        return {"topic": topic, "members": row["group_members"]}

    def presence(self, topic: str) -> dict[str, dict[str, Any]]:
        """{user: {"data", "connections"}}"""
        try:
            rows = self._ask("presence", topic=topic, limit=ALL)["users"]
        except CallError as error:
            if error.code == "not_found":
                return {}
            raise
        return {
            row["user"]: {"data": row["data"], "connections": row["connections"]} for row in rows
        }

    def presence_stats(self, topic: str) -> dict[str, int]:
        users = self.presence(topic)
        connections = sum(user["connections"] for user in users.values())
        return {"num_users": len(users), "num_connections": connections}

    def health_snapshot(self) -> dict[str, Any]:
        """Numbers by name, for a health check; see the README."""
        status = self._ask("status")
        return reports.health(
            status, self._counters(), self._cluster(), self.inbound_queue_depth(), self._features
        )

    def prometheus_metrics(self) -> str:
        """All that is counted, as Prometheus reads it."""
        rows = self._ask("topic.ls", limit=ALL)["topics"]
        topics = {row["topic"]: row["offset"] for row in rows}
        status, stats = self._ask("status"), self._ask("stats")
        return reports.prometheus(self.health_snapshot(), status, stats, topics)

    def _counters(self) -> dict[str, int]:
        return reports.counters(self._ask("stats"))

    # Several hosts.

    def connect_cluster(self, *unused: Any, **also_unused: Any) -> None:
        """Not here: hosts find each other through Redis."""
        raise NotImplementedError(
            "hosts are joined through Redis: give every server the same "
            "redis_url='redis://host:6379', and they are one from their start"
        )

    def reload_cluster_tls(self, *unused: Any, **also_unused: Any) -> None:
        """Not here: there are no connections between hosts."""
        raise NotImplementedError(
            "there are no connections between hosts: TLS to Redis is for a proxy such as stunnel"
        )

    def cluster_connected(self) -> bool:
        """Whether messages of other hosts pass."""
        return self._cluster() is not None and bool(self._ask("status")["ready"])

    def cluster_peers_count(self) -> int:
        cluster = self._cluster()
        return max(0, len(cluster["hosts"]) - 1) if cluster else 0

    def cluster_info(self) -> dict[str, Any]:
        """What the module that joins the hosts says of itself; empty without one."""
        return self._cluster() or {}

    def get_cluster_dlq_entries(self, limit: int = 100) -> list[dict[str, Any]]:
        """Messages of other programs that could not be published, of all topics."""
        if self._cluster() is None:
            return []
        found: list[dict[str, Any]] = []
        for row in self._ask("dlq.ls", limit=limit)["topics"]:
            answer = self._ask("dlq.ls", topic=row["topic"], limit=limit - len(found))
            found += answer["letters"]
            if len(found) >= limit:
                break
        return found

    def _cluster(self) -> dict[str, Any] | None:
        try:
            return self._ask("backplane")
        except CallError:
            return None  # there is none, or it does not answer for now
        except LinkError:
            return None


def _parts(topics: Sequence[str]) -> Iterator[list[str]]:
    """As many as go into one call."""
    for begin in range(0, len(topics), TOPICS_AT_ONCE):
        yield list(topics[begin : begin + TOPICS_AT_ONCE])


def _position(stamp: Mapping[str, Any] | None) -> dict[str, Any]:
    if not stamp:
        return {"epoch": None, "offset": 0, "recoverable": False, "recovered": False, "count": 0}
    return {
        "epoch": stamp.get("epoch"),
        "offset": stamp.get("offset", 0),
        "recoverable": True,
        "recovered": bool(stamp.get("recovered")),
        "count": stamp.get("count", 0),
    }
