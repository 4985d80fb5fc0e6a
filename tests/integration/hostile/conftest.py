# SPDX-License-Identifier: MIT
"""One guarded server for each file of attacks: what one case does must not harm the next."""
import shutil
import tempfile

import pytest

from support.guard import Guard
from support.server import Server

LIMITS = {
    "handshake_timeout": "1s",
    "close_timeout": "1s",
    "max_message_size": "64k",
    "max_publish_size": "32k",
    "max_connections_per_ip": 5000,
}


@pytest.fixture(scope="module")
def guard(request):
    """A file may change tables of the configuration with TABLES."""
    directory = tempfile.mkdtemp(prefix="wse-")
    tables = {
        "limits": LIMITS,
        "module_compress_zlib": {},
        "module_codec_msgpack": {},
        "module_encrypt_aesgcm": {},
    }
    server = Server(directory, **tables)
    server.configure(**getattr(request.module, "TABLES", {}))
    server.start()
    try:
        with Guard(server) as made:
            yield made
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def shared(guard):
    """The server, whose guard judges it after the case."""
    with guard.case():
        yield guard.server
