# SPDX-License-Identifier: MIT
"""The router, at /wse, configured by the environment. Your tokens are checked by a function that is
given as auth_handler=…; without one JWT_SECRET_KEY checks them."""
from wse_server import WSEConfig, create_wse_router

from .core.event_mappings import EVENT_TYPE_MAP

router = create_wse_router(WSEConfig.from_env(event_type_map=EVENT_TYPE_MAP), prefix="/wse")

__all__ = ["router"]
