# SPDX-License-Identifier: MIT
"""What becomes of a credential."""
from support.client import Client


async def verdict(server, token=None, **options):
    """The user that is let in, or the code of the refusal."""
    async with await Client.open(server, token, **options) as client:
        first = await client.receive()
        if first["t"] == "server_ready":
            return first["p"]["details"]["user_id"]
        assert first["t"] == "error", first
        code, _ = await client.closed()
        is_final = first["p"]["code"] != "UNAVAILABLE"
        assert code == (4401 if is_final else 1013), first
        assert first["p"]["recoverable"] is not is_final, first
        return first["p"]["code"]


async def until(server, token, wanted, **options):
    """As a client that tries again, until it is let in as this one, or refused so."""
    while (said := await verdict(server, token, **options)) != wanted:
        assert said != wanted
    return said
