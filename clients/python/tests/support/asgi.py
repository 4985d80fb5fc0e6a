# SPDX-License-Identifier: MIT
"""An ASGI application on a real uvicorn, on a port that the kernel chooses."""
import socket
import threading
import time

import uvicorn

TIMEOUT_S = 30


class Uvicorn:
    def __init__(self, app):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.server = uvicorn.Server(uvicorn.Config(app, log_level="warning", proxy_headers=False))
        self.server.install_signal_handlers = lambda: None
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [self.socket]}, daemon=True
        )

    def __enter__(self):
        self.thread.start()
        deadline = time.monotonic() + TIMEOUT_S
        while not self.server.started:
            assert self.thread.is_alive() and time.monotonic() < deadline, "uvicorn did not start"
            time.sleep(0.01)
        return self

    def __exit__(self, *unused):
        self.server.should_exit = True
        self.thread.join(TIMEOUT_S)
        self.socket.close()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"
