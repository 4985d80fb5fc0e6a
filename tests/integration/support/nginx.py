# SPDX-License-Identifier: MIT
"""Debian's nginx with a configuration out of a document, on ports that the kernel chose."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

PROGRAM = "/usr/sbin/nginx"
DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs/nginx.md"
DEADLINE_S = 30

# What is elided in the document: a place for everything that would go into /var.
MAIN = """daemon off;
worker_processes 1;
user root;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 512; }}
{top}
"""
HTTP = """http {{
    access_log off;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    {site}
}}"""
STREAM_MODULE = "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n"


def blocks(language):
    """The code blocks of the document in that language."""
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)


class Nginx:
    """Listens on a socket that it inherits as from an older nginx, so nobody else gets its port."""

    def __init__(self, home):
        self.home = home
        home.mkdir()
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.socket.getsockname()[1]
        self.process = None

    def write(self, block, upstream, changes=(), top="", is_stream=False):
        """`upstream`: the address of wsed. `changes`: pairs of texts, each of which must occur."""
        changes = [("127.0.0.1:5006", upstream), *changes]
        for old, new in changes:
            assert old in block, f"{old} is not in the document's configuration"
            block = block.replace(old, new)
        body = STREAM_MODULE + block if is_stream else HTTP.format(home=self.home, site=block)
        # A module is loaded before anything is configured.
        text = MAIN.format(home=self.home, top=top + body)
        if is_stream:
            text = STREAM_MODULE + text.replace(STREAM_MODULE, "")
        (self.home / "nginx.conf").write_text(text)

    def command(self, *arguments):
        return [PROGRAM, "-p", str(self.home), "-c", str(self.home / "nginx.conf"),
                "-e", str(self.home / "error.log"), *arguments]  # fmt: skip

    def start(self):
        environment = {**os.environ, "NGINX": f"{self.socket.fileno()};"}
        self.process = subprocess.Popen(
            self.command(), env=environment, pass_fds=[self.socket.fileno()]
        )
        self._await_line("start worker process ")
        return self

    def reload(self):
        """New workers serve when it returns; the old ones end in their own time."""
        before = self.log().count("start worker process ")
        self.process.send_signal(signal.SIGHUP)
        self._await_line("start worker process ", before + 1)

    def log(self):
        return (self.home / "error.log").read_text() if (self.home / "error.log").exists() else ""

    def _await_line(self, text, count=1):
        deadline = time.monotonic() + DEADLINE_S
        while self.log().count(text) < count:
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.01)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(DEADLINE_S)
        self.socket.close()
