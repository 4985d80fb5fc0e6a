# SPDX-License-Identifier: MIT
"""What the arguments of RustWSEServer and of the router mean in the configuration of wsed."""
from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from .toml import Verbatim, seconds

log = logging.getLogger("wse_server")

APP = "app_socket"  # the name of the module's instance
MIN_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}
NO_LIMIT = 1_000_000


@dataclasses.dataclass
class Settings:
    """A configuration: tables of wse.toml, and files that they name, which only we may read."""

    tables: dict[str, Any] = dataclasses.field(default_factory=dict)
    files: dict[str, bytes] = dataclasses.field(default_factory=dict)

    def secret_file(self, name: str, content: bytes) -> Verbatim:
        self.files[name] = content + b"\n"  # wsed takes one newline from its end
        return Verbatim(f"file:{name}")


@dataclasses.dataclass(frozen=True)
class Jwt:
    """How tokens are checked. Keys of RS256 and the like are PEM texts of public keys."""

    secret: bytes
    issuer: str | None = None
    audience: str | None = None
    previous_secret: bytes | None = None
    key_id: str | None = None
    algorithm: str = "HS256"

    @property
    def is_demo(self) -> bool:
        """A secret that anybody can guess; wsed itself refuses to work with it."""
        return len(self.secret) < MIN_SECRET.get(self.algorithm, 0)


def octets(secret: str | bytes | None) -> bytes | None:
    return secret.encode() if isinstance(secret, str) else secret


def jwt_of(
    secret: str | bytes | None, *, previous_secret: str | bytes | None = None, **rest: Any
) -> Jwt | None:
    """A ValueError when the secret cannot be written down."""
    key, old = octets(secret), octets(previous_secret)
    if not key:
        return None
    for each in (key, old or b""):
        if b"\0" in each:
            raise ValueError("jwt_secret: has a NUL in it")
    return Jwt(key, previous_secret=old, **rest)


def add_jwt(settings: Settings, jwt: Jwt) -> None:
    """The module auth_jwt."""
    table: dict[str, Any] = {"algorithm": jwt.algorithm}
    if jwt.algorithm in MIN_SECRET:
        table["secret"] = settings.secret_file("jwt-secret", jwt.secret)
        if jwt.previous_secret:
            table["previous_secret"] = settings.secret_file("jwt-previous", jwt.previous_secret)
    else:
        settings.files["jwt-key.pem"] = jwt.secret + b"\n"
        table["public_key"] = "jwt-key.pem"
        if jwt.previous_secret:
            settings.files["jwt-previous.pem"] = jwt.previous_secret + b"\n"
            table["previous_public_key"] = "jwt-previous.pem"
    for key, value in (
        ("issuer", jwt.issuer),
        ("audience", jwt.audience),
        ("key_id", jwt.key_id),
    ):
        if value:
            table[key] = value
    settings.tables["module.auth_jwt"] = table


@dataclasses.dataclass(frozen=True)
class Limits:
    """Named as the arguments of RustWSEServer; see there."""

    max_connections: int = 1000
    max_inbound_queue_size: int = 131072
    rate_limit_capacity: int = 100000
    rate_limit_refill: int = 10000
    max_message_size: int = 1 << 20
    ping_interval: float = 25
    idle_timeout: float = 60
    max_outbound_queue_bytes: int = 16 << 20
    max_subscriptions_per_connection: int = 0

    def __post_init__(self) -> None:
        if self.idle_timeout <= self.ping_interval:
            raise ValueError("idle_timeout must be larger than ping_interval")

    def add_to(self, settings: Settings) -> None:
        settings.tables["limits"] = {
            "max_connections": self.max_connections,
            "max_message_size": self.max_message_size,
            "max_outbound": self.max_outbound_queue_bytes,
            "max_subscriptions": self.max_subscriptions_per_connection or NO_LIMIT,
            "rate_capacity": self.rate_limit_capacity,
            "rate_refill": self.rate_limit_refill,
        }
        settings.tables["keepalive"] = {
            "heartbeat_interval": seconds(self.ping_interval),
            "idle_timeout": seconds(self.idle_timeout),
        }
        # The queue is counted in octets; an event of a usual size has some 512.
        settings.tables["app"] = {"max_bytes": max(1 << 20, self.max_inbound_queue_size * 512)}


@dataclasses.dataclass(frozen=True)
class Features:
    """What every topic has that no row of the caller says something else about."""

    recovery_enabled: bool = False
    recovery_buffer_size: int = 128
    recovery_ttl: float = 300
    recovery_max_messages: int = 500
    recovery_memory_budget: int = 256 << 20
    presence_enabled: bool = False
    presence_max_data_size: int = 4096
    presence_max_members: int = 0

    def row(self) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if self.recovery_enabled:
            # A client that lacks more than either of them is told that it cannot recover.
            kept = min(max(16, self.recovery_buffer_size), self.recovery_max_messages)
            row["history"] = {"messages": kept, "age": seconds(self.recovery_ttl)}
        if self.presence_enabled:
            row["presence"] = True
        return row

    def add_to(self, settings: Settings, keep_history: bool) -> None:
        memory = max(1 << 20, self.recovery_memory_budget)
        history: dict[str, Any] = {"max_memory": memory, "file_size": max(16 << 20, 2 * memory)}
        if not keep_history:
            history["path"] = ""
        settings.tables["history"] = history
        settings.tables["presence"] = {
            "max_data": self.presence_max_data_size,
            "max_members": self.presence_max_members or NO_LIMIT,
        }


def add_forms(settings: Settings) -> None:
    """What published clients may ask for."""
    for module in ("compress_zlib", "codec_msgpack", "encrypt_aesgcm"):
        settings.tables[f"module.{module}"] = {}


def add_redis(settings: Settings, url: str) -> None:
    settings.tables["module.backplane_redis"] = {
        "url": settings.secret_file("redis-url", url.encode())
    }


def add_rows(settings: Settings, rows: Sequence[Mapping[str, Any]]) -> None:
    settings.tables["topic"] = [dict(row) for row in rows]


def add_events(settings: Settings, presence: bool, topics: bool) -> None:
    """What wsed tells us: what nobody takes would only fill its queues."""
    events = ["connect", "message", "text", "binary", "disconnect"]
    events += ["join", "leave"] if presence else []
    events += ["subscribe", "unsubscribe"] if topics else []
    settings.tables[f"module.{APP}"] = {"events": events}


def warn_of_demo_secret(jwt: Jwt) -> None:
    log.critical(
        "THE JWT SECRET HAS %d BYTES: anybody can guess it and sign in as anyone. For a "
        "demonstration on your own machine only; `openssl rand -hex 32` makes a real one.",
        len(jwt.secret),
    )
