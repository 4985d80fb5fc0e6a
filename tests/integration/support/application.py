# SPDX-License-Identifier: MIT
"""Applications in Python beside their clients: one event loop for uvicorn and all of them."""
import asyncio
import contextlib
import socket

import uvicorn

from support import tokens
from support.client import Client
from support.server import DEADLINE_S


@contextlib.asynccontextmanager
async def serving(app):
    """host:port, where uvicorn serves the application."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        server.install_signal_handlers = lambda: None
        task = asyncio.ensure_future(server.serve(sockets=[taken]))
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not server.started:
                    assert not task.done(), task.exception()
                    await asyncio.sleep(0.01)
            host, port = taken.getsockname()
            yield f"{host}:{port}"
        finally:
            server.should_exit = True
            await task


async def session(address, secret=None, sub="alice", query="", **claims):
    """A client of WSE past its hello, at the path that everybody takes."""
    token = tokens.token(secret, sub, **claims) if secret else None
    return await Client.connect(None, token=token, url=f"ws://{address}/wse", query=query)


async def in_thread(function, *arguments, **options):
    """What waits, beside the clients of this loop."""
    return await asyncio.to_thread(function, *arguments, **options)


async def take(server, count, kinds=None):
    """The next `count` events that a RustWSEServer drains, of those kinds."""
    found = []
    async with asyncio.timeout(DEADLINE_S):
        while len(found) < count:
            events = await in_thread(server.drain_inbound, 256, 50)
            found += [each for each in events if kinds is None or each[0] in kinds]
    return found
