# SPDX-License-Identifier: MIT
"""Requests octet by octet, as good and bad clients send them, to a real application."""
import json

import pytest

from support import raw

HEAD = b"Host: x\r\n"


@pytest.fixture
def client(server):
    with raw.RawSocket(server) as one:
        yield one


def body_of(client, headers):
    if "content-length" in headers:
        return client.take(int(headers["content-length"]))
    whole = b""
    while True:
        while b"\r\n" not in client.buffer:
            assert client.fill()
        size, _, client.buffer = client.buffer.partition(b"\r\n")
        piece = client.take(int(size, 16) + 2)
        if piece == b"\r\n":
            return whole
        whole += piece[:-2]


def answer(client):
    status, headers = client.head()
    return status, body_of(client, headers)


def test_pipelined_requests_are_answered_in_order(client):
    body = b'{"numbers":[1,2]}'
    post = b"POST /json HTTP/1.1\r\n" + HEAD + b"Content-Type: application/json\r\n"
    client.send(
        post + b"Content-Length: %d\r\n\r\n" % len(body) + body
        + post + b"Transfer-Encoding: chunked\r\n\r\n%x;a=b\r\n" % len(body) + body
        + b"\r\n0\r\nT: t\r\n\r\n"
        + b"GET /nowhere HTTP/1.1\r\n" + HEAD + b"\r\nGET /download?blocks=1 HTTP/1.1\r\n" + HEAD
        + b"Connection: close\r\n\r\n"
    )  # fmt: skip
    assert answer(client) == (200, b'{"sum":3}')
    assert answer(client) == (200, b'{"sum":3}')
    assert answer(client)[0] == 404
    assert len(answer(client)[1]) == 65536
    client.ended()


def test_a_body_may_drip_and_the_next_request_with_it(client):
    text = (
        b"POST /upload HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n0A\r\n0123456789\r\n0\r\n\r\nGET /page HTTP/1.1\r\n" + HEAD + b"\r\n"
    )
    for octet in text:
        client.send(bytes([octet]))
    status, body = answer(client)
    assert status == 200 and json.loads(body)["size"] == 13
    assert answer(client)[0] == 200


def test_a_client_may_wait_for_100_continue(client):
    client.send(
        b"POST /upload HTTP/1.1\r\n" + HEAD + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    )
    assert client.head()[0] == 100
    client.send(b"abc")
    status, body = answer(client)
    assert status == 200 and json.loads(body)["size"] == 3


def test_an_answer_before_the_body_ends_the_connection(client):
    client.send(b"POST /refuse HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000000\r\n\r\nabc")
    status, headers = client.head()
    assert status == 413 and headers["connection"] == "close"
    assert body_of(client, headers) == b"too large"


def test_http_1_0_gets_its_answer_and_the_end(client):
    client.send(b"GET /stream HTTP/1.0\r\n\r\n")
    status, headers = client.head()
    assert status == 200 and headers["connection"] == "close"
    assert "transfer-encoding" not in headers
    assert client.take(6) == b"first "
    client.send(b"GET /page HTTP/1.0\r\n\r\n")


def test_a_connection_may_become_a_websocket_after_a_page(server, client):
    client.send(b"GET /page HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert answer(client)[0] == 200
    client.send(raw.upgrade_request(server, server.token()))
    assert client.head()[0] == 101
    opcode, payload = client.read_frame()
    assert opcode == 1 and json.loads(payload)["t"] == "server_ready"


SMUGGLED = b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Content-Length: 3\r\nContent-Length: 3",
        b"Content-Length: 0\r\nContent-Length: 44",
        b"Content-Length: 3, 3",
        b"Content-Length: 0x3",
        b"Content-Length : 3",
        b"Content-Length\x00: 3",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked, chunked",
        b"Transfer-Encoding: identity",
        b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding\r\n : chunked",
        b"X: y\r\n Content-Length: 3",
        b"Host: y",
        b"X: y\nContent-Length: 3",
        b"X: y\rContent-Length: 3",
    ],
)
def test_what_two_readers_could_end_differently_is_refused(server, client, lines):
    client.send(
        b"POST /upload HTTP/1.1\r\n" + HEAD + lines + b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + SMUGGLED
    )
    assert client.head()[0] in (400, 501)
    client.ended()
    assert server.stats()["requests_relayed"] == 0


@pytest.mark.parametrize(
    "chunks",
    [
        b"x\r\n", b"\r\n", b"-3\r\nabc\r\n", b"0x3\r\nabc\r\n", b"3\r\nabcd\r\n", b"3\nabc\n0\n\n",
        b"3 3\r\nabc\r\n", b"10000000000000003\r\nabc", b"3;" + b"e" * 5000, b"0\r\nX : y\r\n\r\n",
        b"0\r\n y\r\n\r\n", b"0\r\n" + b"T: t\r\n" * 5000,
    ],
)  # fmt: skip
def test_bad_chunks_are_refused(client, chunks):
    client.send(b"POST /json HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
    client.send(SMUGGLED)
    assert client.head()[0] == 400
    client.ended()


def test_a_drip_of_a_body_is_not_waited_for_without_end(make_server, application):
    server = make_server(
        listen_main={"fallback": application.url}, limits={"relay_timeout": "200ms"}
    ).start()
    with raw.RawSocket(server) as client:
        client.send(b"POST /upload HTTP/1.1\r\n" + HEAD + b"Content-Length: 1000000\r\n\r\na")
        assert client.head()[0] == 408
        client.ended()


def test_an_upgrade_that_is_no_websocket_is_a_plain_request(client):
    client.send(
        b"GET /who HTTP/1.1\r\n" + HEAD
        + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"
    )  # fmt: skip
    status, body = answer(client)
    headers = json.loads(body)["headers"]
    assert status == 200 and "upgrade" not in headers and "http2-settings" not in headers
