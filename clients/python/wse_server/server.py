# SPDX-License-Identifier: MIT
"""RustWSEServer: a wsed of one's own, steered from Python."""
from __future__ import annotations

import asyncio
import collections
import functools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from . import control
from . import jwt as tokens
from . import settings as config
from .callbacks import Pump, dispatch
from .codec import dump_json
from .daemon import Daemon
from .errors import CallError, Denied, LinkError, StartError
from .inbox import Inbox
from .link import Link
from .messages import members, members_of_text, with_id, without_extra
from .operations import Operations
from .questions import Handler
from .requests import SubscriptionRequests
from .types import InboundEvent, Question

log = logging.getLogger("wse_server")

MAX_SENT_IDS = 50_000
# Commands of the control socket, and what the link calls the same.
LINK_NAMES = {
    "status": "info",
    "conn.ls": "connections",
    "topic.ls": "topics",
    "presence": "presence",
}
LAST_EVENTS_MS = 200
LINK_TABLE = f"module.{config.APP}"


class RustWSEServer(Operations):
    """Runs wsed, with WebSocket clients on `host`:`port`, and takes part in what they do.

    Without `jwt_secret` and `authenticate` clients need no token: they come as `connect` with
    their Cookie header, and what they may do is for the application to find out.

    Beside the arguments of the original:

    path            of the URL that is a WebSocket
    origins         pages that may connect, as `https://app.example.com`; none: those of this host
    topics          rows of `[[topic]]`, see wse.toml(5), which say what clients may do. Without
                    them a client that subscribes is a `msg` of type `subscription_update`, and has
                    its topics once subscribe_connection() names them; clients publish nothing
    authenticate    a function or coroutine function of the token that says who it is: a name,
                    the claims of the token, None to refuse; see types.Accept
    on_subscribe    a function of a Question that grants a subscription, instead of a `msg`
    snapshot        a function of a Question that has the state of a topic; None: it has none
    redis_url       joins this server with all others on the same Redis
    state_dir       keeps histories over restarts
    topic_events    tells of `subscribe` and `unsubscribe`, with {topic, user_id}
    link            attaches to a wsed that runs, by the path or host:port of its app_socket, with
                    `link_secret`, instead of starting one; `control_socket` is that of wsectl
    config          further tables of wse.toml, laid over what the arguments make
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 5006,
        max_connections: int = 1000,
        jwt_secret: str | bytes | None = None,
        jwt_issuer: str | None = None,
        jwt_audience: str | None = None,
        jwt_cookie_name: str = "access_token",
        jwt_previous_secret: str | bytes | None = None,
        jwt_key_id: str | None = None,
        jwt_algorithm: str = "HS256",
        jwt_private_key: str | bytes | None = None,
        max_inbound_queue_size: int = 131072,
        recovery_enabled: bool = False,
        recovery_buffer_size: int = 128,
        recovery_ttl: float = 300,
        recovery_max_messages: int = 500,
        recovery_memory_budget: int = 268435456,
        presence_enabled: bool = False,
        presence_max_data_size: int = 4096,
        presence_max_members: int = 0,
        rate_limit_capacity: int = 100000,
        rate_limit_refill: int = 10000,
        max_message_size: int = 1048576,
        ping_interval: float = 25,
        idle_timeout: float = 60,
        max_outbound_queue_bytes: int = 16777216,
        max_subscriptions_per_connection: int = 0,
        *,
        path: str = "/wse",
        origins: Sequence[str] = (),
        topics: Sequence[Mapping[str, Any]] | None = None,
        authenticate: Callable[[str], Any] | None = None,
        on_subscribe: Handler | None = None,
        snapshot: Handler | None = None,
        redis_url: str | None = None,
        state_dir: str | None = None,
        topic_events: bool = False,
        link: str | None = None,
        link_secret: str | None = None,
        control_socket: str | None = None,
        config: Mapping[str, Mapping[str, Any]] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        log_level: str = "info",
        start_timeout: float = 30.0,
        stop_timeout: float = 30.0,
    ) -> None:
        self.host = host
        self.port = port
        self._jwt = _checked_jwt(
            jwt_secret,
            jwt_private_key,
            issuer=jwt_issuer,
            audience=jwt_audience,
            previous_secret=jwt_previous_secret,
            key_id=jwt_key_id,
            algorithm=jwt_algorithm,
        )
        self._limits = _limits(
            max_connections=max_connections,
            max_inbound_queue_size=max_inbound_queue_size,
            rate_limit_capacity=rate_limit_capacity,
            rate_limit_refill=rate_limit_refill,
            max_message_size=max_message_size,
            ping_interval=ping_interval,
            idle_timeout=idle_timeout,
            max_outbound_queue_bytes=max_outbound_queue_bytes,
            max_subscriptions_per_connection=max_subscriptions_per_connection,
        )
        self._features = _features(
            recovery_enabled=recovery_enabled,
            recovery_buffer_size=recovery_buffer_size,
            recovery_ttl=recovery_ttl,
            recovery_max_messages=recovery_max_messages,
            recovery_memory_budget=recovery_memory_budget,
            presence_enabled=presence_enabled,
            presence_max_data_size=presence_max_data_size,
            presence_max_members=presence_max_members,
        )
        self._cookie = jwt_cookie_name
        self._path = path
        self._origins = list(origins)
        self._rows = topics
        self._authenticate = authenticate
        self._redis_url = redis_url
        self._state_dir = state_dir
        self._attached = link
        self._link_secret = link_secret
        self._control = control_socket
        self._more = config or {}
        self._loop = loop
        self._log_level = log_level
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self._topic_events = topic_events
        chosen = "events" in self._more.get(LINK_TABLE, {})
        self._inbox = Inbox(topic_events, whole=link is None and not chosen)
        self._requests = SubscriptionRequests(self._inbox.add_request, self._inbox.remove_request)
        self._answers = self._handlers(on_subscribe, snapshot)
        self._daemon: Daemon | None = None
        self._link: Link | None = None
        self._callbacks: Pump | None = None
        self._drains = False
        self._sent_ids: collections.OrderedDict[tuple[str, str], None] = collections.OrderedDict()
        self._lock = threading.Lock()

    # The life of it.

    def start(self) -> None:
        """Waits until it serves. A StartError has what wsed says is wrong."""
        if self._link is not None:
            raise StartError("the server was started before")
        if self._attached is None:
            self._daemon = Daemon(
                self._settings(),
                state_dir=self._state_dir,
                log_level=self._log_level,
                start_timeout=self._start_timeout,
                stop_timeout=self._stop_timeout,
            ).start()
            self.port = int(self._daemon.listeners["main"].rpartition(":")[2])
        address = self._attached or self._daemon.link_path  # type: ignore[union-attr]
        try:
            link = Link(
                address,
                secret=self._link_secret,
                name="wse_server",
                answers=self._answers,
                loop=self._loop,
                on_change=self._on_change,
            )
            self._inbox.open(link)
            self._link = link.start(self._start_timeout)
        except BaseException:
            if self._daemon is not None:
                self._daemon.stop()
            raise
        if self._callbacks is not None and not self._drains:
            self._callbacks.start(self._inbox)

    def stop(self) -> None:
        """Waits: clients are closed with 4300 and come back elsewhere. What they did until then can
        still be drained afterwards. Nothing happens when it does not run. A wsed that was attached
        to goes on, and keeps what was not handled; see ack()."""
        self._stop(None)

    def _stop(self, timeout: float | None) -> None:
        with self._lock:
            link, self._link = self._link, None
        if link is None:
            return
        keeper = None
        if self._daemon is not None and (self._callbacks is None or self._drains):
            # wsed waits for the application to take the last events, and nobody drains now.
            keeper = threading.Thread(target=self._keep_last_events, args=(link,), daemon=True)
            keeper.start()
        self._end_daemon(timeout)
        if self._callbacks is not None:
            self._callbacks.stop()
        link.close()
        if keeper is not None:
            keeper.join()
        self._inbox.close()

    def _end_daemon(self, timeout: float | None) -> None:
        if self._daemon is not None:
            self._daemon.stop(timeout)

    def _keep_last_events(self, link: Link) -> None:
        while True:
            try:
                count = self._inbox.take_for_later(LAST_EVENTS_MS)
            except (LinkError, CallError):
                return
            if count == 0 and not link.connected:
                return

    def is_running(self) -> bool:
        if self._link is None:
            return False
        return self._daemon.running() if self._daemon is not None else self._link.connected

    def drain(self, close_code: int = 4300, close_reason: str = "", timeout: float = 30) -> None:
        """Stops in the background: nobody is let in, clients are closed with the code, what is
        queued for them is sent, and after `timeout` seconds the rest is cut."""
        threading.Thread(
            target=self._drain, args=(close_code, close_reason, timeout), name="wse-drain"
        ).start()

    def _drain(self, code: int, reason: str, timeout: float) -> None:
        if self._link is None:
            return
        if self._daemon is None or code != 4300 or reason:
            for conn in self.get_connections():
                self._post("conn.close", {"conn": conn, "code": code, "reason": reason})
        self._stop(timeout)

    def _on_change(self, welcome: Any, is_new: bool) -> None:
        if is_new:
            self._inbox.forget_connections()

    # Events.

    def enable_drain_mode(self) -> None:
        """Events are drained, also when there are callbacks."""
        if self._link is not None:
            raise RuntimeError("enable_drain_mode() comes before start()")
        self._drains = True

    def drain_inbound(self, max_count: int = 256, timeout_ms: int = 50) -> list[InboundEvent]:
        """Waits for the first event, then takes what is there: (type, connection, data). The events
        of the call before count as handled; what was not comes again after a crash."""
        if self._callbacks is not None and not self._drains:
            raise RuntimeError("the callbacks take the events; see enable_drain_mode()")
        try:
            return self._inbox.take(max_count, timeout_ms)
        except LinkError:
            if self._link is None:
                return []  # it was stopped meanwhile
            raise

    def ack(self) -> None:
        """What was drained is handled, and comes to nobody again. The next drain says so, too."""
        self._inbox.ack()

    def set_callbacks(
        self,
        on_connect: Callable[[str, str], Any] | None = None,
        on_message: Callable[[str, Any], Any] | None = None,
        on_disconnect: Callable[[str], Any] | None = None,
    ) -> None:
        """Before start(). on_connect(connection, the user, or the Cookie header of who came without
        a token), on_message(connection, dict | str | bytes), on_disconnect(connection), one after
        the other on a thread, or on the event loop from which this is called."""
        if self._link is not None:
            raise RuntimeError("set_callbacks() comes before start()")
        loop = self._loop
        if loop is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                pass
        self._callbacks = Pump(dispatch(on_connect, on_message, on_disconnect), loop)

    def user_of(self, conn: str) -> str | None:
        """The user of a connection whose `auth_connect` was told."""
        return self._inbox.user_of(conn)

    def inbound_queue_depth(self) -> int:
        """Events that wait to be drained."""
        waiting = self._ask("status").get("applications", ())
        ours = self.link.welcome.instance if self.link.welcome else ""
        return self._inbox.depth + sum(row["queued"] for row in waiting if row["name"] == ours)

    def inbound_dropped_count(self) -> int:
        """Messages of clients that were refused because too many waited; the clients were told."""
        return int(self._counters().get("app_refused", 0))

    # To clients.

    def send(self, conn: str, text: str) -> None:
        """As it is. Nothing happens when the connection is gone."""
        self._post("conn.send_text", {"conn": conn, "text": text})

    def send_bytes(self, conn: str, data: bytes) -> None:
        """As they are, in a binary frame."""
        self._post("conn.send_binary", {"conn": conn, "data": self.link.octets(data)})

    def send_event(
        self, conn: str, event: Mapping[str, Any], compression_threshold: int = 1024
    ) -> int:
        """An event in an envelope, in the form that the client wants. The octets of its JSON, or 0
        when the connection has had an event of this id. wsed compresses what pays, whatever
        `compression_threshold` says."""
        found = members(event)
        if not isinstance(found["payload"], Mapping):
            found["payload"] = {"data": found["payload"]}
        key = (conn, str(found.get("id", "")))
        if key[1] and self._was_sent(key):
            return 0
        self._post("conn.send", {"conn": conn, "type": "event", **found})
        return len(dump_json(dict(event)))

    def _was_sent(self, key: tuple[str, str]) -> bool:
        with self._lock:
            if key in self._sent_ids:
                return True
            self._sent_ids[key] = None
            if len(self._sent_ids) > MAX_SENT_IDS:
                self._sent_ids.popitem(last=False)
            return False

    def broadcast(self, topic: str, text: str | None = None) -> None:
        """To the subscribers of the topic, on all hosts that are joined; with one argument, as
        version 1.3 had it, to everybody."""
        if text is None:
            self.broadcast_all(topic)
        else:
            self._publish(topic, text)

    def broadcast_local(self, topic: str, text: str) -> None:
        """The same: which topics stay on this host is said by their row (`scope`)."""
        self._publish(topic, text)

    def broadcast_all(self, text: str) -> None:
        """To every connection, outside of topics."""
        found = without_extra(members_of_text(text))
        self._later("send", {"all": True, "type": "broadcast", **found})

    def broadcast_all_bytes(self, data: bytes) -> None:
        """Likewise; octets that are no JSON go to each connection as they are."""
        found = members_of_text(data)
        if "type" in found:
            self._later("send", {"all": True, **without_extra(found)})
        else:
            for conn in self.get_connections():
                self.send_bytes(conn, data)

    broadcast_bytes = broadcast_all_bytes

    def publish(self, topic: str, payload: Any, **fields: Any) -> dict[str, Any]:
        """Waits for the message's place: {topic, epoch, offset, id}. `type`, `id`, `priority`."""
        params = with_id({"topic": topic, "payload": payload, **fields})
        return self._call("publish", params, again=True)

    def _publish(self, topic: str, text: str) -> None:
        found = without_extra(members_of_text(text))
        self._later("publish", with_id({"topic": topic, **found}), again=True)

    # Parts.

    @property
    def link(self) -> Link:
        """The link to wsed, for what has no method here."""
        if self._link is None:
            raise RuntimeError("the server does not run")
        return self._link

    def _post(self, method: str, params: Mapping[str, Any]) -> None:
        self.link.post(method, params)

    def _call(self, method: str, params: Mapping[str, Any], again: bool = False) -> Any:
        return self.link.call(method, params, again=again)

    def _later(self, method: str, params: Mapping[str, Any], again: bool = False) -> None:
        """Nobody waits; a failure is logged."""

        def check(done: "Future[Any]") -> None:
            error = None if done.cancelled() else done.exception()
            if error is not None:
                log.warning("%s failed: %s", method, error)

        self.link.submit(method, params, again=again).add_done_callback(check)

    def _ask(self, command: str, **args: Any) -> Any:
        """A command of the control socket; some are operations of the link as well."""
        if command in LINK_NAMES:
            return self._call(LINK_NAMES[command], args)
        if self._daemon is not None:
            return self._daemon.ask(command, **args)
        if self._control is None:
            raise LinkError(f"{command}: needs control_socket=…")
        return control.ask(self._control, command, **args)

    # The configuration.

    def _handlers(
        self, on_subscribe: Handler | None, snapshot: Handler | None
    ) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {}
        if self._authenticate is not None:
            handlers["connect"] = token_handler(self._authenticate)
        elif self._jwt is not None and self._jwt.is_demo:
            config.warn_of_demo_secret(self._jwt)
            handlers["connect"] = demo_handler(self._jwt)
        if on_subscribe is not None or self._rows is None:
            handlers["subscribe"] = on_subscribe or self._requests.ask
        if snapshot is not None:
            handlers["snapshot"] = snapshot
        return handlers

    def _settings(self) -> config.Settings:
        made = config.Settings()
        listen: dict[str, Any] = {
            "address": f"{self._bracketed()}:{self.port}",
            "path": self._path,
            "origins": self._origins,
            "token_cookie": self._cookie,
        }
        if "connect" in self._answers:
            listen["auth"] = config.APP
        elif self._jwt is not None:
            config.add_jwt(made, self._jwt)
            listen["auth"] = "auth_jwt"
        else:
            listen["anonymous"] = True
        made.tables["listen.main"] = listen
        self._limits.add_to(made)
        self._features.add_to(made, keep_history=self._state_dir is not None)
        config.add_forms(made)
        if self._redis_url:
            config.add_redis(made, self._redis_url)
        config.add_rows(made, self._topic_rows())
        config.add_events(made, self._features.presence_enabled, self._topic_events)
        for name, table in self._more.items():
            made.tables[name] = {**made.tables.get(name, {}), **table}
        return made

    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def _topic_rows(self) -> list[dict[str, Any]]:
        common = self._features.row()
        rows = self._rows if self._rows is not None else [{"match": "*", "subscribe": True}]
        made = [{**common, **row} for row in rows]
        for row in made:
            if "subscribe" in self._answers and row.get("subscribe"):
                row.setdefault("ask", config.APP)
                row.setdefault("ask_for", ["subscribe"])
            if "snapshot" in self._answers:
                row.setdefault("snapshot", config.APP)
        return made


_limits, _features = config.Limits, config.Features


def _checked_jwt(
    secret: str | bytes | None, private_key: str | bytes | None, **rest: Any
) -> config.Jwt | None:
    """The private key is for programs that make tokens; here it is only looked at."""
    key = config.octets(private_key)
    if key is not None and b"PRIVATE KEY-----" not in key:
        raise ValueError("jwt_private_key: is no PEM text of a private key")
    jwt = config.jwt_of(secret, **rest)
    rest.pop("algorithm", None)
    if jwt is None and any(each is not None for each in (secret, key, *rest.values())):
        # An empty variable of the environment must not let everybody in.
        raise ValueError("jwt_secret: is missing or empty; without any jwt_… nobody needs a token")
    return jwt


def token_handler(authenticate: Callable[[str], Any]) -> Handler:
    """A function of a token that says who it is, as a handler: what it raises refuses."""

    async def later(result: Any) -> Any:
        try:
            return await result
        except Exception as error:  # noqa: BLE001
            raise Denied("the token is not good") from error

    def handler(question: Question) -> Any:
        if not question.data:
            raise Denied("no token")
        try:
            result = authenticate(question.data)
        except Exception as error:  # noqa: BLE001
            raise Denied("the token is not good") from error
        return later(result) if asyncio.iscoroutine(result) else result

    return handler


def demo_handler(jwt: config.Jwt) -> Handler:
    """Checks tokens with a secret that wsed would not take."""
    check = functools.partial(
        tokens.verify, issuer=jwt.issuer, audience=jwt.audience, algorithm=jwt.algorithm
    )

    def verify(token: str) -> dict[str, Any]:
        try:
            return check(token, jwt.secret)
        except tokens.TokenError:
            if not jwt.previous_secret:
                raise
            return check(token, jwt.previous_secret)

    return token_handler(verify)
