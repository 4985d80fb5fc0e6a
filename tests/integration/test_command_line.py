# SPDX-License-Identifier: MIT
"""wsed as a command: its options, its exit statuses, overrides, what it does with signals."""
import signal
import subprocess

import pytest

from support.client import Client, asynchronous
from support.server import MODULES, run


def wsed(server, *arguments):
    return run("wsed", *server.command()[1:], *arguments)


def test_t_says_that_the_configuration_is_ok(make_server):
    server = make_server()
    answer = wsed(server, "-t")
    assert answer.returncode == 0, answer.stderr
    assert f"configuration {server.config_file} is ok" in answer.stdout + answer.stderr
    assert not (server.directory / "control.sock").exists()


def test_big_t_shows_every_value_and_where_it_came_from(make_server):
    server = make_server(limits={"max_connections": 1234})
    answer = wsed(server, "-T")
    assert answer.returncode == 0, answer.stderr
    assert "1234" in answer.stdout and str(server.config_file) in answer.stdout
    assert "idle_timeout" in answer.stdout  # a default


@pytest.mark.parametrize("option", ["-v", "-V"])
def test_v_is_the_version(option):
    answer = run("wsed", option)
    assert answer.returncode == 0
    assert "0.1" in answer.stdout + answer.stderr


def test_big_v_names_the_abi():
    answer = run("wsed", "-V")
    assert "1.0" in answer.stdout + answer.stderr


@pytest.mark.parametrize("arguments", [["-x"], ["--nonsense"], ["-c"], ["-g"], ["stray"]])
def test_a_wrong_use_is_64(make_server, arguments):
    server = make_server()
    answer = wsed(server, *arguments)
    assert answer.returncode == 64
    assert answer.stderr


def test_a_configuration_that_cannot_be_read_is_named(directory):
    for command in (["-c", directory / "absent.toml"], ["-t", "-c", directory / "absent.toml"]):
        answer = run("wsed", *command)
        assert answer.returncode in (66, 78)
        assert "absent.toml" in answer.stderr


def test_a_bad_configuration_is_78_with_or_without_t(make_server):
    server = make_server(limits={"max_connections": "many"})
    for arguments in ([], ["-t"]):
        answer = wsed(server, *arguments)
        assert answer.returncode == 78
        assert "max_connections" in answer.stderr


@asynchronous
async def test_g_overrides_a_key(make_server):
    server = make_server(listen_main={"path": "/wse"}).start("-g", 'listen.main.path="/other"')
    url = f"ws://{server.address}/other"
    async with await Client.connect(server, url=url) as client:
        await client.ping()


def test_g_is_checked_like_the_file(make_server):
    server = make_server()
    for override in ("limits.max_connectoins=5", "limits.max_connections='x'", "nonsense", "=5"):
        answer = wsed(server, "-t", "-g", override)
        assert answer.returncode in (64, 78), override
        assert answer.stderr
    assert "max_connections" in wsed(server, "-t", "-g", "limits.max_connectoins=5").stderr


def test_a_port_in_use_is_refused_with_its_address(server, make_server):
    second = make_server(listen_main={"address": server.address})
    answer = subprocess.run(second.command(), capture_output=True, text=True, timeout=30)
    assert answer.returncode in (69, 71)
    assert server.address in answer.stderr


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_stops_it_with_status_0(make_server, sign):
    server = make_server().start()
    assert server.terminate(sign) == 0
    assert not (server.directory / "control.sock").exists()


@asynchronous
async def test_a_second_signal_stops_it_at_once(server):
    client = await Client.connect(server)
    client.socket.transport.pause_reading()  # never answers the close
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    assert server.terminate() == 0
    client.socket.transport.abort()


def test_usr1_reopens_the_log(make_server, directory):
    log = directory / "file.log"
    server = make_server(log={"file": str(log)}).start()
    log.rename(directory / "rotated.log")
    server.process.send_signal(signal.SIGUSR1)
    for _ in range(500):
        if log.exists():
            break
        server.ctl("status")
    assert log.exists()


@pytest.mark.parametrize("level, some, none", [("error", "", "info"), ("info", "info", "debug")])
def test_the_log_level_is_obeyed(make_server, level, some, none):
    server = make_server(log={"level": level}).start()
    assert server.terminate() == 0
    levels = [line.split(" ")[1] for line in server.log().splitlines() if line]
    assert none not in levels
    assert not some or some in levels


def test_the_log_as_json_is_one_object_a_line(make_server):
    import json

    server = make_server(log={"format": "json"}).start()
    assert server.terminate() == 0
    lines = server.log().splitlines()
    assert lines
    for line in lines:
        assert isinstance(json.loads(line), dict)


@pytest.mark.parametrize("anonymous", [True, False])
def test_several_auth_modules_need_a_choice(make_server, anonymous):
    server = make_server(listen_main={"anonymous": anonymous})
    second = {"load": "auth_jwt.so", "secret": f"file:{server.directory / 'secret'}"}
    server.configure(module_second=second)
    answer = wsed(server, "-t")
    assert answer.returncode == 78
    assert "listen.main has 2 auth modules to choose from" in answer.stderr
    server.configure(listen_main={"auth": "second"})
    assert wsed(server, "-t").returncode == 0


def test_a_module_that_does_not_stop_does_not_keep_the_process(make_server):
    zoo = MODULES.parent / "zoo"
    server = make_server(module_stuck={"load": str(zoo / "stop_never.so")})
    server.configure(listen_main={"auth": "auth_jwt"})
    server.start()
    server.expect_error("module.stop_timeout")
    server.expect_error("server.module_not_stopped")
    server.expected_status = 70


def test_t_names_a_user_that_does_not_exist(make_server):
    server = make_server(server={"user": "nobody-of-that-name"})
    answer = wsed(server, "-t")
    assert answer.returncode == 78
    assert "nobody-of-that-name" in answer.stderr


def test_t_names_a_log_file_that_cannot_be_written(make_server, directory):
    server = make_server(log={"file": str(directory / "absent" / "wse.log")})
    answer = wsed(server, "-t")
    assert answer.returncode == 78
    assert "log.file" in answer.stderr and "absent" in answer.stderr


def test_a_runtime_dir_that_everybody_may_write_to_is_refused(make_server, directory):
    open_dir = directory / "open"
    open_dir.mkdir()
    open_dir.chmod(0o777)
    answer = wsed(make_server(server={"runtime_dir": str(open_dir)}))
    assert answer.returncode == 71
    assert "writable by everybody" in answer.stderr
