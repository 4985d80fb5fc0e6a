# SPDX-License-Identifier: MIT
"""Sessions on every loop: the kernel chooses, so one opens more until it has chosen both."""
import contextlib
import itertools

MOST = 64  # that chance leaves a loop out is then past belief
PLACES = itertools.count(1)


def loops_of(server, topic):
    """How many loops have subscribers of it."""
    rows = server.ctl_json("topic", "show", topic)["loops"]
    return len([row for row in rows if row["subscribers"] > 0])


@contextlib.asynccontextmanager
async def on_both_loops(server, connect, least):
    """The clients that `connect()` made: at least so many, some of them on each of two loops."""
    place = f"place:{next(PLACES)}"
    async with contextlib.AsyncExitStack() as stack:
        clients = []
        while len(clients) < least or loops_of(server, place) < 2:
            assert len(clients) < MOST, f"{MOST} clients are all on one loop"
            client = await stack.enter_async_context(await connect())
            await client.subscribe(place)
            clients.append(client)
        yield clients
