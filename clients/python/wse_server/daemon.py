# SPDX-License-Identifier: MIT
"""One wsed as a child: written a configuration, started, watched, started anew, stopped."""
from __future__ import annotations

import atexit
import collections
import json
import logging
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from . import control, program
from .errors import CallError, LinkError, StartError
from .settings import APP, Settings
from .toml import dump

log = logging.getLogger("wse_server.wsed")

LEVELS = {
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
}
# Would win over what the caller of ours has said.
OVERRIDES = (
    "JWT_SECRET_KEY",
    "REDIS_URL",
    "FERNET_KEY",
    "WSE_HEARTBEAT_INTERVAL",
    "WSE_IDLE_TIMEOUT",
    "WSE_MAX_MESSAGE_SIZE",
)
SOCKET_NAME_LIMIT = 107
KEPT_LINES = 200


def private_directory() -> pathlib.Path:
    """A new one that nobody else may look into, with a name short enough for a socket in it."""
    for parent in (os.environ.get("XDG_RUNTIME_DIR"), None, "/tmp"):
        if parent is not None and not os.access(parent, os.W_OK):
            continue
        path = pathlib.Path(tempfile.mkdtemp(prefix="wse-", dir=parent))
        if len(str(path / "control.sock")) <= SOCKET_NAME_LIMIT:
            return path
        path.rmdir()
    raise StartError("no directory has a name that is short enough for a socket")


class Daemon:
    """The child ends with us, however we end: its signal of death hangs on the thread that starts
    it, which lives as long as the interpreter.

    When it dies, another one is started, after a pause that doubles up to `max_pause`. Its log
    goes to the logger `wse_server.wsed`. `on_death` is told on that thread.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        state_dir: str | os.PathLike[str] | None = None,
        log_level: str = "info",
        start_timeout: float = 30.0,
        stop_timeout: float = 30.0,
        max_pause: float = 5.0,
        on_death: Callable[[int], None] | None = None,
    ) -> None:
        self._settings = settings
        self._state_dir = state_dir
        self._log_level = log_level
        self._start_timeout = start_timeout
        self._stop_timeout = stop_timeout
        self._max_pause = max_pause
        self._on_death = on_death
        self._lines: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._started = False  # it has served once
        self._failure: BaseException | None = None
        self._stopping = False
        self.directory: pathlib.Path | None = None
        self.listeners: dict[str, str] = {}
        self.restarts = 0

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None else None

    @property
    def control_path(self) -> str:
        return self._path("control.sock")

    @property
    def link_path(self) -> str:
        return self._path("app.sock")

    def _path(self, name: str) -> str:
        if self.directory is None:
            raise StartError("wsed was not started")
        return str(self.directory / name)

    def running(self) -> bool:
        process = self._process
        return self._started and process is not None and process.poll() is None

    def start(self) -> "Daemon":
        """Waits until it serves. A StartError has what wsed said about it."""
        wsed, modules = program.find()
        atexit.register(self.stop)
        self.directory = private_directory()
        try:
            command = self._write(wsed, modules)
            self._thread = threading.Thread(
                target=self._watch, args=(command,), name="wse-daemon", daemon=True
            )
            self._thread.start()
            with self._changed:
                self._changed.wait_for(lambda: self._started or self._failure is not None)
            if self._failure is not None:
                raise self._failure
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, timeout: float | None = None) -> None:
        """Waits until it has ended: clients are closed with 4300, the application is told."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        process, thread = self._process, self._thread
        if process is not None:
            self._end(process, self._stop_timeout if timeout is None else timeout)
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        if self.directory is not None:
            shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.stop)

    def ask(self, command: str, **args: Any) -> Any:
        """Of its control socket."""
        return control.ask(self.control_path, command, **args)

    def _end(self, process: subprocess.Popen[bytes], timeout: float) -> None:
        """SIGTERM, then SIGKILL when it does not stop in time."""
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            log.error("wsed did not stop within %g s and is killed", timeout)
            process.kill()
            process.wait()

    def _write(self, wsed: str, modules: str | None) -> list[str]:
        """The configuration; the command that runs it."""
        assert self.directory is not None
        link = f"module.{APP}"
        tables: dict[str, dict[str, Any]] = {
            "server": {
                "supervisor": False,
                "runtime_dir": str(self.directory),
                "state_dir": str(self._state_dir or self.directory),
            },
            "log": {"level": self._log_level, "format": "json"},
            **self._settings.tables,
            link: {"path": self.link_path, **self._settings.tables.get(link, {})},
        }
        tables["server"].update(self._settings.tables.get("server", {}))
        for name, content in {
            **self._settings.files,
            "wse.toml": dump(tables).encode(),
        }.items():
            descriptor = os.open(
                self.directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600
            )
            with open(descriptor, "wb") as file:
                file.write(content)
        command = [wsed, "-c", str(self.directory / "wse.toml")]
        if modules is not None:
            command += ["-m", modules]
        return program.mortal(command)

    def _watch(self, command: list[str]) -> None:
        """The thread: starts it, and another one when it dies."""
        pause = 0.1
        while True:
            begun = time.monotonic()
            # What the kernel has chosen stays, so that clients find the next one where they look.
            stays = [f'listen.{k}.address="{v}"' for k, v in self.listeners.items()]
            try:
                status = self._run([*command, *(word for each in stays for word in ("-g", each))])
            except BaseException as error:  # noqa: BLE001 - start() raises it
                with self._changed:
                    self._failure = self._failure or error
                    self._changed.notify_all()
                return
            with self._changed:
                if self._stopping:
                    return
                pause = 0.1 if time.monotonic() - begun > 10 else min(2 * pause, self._max_pause)
                self.restarts += 1
                log.error("wsed.died status=%d; it is started again in %g s", status, pause)
            if self._on_death is not None:
                self._on_death(status)
            with self._changed:
                if self._changed.wait_for(lambda: self._stopping, pause):
                    return

    def _run(self, command: list[str]) -> int:
        """Until it ends; its status."""
        environment = {k: v for k, v in os.environ.items() if k not in OVERRIDES}
        with self._changed:
            if self._stopping:
                return 0
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                env=environment,
                start_new_session=True,  # Ctrl-C is ours to handle, and in our order
            )
            self._process = process
        reader = threading.Thread(target=self._read_log, args=(process,), daemon=True)
        reader.start()
        try:
            self._await_ready(process)
            status = process.wait()
        finally:
            if process.poll() is None:
                self._end(process, self._stop_timeout)
            reader.join()
        if not self._started:
            raise StartError(f"wsed ended with status {status}\n" + self._diagnostics())
        return status

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_timeout
        while process.poll() is None and not self._stopping:
            try:
                status = self.ask("status")
            except (OSError, LinkError, CallError):
                if time.monotonic() > deadline and not self._started:
                    raise StartError("wsed did not become ready\n" + self._diagnostics()) from None
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, 0.01)
                continue
            self._note_ready({row["name"]: row["address"] for row in status["listeners"]})
            return

    def _note_ready(self, listeners: dict[str, str]) -> None:
        with self._changed:
            self.listeners = listeners
            self._started = True
            self._changed.notify_all()

    def _diagnostics(self) -> str:
        return "\n".join(self._lines)

    def _read_log(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        with process.stderr as stream:
            for raw in stream:
                self._note_line(raw.decode(errors="replace").rstrip("\n"))

    def _note_line(self, line: str) -> None:
        try:
            record = json.loads(line)
            level = LEVELS[record.pop("level")]
            event = record.pop("event")
        except (ValueError, KeyError, TypeError, AttributeError):
            self._lines.append(line)
            log.log(logging.INFO if self._started else logging.DEBUG, "%s", line)
            return
        record.pop("ts", None)
        record.pop("area", None)
        text = " ".join([event, *(f"{key}={value}" for key, value in record.items())])
        if level >= logging.WARNING:
            self._lines.append(text)
        log.log(level, "%s", text)
