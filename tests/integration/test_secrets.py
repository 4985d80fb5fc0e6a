# SPDX-License-Identifier: MIT
"""No secret, token or payload in any log, error or answer, at debug level."""
import http.client

import pytest

from support import raw, tokens
from support.client import Client, asynchronous
from support.server import run

PAYLOAD = "a-payload-that-nobody-may-see"
NODE = "user:pass-of-one@127.0.0.1:26379"


async def use(server):
    """Everything a token and a payload can pass through; returns what must not be seen."""
    good, forged = server.token(), tokens.token("another-secret-of-forty-eight-characters-at-least")
    expired = server.token(ttl=-3600)
    for token in (good, forged, expired, "nonsense-token-1234567890"):
        for options in (
            {"token": token},
            {"query": f"?token={token}"},
            {"headers": [("Cookie", f"access_token={token}")]},
        ):
            async with await Client.open(server, **options) as client:
                await client.receive()
    with raw.RawSocket(server) as connection:
        broken = raw.upgrade_request(server, good, path=f"/wse?token={good}", Upgrade="nothing")
        connection.send(broken)
        connection.head()
    other = http.client.HTTPConnection(*server.host_port, timeout=20)
    other.request("GET", f"/?token={good}", headers={"Cookie": f"access_token={good}"})
    other.getresponse().read()
    async with await Client.connect(server, token=good) as client:
        await client.subscribe("demo")
        server.publish("demo", {"text": PAYLOAD})
        await client.publish("demo", {"text": PAYLOAD})
        await client.send_text(f'{{"t":"{PAYLOAD}"')
        await client.send("unknown", {"text": PAYLOAD})
        await client.events(2)
        for command in (["conn", "ls"], ["conn", "show", client.ready["details"]["connection_id"]]):
            answer = server.ctl(*command, "--json")
            assert good not in answer.stdout + answer.stderr
    return [good, forged, expired, "nonsense-token-1234567890", PAYLOAD, server.secret]


def parts(secret):
    """A JWT is a secret as a whole and in its signature."""
    return [secret, secret.rpartition(".")[2]] if secret.count(".") == 2 else [secret]


@pytest.mark.parametrize("form", ["text", "json"])
@asynchronous
async def test_the_log_at_debug_level_has_none(make_server, form):
    server = make_server(
        listen_main={"token_query": True}, log={"level": "debug", "format": form}
    ).start()
    secrets = await use(server)
    assert server.terminate() == 0
    log = server.log()
    assert log.count("\n") > 20
    for secret in secrets:
        for part in parts(secret):
            assert part not in log, f"{part[:12]}… is in the log"


@asynchronous
async def test_what_a_client_sends_cannot_forge_a_log_line(server):
    evil = "x\n2026-01-01T00:00:00.000Z error core forged.line a=b\x1b[31m"
    async with await Client.open(server, server.token(sub=evil), query="?client_version=%0a2026"):
        pass
    async with await Client.connect(server) as client:
        await client.subscribe(evil)
        await client.send(evil)
        await client.publish(evil, {}, type=evil)
        await client.ping()
    with raw.RawSocket(server) as connection:
        connection.send(raw.upgrade_request(server, server.token(), Origin=f"http://{evil[2:]}"))
        connection.head()
    assert server.terminate() == 0
    log = server.log()
    assert "\x1b" not in log
    assert not [line for line in log.splitlines() if line.startswith("2026-01-01T")]


def test_the_dump_of_the_configuration_hides_them(make_server):
    server = make_server()
    answer = run("wsed", *server.command()[1:], "-T")
    assert answer.returncode == 0, answer.stderr
    assert server.secret not in answer.stdout + answer.stderr


@pytest.mark.parametrize("where", [{"sentinels": [NODE], "master": "m"}, {"cluster": [NODE]}])
def test_the_dump_hides_passwords_of_sentinels_and_nodes(make_server, where):
    server = make_server(module_backplane_redis=where)
    answer = run("wsed", *server.command()[1:], "-T")
    assert answer.returncode == 0, answer.stderr
    assert "pass-of-one" not in answer.stdout + answer.stderr
    assert '["***"]' in answer.stdout


def test_errors_about_a_secret_do_not_show_it(make_server):
    server = make_server(module_auth_jwt={"secret": "too-short-to-be-a-secret"})
    answer = run("wsed", *server.command()[1:], "-t")
    assert answer.returncode == 78
    assert "too-short-to-be" not in answer.stdout + answer.stderr
