# SPDX-License-Identifier: MIT
"""Processes as /proc shows them."""
import os
import pathlib
import signal
import time


def children(pid):
    """The processes that `pid` has started; none when it has ended."""
    found = []
    try:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass
    return found


def gone(pid):
    """It has ended with all its threads: while one is left, its files are open and locked."""
    process = pathlib.Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and len(list((process / "task").iterdir())) <= 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def await_gone(pid, seconds=20):
    deadline = time.monotonic() + seconds
    while not gone(pid):
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)


def kill_server_process(server, seconds=20):
    """SIGKILL for the server process; returns when its supervisor has started another one."""
    deadline = time.monotonic() + seconds
    while not (before := children(server.process.pid)):
        assert time.monotonic() < deadline, f"no server process:\n{server.log()[-2000:]}"
        time.sleep(0.01)
    os.kill(before[0], signal.SIGKILL)
    while children(server.process.pid) in ([], before):
        assert time.monotonic() < deadline, f"no new server process:\n{server.log()[-2000:]}"
        time.sleep(0.01)


def kill_all(server):
    """SIGKILL for the supervisor and the server process: nobody has a word to say."""
    workers = children(server.process.pid)
    server.process.kill()
    server.process.wait()
    for worker in workers:
        os.kill(worker, signal.SIGKILL)
        await_gone(worker)


def memory_kib(pid, name="VmRSS"):
    """A size out of the status of a process: VmRSS is what it has, VmHWM the most it had."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in text.splitlines() if line.startswith(name + ":"))
    return int(line.split()[1])


def forget_memory_peak(pid):
    """VmHWM begins anew."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def user_seconds(pid):
    """Time that it has computed, without what the kernel did for it."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def waiting_seconds(pid):
    """For how long its threads have been ready to run while the machine was busy with others; 0 on
    kernels that do not tell."""
    total = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total / 1e9
