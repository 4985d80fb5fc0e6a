# SPDX-License-Identifier: MIT
"""A program with the server in it: the example, built against what is installed."""
import json
import os
import pathlib
import signal
import subprocess
import urllib.error
import urllib.request

import pytest

from support import sdk, toml
from support.client import Client, asynchronous
from support.server import DEADLINE_S

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "clients/cpp/embedded"


@pytest.fixture(scope="module", params=["shared", "static"])
def program(request, tmp_path_factory):
    build = tmp_path_factory.mktemp(request.param)
    static = "ON" if request.param == "static" else "OFF"
    sdk.shell(f"cmake -S {SOURCE} -B . -DWSE_STATIC={static} && cmake --build .", build)
    return build / "embedded_chat"


class Chat:
    """The program, running with a configuration of its own."""

    def __init__(self, program, directory, text=""):
        config = directory / "wse.toml"
        tables = {
            "server": {"runtime_dir": str(directory / "run"), "loops": 2, "state_dir": str(directory)},
            "listen.main": {"address": "127.0.0.1:0", "path": "/wse", "anonymous": True},
        }
        config.write_text(
            toml.dump(tables)
            + '[[topic]]\nmatch = "chat"\nsubscribe = true\nhistory = { messages = 10 }\n'
            + text
        )
        library = f"{sdk.STAGE}/lib"
        self.process = subprocess.Popen(
            [program, config],
            env={**os.environ, "LD_LIBRARY_PATH": library},
            stdout=subprocess.PIPE,
            stderr=(directory / "log").open("w"),
            text=True,
        )
        self.log = directory / "log"
        line = self.process.stdout.readline()
        self.address = line.removeprefix("chat on ").strip()
        self.url = f"ws://{self.address}/wse"

    def get(self, path, body=None):
        request = urllib.request.Request(f"http://{self.address}{path}", data=body)
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return answer.status, answer.read().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)


    def token(self, sub):
        """Clients are anonymous."""


@pytest.fixture()
def chat(program, tmp_path):
    running = Chat(program, tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


async def until_people(chat, count):
    while True:
        people = json.loads(chat.get("/people")[1])
        if len(people) == count:
            return people


@asynchronous
async def test_pages_and_clients_share_a_port(chat):
    async with await Client.connect(chat) as client:
        await client.subscribe("chat")
        assert chat.get("/say", b'{"text":"hello"}')[0] == 202
        (event,) = await client.events(1)
        assert (event["t"], event["p"], event["o"]) == ("said", {"text": "hello"}, 1)
    with pytest.raises(urllib.error.HTTPError) as refused:
        chat.get("/say", b"not json")
    assert refused.value.code == 400
    with pytest.raises(urllib.error.HTTPError) as missing:
        chat.get("/nothing")
    assert missing.value.code == 404


@asynchronous
async def test_the_program_hears_of_its_clients(chat):
    assert json.loads(chat.get("/people")[1]) == []
    async with await Client.connect(chat) as first, await Client.connect(chat) as second:
        await until_people(chat, 2)
        await first.subscribe("chat")
        await second.send("say", {"text": "hello"}, c="U")
        (event,) = await first.events(1)
        assert event["p"] == {"text": "hello"}
    await until_people(chat, 0)


@asynchronous
async def test_it_stops_with_its_clients_told(chat):
    async with await Client.connect(chat) as client:
        assert chat.stop() == 0
        assert (await client.closed())[0] == 4300
    assert "error" not in chat.log.read_text(), chat.log.read_text()


def test_a_configuration_that_is_wrong_is_said(program, tmp_path):
    failed = Chat(program, tmp_path, "[nonsense]\n")
    assert failed.process.wait(DEADLINE_S) == 1
    assert "nonsense" in failed.log.read_text()


def test_a_start_that_fails_is_said(program, tmp_path):
    # The control socket cannot be made where a directory is.
    (tmp_path / "run/control.sock/x").mkdir(parents=True)
    failed = Chat(program, tmp_path)
    assert failed.process.wait(DEADLINE_S) == 1
    assert "control.sock" in failed.log.read_text()
