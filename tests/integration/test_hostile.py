# SPDX-License-Identifier: MIT
"""Hostile input gets the right answer, and a healthy neighbour does not notice."""
import struct
import time

import pytest

from support import raw
from support.neighbour import Neighbour
from support.server import Server


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for all the tables: what one row does must not harm the next."""
    import shutil
    import tempfile

    directory = tempfile.mkdtemp(prefix="wse-")
    server = Server(
        directory,
        limits={
            "handshake_timeout": "1s",
            "close_timeout": "1s",
            "max_message_size": "64k",
            "max_publish_size": "32k",
            "max_connections_per_ip": 2000,
        },
    ).start()
    yield server
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


def good(server, **changes):
    return raw.upgrade_request(server, server.token(), **changes)


def without(server, *names):
    return raw.upgrade_request(server, server.token(), drop=names)


def plus(server, line):
    return good(server)[:-2] + line + b"\r\n\r\n"


# name: the request, and the statuses that are right; 0 is an end without an answer.
UPGRADES = {
    "garbage": (lambda s: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, {0, 400}),
    "empty lines": (lambda s: b"\r\n" * 2000, {0, 400, 408, 431}),
    "no host": (lambda s: without(s, "Host"), {400}),
    "two hosts": (lambda s: plus(s, b"Host: other"), {400}),
    "no key": (lambda s: without(s, "Sec-WebSocket-Key"), {400}),
    "short key": (lambda s: good(s, Sec_WebSocket_Key="YWJj"), {400}),
    "key that is no base64": (lambda s: good(s, Sec_WebSocket_Key="!" * 24), {400}),
    "no version": (lambda s: without(s, "Sec-WebSocket-Version"), {400, 426}),
    "old version": (lambda s: good(s, Sec_WebSocket_Version="8"), {400, 426}),
    "no connection header": (lambda s: without(s, "Connection"), {400, 404, 426}),
    "another upgrade": (lambda s: good(s, Upgrade="h2c"), {400, 404, 426, 501}),
    "post": (lambda s: good(s).replace(b"GET ", b"POST ", 1), {400, 404, 405, 411}),
    "connect": (lambda s: good(s).replace(b"GET /wse", b"CONNECT x:1", 1), {400, 404, 405, 501}),
    "http/1.0": (lambda s: good(s).replace(b"HTTP/1.1", b"HTTP/1.0", 1), {400, 426, 505}),
    "http/2 preface": (lambda s: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {0, 400, 405, 505}),
    "body": (lambda s: good(s, Content_Length="5") + b"hello", {400}),
    "chunked": (lambda s: good(s, Transfer_Encoding="chunked") + b"0\r\n\r\n", {400}),
    "two lengths": (lambda s: plus(s, b"Content-Length: 0\r\nContent-Length: 7"), {400}),
    "length and chunked": (
        lambda s: plus(s, b"Content-Length: 3\r\nTransfer-Encoding: chunked"),
        {400},
    ),
    "negative length": (lambda s: plus(s, b"Content-Length: -1"), {400}),
    "nul in a header": (lambda s: plus(s, b"X: a\0b"), {400}),
    "space before the colon": (lambda s: plus(s, b"X : a"), {400}),
    "folded header": (lambda s: plus(s, b"X: a\r\n b"), {400}),
    "no colon": (lambda s: plus(s, b"nonsense"), {400}),
    "long target": (
        lambda s: good(s).replace(b"/wse", b"/wse?" + b"x" * 70000, 1),
        {400, 414, 431},
    ),
    "large header": (lambda s: plus(s, b"X: " + b"x" * 70000), {400, 431}),
    "large cookie": (lambda s: plus(s, b"Cookie: " + b"a=b; " * 20000), {400, 431}),
    "many headers": (
        lambda s: plus(s, b"\r\n".join(b"X%d: y" % n for n in range(500))),
        {400, 431},
    ),
}


@pytest.mark.parametrize("name", UPGRADES)
def test_a_malformed_upgrade_gets_its_answer_and_no_session(shared, name):
    request, statuses = UPGRADES[name]
    with Neighbour(shared), raw.RawSocket(shared) as connection:
        connection.send(request(shared))
        status, headers = connection.head()
        assert status in statuses
        if status == 426 and name == "old version":
            assert headers.get("sec-websocket-version") == "13"
        if status in (400, 431):
            connection.ended()


def text(payload, **options):
    return raw.frame(payload, 1, **options)


# name: the bytes after a good handshake, and the close codes that are right.
FRAMES = {
    "unmasked": (text(b'{"t":"ping"}', mask=False), {1002}),
    "rsv1 without extension": (text(b"{}", rsv=4), {1002}),
    "rsv2": (text(b"{}", rsv=2), {1002}),
    "rsv1 on a ping": (raw.frame(b"", 9, rsv=4), {1002}),
    "reserved opcode 3": (raw.frame(b"", 3), {1002}),
    "reserved opcode 11": (raw.frame(b"", 11), {1002}),
    "fragmented ping": (raw.frame(b"", 9, fin=False), {1002}),
    "long ping": (raw.frame(b"x" * 126, 9), {1002}),
    "long close": (raw.frame(b"\x03\xe8" + b"x" * 124, 8), {1002}),
    "continuation of nothing": (raw.frame(b"x", 0), {1002}),
    "message inside a message": (text(b"{", fin=False) + text(b"}"), {1002}),
    "bad utf-8": (text(b"\xc3\x28"), {1007}),
    "utf-8 cut short": (text(b'{"t":"\xe2\x82'), {1007}),
    "surrogate in utf-8": (text(b"\xed\xa0\x80"), {1007}),
    "bad utf-8 over fragments": (text(b"\xe2\x82", fin=False) + raw.frame(b"x", 0), {1007}),
    "close of one byte": (raw.frame(b"\x03", 8), {1002}),
    "close 1005": (raw.frame(struct.pack("!H", 1005), 8), {1002}),
    "close 1006": (raw.frame(struct.pack("!H", 1006), 8), {1002}),
    "close 999": (raw.frame(struct.pack("!H", 999), 8), {1002}),
    "close 5000": (raw.frame(struct.pack("!H", 5000), 8), {1002}),
    "close with bad utf-8": (raw.frame(b"\x03\xe8\xff\xfe", 8), {1002, 1007}),
    "message over the limit": (text(b"x" * 65537), {1009}),
    "claims 2^40 bytes": (text(b"x", length=1 << 40), {1009}),
    "claims 2^63 bytes": (text(b"x", length=1 << 63), {1002, 1009}),
    "fragments over the limit": (
        text(b"x" * 40000, fin=False) + raw.frame(b"x" * 40000, 0),
        {1009},
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_bad_frame_closes_with_its_code(shared, name):
    data, codes = FRAMES[name]
    with Neighbour(shared), raw.open_session(shared) as connection:
        connection.send(data)
        assert connection.close_code() in codes
        connection.ended()


def test_a_close_is_answered_with_its_code(shared):
    for code in (1000, 1001, 3000, 4999):
        with raw.open_session(shared) as connection:
            connection.send(raw.frame(struct.pack("!H", code), 8))
            assert connection.close_code() == code
            assert connection.ended()
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(b"", 8))
        assert connection.close_code() in (1000, 1005)


def test_fragments_with_control_frames_between_them_are_one_message(shared):
    ping = raw.frame(b"are you there", 9)
    with raw.open_session(shared) as connection:
        connection.send(text(b'{"t":"pi', fin=False) + ping + raw.frame(b"", 0, fin=False) + ping)
        connection.send(raw.frame(b'ng"}', 0))
        got = [connection.read_frame() for _ in range(3)]
        assert got[0] == got[1] == (10, b"are you there")
        assert b'"PONG"' in got[2][1]


def test_a_frame_byte_by_byte_is_understood(shared):
    with raw.open_session(shared) as connection:
        for byte in text(b'{"t":"ping","p":{"timestamp":1}}'):
            connection.send(bytes([byte]))
        assert b'"PONG"' in connection.read_frame()[1]


def test_a_request_byte_by_byte_is_understood(make_server):
    server = make_server().start()
    with raw.RawSocket(server) as connection:
        for byte in good(server):
            connection.send(bytes([byte]))
        assert connection.head()[0] == 101


def test_a_request_and_the_first_frames_in_one_segment(shared):
    with raw.RawSocket(shared) as connection:
        connection.send(good(shared) + text(b'{"t":"ping"}'))
        assert connection.head()[0] == 101
        assert b'"server_ready"' in connection.read_frame()[1]
        assert b'"PONG"' in connection.read_frame()[1]


def test_drips_are_cut_at_the_deadline(shared):
    with Neighbour(shared) as neighbour:
        drips = [raw.RawSocket(shared) for _ in range(50)]
        started = time.monotonic()
        request = good(shared)
        for position in range(8):
            for drip in drips:
                drip.send(request[position : position + 1])
            time.sleep(0.1)  # a drip is slow by its nature
        for drip in drips:
            assert drip.head()[0] in (0, 408)
            drip.socket.close()
        assert time.monotonic() - started < 10
    assert neighbour.slowest_s < 3


def test_half_open_sockets_do_not_keep_others_out(shared):
    with Neighbour(shared):
        silent = [raw.RawSocket(shared) for _ in range(300)]
        started = time.monotonic()
        with raw.open_session(shared):
            assert time.monotonic() - started < 3
        for socket in silent:
            assert socket.head()[0] in (0, 408)
            socket.socket.close()


def test_a_peer_that_ignores_the_close_is_cut(shared):
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(b"", 3))  # answered with 1002; we do not answer that
        assert connection.close_code() == 1002
        started = time.monotonic()
        assert connection.ended()
        assert time.monotonic() - started < 10


def test_nothing_after_a_close_frame_is_processed(shared):
    with raw.open_session(shared) as connection:
        connection.send(raw.frame(struct.pack("!H", 1000), 8) + text(b'{"t":"ping"}'))
        frames = []
        while (frame := connection.read_frame()) is not None:
            frames.append(frame)
        assert [opcode for opcode, _ in frames] == [8]


def test_floods_of_pings_and_tiny_fragments_harm_nobody(shared):
    with Neighbour(shared) as neighbour:
        with raw.open_session(shared) as connection:
            connection.send(raw.frame(b"", 9) * 20000)
        with raw.open_session(shared) as connection:
            connection.send(text(b"", fin=False) + raw.frame(b"", 0, fin=False) * 50000)
    assert neighbour.slowest_s < 5


def test_a_reader_that_stops_is_cut_and_the_others_go_on(make_server):
    limits = {"max_outbound": "256k", "max_publish_size": "64k"}
    server = make_server(limits=limits, log={"level": "info"}).start()
    with raw.open_session(server) as stalled:
        subscribe = b'{"t":"subscription_update","p":{"action":"subscribe","topics":["demo"]}}'
        stalled.send(text(b'{"t":"client_hello","p":{}}') + text(subscribe))
        while b'"subscription_update"' not in stalled.read_frame()[1]:
            pass
        stalled.socket.setsockopt(raw.socket.SOL_SOCKET, raw.socket.SO_RCVBUF, 4096)
        with Neighbour(server) as neighbour:
            # 16 MB: more than the limit and both kernels' buffers together.
            for _ in range(8):
                server.publish_all("demo", [{"text": "x" * 10000}] * 200)
        assert neighbour.slowest_s < 5
        server.await_connections(0)
