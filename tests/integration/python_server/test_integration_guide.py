# SPDX-License-Identifier: MIT
"""docs/integration-guide.md: its blocks of Python run as they are written.

What is done to a block, and nothing else:
* its ports, 5006 and 6379, become those that the kernel has given to this test;
* a block that begins with the name of a file is that file of a project, or stands at its end when
  the guide says that the file is edited; the folder `server` is the one that the package writes;
* `await` outside of a function is run by the event loop of the test, `while True:` ends when the
  test does, and `return` is added where the guide's lines become the body of a function;
* names that the guide leaves to the application (`handle`, `item`, `your_app.auth`, …) are given;
* `...` in the body of a protocol's method is what Python takes it for.

Debian's FastAPI is 0.92, which passes over `lifespan`: the test gives it to Starlette below.
"""
import ast
import asyncio
import importlib
import inspect
import pathlib
import re
import sys
import textwrap
import types
import uuid

import pytest

from support import tokens
from support.application import in_thread, serving, session
from support.backend import listeners
from support.client import Client, asynchronous
from support.server import DEADLINE_S

GUIDE = pathlib.Path(__file__).resolve().parents[3] / "docs/integration-guide.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)
ALICE = "019c53c4-abcd-7def-8901-234567890abc"


def block(beginning):
    """The one that has this text, as it stands there."""
    (found,) = [each for each in BLOCKS if beginning in each]
    return found


def ported(text, redis=None, port=None):
    """With the ports of this test."""
    text = text.replace("6379", str(redis.port)) if redis else text
    return text.replace("5006", str(port)) if port is not None else text


async def run(text, **names):
    """A block, with what the application has; what it has defined."""
    code = compile(text, "block", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(code, names)
    if inspect.isawaitable(result):
        await result
    return names


def test_no_block_is_left_out():
    assert len(BLOCKS) == 11


@asynchronous
async def test_router_mode(redis, secret, monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", secret)
    text = ported(block("create_wse_router(WSEConfig("), redis)
    names = await run(text)
    wse = names["wse"]
    try:
        async with serving(names["app"]) as address:
            async with await session(address, secret) as client:
                ack = await client.subscribe("notifications", f"user:{ALICE}:private")
                assert ack["success_topics"] == ["notifications"]
                (publish,) = [line for line in text.splitlines() if line.startswith("await")]
                await run(publish, wse=wse)
                (event,) = await client.events(1)
                assert (event["tp"], event["p"]) == ("notifications", {"text": "Hello!"})
                assert event["o"] == 2  # the block itself has published before
    finally:
        await wse.stop()


@asynchronous
async def test_standalone_mode(caplog):
    text = ported(block("while True:"), port=0).replace("while True:", "while going:")
    seen = asyncio.Queue()
    loop = asyncio.get_running_loop()
    names = {
        "handle": lambda event: loop.call_soon_threadsafe(seen.put_nowait, event),
        "going": True,
    }
    task = asyncio.ensure_future(in_thread(exec, compile(text, "block", "exec"), names))
    try:
        while "server" not in names or not names["server"].is_running():
            assert not task.done(), task.exception()
            await asyncio.sleep(0.01)
        server = names["server"]
        claims = {"iss": "your-app", "aud": "your-api"}
        address = f"127.0.0.1:{server.port}"
        async with await session(address, "your-secret-key", ALICE, **claims) as client:
            await client.send("order", {"n": 1}, c="U")
            conn = client.ready["details"]["connection_id"]
            events = [await asyncio.wait_for(seen.get(), DEADLINE_S) for _ in range(2)]
            assert events[0] == ("auth_connect", conn, ALICE)
            kind, connection, data = events[1]
            assert (kind, connection, data["t"], data["p"]) == ("msg", conn, "order", {"n": 1})
        kind, connection, data = await asyncio.wait_for(seen.get(), DEADLINE_S)
        assert (kind, connection, data) == ("disconnect", conn, None)
        assert "anybody can guess it" in caplog.text
    finally:
        names["going"] = False
        await task
        await in_thread(names["server"].stop)


@pytest.fixture
def project(tmp_path, redis, secret, monkeypatch):
    """The guide's project, step by step."""
    from wse_server.__main__ import copy_layout

    copy_layout(tmp_path)
    files = {
        "infrastructure/redis_client.py": ported(block("# infrastructure/redis_client.py"), redis),
        # Step 2 leaves out where get_redis_instance comes from, and step 3 where lifespan does.
        "app/lifespan.py": "from infrastructure.redis_client import get_redis_instance\n"
        + block("# app/lifespan.py"),
        "app/main.py": "from app.lifespan import lifespan\n" + block("# app/main.py"),
        "server/services/snapshot_service.py": block("# server/services/snapshot_service.py"),
        "your_app/auth.py": AUTH.format(secret=secret),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    append(tmp_path / "server/core/event_mappings.py", block("# Map domain event types"))
    append(tmp_path / "server/core/event_transformer.py", NEEDED + block("class EventTransformer"))
    body = textwrap.indent(block("# Replace JwtTokenManager"), "    ")
    (tmp_path / "server/wse_router.py").write_text(ROUTER.format(body=body))
    monkeypatch.setenv("JWT_SECRET_KEY", secret)
    monkeypatch.setenv("REDIS_URL", f"redis://localhost:{redis.port}")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in list(sys.modules):
        if name.split(".")[0] in ("app", "infrastructure", "server", "your_app"):
            del sys.modules[name]


def append(file, text):
    file.write_text(file.read_text() + "\n" + text)


# The application's own part of the guide's project.
AUTH = '''
import jwt


def validate_jwt_token(token):
    return jwt.decode(token, "{secret}", algorithms=["HS256"])
'''
NEEDED = '''
import uuid
from datetime import datetime, timezone

generate_uuid = uuid.uuid4


'''
ROUTER = '''
from uuid import UUID

from wse_server import WSEConfig, create_wse_router

from .core.event_mappings import EVENT_TYPE_MAP
from .core.event_transformer import EventTransformer


def auth_handler(token_to_validate):
{body}
    return payload


class Snapshots:
    async def get_resources_snapshot(self, user_id: UUID, include_archived: bool = False):
        return [dict(user=user_id, archived=include_archived)]

    async def get_data_snapshot(self, user_id: UUID, include_details: bool = False):
        return [dict(user=user_id, details=include_details)]


router = create_wse_router(
    WSEConfig.from_env(
        auth_handler=auth_handler, snapshot_service=Snapshots(), transformer=EventTransformer()
    ),
    prefix="/wse",
)
'''


async def await_listener(redis):
    """Until a wsed takes in what is published: Redis keeps nothing for whoever comes late."""
    async with asyncio.timeout(DEADLINE_S):
        while not await in_thread(listeners, redis):
            await asyncio.sleep(0.02)


@asynchronous
async def test_router_mode_step_by_step(project, redis, secret):
    main = importlib.import_module("app.main")
    app, wse = main.app, main.wse_router
    app.router.lifespan_context = app.extra["lifespan"]
    item = types.SimpleNamespace(id=uuid.uuid4())
    try:
        async with serving(app) as address:
            async with await session(address, secret, ALICE) as client:
                topic = f"user:{ALICE}:data_events"
                ack = await client.subscribe(topic, "user:somebody:data_events")
                assert ack["success_topics"] == [topic]
                snapshot = (await client.until("topic_snapshot"))["p"]
                assert snapshot["data"] == [{"user": ALICE, "details": False}]
                await await_listener(redis)
                await run(block("from server.core.types import EventPriority"), app=app,
                          user_id=ALICE, item=item)
                (event,) = await client.events(1)
                assert (event["tp"], event["t"], event["pri"]) == (topic, "item_created", 8)
                assert event["p"]["item_id"] == str(item.id)
                assert event["p"]["name"] == "Example Item"
                await wse.publish(topic, {"event_type": "StatusChanged", "status": "new"})
                (event,) = await client.events(1)
                assert (event["t"], event["p"]["status"]) == ("status_update", "new")
    finally:
        await wse.stop()


@asynchronous
async def test_the_projects_own_function_judges_tokens(project, secret):
    main = importlib.import_module("app.main")
    main.app.router.lifespan_context = main.app.extra["lifespan"]
    try:
        async with serving(main.app) as address:
            for bad in (tokens.token("x" * 40, ALICE), tokens.token(secret, "not-a-uuid")):
                async with await Client.open(None, bad, url=f"ws://{address}/wse") as client:
                    assert (await client.receive())["p"]["code"] == "AUTH_FAILED"
                    assert (await client.closed())[0] == 4401
    finally:
        await main.wse_router.stop()


def test_the_token_is_what_is_shown(secret):
    from wse_server.jwt import encode, verify

    claims = ast.literal_eval(block('"sub": "019c53c4'))
    verified = verify(encode(claims, secret), secret, now=claims["iat"])
    assert verified["sub"] == ALICE

