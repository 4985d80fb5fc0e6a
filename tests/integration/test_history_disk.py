# SPDX-License-Identifier: MIT
"""What the history promises on a disk without room, or that may not be written."""
import contextlib
import os
import resource
import subprocess
import time

import pytest

from support.client import asynchronous
from support.history import FAILING, FINE, follow, history_of, numbers, stop_and_start
from support.server import DEADLINE_S

class Tmpfs:
    """A file system of its own that is too small, for those who may mount one."""

    def __init__(self, directory):
        self.path = directory / "disk"
        self.path.mkdir()
        mounted = self._run("mount", "-t", "tmpfs", "-o", "size=7m", "none", self.path)
        if mounted.returncode != 0:
            pytest.skip(f"nothing may be mounted here: {mounted.stderr.strip()}")

    @staticmethod
    def _run(*command):
        return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)

    def fill(self, server):
        """It is full as soon as the server wants its second segment."""

    def relieve(self, server):
        assert self._run("mount", "-o", "remount,size=64m", self.path).returncode == 0

    def close(self):
        self._run("umount", "-l", self.path)


class FileLimit:
    """No file may grow beyond 1 MiB, for everybody."""

    def __init__(self, directory):
        self.path = directory

    def fill(self, server):
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 20, -1))

    def relieve(self, server):
        if server.process.poll() is None:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (-1, -1))

    def close(self):
        pass


@pytest.fixture(params=[Tmpfs, FileLimit], ids=lambda kind: kind.__name__)
def small_disk(request, directory):
    disk = request.param(directory)
    with contextlib.closing(disk):
        yield disk


def await_history(server, wanted):
    deadline = time.monotonic() + DEADLINE_S
    while history_of(server) != wanted:
        assert time.monotonic() < deadline, f"{history_of(server)}, not {wanted}:\n{server.log()}"
        time.sleep(0.05)


def fill(server, topic, first):
    """Publishes until nothing can be written any more; the next number."""
    for n in range(first, first + 100):
        server.publish_all(topic, [{"n": n, "fill": "x" * 200_000}])
        if history_of(server) == FAILING:
            return n + 1
    raise AssertionError(f"the disk is not full after 20 MB: {history_of(server)}")


@pytest.fixture
def full(small_disk, make_history_server):
    server = make_history_server(
        server={"state_dir": str(small_disk.path)},
        history={"file_size": "64m", "max_memory": "32m"},
    )
    server.expect_error("history.memory_only")
    server.start()
    assert history_of(server) == FINE
    return server


@asynchronous
async def test_a_full_disk_is_noted_and_forgotten_when_room_comes_back(small_disk, full):
    async with await follow(full, 3, "room:1") as follower:
        small_disk.fill(full)
        count = fill(full, "room:1", 4)
        full.publish("room:1", {"n": count})
        recovery = await follower.connect(full)
        assert recovery["room:1"]["recovered"], recovery
        payloads = await follower.take("room:1", count)
        full.publish("room:1", {"n": count + 1})
        await follower.take("room:1", count + 1)
        await follower.drop()
        assert [each["n"] for each in payloads] == list(range(1, count + 2))
        assert full.log().count("history.memory_only") == 1

        small_disk.relieve(full)
        await_history(full, FINE)
        full.publish("room:1", {"n": count + 2})
        stop_and_start(full)
        recovery = await follower.connect(full)
        assert recovery["room:1"]["recovered"], recovery
        assert recovery["room:1"]["count"] == 1, recovery
        assert (await follower.take("room:1", count + 2))[-1] == {"n": count + 2}
        assert full.log().count("history.memory_only") == 1


@asynchronous
async def test_a_server_that_ends_while_the_disk_is_full_begins_new_epochs(small_disk, full):
    async with await follow(full, 3, "room:1") as follower:
        small_disk.fill(full)
        fill(full, "room:1", 4)
        before = follower.positions["room:1"]
        full.terminate()
        small_disk.relieve(full)
        full.start()
        recovery = await follower.connect(full)
        assert not recovery["room:1"]["recovered"], recovery
        assert recovery["room:1"]["epoch"] != before[0], recovery
        full.publish("room:1", {"n": "live"})
        assert (await follower.take("room:1", 4))[-1] == {"n": "live"}
        assert history_of(full) == FINE


def forbid(directory):
    """A place where nothing can be made: root is not stopped by modes, so a file is in the way."""
    if os.geteuid() == 0:
        (directory / "state").write_text("not a directory")
    else:
        (directory / "state").mkdir(mode=0o500)
    return directory / "state"


@asynchronous
async def test_a_state_dir_that_cannot_be_written_leaves_the_memory(make_history_server, directory):
    server = make_history_server(server={"state_dir": str(forbid(directory))})
    server.expect_error("history.unusable")
    server.start()
    assert history_of(server) == FAILING
    async with await follow(server, 3, "room:1") as follower:
        server.publish_all("room:1", numbers(4, 5))
        assert (await follower.connect(server))["room:1"]["recovered"]
        assert await follower.take("room:1", 5) == numbers(1, 5)
        assert server.log().count("history.unusable") == 1
