# SPDX-License-Identifier: MIT
"""Request heads that no decent client sends, and those that come slowly or not at all."""
import time

import pytest

from support import raw
from support.guard import repeats


def good(server, **changes):
    return raw.upgrade_request(server, server.token(), **changes)


def without(server, *names):
    return raw.upgrade_request(server, server.token(), drop=names)


def plus(server, line):
    return good(server)[:-2] + line + b"\r\n\r\n"


# name: the request, and the status that is right.
UPGRADES = {
    "garbage": (lambda s: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, 400),
    "empty lines": (lambda s: b"\r\n" * 2000, 400),
    "no host": (lambda s: without(s, "Host"), 400),
    "two hosts": (lambda s: plus(s, b"Host: other"), 400),
    "no key": (lambda s: without(s, "Sec-WebSocket-Key"), 400),
    "short key": (lambda s: good(s, Sec_WebSocket_Key="YWJj"), 400),
    "key that is no base64": (lambda s: good(s, Sec_WebSocket_Key="!" * 24), 400),
    "no version": (lambda s: without(s, "Sec-WebSocket-Version"), 426),
    "old version": (lambda s: good(s, Sec_WebSocket_Version="8"), 426),
    "no connection header": (lambda s: without(s, "Connection"), 426),
    "another upgrade": (lambda s: good(s, Upgrade="h2c"), 426),
    "post": (lambda s: good(s).replace(b"GET ", b"POST ", 1), 405),
    "connect": (lambda s: good(s).replace(b"GET /wse", b"CONNECT x:1", 1), 405),
    "http/1.0": (lambda s: good(s).replace(b"HTTP/1.1", b"HTTP/1.0", 1), 400),
    "http/2 preface": (lambda s: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "body": (lambda s: good(s, Content_Length="5") + b"hello", 400),
    "chunked": (lambda s: good(s, Transfer_Encoding="chunked") + b"0\r\n\r\n", 400),
    "two lengths": (lambda s: plus(s, b"Content-Length: 0\r\nContent-Length: 7"), 400),
    "length and chunked": (
        lambda s: plus(s, b"Content-Length: 3\r\nTransfer-Encoding: chunked"),
        400,
    ),
    "negative length": (lambda s: plus(s, b"Content-Length: -1"), 400),
    "nul in a header": (lambda s: plus(s, b"X: a\0b"), 400),
    "space before the colon": (lambda s: plus(s, b"X : a"), 400),
    "folded header": (lambda s: plus(s, b"X: a\r\n b"), 400),
    "no colon": (lambda s: plus(s, b"nonsense"), 400),
    "long target": (
        lambda s: good(s).replace(b"/wse", b"/wse?" + b"x" * 70000, 1),
        431,
    ),
    "large header": (lambda s: plus(s, b"X: " + b"x" * 70000), 431),
    "large cookie": (lambda s: plus(s, b"Cookie: " + b"a=b; " * 20000), 431),
    "many headers": (
        lambda s: plus(s, b"\r\n".join(b"X%d: y" % n for n in range(500))),
        431,
    ),
    "bare line feeds": (lambda s: good(s).replace(b"\r\n", b"\n"), 400),
    "carriage return in a value": (lambda s: plus(s, b"X: a\rb"), 400),
    "empty name": (lambda s: plus(s, b": a"), 400),
    "name that is no token": (lambda s: plus(s, b"X(y): a"), 400),
    "high octet in a name": (lambda s: plus(s, b"X\xff: a"), 400),
    "delete in a value": (lambda s: plus(s, b"X: a\x7fb"), 400),
    "nul in the target": (lambda s: good(s).replace(b"/wse", b"/w\0se", 1), 400),
    "space in the target": (lambda s: good(s).replace(b"/wse", b"/w se", 1), 400),
    "escape in the target": (lambda s: good(s).replace(b"/wse", b"/wse?\x1b[2J", 1), 400),
    "no target": (lambda s: good(s).replace(b" /wse", b"", 1), 400),
    "star": (lambda s: good(s).replace(b"/wse", b"*", 1), 400),
    "path beside": (lambda s: good(s).replace(b"/wse", b"/wse/../admin", 1), 404),
    "http/9.9": (lambda s: good(s).replace(b"HTTP/1.1", b"HTTP/9.9", 1), 505),
    "no http version": (lambda s: good(s).replace(b" HTTP/1.1", b"", 1), 400),
    "method in lower case": (lambda s: good(s).replace(b"GET", b"get", 1), 400),
    "endless method": (lambda s: b"G" * 70000, 431),
    "another origin": (lambda s: good(s, Origin="http://evil.example"), 403),
    "origin null": (lambda s: good(s, Origin="null"), 403),
    "two origins": (lambda s: plus(s, b"Origin: http://a\r\nOrigin: http://b"), 403),
    "two keys": (lambda s: plus(s, b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), 400),
    "two versions": (lambda s: plus(s, b"Sec-WebSocket-Version: 13"), 426),
    "huge length": (lambda s: plus(s, b"Content-Length: 99999999999999999999"), 400),
    "length with a sign": (lambda s: plus(s, b"Content-Length: +0"), 400),
    "tls hello": (lambda s: b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03", 400),
}


@pytest.mark.parametrize("name", UPGRADES)
def test_a_malformed_upgrade_gets_its_answer_and_no_session(shared, name):
    request, status = UPGRADES[name]
    with raw.RawSocket(shared) as connection:
        connection.send(request(shared))
        found, headers = connection.head()
        assert found == status
        if status == 426:
            assert headers.get("sec-websocket-version") == "13"
        connection.ended()


def test_a_request_byte_by_byte_is_understood(shared):
    with raw.RawSocket(shared) as connection:
        for byte in good(shared):
            connection.send(bytes([byte]))
        assert connection.head()[0] == 101


def test_a_request_and_the_first_frames_in_one_segment(shared):
    with raw.RawSocket(shared) as connection:
        connection.send(good(shared) + raw.frame(b'{"t":"ping"}'))
        assert connection.head()[0] == 101
        assert b'"server_ready"' in connection.read_frame()[1]
        assert b'"PONG"' in connection.read_frame()[1]


def test_drips_are_cut_at_the_deadline(shared):
    drips = [raw.RawSocket(shared) for _ in range(50)]
    started = time.monotonic()
    request = good(shared)
    for position in range(8):
        for drip in drips:
            drip.send(request[position : position + 1])
        time.sleep(0.1)  # a drip is slow by its nature
    for drip in drips:
        assert drip.head()[0] == 408
        drip.socket.close()
    assert time.monotonic() - started < 15


def test_half_open_sockets_do_not_keep_others_out(shared):
    silent = [raw.RawSocket(shared) for _ in range(600)]
    started = time.monotonic()
    with raw.open_session(shared):
        assert time.monotonic() - started < 3
    for connection in silent:
        assert connection.head()[0] == 408
        connection.socket.close()


def test_requests_that_end_in_the_middle_leave_nothing(shared):
    request = good(shared)
    for position in range(repeats(400)):
        with raw.RawSocket(shared) as connection:
            connection.send(request[: position % len(request)])
