# SPDX-License-Identifier: MIT
"""What is no WebSocket goes to the fallback: builtin pages, the user's application, nobody."""
import http.client
import http.server
import threading

import pytest

from support import raw
from support.client import Client, asynchronous


class Application(http.server.BaseHTTPRequestHandler):
    """Says what it was asked."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        lines = [f"{self.command} {self.path}", *(f"{k}: {v}" for k, v in self.headers.items())]
        content = "\n".join(lines).encode() + b"\n\n" + body
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Application", "yes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = answer

    def log_message(self, *unused):
        pass


@pytest.fixture
def application():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server, method="GET", path="/", body=None, **headers):
    connection = http.client.HTTPConnection(*server.host_port, timeout=20)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()


def test_the_application_gets_the_request_as_it_was(make_server, application):
    server = make_server(listen_main={"fallback": application}).start()
    answer, body = ask(server, "GET", "/some/path?query=1", **{"X-Custom": "kept"})
    text = body.decode()
    assert answer.status == 200 and answer.getheader("X-Application") == "yes"
    assert text.startswith("GET /some/path?query=1\n")
    assert "x-custom: kept" in text.lower()
    assert "x-forwarded-for: 127.0.0.1" in text.lower()
    assert "x-forwarded-proto: http" in text.lower()


def test_bodies_pass_in_both_directions(make_server, application):
    server = make_server(listen_main={"fallback": application}).start()
    for size in (0, 1, 1000, 1_000_000):
        answer, body = ask(server, "POST", "/", b"x" * size)
        assert answer.status == 201
        assert body.partition(b"\n\n")[2] == b"x" * size
    answer, body = ask(server, "HEAD")
    assert answer.status == 200 and body == b""


def test_requests_follow_one_another(make_server, application):
    server = make_server(listen_main={"fallback": application}).start()
    for n in range(50):
        assert ask(server, path=f"/{n}")[1].startswith(f"GET /{n}\n".encode())


@asynchronous
async def test_websockets_and_the_application_share_the_port(make_server, application):
    server = make_server(listen_main={"fallback": application}).start()
    async with await Client.connect(server) as client:
        assert ask(server)[0].status == 200
        await client.ping()


def test_an_application_that_is_down_is_a_502(make_server):
    server = make_server(listen_main={"fallback": "http://127.0.0.1:9"}).start()
    assert ask(server)[0].status in (502, 503, 504)


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nContent-Length: 4",
        b"Content-Length: 3\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding : chunked",
        b"Content-Length: +3",
    ],
)
def test_what_could_be_read_in_two_ways_is_not_relayed(make_server, application, lines):
    server = make_server(listen_main={"fallback": application}).start()
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    with raw.RawSocket(server) as connection:
        connection.send(b"POST / HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\n" + smuggled)
        assert connection.head()[0] in (400, 501)
        connection.ended()


def test_builtin_serves_its_public_pages_and_nothing_else(make_server):
    server = make_server(listen_main={"fallback": "builtin"}).start()
    answer, body = ask(server, path="/livez")
    assert answer.status == 200 and body
    answer, body = ask(server, path="/demo")
    assert answer.status == 200 and b"<html" in body.lower()
    assert ask(server, path="/")[0].status in (200, 301, 302, 303, 307, 308)
    for path in ("/metrics", "/api", "/admin", "/../etc/passwd", "/livez/x", "/favicon.ico"):
        assert ask(server, path=path)[0].status in (204, 400, 404), path
    assert ask(server, "POST", "/livez", b"x")[0].status in (404, 405)


def test_builtin_answers_many_at_once(make_server):
    server = make_server(listen_main={"fallback": "builtin"}).start()
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ask(server, path="/livez")[0].status))
        for _ in range(50)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 50


def test_without_fallback_there_is_nothing_to_see(make_server):
    server = make_server(listen_main={"fallback": "none"}).start()
    assert ask(server)[0].status == 404
    assert ask(server, path="/livez")[0].status == 404
