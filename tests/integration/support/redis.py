# SPDX-License-Identifier: MIT
"""One real redis-server, which tests kill, stop and start again where it was."""
import contextlib
import pathlib
import signal
import socket
import subprocess
import time

import redis

from support.processes import await_gone
from support.server import DEADLINE_S

HOST = "127.0.0.1"


def free_port():
    """One that the kernel has to spare; somebody else may take it before we do."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return taken.getsockname()[1]


def write_config(file, lines):
    file.write_text("".join(f"{line}\n" for line in lines))


class Process:
    """A redis-server or redis-sentinel with a configuration file that it may rewrite."""

    PROGRAM = "redis-server"

    def __init__(self, directory, options=()):
        """`options` are lines of the configuration file."""
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.options = list(options)
        self.process = None
        self.paused = False

    @property
    def address(self):
        return f"{HOST}:{self.port}"

    def config(self):
        return [
            f"bind {HOST}",
            f"port {self.port}",
            f"dir {self.directory}",
            "daemonize no",
            *self.options,
        ]

    def start(self):
        """Until it answers. A second start finds its configuration and its data."""
        file = self.directory / "redis.conf"
        deadline = time.monotonic() + DEADLINE_S
        if file.exists():
            return self._launch(file, deadline)
        # The port may have been taken since it was found free: another one, then.
        while True:
            write_config(file, self.config())
            try:
                return self._launch(file, deadline)
            except EOFError:
                assert time.monotonic() < deadline, self.log()
                self.port = free_port()

    def _launch(self, file, deadline):
        with open(self.directory / "redis.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.PROGRAM, str(file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EOFError(f"{self.PROGRAM} has ended:\n{self.log()}")
            with contextlib.suppress(redis.RedisError), self.client(socket_timeout=1) as client:
                # One that loads its data, or waits for a primary, is there.
                client.execute_command("ROLE")
                return self
            time.sleep(0.02)
        raise AssertionError(f"{self.PROGRAM} does not answer:\n{self.log()}")

    def client(self, **options):
        """Connections of redis-py, which is not ours; texts are str."""
        options = {"decode_responses": True, **self.account(), **options}
        return redis.Redis(HOST, self.port, **options)

    def account(self):
        """As whom client() speaks with it."""
        return {}

    def kill(self):
        """SIGKILL: what it has not given to the kernel is gone."""
        self.process.kill()
        self.process.wait()
        await_gone(self.process.pid)
        self.paused = False

    def pause(self):
        """It does nothing from now on, and its connections stay."""
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self.process.send_signal(signal.SIGCONT)
        self.paused = False

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def log(self):
        return (self.directory / "redis.log").read_text(errors="replace")[-4000:]


class Redis(Process):
    """A server for data. `aof`: all that it has answered is there after a kill.

    `appendfsync no` is no weaker than `always` here: a kill takes nothing from the kernel, and a
    write that waits for a disk (`everysec`) may be lost."""

    def __init__(self, directory, aof=True, user=None, rules="~* &* +@all", password=None,
                 options=()):
        """`user`: (name, password) of the only account that is let in, with these ACL rules.
        `password`: else that of the one account, which other servers have as well."""
        self.user = user
        self.password = password
        lines = [
            'save ""',
            f"appendonly {'yes' if aof else 'no'}",
            "appendfsync no",
            "repl-diskless-sync-delay 0",
            *options,
        ]
        if user:
            lines += ["user default off", f"user {user[0]} on >{user[1]} {rules}"]
        if password:
            lines += [f"requirepass {password}", f"masterauth {password}"]
        super().__init__(directory, lines)

    @property
    def url(self):
        name = f"{self.user[0]}:{self.user[1]}@" if self.user else ""
        return f"redis://{name}{self.address}"

    @property
    def backplane(self):
        """Where it is, as options of the module."""
        return {"url": self.url}

    @property
    def servers(self):
        """Those that have data, as a cluster has several."""
        return [self]

    def account(self):
        if self.user:
            return {"username": self.user[0], "password": self.user[1]}
        return {"password": self.password} if self.password else {}

    def restart(self):
        """It is killed, and starts at the same place with what it has kept."""
        self.stop()
        return self.start()

    def everything(self):
        """All that it holds, as octets: for tests that look for what must not be there."""
        with self.client(decode_responses=False) as client:
            found = []
            for key in client.scan_iter(count=1000):
                found += [key, client.dump(key) or b""]
            return b"\n".join(found)
