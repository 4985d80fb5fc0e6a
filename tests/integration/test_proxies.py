# SPDX-License-Identifier: MIT
"""Behind proxies: the PROXY protocol, X-Forwarded-For, and who is believed."""
import socket
import ssl
import struct

import pytest

from support import certificates, raw
from test_relay import application, ask  # noqa: F401

CLIENT = "203.0.113.9"
TEXT = b"PROXY TCP4 203.0.113.9 192.0.2.1 51234 443\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def binary(command=1, family=0x11, rest=None):
    addresses = socket.inet_aton(CLIENT) + socket.inet_aton("192.0.2.1")
    rest = addresses + struct.pack("!HH", 51234, 443) if rest is None else rest
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(rest)) + rest


def answer(server, first, head=b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
    with raw.RawSocket(server) as client:
        client.send(first + head)
        while client.fill():
            pass
        return client.buffer.decode()


@pytest.fixture
def behind(make_server, application):  # noqa: F811
    def start(**options):
        listener = {"fallback": application, "trusted_proxies": ["127.0.0.0/8"], **options}
        return make_server(listen_main=listener).start()

    return start


GOOD = [
    (TEXT, CLIENT),
    (b"PROXY TCP6 2001:db8::9 2001:db8::1 5 443\r\n", "2001:db8::9"),
    (b"PROXY UNKNOWN what ever\r\n", "127.0.0.1"),
    (binary(), CLIENT),
    (binary(command=0), "127.0.0.1"),
    (binary(family=0x21, rest=b"\x20\x01\x0d\xb8" + bytes(11) + b"\x09" + bytes(20)), "2001:db8::9"),
    (binary(rest=binary()[16:] + b"\x04\x00\x64" + bytes(100)), CLIENT),
]

BAD = [
    b"",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 51234\r\n",
    b"PROXY TCP4 203.0.113.9 192.0.2.1 51234 70000\r\n",
    b"PROXY TCP4 2001:db8::9 2001:db8::1 5 443\r\n",
    b"PROXY " + b"x" * 200,
    binary(command=2),
    binary(family=0x12),
    binary(rest=b"short"),
    SIGNATURE + b"\x21\x11\xff\xff",
]


@pytest.mark.parametrize("header, client", GOOD, ids=range(len(GOOD)))
def test_a_proxy_says_for_whom_it_connects(behind, header, client):
    server = behind(proxy_protocol=True)
    assert f"\nx-forwarded-for: {client}" in answer(server, header)


@pytest.mark.parametrize("header", BAD, ids=range(len(BAD)))
def test_a_bad_or_missing_header_ends_the_connection(behind, header):
    server = behind(proxy_protocol=True)
    assert answer(server, header) == ""
    assert server.stats()["proxies_refused"] == 1


def test_only_trusted_proxies_may_send_a_header(behind):
    server = behind(proxy_protocol=True, trusted_proxies=["10.0.0.0/8"])
    assert answer(server, TEXT) == ""
    assert server.stats()["proxies_refused"] == 1


def test_a_header_may_come_in_pieces_but_in_time(make_server, application):  # noqa: F811
    server = make_server(
        listen_main={
            "fallback": application,
            "trusted_proxies": ["127.0.0.1"],
            "proxy_protocol": True,
        },
        limits={"handshake_timeout": "5s"},
    ).start()
    with raw.RawSocket(server) as client:
        for octet in TEXT:
            client.send(bytes([octet]))
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.fill() and client.buffer.startswith(b"HTTP/1.1 200")
    with raw.RawSocket(server) as client:
        client.send(TEXT[:10])
        assert not client.fill()


def test_the_header_stands_before_tls(behind, directory):
    pair = certificates.make(directory, "server")
    tls = {"certificate": str(pair.certificate), "key": str(pair.key)}
    server = behind(proxy_protocol=True, tls=tls)
    context = ssl.create_default_context(cafile=str(pair.certificate))
    plain = socket.create_connection(server.host_port, raw.TIMEOUT_S)
    plain.sendall(TEXT)
    with context.wrap_socket(plain, server_hostname="localhost") as secure:
        secure.sendall(b"GET /who HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        text = b""
        while data := secure.recv(65536):
            text += data
    assert f"\nx-forwarded-for: {CLIENT}\n".encode() in text
    assert b"\nx-forwarded-proto: https\n" in text


def test_the_limit_of_an_address_counts_clients_of_proxies(make_server):
    server = make_server(
        listen_main={"trusted_proxies": ["127.0.0.1"], "proxy_protocol": True},
        limits={"max_connections_per_ip": 2},
    ).start()
    other = TEXT.replace(CLIENT.encode(), b"203.0.113.10")

    def open_one(first):
        client = raw.RawSocket(server)
        client.send(first + raw.upgrade_request(server, server.token()))
        return client, client.fill()

    clients = [open_one(first) for first in (TEXT, TEXT, TEXT, other)]
    assert [opened for _, opened in clients] == [True, True, False, True]
    assert sorted(row["ip"] for row in server.connections()) == ["203.0.113.10", CLIENT, CLIENT]
    for client, _ in clients:
        client.socket.close()


def test_a_trusted_proxy_is_believed_whom_it_forwards(behind):
    server = behind()
    lines = f"Connection: close\r\nX-Forwarded-For: 6.6.6.6, {CLIENT}, 127.0.0.7\r\n"
    text = answer(server, b"", f"GET /who HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode())
    assert f"\nx-forwarded-for: 6.6.6.6, {CLIENT}, 127.0.0.7, 127.0.0.1\n" in text
    with raw.RawSocket(server) as client:
        client.send(
            raw.upgrade_request(server, server.token(), X_Forwarded_For=f"6.6.6.6, {CLIENT}")
        )
        assert client.fill()
        assert [row["ip"] for row in server.connections()] == [CLIENT]


def test_a_proxy_behind_another_one_speaks_for_many(make_server):
    server = make_server(
        listen_main={"trusted_proxies": ["127.0.0.1", "10.0.0.7"], "proxy_protocol": True},
        limits={"max_connections_per_ip": 1},
    ).start()
    header = b"PROXY TCP4 10.0.0.7 192.0.2.1 5 443\r\n"

    def open_one(forwarded_for):
        client = raw.RawSocket(server)
        request = raw.upgrade_request(server, server.token(), X_Forwarded_For=forwarded_for)
        client.send(header + request)
        client.fill()
        return client

    clients = [open_one(ip) for ip in (CLIENT, "203.0.113.10", CLIENT)]
    heads = [client.buffer.split(b" ")[1] for client in clients]
    assert heads == [b"101", b"101", b"503"]
    for client in clients:
        client.socket.close()


def test_a_client_is_not_believed_about_itself(make_server, application):  # noqa: F811
    server = make_server(listen_main={"fallback": application}).start()
    lies = {"X-Forwarded-For": "6.6.6.6", "X-Real-IP": "6.6.6.6", "X-Forwarded-Proto": "https"}
    _, body = ask(server, **lies)
    text = body.decode().lower()
    assert "x-forwarded-for: 127.0.0.1\n" in text and "x-forwarded-proto: http\n" in text
    assert "6.6.6.6" not in text
