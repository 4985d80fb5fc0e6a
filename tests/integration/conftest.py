# SPDX-License-Identifier: MIT
"""Fixtures of the integration tests: every test has a server and a directory of its own."""
import pathlib
import shutil
import tempfile

import pytest

from support import history
from support.server import Server


@pytest.fixture
def directory():
    # Short: the name of a Unix socket has room for 107 bytes.
    path = pathlib.Path(tempfile.mkdtemp(prefix="wse-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def make_server(directory):
    """make_server(**tables): a server that is stopped and judged at the end of the test."""
    servers = []

    def make(**tables):
        home = directory if not servers else directory / str(len(servers))
        server = Server(home, **tables)
        servers.append(server)
        return server

    yield make
    failures = []
    for server in servers:
        try:
            server.stop()
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, "\n".join(failures)


@pytest.fixture
def server(make_server):
    """A running server with the configuration of support/server.py."""
    return make_server().start()


@pytest.fixture
def make_history_server(make_server):
    """Likewise, with the topics of support/history.py."""

    def make(**tables):
        return make_server(**{"topic": history.TOPICS, "history": history.SMALL, **tables})

    return make
