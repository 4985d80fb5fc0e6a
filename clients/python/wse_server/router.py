# SPDX-License-Identifier: MIT
"""WSE as a router of FastAPI: the application's server owns the port, wsed has the clients."""
from __future__ import annotations

import asyncio
import logging
import threading
import uuid
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.types import Receive, Scope
from starlette.types import Send as ASGISend
from starlette.websockets import WebSocket

from . import settings as config
from .aio import call
from .callbacks import Pump
from .daemon import Daemon
from .errors import CallError, LinkError, StartError
from .event_transformer import EventTransformer
from .inbox import Inbox
from .link import Link
from .messages import known_id, members
from .questions import Handler
from .relay import relay
from .router_config import WSEConfig
from .server import demo_handler, token_handler
from .snapshots import handler_of
from .types import EventPriority

log = logging.getLogger("wse_server")


class WSERouter(APIRouter):
    """A WebSocket at its prefix, GET `/health` below it, and publish().

    wsed is started with the application, or by the first client or publish, whichever is first:
    an application with a lifespan of its own does not start its routers. It ends with the process.
    Every process of the ASGI server has its own; `redis_url` makes them one.
    """

    def __init__(self, settings: WSEConfig, **options: Any) -> None:
        super().__init__(**options)
        self.config = settings
        self._daemon: Daemon | None = None
        self._link: Link | None = None
        self._pump: Pump | None = None
        self._starting = threading.Lock()
        self._sequence = 0
        self.add_api_websocket_route("", self._accept, name="wse")
        self.add_api_route("/health", self._health, methods=["GET"], name="wse_health")
        self.add_event_handler("startup", self.start)
        self.add_event_handler("shutdown", self.stop)

    async def start(self) -> None:
        """Until wsed serves; again, nothing happens. A StartError has what wsed says is wrong."""
        loop = asyncio.get_running_loop()
        link = self._link
        if link is None:
            link = await asyncio.to_thread(self._start_once, loop)
        link.use_loop(loop)
        if self._pump is not None:
            self._pump.use_loop(loop)

    async def stop(self) -> None:
        """Clients are closed with 4300 and come back."""
        link, self._link = self._link, None
        daemon, self._daemon = self._daemon, None
        pump, self._pump = self._pump, None
        if daemon is not None:
            await asyncio.to_thread(daemon.stop)
        if pump is not None:
            await asyncio.to_thread(pump.stop)
        if link is not None:
            await asyncio.to_thread(link.close)

    async def publish(
        self,
        topic: str,
        event: Mapping[str, Any],
        priority: EventPriority | int | None = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """{topic, epoch, offset, id}, once the event has its place. CallError when it is refused,
        LinkError when wsed cannot be reached. `type` and `id` win over what the event says."""
        await self.start()
        params: dict[str, Any] = {"topic": topic, **self._message(event), **fields}
        if priority is not None:
            params["priority"] = int(EventPriority.nearest(int(priority)))
        params.setdefault("id", str(uuid.uuid4()))
        return await self.call("publish", params, again=True)

    async def call(self, method: str, params: Mapping[str, Any], again: bool = False) -> Any:
        """Any operation of the application link."""
        await self.start()
        assert self._link is not None
        return await call(self._link, method, params, again=again)

    @property
    def link(self) -> Link:
        if self._link is None:
            raise RuntimeError("the router was not started")
        return self._link

    def _message(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Our wsed has the module event_map, which does more for an event than can be done here."""
        transformer = self.config.transformer
        if transformer is None and self._daemon is not None:
            return {"payload": dict(event), **known_id(event)}
        if transformer is None:
            transformer = EventTransformer(self.config.event_type_map)
        self._sequence += 1
        return members(transformer.transform_for_ws(dict(event), self._sequence))

    # wsed.

    def _start_once(self, loop: asyncio.AbstractEventLoop) -> Link:
        with self._starting:
            if self._link is None:
                self._link = self._start(loop)
            return self._link

    def _start(self, loop: asyncio.AbstractEventLoop) -> Link:
        settings = self.config
        answers = self._answers()
        address = settings.link
        if address is None:
            made = settings.settings(list(answers))
            self._daemon = Daemon(
                made, state_dir=settings.state_dir, log_level=settings.log_level
            ).start()
            address = self._daemon.link_path
        elif settings.listen is None:
            raise StartError("listen: the address of the clients' port of the wsed at `link`")
        inbox = Inbox()
        link = Link(
            address,
            secret=settings.link_secret,
            name="wse_server.router",
            answers=answers,
            loop=loop,
            on_change=lambda welcome, is_new: inbox.forget_connections() if is_new else None,
        )
        inbox.open(link)
        try:
            link.start(30.0)
        except LinkError:
            if self._daemon is not None:
                self._daemon.stop()
            raise
        self._start_pump(inbox, loop)
        return link

    def _start_pump(self, inbox: Inbox, loop: asyncio.AbstractEventLoop) -> None:
        """A wsed of our own tells of little where nobody listens, and that has to be taken; the
        events of one that we attach to are somebody else's then."""
        on_event = self.config.on_event
        if on_event is not None or self._daemon is not None:
            self._pump = Pump(on_event or (lambda event: None), loop)
            self._pump.start(inbox)

    def _answers(self) -> dict[str, Handler]:
        handlers: dict[str, Handler] = {}
        jwt = self.config.jwt()
        if self.config.auth_handler is not None:
            handlers["connect"] = token_handler(self.config.auth_handler)
        elif jwt is not None and jwt.is_demo:
            config.warn_of_demo_secret(jwt)
            handlers["connect"] = demo_handler(jwt)
        if self.config.snapshot_service is not None:
            handlers["snapshot"] = handler_of(self.config.snapshot_service)
        return handlers

    # Requests.

    async def _accept(self, websocket: WebSocket) -> None:
        """The route; Starlette's own object has read nothing yet."""
        scope: Scope = websocket.scope
        receive: Receive = websocket._receive
        send: ASGISend = websocket._send
        try:
            await self.start()
        except (StartError, LinkError, OSError):
            log.exception("wsed does not start")
        await relay(scope, receive, send, self._address(), self.config.path)

    def _address(self) -> str:
        if self._daemon is not None:
            return self._daemon.listeners.get("main", "127.0.0.1:0")
        return self.config.listen or "127.0.0.1:0"

    async def _health(self) -> dict[str, Any]:
        """Whether clients are served."""
        answer: dict[str, Any] = {"status": "healthy" if self._link else "starting"}
        if self._daemon is not None:
            try:
                status = await asyncio.to_thread(self._daemon.ask, "status")
                answer.update(
                    status="healthy" if status["ready"] else "degraded",
                    connections=status["connections"],
                    uptime_ms=status["uptime_ms"],
                )
            except (OSError, LinkError, CallError):
                answer["status"] = "unavailable"
        return answer


def create_wse_router(config: WSEConfig | None = None, **options: Any) -> WSERouter:
    """`options` are those of APIRouter, `prefix` among them."""
    return WSERouter(config or WSEConfig(), **options)
