# SPDX-License-Identifier: MIT
"""Tokens that are replaced, announced to end, and revoked."""
import json
import time

from support.client import Client, asynchronous

REFRESHING = {"features": {"auth_refresh": True}}


async def refresh(client, token):
    await client.send("auth_refresh", {"token": token}, id="r1")
    return await client.until_any("auth_refreshed", "error")


@asynchronous
async def test_a_session_lives_on_with_another_token(make_server):
    server = make_server(module_auth_jwt={"leeway": "0s"}).start()
    async with await Client.connect(server, token=server.token(ttl=30)) as client:
        await client.subscribe("demo")
        answer = await refresh(client, server.token(ttl=300))
        assert answer["t"] == "auth_refreshed"
        assert answer["p"]["expires_at"] > (time.time() + 200) * 1000
        connection = client.ready["details"]["connection_id"]
        shown = server.ctl_json("conn", "show", connection)
        assert shown["expires_at"] > time.strftime("%Y-%m-%dT", time.gmtime())
        server.publish("demo", {"n": 1})
        assert (await client.events(1))[0]["p"] == {"n": 1}
    assert server.stats()["auth_refreshed"] == 1


@asynchronous
async def test_a_bad_token_leaves_the_one_before_in_force(server):
    async with await Client.connect(server) as client:
        for token in ("nonsense", server.token("bob"), server.token(ttl=-3600)):
            error = (await refresh(client, token))["p"]
            assert error["code"] == "AUTH_FAILED" and error["recoverable"] is True
            assert error["details"]["id"] == "r1"
        await client.ping()
    log = server.log()
    assert "nonsense" not in log and "session.refresh_refused" in log


@asynchronous
async def test_topics_that_the_new_token_does_not_grant_are_gone(server):
    async with await Client.connect(server, token=server.token(allow=["a", "b"])) as client:
        await client.subscribe("a", "b")
        await client.send("auth_refresh", {"token": server.token(allow=["a"])})
        update = (await client.until("subscription_update"))["p"]
        assert update["failed_topics"] == ["b"] and update["success_topics"] == []
        assert update["reasons"] == {"b": "not allowed any more"}
        await client.until("auth_refreshed")
        server.publish("b", {"n": 1})
        server.publish("a", {"n": 2})
        assert (await client.events(1))[0]["p"] == {"n": 2}
        assert (await client.subscribe("b"))["failed_topics"] == ["b"]


@asynchronous
async def test_a_client_that_refreshes_is_told_in_time(make_server):
    server = make_server(module_auth_jwt={"leeway": "0s"}).start()
    async with await Client.open(server, server.token(ttl=10)) as client:
        await client.until("server_ready")
        await client.send("client_hello", REFRESHING)
        told = await client.until("auth_expiring")
        assert told["p"]["expires_at"] > time.time() * 1000
        assert (await refresh(client, server.token(ttl=300)))["t"] == "auth_refreshed"
    async with await Client.connect(server, token=server.token(ttl=3)) as client:
        assert (await client.closed())[0] == 4401
        assert all(message["t"] != "auth_expiring" for message in client.seen)


@asynchronous
async def test_a_revoked_user_is_closed_on_every_loop_and_stays_out(server):
    issued = int(time.time()) - 10
    token = server.token(iat=issued)
    clients = [await Client.connect(server, token=token) for _ in range(8)]
    async with await Client.connect(server, "bob") as bob:
        answer = server.ctl_json("revoke", "--user", "alice")
        assert answer["user"] == "alice" and answer["closed"] == 8 and answer["stored"] is True
        for client in clients:
            assert await client.closed() == (4401, "token revoked")
        await bob.ping()
        async with await Client.open(server, token) as client:
            assert (await client.receive())["p"]["code"] == "AUTH_FAILED"
            assert (await client.closed())[0] == 4401
        error = await refresh(bob, token)
        assert error["p"]["code"] == "AUTH_FAILED"
    newer = server.token(iat=int(time.time()) + 1)
    async with await Client.connect(server, token=newer) as client:
        await client.ping()
    stats = server.stats()
    assert stats["sessions_revoked"] == 8 and stats["auth_revoked"] >= 1


@asynchronous
async def test_one_token_is_revoked_by_its_identifier(server):
    first, second = server.token(jti="one"), server.token(jti="two")
    async with await Client.connect(server, token=first) as one:
        async with await Client.connect(server, token=second) as two:
            assert "closed 1 connection" in server.ctl("revoke", "--token", "one").stdout
            assert await one.closed() == (4401, "token revoked")
            await two.ping()
    async with await Client.open(server, first) as client:
        assert (await client.receive())["p"]["code"] == "AUTH_FAILED"


@asynchronous
async def test_only_tokens_issued_up_to_a_moment_are_meant(server):
    now = int(time.time())
    async with await Client.connect(server, token=server.token(iat=now - 100)) as old:
        async with await Client.connect(server, token=server.token(iat=now - 10)) as young:
            answer = server.ctl_json(
                "revoke", "--user", "alice", "--issued-before", str(now - 50)
            )
            assert answer["closed"] == 1
            assert (await old.closed())[0] == 4401
            await young.ping()


@asynchronous
async def test_a_restart_does_not_forget(server):
    token = server.token(jti="one")
    server.ctl_json("revoke", "--token", "one")
    server.ctl_json("revoke", "--user", "bob")
    server.terminate()
    server.start()
    async with await Client.open(server, token) as client:
        assert (await client.receive())["p"]["code"] == "AUTH_FAILED"
    rows = server.ctl_json("revocations")["revocations"]
    assert [row.get("token") or row["user"] for row in rows] == ["one", "bob"]
    assert all(row["until"] > row["revoked_at"] for row in rows)
    listed = server.ctl("revocations").stdout
    assert listed.splitlines()[0].split()[0] == "USER" and "bob" in listed
    text = (server.directory / "revocations").read_text()
    assert all(json.loads(line) for line in text.splitlines())
    assert token not in text


def test_what_cannot_be_remembered_is_refused(make_server):
    server = make_server(limits={"revocations": 1}).start()
    assert server.ctl("revoke", "--token", "one").returncode == 0
    refused = server.ctl("revoke", "--token", "two")
    assert refused.returncode == 1 and "limits.revocations" in refused.stderr


def test_a_revocation_that_is_not_on_the_disk_says_so(server):
    server.expect_error("revocations.not_stored")
    (server.directory / "revocations").mkdir()
    answer = server.ctl_json("revoke", "--user", "alice")
    assert answer["stored"] is False
    assert server.ctl_json("revocations")["total"] == 1


def test_wsectl_says_what_is_wrong_with_a_revocation(server):
    for arguments in (
        (),
        ("--user", "a", "--token", "b"),
        ("--token", "b", "--issued-before", "2026-01-02T03:04:05Z"),
        ("--user", "a", "--issued-before", "yesterday"),
    ):
        assert server.ctl("revoke", *arguments).returncode == 2, arguments
    future = server.ctl("revoke", "--user", "a", "--issued-before", "2999-01-01T00:00:00Z")
    assert future.returncode == 1
    assert "has not come yet" in future.stderr
