# SPDX-License-Identifier: MIT
"""The package clients/python, with the wsed of this build."""
import os
import pathlib
import secrets
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "clients/python"))

from support.redis import Redis  # noqa: E402
from support.server import BIN, MODULES  # noqa: E402


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Which wsed it is, and nothing that would win over what a test says."""
    monkeypatch.setenv("WSE_WSED", str((BIN / "wsed").resolve()))
    monkeypatch.setenv("WSE_MODULE_DIR", str(MODULES.resolve()))
    for name in [each for each in os.environ if each in ("JWT_SECRET_KEY", "REDIS_URL")]:
        monkeypatch.delenv(name)


@pytest.fixture
def secret():
    return secrets.token_urlsafe(36)


@pytest.fixture
def redis(directory):
    server = Redis(directory / "redis").start()
    yield server
    server.stop()


@pytest.fixture
def make_server():
    """make_server(**options): a RustWSEServer on a port that the kernel chooses, started, and
    stopped at the end."""
    from wse_server import RustWSEServer

    servers = []

    def make(start=True, **options):
        servers.append(RustWSEServer("127.0.0.1", 0, **options))
        if start:
            servers[-1].start()
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
