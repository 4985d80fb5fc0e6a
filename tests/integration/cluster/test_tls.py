# SPDX-License-Identifier: MIT
"""A Redis that speaks TLS, through the tunnel that docs/redis.md describes."""
import contextlib
import pathlib
import re
import socket
import subprocess

import pytest

from support import certificates
from support.client import Client, asynchronous
from support.hosts import At, await_status, in_background, is_unready
from support.redis import HOST, Redis, free_port
from support.shared import numbers, publish
from support.waiting import await_that

DOCUMENT = pathlib.Path(__file__).parents[3] / "docs" / "redis.md"


def as_documented(**values):
    """The configuration of the document with other values, without the user it is to run as."""
    text = DOCUMENT.read_text()
    config = re.search(r"```\n(; /etc/stunnel/redis.conf\n.*?)```", text, re.DOTALL).group(1)
    config = re.sub(r"^set[ug]id = .*\n", "", config, flags=re.MULTILINE)
    for name, value in values.items():
        config, found = re.subn(rf"^{name} = .*$", f"{name} = {value}", config, flags=re.MULTILINE)
        assert found == 1, name
    return config


def is_open(port):
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


class Tunnel:
    def __init__(self, directory, redis_port, ca, host):
        self.port = free_port()
        self.file = directory / "stunnel.conf"
        self.file.write_text(
            as_documented(
                accept=f"{HOST}:{self.port}",
                connect=f"{HOST}:{redis_port}",
                CAfile=ca,
                checkHost=host,
            )
        )
        with open(directory / "stunnel.log", "wb") as log:
            self.process = subprocess.Popen(["stunnel", str(self.file)], stdout=log, stderr=log)
        await_that(lambda: is_open(self.port), self.file)

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture
def far(made, directory):
    """far(host): the way to a Redis of that name through a tunnel, which expects `redis.example`."""
    ca = certificates.authority(directory)
    tunnels = []

    def make(host):
        pair = certificates.make(directory, "redis", names=(host,), issuer=ca)
        port = free_port()
        options = [
            f"tls-port {port}",
            f"tls-cert-file {pair.certificate}",
            f"tls-key-file {pair.key}",
            "tls-auth-clients no",
        ]
        made(Redis, options=options)
        tunnels.append(Tunnel(directory, port, ca.certificate, "redis.example"))
        return At(url=f"redis://{HOST}:{tunnels[-1].port}")

    yield make
    for tunnel in tunnels:
        tunnel.stop()


@asynchronous
async def test_hosts_are_joined_through_the_tunnel(far, make_hosts):
    hosts = make_hosts(far("redis.example"), 2)
    async with await Client.connect(hosts[0]) as client:
        await client.subscribe("room:far")
        await publish(hosts[1], "room:far", 5)
        assert [event["p"] for event in await client.events(5)] == numbers(5)


@asynchronous
async def test_nobody_is_joined_through_a_tunnel_to_another_name(far, make_server):
    server = make_server(module_backplane_redis=far("somebody.example").backplane)
    server.expect_error("module.log")
    server.start()
    async with await Client.connect(server) as client:
        await client.subscribe("room:far")
        await in_background(await_status, server, is_unready)
