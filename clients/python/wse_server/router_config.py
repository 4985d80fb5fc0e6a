# SPDX-License-Identifier: MIT
"""What a router is told about its wsed."""
from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import settings as toml_settings
from .errors import StartError
from .event_transformer import EVENT_TYPE_MAP, EventTransformer
from .types import InboundEvent

# A user's own topics are his; those of others are not to be had; the rest is for everybody.
DEFAULT_ROWS: tuple[Mapping[str, Any], ...] = (
    {"match": "user:{sub}:*", "subscribe": True},
    {"match": "user:*"},
    {"match": "*", "subscribe": True},
)


# Nobody hears of clients; the module has to be told of something, and this is the least.
RAREST = ("leave",)


@dataclasses.dataclass
class WSEConfig:
    """Everything has a default; who may come has to be said: by `jwt_secret` (or JWT_SECRET_KEY in
    the environment), by `auth_handler`, or by `anonymous`.

    redis_url         joins this process with all others on that Redis, and takes in what PubSubBus
                      publishes there
    jwt_secret        of HS256, or the PEM text of a public key
    auth_handler      a function or coroutine function of the token that says who it is: a name,
                      the claims of the token, None to refuse; what it raises refuses
    anonymous         lets in who brings no token
    default_topics    every client is subscribed to; {sub} is its user
    topics            rows of `[[topic]]`, see wse.toml(5); without them a user has `user:ID:…` of
                      his own, nobody has those of others, and all else may be subscribed to
    snapshot_service  answers for the state of topics, see snapshots.py
    on_event          a function or coroutine function that hears of clients, an InboundEvent each, one
                      after the other; without one messages of unknown types are refused by wsed
    event_type_map, transformer   what becomes of events that are published
    allowed_origins   pages that may connect; none: those of the same host
    trusted_proxies   addresses of proxies before the ASGI server, believed who their clients are
    link, listen      attach to a wsed that runs, by its app_socket and its clients' address, instead
                      of starting one
    config            further tables of wse.toml, laid over what the rest makes
    """

    redis_url: str | None = None
    jwt_secret: str | bytes | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    jwt_algorithm: str = "HS256"
    jwt_cookie_name: str = "access_token"
    token_query: bool = False
    auth_handler: Callable[[str], Any] | None = None
    anonymous: bool = False
    default_topics: Sequence[str] = ()
    topics: Sequence[Mapping[str, Any]] | None = None
    snapshot_service: Any = None
    on_event: Callable[[InboundEvent], Any] | None = None
    event_type_map: Mapping[str, str] | None = None
    transformer: EventTransformer | None = None
    allowed_origins: Sequence[str] = ()
    trusted_proxies: Sequence[str] = ()
    max_connections: int = 10_000
    max_message_size: int = 1 << 20
    heartbeat_interval: float = 15
    idle_timeout: float = 90
    compression_threshold: int = 1024
    recovery_enabled: bool = True
    presence_enabled: bool = False
    state_dir: str | None = None
    link: str | None = None
    link_secret: str | None = None
    listen: str | None = None
    path: str = "/wse"
    config: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)
    log_level: str = "info"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> "WSEConfig":
        """REDIS_URL, JWT_SECRET_KEY, WSE_COMPRESSION_THRESHOLD, WSE_MAX_MESSAGE_SIZE,
        WSE_HEARTBEAT_INTERVAL and WSE_IDLE_TIMEOUT; `options` win."""
        found: dict[str, Any] = {}
        for name, member, kind in (
            ("REDIS_URL", "redis_url", str),
            ("JWT_SECRET_KEY", "jwt_secret", str),
            ("WSE_COMPRESSION_THRESHOLD", "compression_threshold", int),
            ("WSE_MAX_MESSAGE_SIZE", "max_message_size", int),
            ("WSE_HEARTBEAT_INTERVAL", "heartbeat_interval", float),
            ("WSE_IDLE_TIMEOUT", "idle_timeout", float),
        ):
            if environ.get(name):
                try:
                    found[member] = kind(environ[name])
                except ValueError:
                    raise ValueError(f"{name}: {environ[name]!r} is no number") from None
        return cls(**{**found, **options})

    def jwt(self) -> toml_settings.Jwt | None:
        secret = self.jwt_secret or os.environ.get("JWT_SECRET_KEY")
        return toml_settings.jwt_of(
            secret,
            issuer=self.jwt_issuer,
            audience=self.jwt_audience,
            algorithm=self.jwt_algorithm,
        )

    def settings(self, answers: Sequence[str]) -> toml_settings.Settings:
        """`answers` are the questions that this process answers. A StartError when nobody says who
        may come."""
        made = toml_settings.Settings()
        listen: dict[str, Any] = {
            "address": "127.0.0.1:0",
            "path": self.path,
            "origins": list(self.allowed_origins),
            "token_cookie": self.jwt_cookie_name,
            "token_query": self.token_query,
            "subscribe": list(self.default_topics),
            # We are the proxy before it, and those before us are what they are.
            "trusted_proxies": ["127.0.0.1", *self.trusted_proxies],
            "anonymous": self.anonymous,
        }
        jwt = self.jwt()
        if "connect" in answers:
            listen["auth"] = toml_settings.APP
        elif jwt is not None:
            toml_settings.add_jwt(made, jwt)
            listen["auth"] = "auth_jwt"
        elif not self.anonymous:
            raise StartError(
                "nobody says who may connect: set JWT_SECRET_KEY, or give WSEConfig a jwt_secret, "
                "an auth_handler or anonymous=True"
            )
        made.tables["listen.main"] = listen
        self._add_limits(made)
        toml_settings.add_forms(made)
        made.tables["module.compress_zlib"] = {"threshold": self.compression_threshold}
        self._add_events(made)
        if self.redis_url:
            toml_settings.add_redis(made, self.redis_url)
        toml_settings.add_rows(made, self._rows(answers))
        if self.on_event is not None:
            toml_settings.add_events(made, self.presence_enabled, topics=False)
        else:
            made.tables[f"module.{toml_settings.APP}"] = {"events": list(RAREST)}
        for name, table in self.config.items():
            made.tables[name] = {**made.tables.get(name, {}), **table}
        return made

    def _add_limits(self, made: toml_settings.Settings) -> None:
        toml_settings.Limits(
            max_connections=self.max_connections,
            max_message_size=self.max_message_size,
            ping_interval=self.heartbeat_interval,
            idle_timeout=self.idle_timeout,
            max_subscriptions_per_connection=1000,
        ).add_to(made)
        self._features().add_to(made, keep_history=self.state_dir is not None)

    def _features(self) -> toml_settings.Features:
        return toml_settings.Features(
            recovery_enabled=self.recovery_enabled, presence_enabled=self.presence_enabled
        )

    def _add_events(self, made: toml_settings.Settings) -> None:
        """What a transformer of the application's own makes is left as it is."""
        if self.transformer is not None:
            return
        types = dict(EVENT_TYPE_MAP if self.event_type_map is None else self.event_type_map)
        made.tables["module.event_map"] = {
            # What comes through Redis has its type in lower case already.
            "types": {**{name.lower(): wire for name, wire in types.items()}, **types},
        }

    def _rows(self, answers: Sequence[str]) -> list[dict[str, Any]]:
        common = self._features().row()
        if "snapshot" in answers:
            common["snapshot"] = toml_settings.APP
        return [{**common, **row} for row in (self.topics or DEFAULT_ROWS)]
