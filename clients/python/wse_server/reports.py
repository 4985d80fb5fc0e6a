# SPDX-License-Identifier: MIT
"""What wsed counts, under the names that RustWSEServer has for it."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Of a counter of wsed: the metrics that it is as well.
METRICS = {
    "messages_received": "wse_messages_received_total",
    "messages_sent": "wse_messages_sent_total",
    "bytes_received": "wse_bytes_received_total",
    "bytes_sent": "wse_bytes_sent_total",
    "connections_accepted": "wse_connections_accepted_total",
    "connections_refused_limit": "wse_connections_rejected_total",
    "auth_failures": "wse_auth_failures_total",
    "rate_limited": "wse_rate_limited_total",
    "app_refused": "wse_inbound_dropped_total",
    "slow_closed": "wse_slow_consumer_drops_total",
    "cluster_published": "wse_cluster_messages_sent_total",
    "cluster_received": "wse_cluster_messages_delivered_total",
    "cluster_refused": "wse_cluster_messages_dropped_total",
}
TOP_TOPICS = 50


def counters(stats: Mapping[str, Any]) -> dict[str, int]:
    """Of the answer to `stats`: the server's own by their name, a module's as `module.name`."""
    found = {row["name"]: row["value"] for row in stats["counters"]}
    for module in stats["modules"]:
        for row in module["counters"]:
            found[f"{module['name']}.{row['name']}"] = row["value"]
    return found


def health(
    status: Mapping[str, Any],
    counted: Mapping[str, int],
    cluster: Mapping[str, Any] | None,
    depth: int,
    features: Any,
) -> dict[str, Any]:
    """health_snapshot()."""
    peers = len(cluster["hosts"]) - 1 if cluster else 0
    return {
        "connections": status["connections"],
        "inbound_queue_depth": depth,
        "inbound_dropped": counted.get("app_refused", 0),
        "cluster_connected": bool(cluster) and bool(status["ready"]),
        "cluster_peer_count": max(0, peers),
        "cluster_messages_sent": counted.get("cluster_published", 0),
        "cluster_messages_delivered": counted.get("cluster_received", 0),
        "cluster_messages_dropped": counted.get("cluster_refused", 0),
        "cluster_bytes_sent": 0,  # Redis carries them, and counts them itself
        "cluster_bytes_received": 0,
        "cluster_reconnect_count": counted.get("backplane_redis.reconnects", 0),
        "cluster_unknown_message_types": counted.get("cluster_unsound", 0),
        "cluster_dlq_size": counted.get("backplane_redis.dead_letters", 0),
        "uptime_secs": status["uptime_ms"] / 1000,
        "recovery_enabled": features.recovery_enabled,
        "recovery_topic_count": status["topics"] if features.recovery_enabled else 0,
        "recovery_total_bytes": status["history"]["bytes"],
        "presence_enabled": features.presence_enabled,
        "presence_topics": status.get("presence", {}).get("topics", 0),
        "presence_total_users": status.get("presence", {}).get("users", 0),
    }


def prometheus(
    snapshot: Mapping[str, Any],
    status: Mapping[str, Any],
    stats: Mapping[str, Any],
    topics: Mapping[str, int],
) -> str:
    """Text of the exposition format, version 0.0.4; every counter of wsed is in it."""
    lines: list[str] = []

    def head(name: str, kind: str, help: str) -> None:
        lines.extend((f"# HELP {name} {_escape(help)}", f"# TYPE {name} {kind}"))

    gauges = (
        ("wse_connections", "connections open", snapshot["connections"]),
        ("wse_inbound_queue_depth", "events that wait here", snapshot["inbound_queue_depth"]),
        ("wse_uptime_seconds", "seconds since the start", snapshot["uptime_secs"]),
        ("wse_topics", "topics that are known", status["topics"]),
        ("wse_recovery_topics", "topics with a history", snapshot["recovery_topic_count"]),
        ("wse_recovery_bytes", "memory of the histories", snapshot["recovery_total_bytes"]),
        ("wse_presence_topics", "topics with presence", snapshot["presence_topics"]),
        ("wse_presence_users", "users present", snapshot["presence_total_users"]),
        ("wse_cluster_connected", "1: joined", int(snapshot["cluster_connected"])),
        ("wse_cluster_peers", "other hosts", snapshot["cluster_peer_count"]),
    )
    for name, help, value in gauges:
        head(name, "gauge", help)
        lines.append(f"{name} {value}")
    for row in stats["counters"]:
        name = METRICS.get(row["name"], f"wse_{row['name']}_total")
        head(name, "counter", row["help"])
        lines.append(f"{name} {row['value']}")
    head("wse_topic_messages_total", "counter", "messages of a topic")
    for topic, count in sorted(topics.items(), key=lambda each: -each[1])[:TOP_TOPICS]:
        label = _escape(topic).replace('"', '\\"')
        lines.append(f'wse_topic_messages_total{{topic="{label}"}} {count}')
    return "\n".join(lines) + "\n"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
