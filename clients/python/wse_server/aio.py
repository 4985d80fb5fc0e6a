# SPDX-License-Identifier: MIT
"""The application link for asyncio: the same Link, with nothing that blocks the event loop."""
from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from .errors import CallError, LinkLost, LinkTimeout
from .link import Link
from .types import LinkEvent


class AsyncLink:
    """Takes the arguments of Link. Handlers of questions may be coroutines; they run on the loop on
    which the link was started."""

    def __init__(self, address: str, **options: Any) -> None:
        self._address = address
        self._options = options
        self.link: Link | None = None

    async def start(self, timeout: float | None = None) -> "AsyncLink":
        """LinkError as Link.start()."""
        self._options.setdefault("loop", asyncio.get_running_loop())
        self.link = Link(self._address, **self._options)
        await asyncio.to_thread(self.link.start, timeout)
        return self

    async def close(self) -> None:
        if self.link is not None:
            await asyncio.to_thread(self.link.close)

    async def __aenter__(self) -> "AsyncLink":
        return self if self.link is not None else await self.start()

    async def __aexit__(self, *unused: object) -> None:
        await self.close()

    @property
    def _there(self) -> Link:
        if self.link is None:
            raise RuntimeError("the link was not started")
        return self.link

    async def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        again: bool = False,
    ) -> Any:
        """As Link.call()."""
        return await call(self._there, method, params, timeout=timeout, again=again)

    async def post(self, method: str, params: Mapping[str, Any] | None = None) -> None:
        """As Link.post()."""
        link = self._there
        try:
            link.post(method, params, timeout=0)
        except LinkTimeout:
            await asyncio.to_thread(link.post, method, params)

    async def drain(self, max_count: int = 256, wait_ms: int = 50) -> list[LinkEvent]:
        """As Link.drain(); one at a time."""
        link = self._there
        future = await asyncio.to_thread(link.begin_drain, max_count, wait_ms)
        if future is None:
            return []
        try:
            # A task that is cancelled here leaves the answer to the next drain.
            await asyncio.shield(asyncio.wrap_future(future))
        except (LinkLost, CallError):
            pass
        return link.end_drain(future)

    async def events(self, max_count: int = 256, wait_ms: int = 1000) -> AsyncIterator[LinkEvent]:
        """Without an end, also over a break of the link. An event counts as handled when all of
        its batch are, and the next one is asked for."""
        while True:
            for event in await self.drain(max_count, wait_ms):
                yield event


async def call(
    link: Link,
    method: str,
    params: Mapping[str, Any] | None = None,
    *,
    timeout: float | None = None,
    again: bool = False,
) -> Any:
    """A call of a Link from a coroutine."""
    timeout = link.call_timeout if timeout is None else timeout
    try:
        async with asyncio.timeout(timeout):
            try:  # the loop does not wait for room
                future = link.submit(method, params, again=again, timeout=0)
            except LinkTimeout:
                future = await asyncio.to_thread(
                    link.submit, method, params, again=again, timeout=timeout
                )
            return await asyncio.wrap_future(future)
    except TimeoutError as error:
        if isinstance(error, LinkTimeout):
            raise
        raise LinkTimeout(f"{method}: no answer within {timeout:g} s") from None
