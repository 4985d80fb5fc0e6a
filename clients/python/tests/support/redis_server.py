# SPDX-License-Identifier: MIT
"""One real redis-server on a Unix socket."""
import contextlib
import subprocess
import time

import redis

TIMEOUT_S = 30


class RedisServer:
    def __init__(self, directory):
        self.directory = directory
        self.path = str(directory / "redis.sock")
        self.process = None

    @property
    def url(self):
        return f"unix://{self.path}"

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.path, "--save", "",
             "--dir", str(self.directory)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(redis.RedisError), self.client() as client:
                client.ping()
                return self
            time.sleep(0.01)
        raise AssertionError("redis-server does not answer")

    def client(self):
        return redis.Redis(unix_socket_path=self.path, decode_responses=True)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
