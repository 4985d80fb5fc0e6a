# SPDX-License-Identifier: MIT
"""Tokens: what refuses them, and what happens when they end."""
import time

import jwt
import pytest

from support import tokens
from support.client import Client, asynchronous
from support.server import run


async def verdict(server, token):
    """"ok", or the error's code after checking that 4401 followed."""
    async with await Client.open(server, token) as client:
        first = await client.receive()
        if first["t"] == "server_ready":
            return "ok"
        assert first["t"] == "error" and first["p"]["recoverable"] is False, first
        code, _ = await client.closed()
        assert code == 4401
        return first["p"]["code"]


@asynchronous
async def test_a_missing_token_is_required_and_a_bad_one_fails(server):
    now = int(time.time())
    good = server.token()
    head, body, signature = good.split(".")
    forged = {
        "no JWT": "nonsense",
        "two parts": f"{head}.{body}",
        "empty signature": f"{head}.{body}.",
        "signature of another secret": tokens.token("x" * 48),
        "changed body": f"{head}.{body[:-2]}AA.{signature}",
        "alg none": jwt.encode({"sub": "a", "exp": now + 60}, None, algorithm="none"),
        "another algorithm": server.token(alg="HS512"),
        "expired": server.token(ttl=-3600),
        "not yet valid": server.token(nbf=now + 3600),
        "empty subject": server.token(sub=""),
        "no subject": jwt.encode({"exp": now + 60}, server.secret, algorithm="HS256"),
        "no expiry": jwt.encode({"sub": "a"}, server.secret, algorithm="HS256"),
        "over 8 KiB": server.token(padding="x" * 9000),
    }
    assert await verdict(server, None) == "AUTH_REQUIRED"
    for name, token in forged.items():
        assert await verdict(server, token) == "AUTH_FAILED", name
    assert await verdict(server, good) == "ok"


@asynchronous
async def test_issuer_and_audience_count_once_configured(make_server):
    server = make_server(module_auth_jwt={"issuer": "us", "audience": "them"}).start()
    assert await verdict(server, server.token(iss="us", aud="them")) == "ok"
    assert await verdict(server, server.token(iss="us", aud=["x", "them"])) == "ok"
    assert await verdict(server, server.token(iss="us")) == "AUTH_FAILED"
    assert await verdict(server, server.token(aud="them")) == "AUTH_FAILED"
    assert await verdict(server, server.token(iss="us", aud="x")) == "AUTH_FAILED"
    assert await verdict(server, server.token(iss="x", aud="them")) == "AUTH_FAILED"


@asynchronous
async def test_a_session_ends_with_its_token(make_server):
    server = make_server(module_auth_jwt={"leeway": "0s"}).start()
    async with await Client.connect(server, token=server.token(ttl=2)) as client:
        await client.subscribe("demo")
        start = time.monotonic()
        code, _ = await client.closed()
        assert code == 4401
        assert time.monotonic() - start < 10
    error = [message for message in client.seen if message["t"] == "error"]
    assert all(message["p"]["code"] == "AUTH_FAILED" for message in error)


@pytest.mark.parametrize(
    "claim", [[], "demo", {"allow": "demo"}, {"allow": [5]}, {"deny": {}}, 7, {"allow": [None]}]
)
@asynchronous
async def test_a_malformed_topics_claim_refuses_the_connection(server, claim):
    assert await verdict(server, server.token(wse_topics=claim)) == "AUTH_FAILED"


@asynchronous
async def test_wse_token_mints_what_auth_jwt_accepts(server):
    minted = run("wse-token", "--secret-file", server.directory / "secret", "--sub", "carol")
    assert minted.returncode == 0, minted.stderr
    async with await Client.connect(server, token=minted.stdout.strip()) as client:
        assert client.ready["details"]["user_id"] == "carol"


def test_wse_token_writes_what_it_was_told(server):
    minted = run(
        "wse-token", "--secret", server.secret, "--alg", "HS256", "--sub", "carol", "--ttl", "90s",
        "--iss", "us", "--aud", "them", "--allow", "a:*", "b", "--deny", "a:x",
    )  # fmt: skip
    assert minted.returncode == 0, minted.stderr
    claims = jwt.decode(
        minted.stdout.strip(), server.secret, algorithms=["HS256"], audience="them", issuer="us"
    )
    assert claims["sub"] == "carol"
    assert claims["wse_topics"] == {"allow": ["a:*", "b"], "deny": ["a:x"]}
    assert 80 <= claims["exp"] - time.time() <= 91


@asynchronous
async def test_a_hundred_refusals_leave_nothing_behind(server):
    for _ in range(100):
        assert await verdict(server, "nonsense") == "AUTH_FAILED"
    async with await Client.connect(server) as client:
        await client.ping()
        server.await_connections(1)
