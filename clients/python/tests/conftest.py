# SPDX-License-Identifier: MIT
"""Fixtures: a directory with a short name, and a wsed that the test plays."""
import pathlib
import shutil
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from support.fake import FakeWsed  # noqa: E402


@pytest.fixture
def directory():
    # Short: the name of a Unix socket has room for 107 bytes.
    path = pathlib.Path(tempfile.mkdtemp(prefix="wse-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def wsed(directory):
    fake = FakeWsed(directory)
    yield fake
    fake.shut()


@pytest.fixture
def make_link(wsed):
    """make_link(**options): a started link to it, which is closed at the end."""
    from wse_server.link import Link

    links = []

    def make(**options):
        options = {"format": "json", "backoff": (0.001, 0.01), "call_timeout": 20, **options}
        links.append(Link(wsed.path, **options).start())
        return links[-1]

    yield make
    for link in links:
        link.close()
