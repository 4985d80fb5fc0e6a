# SPDX-License-Identifier: MIT
"""Dependencies of FastAPI's routes."""
from starlette.requests import HTTPConnection
from wse_server import PubSubBus, WSERouter

from .wse_router import router


async def get_pubsub_bus(connection: HTTPConnection) -> PubSubBus:
    """The bus that the lifespan has made."""
    return connection.app.state.pubsub_bus


async def get_wse() -> WSERouter:
    return router


__all__ = ["get_pubsub_bus", "get_wse"]
