# SPDX-License-Identifier: MIT
"""The child: found, written a configuration, watched, and gone when its parent is."""
import logging
import os
import pathlib
import select
import signal
import stat
import subprocess
import sys
import tomllib

import pytest

from wse_server import program
from wse_server.daemon import Daemon
from wse_server.errors import StartError
from wse_server.settings import Settings

HERE = pathlib.Path(__file__).resolve().parent
PROGRAM = HERE / "support/fake_program.py"
TIMEOUT_S = 30


@pytest.fixture
def make_daemon(monkeypatch):
    monkeypatch.setenv("WSE_WSED", str(PROGRAM))
    daemons = []

    def make(tables=None, files=None, **options):
        daemons.append(Daemon(Settings(tables or {}, files or {}), **options))
        return daemons[-1]

    yield make
    for daemon in daemons:
        daemon.stop()


def await_end(pid):
    """Until the process is gone, whoever its parent is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ready, _, _ = select.select([descriptor], [], [], TIMEOUT_S)
    os.close(descriptor)
    assert ready, f"{pid} lives on"


def test_it_serves_when_it_has_started(make_daemon):
    daemon = make_daemon().start()
    assert daemon.running() and daemon.listeners == {"main": "127.0.0.1:45678"}
    assert daemon.ask("status")["pid"] == daemon.pid


def test_it_is_gone_when_it_was_stopped(make_daemon):
    daemon = make_daemon().start()
    pid, directory = daemon.pid, daemon.directory
    daemon.stop()
    await_end(pid)
    assert not daemon.running() and not directory.exists()


def test_what_it_says_of_a_start_that_failed_is_raised(make_daemon):
    complaint = "wse.toml:3:1: unknown key 'addres' in [listen.main]"
    daemon = make_daemon({"fake": {"complaint": complaint}})
    with pytest.raises(StartError, match="status 78") as caught:
        daemon.start()
    assert complaint in str(caught.value)
    assert not daemon.directory.exists()


def test_a_program_that_is_not_there_is_said(make_daemon, monkeypatch):
    monkeypatch.setenv("WSE_WSED", "/nowhere/wsed")
    with pytest.raises(StartError, match="/nowhere/wsed is no program"):
        make_daemon().start()


def test_where_it_is_looked_for(tmp_path):
    wsed = tmp_path / "bin/wsed"
    wsed.parent.mkdir()
    wsed.write_text("#!/bin/sh\n")
    wsed.chmod(0o755)
    assert program.find({"WSE_BUILD": str(tmp_path)}) == (str(wsed), None)
    assert program.find({"PATH": str(wsed.parent)}) == (str(wsed), None)
    (tmp_path / "modules").mkdir()
    assert program.find({"WSE_WSED": str(wsed)}) == (str(wsed), str(tmp_path / "modules"))
    mine = {"WSE_BUILD": str(tmp_path), "WSE_MODULE_DIR": "/mine"}
    assert program.find(mine) == (str(wsed), "/mine")
    with pytest.raises(StartError, match="no wsed in PATH"):
        program.find({"PATH": "/nowhere"})


def test_nobody_else_may_read_what_is_written(make_daemon):
    tables = {"limits": {"max_connections": 5}, "module.app_socket": {"events": ["text"]}}
    daemon = make_daemon(tables, {"jwt-secret": b"hush\n"}).start()
    assert stat.S_IMODE(daemon.directory.stat().st_mode) == 0o700
    for name in ("wse.toml", "jwt-secret"):
        assert stat.S_IMODE((daemon.directory / name).stat().st_mode) == 0o600
    tables = tomllib.loads((daemon.directory / "wse.toml").read_text())
    assert tables["limits"] == {"max_connections": 5}
    assert tables["module"]["app_socket"] == {"path": daemon.link_path, "events": ["text"]}
    assert not any("hush" in word for word in daemon.ask("status")["arguments"])


def test_the_environment_does_not_win_over_the_arguments(make_daemon, monkeypatch):
    monkeypatch.setenv("JWT_SECRET_KEY", "another")
    monkeypatch.setenv("HARMLESS", "1")
    environment = make_daemon().start().ask("status")["environment"]
    assert "JWT_SECRET_KEY" not in environment and "HARMLESS" in environment


def test_a_dead_one_is_replaced_on_the_same_port(make_daemon):
    statuses = []
    daemon = make_daemon(on_death=statuses.append).start()
    first = daemon.pid
    os.kill(first, signal.SIGKILL)
    await_end(first)
    with daemon._changed:
        assert daemon._changed.wait_for(lambda: daemon.restarts == 1, TIMEOUT_S)
    second = None
    while second in (None, first):
        try:
            second = daemon.ask("status")["pid"]
        except OSError:
            pass
    assert statuses == [-signal.SIGKILL]
    assert 'listen.main.address="127.0.0.1:45678"' in daemon.ask("status")["arguments"]


def test_its_log_is_a_log_of_ours(make_daemon, caplog):
    caplog.set_level(logging.DEBUG, "wse_server.wsed")
    make_daemon().start().stop()
    (record,) = [each for each in caplog.records if "fake.serves" in each.message]
    assert record.levelno == logging.WARNING and "arguments=" in record.message


PARENT = """
import os, pathlib, sys, threading
from wse_server.daemon import Daemon
from wse_server.settings import Settings
daemon = Daemon(Settings())
starter = threading.Thread(target=daemon.start)  # a thread that ends is not our end
starter.start()
starter.join()
print(daemon.ask("status")["pid"], daemon.directory, flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("end", ["exit", "kill"])
def test_it_never_outlives_its_parent(end):
    environment = {**os.environ, "WSE_WSED": str(PROGRAM), "PYTHONPATH": str(HERE.parent)}
    parent = subprocess.Popen(
        [sys.executable, "-B", "-c", PARENT],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True,
    )
    with parent:
        pid, directory = parent.stdout.readline().split()
        os.kill(int(pid), 0)
        if end == "kill":
            parent.kill()
        parent.stdin.close()
    await_end(int(pid))
    if end == "exit":
        assert parent.returncode == 0 and not pathlib.Path(directory).exists()
