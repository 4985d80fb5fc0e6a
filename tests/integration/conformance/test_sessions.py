# SPDX-License-Identifier: MIT
"""Sessions over permessage-deflate, against an implementation of it that is not ours."""
import pytest

from support.client import Client, asynchronous

TEXT = "again and " * 5000


def with_deflate(make_server, **options):
    return make_server(
        server={"loops": 1},
        listen_main={"extension": "deflate"},
        module_deflate={"load": "permessage_deflate.so", **options},
    ).start()


@pytest.mark.parametrize("takeover", [False, True])
@asynchronous
async def test_events_reach_clients_with_and_without_it(make_server, takeover):
    server = with_deflate(make_server, context_takeover=takeover)
    clients = [
        await Client.connect(server, sub, compression=compression)
        for sub, compression in (("alice", "deflate"), ("bob", "deflate"), ("carol", None))
    ]
    assert [len(client.socket.extensions) for client in clients] == [1, 1, 0]
    for client in clients:
        await client.subscribe("news")
    before = server.stats()["bytes_sent"]
    for number in range(3):
        server.publish("news", {"number": number, "text": TEXT})
    for client in clients:
        got = [event["p"] for event in await client.events(3)]
        assert got == [{"number": number, "text": TEXT} for number in range(3)]
    # Those that are not compressed, and little more.
    assert server.stats()["bytes_sent"] - before < 3 * len(TEXT) + 10000
    for client in clients:
        await client.socket.close()


@asynchronous
async def test_what_a_client_compresses_is_understood(make_server):
    server = with_deflate(make_server)
    async with await Client.connect(server, "alice", compression="deflate") as alice:
        async with await Client.connect(server, "bob") as bob:
            await bob.subscribe("news")
            received = server.stats()["bytes_received"]
            assert (await alice.publish("news", {"text": TEXT}))["t"] == "publish_ack"
            assert [event["p"] for event in await bob.events(1)] == [{"text": TEXT}]
            assert server.stats()["bytes_received"] - received < 10000
