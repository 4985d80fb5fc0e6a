# SPDX-License-Identifier: MIT
"""A Redis Cluster of three primaries, as `redis-cli --cluster create` makes it."""
import subprocess

import redis

from support.redis import HOST, Redis, free_port
from support.server import DEADLINE_S
from support.waiting import await_that

SLOTS = 16384


class RedisCluster:
    def __init__(self, directory, password=None, options=()):
        self.password = password
        self.servers = [
            Redis(
                directory / f"node-{number}",
                password=password,
                options=[
                    "cluster-enabled yes",
                    "cluster-node-timeout 5000",
                    f"cluster-port {free_port()}",
                    *options,
                ],
            )
            for number in range(3)
        ]

    def start(self):
        for server in self.servers:
            server.start()
        self._manage("create", *self.addresses, "--cluster-yes")
        for server in self.servers:
            await_that(lambda one=server: is_whole(one), "the cluster is not whole")
        return self

    def empty(self, source, target):
        """Moves all slots of one server to another, with what is in them."""
        ids = []
        for server in self.servers:
            with server.client() as client:
                ids.append(client.execute_command("CLUSTER MYID"))
        self._manage(
            "reshard",
            self.addresses[target],
            *("--cluster-from", ids[source], "--cluster-to", ids[target]),
            *("--cluster-slots", str(SLOTS), "--cluster-yes"),
        )

    def _manage(self, *command):
        login = ["-a", self.password, "--no-auth-warning"] if self.password else []
        subprocess.run(
            ["redis-cli", *login, "--cluster", *command],
            check=True,
            capture_output=True,
            timeout=2 * DEADLINE_S,
        )

    @property
    def addresses(self):
        return [server.address for server in self.servers]

    @property
    def backplane(self):
        """Where it is, as options of the module."""
        return {"cluster": self.addresses}

    def client(self):
        node = redis.cluster.ClusterNode(HOST, self.servers[0].port)
        return redis.RedisCluster(
            startup_nodes=[node], password=self.password, decode_responses=True
        )

    def stop(self):
        for server in self.servers:
            server.stop()

    def everything(self):
        return b"\n".join(server.everything() for server in self.servers)


def is_whole(server):
    with server.client() as client:
        found = client.execute_command("CLUSTER INFO")
        return found["cluster_state"] == "ok" and found["cluster_slots_ok"] == str(SLOTS)
