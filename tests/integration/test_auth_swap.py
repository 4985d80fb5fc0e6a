# SPDX-License-Identifier: MIT
"""Another auth module in the configuration changes who gets in; nothing is compiled."""
from support.client import Client, asynchronous

STATIC = "static-token-of-dora-0123456789abcdef"


async def user_of(server, token):
    """The user that the token signs in, or the code of the refusal."""
    async with await Client.open(server, token) as client:
        first = await client.receive()
        if first["t"] == "server_ready":
            return first["p"]["details"]["user_id"]
        assert (await client.closed())[0] == 4401
        return first["p"]["code"]


def token_file(directory):
    path = directory / "tokens"
    path.write_text(f"# token user\n{STATIC} dora\n")
    path.chmod(0o600)
    return path


@asynchronous
async def test_swapping_the_module_changes_who_gets_in(make_server, directory):
    server = make_server().start()
    assert await user_of(server, server.token("alice")) == "alice"
    assert await user_of(server, STATIC) == "AUTH_FAILED"
    assert server.terminate() == 0

    server.configure(
        module_auth_jwt=None, module_auth_token_file={"file": str(token_file(directory))}
    )
    server.start()
    assert await user_of(server, server.token("alice")) == "AUTH_FAILED"
    assert await user_of(server, STATIC) == "dora"


@asynchronous
async def test_each_listener_can_have_its_own_module(make_server, directory):
    server = make_server(
        listen_main={"auth": "auth_jwt"},
        listen_second={"address": "127.0.0.1:0", "path": "/wse", "auth": "auth_token_file"},
        module_auth_token_file={"file": str(token_file(directory))},
    ).start()
    assert await user_of(server, server.token("alice")) == "alice"
    assert await user_of(server, STATIC) == "AUTH_FAILED"
    server.addresses["main"] = server.addresses["second"]
    assert await user_of(server, STATIC) == "dora"
    assert await user_of(server, server.token("alice")) == "AUTH_FAILED"
