# SPDX-License-Identifier: MIT
"""A primary, a replica and three Sentinels, which make the one the other when it is dead."""
from support.redis import HOST, Process, Redis
from support.waiting import await_that

NAME = "wse"
# Nothing is failed over by chance, on a machine that may be slow, but when a test wants it.
PATIENCE_MS = 600_000
IMPATIENCE_MS = 500


class Sentinel(Process):
    PROGRAM = "redis-sentinel"

    def __init__(self, directory, primary):
        super().__init__(
            directory,
            [
                f"sentinel monitor {NAME} {HOST} {primary.port} 2",
                f"sentinel down-after-milliseconds {NAME} {PATIENCE_MS}",
                f"sentinel failover-timeout {NAME} 2000",
                *([f"sentinel auth-pass {NAME} {primary.password}"] if primary.password else []),
            ],
        )


class Sentinels:
    def __init__(self, directory, **options):
        """`options` are those of both servers for data."""
        self.servers = [Redis(directory / name, **options) for name in ("one", "two")]
        self.directory = directory
        self.sentinels = []

    def start(self):
        primary, replica = self.servers
        primary.start()
        replica.options.append(f"replicaof {HOST} {primary.port}")
        replica.start()
        self.await_replica()
        for number in range(3):
            sentinel = Sentinel(self.directory / f"sentinel-{number}", primary)
            self.sentinels.append(sentinel.start())
        for sentinel in self.sentinels:
            await_that(
                lambda one=sentinel: self._master(one).get("num-other-sentinels") == 2
                and self._master(one).get("num-slaves") == 1,
                "the Sentinels do not know each other",
            )
        return self

    @property
    def addresses(self):
        return [sentinel.address for sentinel in self.sentinels]

    @property
    def backplane(self):
        """Where it is, as options of the module."""
        return {"sentinels": self.addresses, "master": NAME}

    def client(self, **options):
        return self.primary.client(**options)

    @property
    def primary(self):
        """The server that most Sentinels call so."""
        ports = [int(self._master(sentinel)["port"]) for sentinel in self.sentinels]
        most = max(set(ports), key=ports.count)
        return next(server for server in self.servers if server.port == most)

    @property
    def replica(self):
        primary = self.primary
        return next(server for server in self.servers if server is not primary)

    def await_replica(self):
        """Until one server follows the other: a failover has somebody to go to."""
        await_that(
            lambda: any(is_in_step(server) for server in self.servers),
            "the replica does not follow",
        )

    def leave_behind(self):
        """The replica gets all there is by now, and nothing more before a failover wakes it."""
        self.await_replica()
        with self.primary.client() as client:
            client.ping()
            assert client.wait(1, 20_000) >= 1, "the replica is behind"
            self.replica.pause()
            client.execute_command("CLIENT", "KILL", "TYPE", "replica")

    def fail_over(self, in_step=True):
        """Kills the primary once the replica has all it has answered; the Sentinels' new one.

        Without that, what a killed primary has answered may be lost, as Redis says."""
        before, after = self.primary, self.replica
        if in_step:
            self.await_replica()
            with before.client() as client:
                client.execute_command("CLIENT", "PAUSE", 60_000, "WRITE")
                assert client.wait(1, 20_000) >= 1, "the replica is behind"
        self._set_patience(IMPATIENCE_MS)
        before.kill()
        if after.paused:
            after.resume()
        await_that(
            lambda: self.primary is after and role(after) == "master",
            "the Sentinels have not failed over",
        )
        self._set_patience(PATIENCE_MS)
        return after

    def bring_back(self):
        """Starts the server that was killed, as a replica of the other.

        The Sentinels would make it one, in their own time of ten seconds."""
        returned = self.replica.start()
        await_that(lambda: has_loaded(returned), "the server does not load its data")
        with returned.client() as client:
            client.replicaof(HOST, self.primary.port)
        self.await_replica()

    def stop(self):
        for process in self.sentinels + self.servers:
            process.stop()

    def _set_patience(self, milliseconds):
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                client.sentinel_set(NAME, "down-after-milliseconds", milliseconds)

    @staticmethod
    def _master(sentinel):
        with sentinel.client() as client:
            return client.sentinel_master(NAME)


def role(server):
    with server.client() as client:
        return client.info("replication")["role"]


def has_loaded(server):
    with server.client() as client:
        return client.info("persistence")["loading"] == 0


def is_in_step(server):
    if server.process is None or server.process.poll() is not None:
        return False
    with server.client() as client:
        found = client.info("replication")
        return found["role"] == "slave" and found["master_link_status"] == "up"
