# SPDX-License-Identifier: MIT
"""Modules that hold a loop or end the process: the log names them, and the server goes on."""
import os
import re
import subprocess
import time

import pytest

from support.client import Client, asynchronous
from support.processes import children
from support.server import DEADLINE_S, MODULES

ZOO = MODULES.parent / "zoo"


def with_module(make_server, module, **tables):
    """Authentication by a module of the zoo, for which the token is what to do."""
    return make_server(
        module_auth_jwt=None, module_x={"load": str(ZOO / f"{module}.so")}, **tables
    )


def await_line(server, pattern):
    deadline = time.monotonic() + DEADLINE_S
    while not (found := re.search(pattern, server.log(), re.MULTILINE)):
        assert time.monotonic() < deadline, f"no '{pattern}':\n{server.log()[-3000:]}"
        time.sleep(0.01)
    return found


@asynchronous
async def test_a_call_over_the_budget_is_logged_and_counted(make_server):
    server = with_module(make_server, "auth_block").start()
    async with await Client.connect(server, token="300"):
        pass
    line = await_line(server, r"warn module module.slow_call module=x function=authenticate .*")
    assert re.search(r" loop=loop-[01] ms=(\d+)$", line[0])
    assert int(line[0].rpartition("=")[2]) >= 300
    (row,) = server.ctl_json("modules")["modules"]
    assert row["slow_calls"] == 1
    assert row["slowest_ms"] >= 300
    assert re.search(r"^x +auth +1.0 +running +0 +- +1 +\S+ms ", server.ctl("modules").stdout, re.M)


@asynchronous
async def test_the_budget_is_configured(make_server):
    server = with_module(make_server, "auth_block", limits={"module_call_budget": "10m"}).start()
    async with await Client.connect(server, token="300"):
        pass
    (row,) = server.ctl_json("modules")["modules"]
    assert row["slow_calls"] == 0
    assert "module.slow_call" not in server.log()


@asynchronous
async def test_a_loop_that_stands_is_told_once_and_when_it_goes_on(make_server):
    server = with_module(make_server, "auth_block", server={"loops": 1}).start()
    server.expect_error("module.stuck")
    async with await Client.connect(server, token="2500"):
        pass
    await_line(server, r"error module module.stuck module=x function=authenticate loop=loop-0 sec")
    await_line(server, r"warn module module.returned module=x function=authenticate loop=loop-0 ms")
    assert server.log().count("module.stuck") == 1


@asynchronous
async def test_a_module_that_holds_the_service_loop_stops_neither_clients_nor_the_stop(make_server):
    server = make_server(module_x={"load": str(ZOO / "service_loops.so")})
    for event in ("module.stuck", "server.module_not_stopped"):
        server.expect_error(event)
    with open(server.log_file, "ab") as log:
        server.process = subprocess.Popen(server.command(), stdout=log, stderr=log)
    await_line(server, r"error module module.stuck module=x function=post loop=service sec")
    server.addresses["main"] = await_line(server, r"listen.open name=main address=(\S+)")[1]
    async with await Client.connect(server) as client:
        await client.ping()
    server.expected_status = 70


@pytest.fixture
def crashes_are_ours(monkeypatch):
    """A sanitizer would report a fatal signal as well, and end the process as it does itself."""
    handled = ["handle_segv=0", "handle_abort=0", "allow_user_segv_handler=1"]
    options = [each for each in (os.environ.get("ASAN_OPTIONS"), *handled) if each]
    monkeypatch.setenv("ASAN_OPTIONS", ":".join(options))


@pytest.mark.parametrize(
    "what, line",
    [
        ("segv", r"^crash signal=SEGV module=x function=authenticate loop=loop-[01] code=x$"),
        ("abort", r"^crash signal=ABRT module=x function=authenticate loop=loop-[01] code=x$"),
        ("thread", r"^crash signal=SEGV module=x function=- loop=- code=x$"),
        ("thread-abort", r"^crash signal=ABRT module=x function=- loop=- code=x$"),
    ],
)
@asynchronous
async def test_a_crash_names_the_module_and_the_server_is_started_again(
    make_server, crashes_are_ours, what, line
):
    server = with_module(make_server, "auth_crash", server={"supervisor": True}).start()
    server.expect_error("supervisor.server_died")
    (worker,) = children(server.process.pid)
    try:
        async with await Client.connect(server, token=what) as client:
            await client.closed()
    except Exception:  # as far as it came
        pass
    await_line(server, line)
    await_line(server, r"supervisor.server_died pid=" + str(worker) + " signal=")
    server.await_ready()
    async with await Client.connect(server, token="nothing") as client:
        await client.ping()


def test_a_crash_is_a_json_line_in_a_json_log(make_server, crashes_are_ours):
    server = make_server(
        module_auth_jwt=None,
        module_x={"load": str(ZOO / "auth_crash.so")},
        log={"format": "json", "file": "server.log"},
    )
    server.configure(log={"file": str(server.directory / "server.log")})
    server.start()
    server.expected_status = -11
    os.kill(server.process.pid, 11)
    server.process.wait(DEADLINE_S)
    crash = '{"event":"crash","signal":"SEGV","module":"-","function":"-","loop":"-","code":"-"}\n'
    assert crash in (server.directory / "server.log").read_text()
    assert crash in server.log()
