# SPDX-License-Identifier: MIT
"""An application behind the server, and requests to it over the server's port."""
import pytest

from support.web_application import Application
from support.browser import Browser


@pytest.fixture
def application():
    behind = Application().start()
    yield behind
    behind.close()


@pytest.fixture
def server(make_server, application):
    return make_server(listen_main={"fallback": application.url}).start()


@pytest.fixture
def browser(server):
    with Browser(server) as one:
        yield one


@pytest.fixture
def make_browser(server):
    return lambda: Browser(server)
