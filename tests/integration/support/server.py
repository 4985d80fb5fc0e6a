# SPDX-License-Identifier: MIT
"""One real wsed with a directory of its own, started and stopped by a test."""
import json
import os
import pathlib
import re
import secrets
import signal
import subprocess
import time

from support import tokens, toml

BIN = pathlib.Path(os.environ.get("WSE_BIN_DIR", "build/dev/bin"))
MODULES = pathlib.Path(os.environ.get("WSE_MODULE_DIR", "build/dev/modules"))
# Sanitizers make everything slower; a deadline that passes is a failure, never a pause.
DEADLINE_S = 30
SANITIZER = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")


def run(program, *arguments, timeout=DEADLINE_S, **options):
    """Runs one of our programs to its end."""
    return subprocess.run(
        [str(BIN / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )


def default_config(directory):
    return {
        "server": {
            "loops": 2,
            "runtime_dir": str(directory),
            "state_dir": str(directory),
            "supervisor": False,
        },
        "log": {"level": "debug"},
        # Clients of the tests ask for a PONG to know that everything before it has come.
        "limits": {"ping_rate": 1000000},
        "listen.main": {"address": "127.0.0.1:0", "path": "/wse"},
        "module.auth_jwt": {"secret": f"file:{directory / 'secret'}"},
        "topic": [
            {"match": "user:{sub}:*", "subscribe": True, "publish": True},
            {"match": "secret:*", "subscribe": False, "publish": False},
            {"match": "read:*", "subscribe": True, "publish": False},
            {"match": "*", "subscribe": True, "publish": True},
        ],
    }


class Server:
    """Started by start(), which waits until it serves; ended and judged by stop()."""

    def __init__(self, directory, **tables):
        """`tables` are laid over default_config(); "listen.main" is written listen_main."""
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.secret = secrets.token_urlsafe(36)
        secret_file = self.directory / "secret"
        secret_file.write_text(self.secret)
        secret_file.chmod(0o600)
        self.config_file = self.directory / "wse.toml"
        self.log_file = self.directory / "wsed.log"
        self.tables = default_config(self.directory)
        self.configure(**tables)
        self.process = None
        self.addresses = {}
        self.expected_errors = []
        self.expected_status = 0

    def configure(self, **tables):
        """Changes the configuration file; the next start reads it."""
        named = {
            re.sub(r"^(listen|module)_", r"\1.", name): table for name, table in tables.items()
        }
        self.tables = toml.merge(self.tables, named)
        self.config_file.write_text(toml.dump(self.tables))

    def command(self, *arguments):
        return [
            str(BIN / "wsed"),
            "-c",
            str(self.config_file),
            "--module-dir",
            str(MODULES),
            *map(str, arguments),
        ]

    def start(self, *arguments):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.command(*arguments), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.await_ready()
        return self

    def await_ready(self):
        """Waits for an answer on the control socket and learns the addresses."""
        control = self.directory / "control.sock"
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            status = self.process.poll()
            assert status is None, f"wsed ended with {status} while starting:\n{self.log()}"
            if control.exists():
                answer = self.ctl("status", "--json")
                if answer.returncode == 0:
                    self.addresses = {
                        each["name"]: each["address"]
                        for each in json.loads(answer.stdout)["listeners"]
                    }
                    return
            time.sleep(0.01)
        raise AssertionError(f"wsed did not become ready:\n{self.log()}")

    @property
    def address(self):
        return self.addresses["main"]

    @property
    def host_port(self):
        host, port = self.address.rsplit(":", 1)
        return host.strip("[]"), int(port)

    @property
    def url(self):
        return f"ws://{self.address}/wse"

    def token(self, sub="alice", **options):
        return tokens.token(self.secret, sub, **options)

    def ctl(self, *arguments, **options):
        return run("wsectl", "--socket", self.directory / "control.sock", *arguments, **options)

    def ctl_json(self, *arguments, **options):
        answer = self.ctl(*arguments, "--json", **options)
        assert answer.returncode == 0, f"wsectl {arguments}: {answer.stderr}"
        return json.loads(answer.stdout)

    def publish(self, topic, payload, *arguments):
        answer = self.ctl("publish", topic, json.dumps(payload), *arguments)
        assert answer.returncode == 0, answer.stderr
        return answer

    def publish_all(self, topic, payloads):
        """Publishes in order through one wsectl."""
        lines = "".join(json.dumps(payload) + "\n" for payload in payloads)
        answer = self.ctl("publish", topic, "-", input=lines, timeout=120)
        assert answer.returncode == 0, answer.stderr
        return answer

    def stats(self):
        """Counters by name."""
        return {row["name"]: row["value"] for row in self.ctl_json("stats")["counters"]}

    def module_stats(self, instance):
        """Those of a module."""
        (rows,) = (each for each in self.ctl_json("stats")["modules"] if each["name"] == instance)
        return {row["name"]: row["value"] for row in rows["counters"]}

    def connections(self):
        """The rows of `conn ls`."""
        return self.ctl_json("conn", "ls")["connections"]

    def await_connections(self, count):
        """Until there are no more than that: an end reaches the server in its own time."""
        deadline = time.monotonic() + DEADLINE_S
        while len(self.connections()) > count:
            assert time.monotonic() < deadline, self.connections()

    def log(self):
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def expect_error(self, event):
        """An error line with this event in the log does not fail the test."""
        self.expected_errors.append(event)

    def terminate(self, sign=signal.SIGTERM):
        """Ends the process and returns its status."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        try:
            return self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"wsed did not stop:\n{self.log()[-4000:]}") from None

    def stop(self):
        """Ends it and judges: exit status, sanitizer reports, unexpected errors in the log."""
        if self.process is None:
            return
        status = self.terminate()
        self.process = None
        log = self.log()
        report = SANITIZER.search(log)
        assert not report, f"sanitizer report:\n{log[max(0, report.start() - 200):][:6000]}"
        assert status == self.expected_status, f"exit status {status}:\n{log[-4000:]}"
        errors = [line for line in log.splitlines() if is_unexpected(line, self.expected_errors)]
        assert not errors, "unexpected errors in the log:\n" + "\n".join(errors)


def is_unexpected(line, expected):
    fields = line.split(" ", 4)
    return len(fields) > 3 and fields[1] == "error" and fields[3] not in expected
