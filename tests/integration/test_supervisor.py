# SPDX-License-Identifier: MIT
"""The supervisor: a server process that dies is replaced, a stop stops everything."""
import os
import signal
import subprocess
import time

import pytest

from support.client import Client, asynchronous
from support.processes import await_gone, children


@pytest.fixture
def supervised(make_server):
    return make_server(server={"supervisor": True}).start()


@asynchronous
async def test_a_killed_server_process_is_replaced_on_the_same_port(supervised):
    address = supervised.address
    client = await Client.connect(supervised)
    (worker,) = children(supervised.process.pid)
    supervised.expect_error("supervisor.server_died")
    os.kill(worker, signal.SIGKILL)
    started = time.monotonic()
    code, _ = await client.closed()
    assert code == 1006
    async with await Client.connect(supervised) as again:
        assert time.monotonic() - started < 5
        await again.subscribe("demo")
        supervised.await_ready()
        supervised.publish("demo", {"n": 1})
        assert (await again.events(1))[0]["p"] == {"n": 1}
    assert supervised.address == address
    (replacement,) = children(supervised.process.pid)
    assert replacement != worker


@asynchronous
async def test_it_survives_several_kills(supervised):
    supervised.expect_error("supervisor.server_died")
    for _ in range(3):
        (worker,) = children(supervised.process.pid)
        os.kill(worker, signal.SIGKILL)
        await_gone(worker)
        async with await Client.connect(supervised) as client:
            await client.ping()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_stop_ends_all_processes_with_status_0(supervised, sign):
    (worker,) = children(supervised.process.pid)
    assert supervised.terminate(sign) == 0
    await_gone(worker)
    assert not (supervised.directory / "control.sock").exists()


def test_the_server_process_does_not_outlive_its_supervisor(make_server):
    server = make_server(server={"supervisor": True}).start()
    (worker,) = children(server.process.pid)
    server.process.kill()
    assert server.process.wait() == -signal.SIGKILL
    server.expected_status = -signal.SIGKILL
    await_gone(worker)


def test_a_signal_to_the_process_group_reaches_the_server_process_once(supervised):
    # As from a terminal: twice would be taken for impatience, and clients cut without a word.
    (worker,) = children(supervised.process.pid)
    assert os.getpgid(worker) == worker


def test_a_bad_configuration_ends_the_supervisor_too(make_server):
    server = make_server(server={"supervisor": True}, limits={"max_connections": "many"})
    ended = subprocess.run(server.command(), capture_output=True, text=True, timeout=30)
    assert ended.returncode == 78


def test_a_port_in_use_is_a_refusal(make_server):
    first = make_server(server={"supervisor": True}).start()
    second = make_server(
        server={"supervisor": True}, listen_main={"address": f"127.0.0.1:{first.host_port[1]}"}
    )
    ended = subprocess.run(second.command(), capture_output=True, text=True, timeout=30)
    assert ended.returncode in (69, 71)
    assert first.address in ended.stderr


def test_a_second_server_in_the_same_directory_is_refused(server):
    ended = subprocess.run(server.command(), capture_output=True, text=True, timeout=30)
    assert ended.returncode != 0
    assert server.ctl("status").returncode == 0
