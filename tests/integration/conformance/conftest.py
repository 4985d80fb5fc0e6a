# SPDX-License-Identifier: MIT
"""The servers of the whole suite: they must survive all of it, and are judged at the end."""
import pathlib
import shutil
import tempfile

import pytest

from support.server import Server

MAX_MESSAGE = 16 << 20
SMALL_MAX_MESSAGE = 1 << 20


def listener(**options):
    return {"address": "127.0.0.1:0", "anonymous": True, **options}


def of_deflate(**options):
    return {"load": "permessage_deflate.so", "threshold": 1, **options}


def started(max_message):
    """Addresses by listener: main without an extension, deflate, takeover, and small."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="wse-"))
    server = Server(
        home,
        log={"level": "warn"},
        dev={"echo": "/echo"},
        limits={"max_message_size": max_message, "max_outbound": "32m"},
        listen_main={"anonymous": True},
        listen_deflate=listener(extension="deflate"),
        listen_takeover=listener(extension="takeover"),
        listen_small=listener(extension="small"),
        module_deflate=of_deflate(),
        module_takeover=of_deflate(context_takeover=True),
        module_small=of_deflate(context_takeover=True, window_bits=9),
    )
    server.start()
    yield server.addresses
    try:
        server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def echo():
    yield from started(MAX_MESSAGE)


@pytest.fixture(scope="session")
def echo_of_small_messages():
    """To compress the largest message of the other one would hold its loop for too long."""
    yield from started(SMALL_MAX_MESSAGE)
