# SPDX-License-Identifier: MIT
"""Judges a server that is being attacked: it lives and answers, a healthy client beside it does not
notice, and afterwards nothing of the attack is left."""
import contextlib
import os
import re
import time

from support import processes, raw
from support.neighbour import Neighbour, p99
from support.peer import Peer
from support.server import DEADLINE_S

# Sanitizers make everything slower, and keep memory that was freed.
SANITIZED = bool(os.environ.get("WSE_SANITIZED"))
MEMORY_SLACK_KIB = (512 if SANITIZED else 32) * 1024


def repeats(count):
    """How often an attack is repeated: `count` times, less on a server that is made slow."""
    return count // 10 if SANITIZED else count


class Guard:
    PERIOD_S = 0.01
    BASELINE = 100  # numbers of the neighbour before the first attack
    # A server that stands still for an attack is beyond this whatever the machine; a machine that
    # is busy is not, as its delays are taken off.
    RATIO = 10
    SLACK_S = 3 if SANITIZED else 0.25

    def __init__(self, server):
        self.server = server
        self.pid = server.process.pid
        self.neighbour = Neighbour(server, self.PERIOD_S)

    def __enter__(self):
        for _ in range(20):
            self.answers_a_new_client()
        self.neighbour.__enter__()
        self.neighbour.await_count(self.BASELINE)
        self.base_s = p99(self.neighbour.times_s, self.PERIOD_S)
        self.server.await_connections(1)
        self.base_kib = processes.memory_kib(self.pid)
        self.base_descriptors = processes.descriptors(self.pid)
        return self

    def __exit__(self, kind, *unused):
        try:
            if kind is None:
                self.nothing_is_left()
        finally:
            self.neighbour.__exit__(kind)

    @contextlib.contextmanager
    def case(self):
        """One attack: it may take its time, others may not wait for it."""
        first, late = len(self.neighbour.times_s), len(self.neighbour.late_s)
        waiting_s = processes.waiting_seconds(self.pid)
        yield
        self.is_alive()
        self.answers_a_new_client()
        self.neighbour.await_count(first + 2)
        times = self.neighbour.times_s[first:]
        machine_s = max(self.neighbour.late_s[late:], default=0)
        machine_s += processes.waiting_seconds(self.pid) - waiting_s
        bound = self.RATIO * self.base_s + self.SLACK_S + machine_s
        found = p99(times, self.PERIOD_S)
        assert found < bound, f"p99 {found:.3f} s of {len(times)}, not {bound:.3f} s"

    def is_alive(self):
        status = self.server.process.poll()
        assert status is None, f"wsed ended with {status}:\n{self.server.log()[-4000:]}"

    def answers_a_new_client(self):
        with Peer(self.server, "visitor") as visitor:
            assert visitor.is_well()
            visitor.send(raw.frame(b"\x03\xe8", 8))

    def nothing_is_left(self):
        self.is_alive()
        self.server.await_connections(1)
        deadline = time.monotonic() + DEADLINE_S
        while (open_now := processes.descriptors(self.pid)) > self.base_descriptors:
            assert time.monotonic() < deadline, f"{open_now} files, not {self.base_descriptors}"
            time.sleep(0.05)
        status = self.server.ctl_json("status")
        assert (status["pid"], status["sessions"]) == (self.pid, 1), status
        grown = processes.memory_kib(self.pid) - self.base_kib
        assert grown < MEMORY_SLACK_KIB, f"the server has grown by {grown} KiB"
        self.log_is_clean()

    def log_is_clean(self):
        log = self.server.log_file.read_bytes()
        wild = re.search(rb"[^\x20-\x7e\n]", log)
        assert not wild, log[max(0, wild.start() - 200) : wild.start() + 100]
        # What every JSON Web Token begins with.
        assert b"eyJ" not in log and self.server.secret.encode() not in log
