# SPDX-License-Identifier: MIT
"""TLS of listeners, as clients of other makes see it: python's ssl, websockets and openssl."""
import contextlib
import http.client
import json
import re
import socket
import ssl
import subprocess

import pytest

from support import certificates, raw
from support.client import Client, asynchronous
from test_relay import application  # noqa: F401

TIMEOUT_S = 20


@pytest.fixture
def pair(directory):
    return certificates.make(directory, "server")


def tls(pair, **options):
    return {"certificate": str(pair.certificate), "key": str(pair.key), **options}


def trusting(pair, client=None):
    """A context for clients that trust the certificate, and show the one of `client`."""
    context = ssl.create_default_context(cafile=str(pair.certificate))
    if client:
        context.load_cert_chain(client.certificate, client.key)
    return context


def url(server):
    return f"wss://localhost:{server.host_port[1]}/wse"


def connect(server, pair, sub="alice", **options):
    return Client.connect(server, sub, url=url(server), ssl=trusting(pair), **options)


@contextlib.contextmanager
def handshake(server, context, name="localhost", session=None):
    plain = socket.create_connection(server.host_port, TIMEOUT_S)
    with context.wrap_socket(plain, server_hostname=name, session=session) as secure:
        yield secure


def subject_shown(server, name):
    """The name of the certificate that the server shows to who asks for `name`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with handshake(server, context, name) as secure:
        der = secure.getpeercert(binary_form=True)
    text = subprocess.run(
        ["/usr/bin/openssl", "x509", "-inform", "DER", "-noout", "-subject"],
        input=der, capture_output=True, check=True, timeout=TIMEOUT_S,
    ).stdout.decode()  # fmt: skip
    return text.split("=")[-1].strip()


def s_client(server, *arguments, input=b""):
    command = ["/usr/bin/openssl", "s_client", "-connect", server.address, *arguments]
    return subprocess.run(command, input=input, capture_output=True, timeout=TIMEOUT_S)


@asynchronous
async def test_a_websocket_over_tls_carries_large_and_many_messages(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    async with await connect(server, pair, max_size=None) as client:
        await client.subscribe("room")
        large = "0123456789" * 90_000
        assert (await client.publish("room", {"text": large}))["t"] == "publish_ack"
        assert (await client.events(1))[0]["p"]["text"] == large
        server.publish_all("room", [{"n": n} for n in range(3000)])
        got = [message["p"]["n"] for message in await client.events(3000)]
        assert got == list(range(3000))
    stats = server.stats()
    assert stats["tls_handshakes"] == 1 and stats["tls_failures"] == 0


@asynchronous
async def test_a_slow_reader_gets_every_byte(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    async with await connect(server, pair, max_size=None, max_queue=1, read_limit=1024) as client:
        await client.subscribe("room")
        text = "x" * 100_000
        server.publish_all("room", [{"n": n, "text": text} for n in range(60)])
        events = await client.events(60)
        assert [event["p"]["n"] for event in events] == list(range(60))
        assert all(event["p"]["text"] == text for event in events)


def test_the_name_asked_for_chooses_the_certificate(make_server, directory):
    first = certificates.make(directory, "first", ["a.example"])
    second = certificates.make(directory, "second", ["b.example", "*.c.example"])
    both = {
        "certificate": [str(first.certificate), str(second.certificate)],
        "key": [str(first.key), str(second.key)],
    }
    server = make_server(listen_main={"tls": both}).start()
    assert subject_shown(server, "a.example") == "first"
    assert subject_shown(server, "b.example") == "second"
    assert subject_shown(server, "x.c.example") == "second"
    assert subject_shown(server, "other.example") == "first"
    assert subject_shown(server, None) == "first"
    rows = server.ctl_json("certificates")["certificates"]
    assert [row["names"] for row in rows] == [["a.example"], ["b.example", "*.c.example"]]
    assert {row["listener"] for row in rows} == {"main"}


@pytest.mark.parametrize("asked", ["required", "optional", "none"])
def test_client_certificates(make_server, directory, pair, asked):
    vouched = certificates.authority(directory)
    known = certificates.make(directory, "known", issuer=vouched, names=[])
    stranger = certificates.make(directory, "stranger", names=[])
    ca = {} if asked == "none" else {"client_ca": str(vouched.certificate)}
    settings = tls(pair, client_certificate=asked, **ca)
    server = make_server(listen_main={"tls": settings, "fallback": "builtin"}).start()

    def answered(client):
        """A refusal comes with the first read in TLS 1.3."""
        try:
            with handshake(server, trusting(pair, client)) as secure:
                secure.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
                return secure.recv(64).startswith(b"HTTP/1.1 200")
        except (ssl.SSLError, ConnectionError):
            return False

    assert answered(known)
    assert answered(None) == (asked != "required")
    assert answered(stranger) == (asked == "none")


def test_one_protocol_is_spoken_and_old_versions_are_not(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    context = trusting(pair)
    context.set_alpn_protocols(["h2", "http/1.1"])
    with handshake(server, context) as secure:
        assert secure.selected_alpn_protocol() == "http/1.1"
        assert secure.version() == "TLSv1.3"
        assert secure.cipher()[0] == "TLS_AES_128_GCM_SHA256"
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError), handshake(server, context):
        pass
    # At a level at which the client itself would still speak it.
    old = s_client(server, "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0")
    assert b"protocol version" in old.stderr
    assert b"ECDHE-ECDSA-AES128-GCM-SHA256" in s_client(server, "-tls1_2").stdout


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed_on_every_loop(make_server, pair, version):
    server = make_server(server={"loops": 2}, listen_main={"tls": tls(pair)}).start()
    context = trusting(pair)
    context.maximum_version = version
    session = None
    for attempt in range(8):
        with handshake(server, context, session=session) as secure:
            assert secure.session_reused == (attempt > 0)
            secure.sendall(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
            assert secure.recv(16).startswith(b"HTTP/1.1 404")
            session = secure.session


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("asked", ["required", "optional"])
def test_a_session_with_a_client_certificate_is_never_resumed(
    make_server, directory, pair, asked, version
):
    vouched = certificates.authority(directory)
    known = certificates.make(directory, "known", issuer=vouched, names=[])
    settings = tls(pair, client_certificate=asked, client_ca=str(vouched.certificate))
    server = make_server(listen_main={"tls": settings}).start()
    context = trusting(pair, known)
    context.maximum_version = version
    session = None
    for _ in range(3):
        with handshake(server, context, session=session) as secure:
            assert not secure.session_reused
            secure.sendall(b"GET /none HTTP/1.1\r\nHost: a\r\n\r\n")
            assert secure.recv(16).startswith(b"HTTP/1.1 404")
            session = secure.session
            assert not (session and session.has_ticket)


def test_renegotiation_is_refused(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    # A line of "R" asks for it; the client gives up when it is refused.
    asked = s_client(server, "-tls1_2", input=b"R\n")
    assert b"RENEGOTIATING" in asked.stdout + asked.stderr
    assert b"no renegotiation" in asked.stderr


def test_http_on_a_tls_port_gets_a_plain_answer(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    with raw.RawSocket(server) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        while client.fill():
            pass
        assert client.buffer.startswith(b"HTTP/1.1 400 ")
        assert b"wss://" in client.buffer
    assert server.stats()["tls_failures"] == 1


def test_a_handshake_has_a_deadline_and_a_slow_one_keeps_nobody_out(make_server, pair):
    server = make_server(
        listen_main={"tls": tls(pair)}, limits={"handshake_timeout": "5s"}
    ).start()
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    with contextlib.ExitStack() as stack:
        silent = [stack.enter_context(raw.RawSocket(server)) for _ in range(30)]
        slow = [stack.enter_context(raw.RawSocket(server)) for _ in range(30)]
        for client in slow:
            client.send(hello)
        with handshake(server, trusting(pair)) as secure:
            assert secure.version() == "TLSv1.3"
        for client in silent + slow:
            assert not client.fill() and client.buffer == b""
    assert server.stats()["tls_failures"] >= 60


def test_a_peer_that_leaves_during_its_handshake_is_forgotten(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    with raw.RawSocket(server) as client:
        client.send(b"\x16\x03\x01\x02\x00\x01\x00")
    with raw.RawSocket(server) as client:
        client.socket.shutdown(socket.SHUT_WR)
        assert not client.fill()
    with raw.RawSocket(server) as client:
        client.send(b"\x00" * 200)
        while client.fill():
            pass
    server.await_connections(0)
    assert server.stats()["tls_failures"] >= 2


@asynchronous
async def test_certificates_are_read_again_under_open_connections(make_server, directory, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    trusted = directory / "trusted.pem"
    trusted.write_bytes(pair.certificate.read_bytes())
    renewed = certificates.make(directory, "renewed")
    before = server.ctl_json("certificates")["certificates"][0]["serial"]
    async with await Client.connect(
        server, url=url(server), ssl=ssl.create_default_context(cafile=str(trusted))
    ) as client:
        certificates.replace(pair, renewed)
        assert subject_shown(server, "localhost") == "server"
        assert server.ctl("certificates", "reload").returncode == 0
        assert subject_shown(server, "localhost") == "renewed"
        assert server.ctl_json("certificates")["certificates"][0]["serial"] != before
        await client.ping()


def test_a_broken_pair_leaves_the_old_one_in_place(make_server, directory, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    server.expect_error("certificates.refused")
    other = certificates.make(directory, "other")
    pair.key.write_bytes(other.key.read_bytes())
    answer = server.ctl("certificates", "reload")
    assert answer.returncode == 1
    assert "is not the key of" in answer.stderr and "listen.main.tls.key" in answer.stderr
    pair.key.unlink()
    assert server.ctl("certificates", "reload").returncode == 1
    with handshake(server, trusting(pair)) as secure:
        assert secure.version() == "TLSv1.3"


def complaint(server):
    """What wsed -t says."""
    answer = subprocess.run(
        server.command("-t"), capture_output=True, text=True, timeout=TIMEOUT_S
    )
    return answer.returncode, answer.stderr


def test_files_that_cannot_be_used_are_found_before_the_start(make_server, directory, pair):
    expired = certificates.make(directory, "expired", days=-1)
    soon = certificates.make(directory, "soon", days=3)
    empty = directory / "empty.pem"
    empty.write_text("nothing\n")
    server = make_server(listen_main={"tls": tls(pair)})
    assert complaint(server) == (0, "")

    def said(certificate, key):
        server.configure(listen_main={"tls": {"certificate": str(certificate), "key": str(key)}})
        code, text = complaint(server)
        assert code == 78 and f"{server.config_file}:" in text, text
        return text

    assert "is not the key of" in said(pair.certificate, soon.key)
    assert "expired on" in said(expired.certificate, expired.key)
    assert "holds no certificate in PEM" in said(empty, pair.key)
    assert "holds no private key in PEM" in said(pair.certificate, empty)
    assert "cannot read" in said(directory / "missing.pem", pair.key)

    server.configure(listen_main={"tls": tls(soon)})
    code, text = complaint(server)
    assert code == 0 and "warning" in text and "expires on" in text
    pair.key.chmod(0o644)
    server.configure(listen_main={"tls": tls(pair)})
    code, text = complaint(server)
    assert code == 0 and "can be read by everybody" in text


def test_pages_and_relayed_requests_come_over_tls(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair), "fallback": "builtin"}).start()
    with handshake(server, trusting(pair)) as secure:
        secure.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        page = b""
        while data := secure.recv(65536):
            page += data
        assert page.startswith(b"HTTP/1.1 200") and page.rstrip().endswith(b"</html>")


def test_a_relayed_body_comes_back_whole(make_server, pair, application):  # noqa: F811
    server = make_server(listen_main={"tls": tls(pair), "fallback": application}).start()
    body = bytes(range(256)) * 8000
    connection = http.client.HTTPSConnection(
        "localhost", server.host_port[1], timeout=TIMEOUT_S, context=trusting(pair)
    )
    connection.request("POST", "/echo", body)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 201 and text.endswith(body)
    assert b"\nx-forwarded-proto: https\n" in text


def test_requests_follow_one_another_over_tls(make_server, pair, application):  # noqa: F811
    server = make_server(listen_main={"tls": tls(pair), "fallback": application}).start()
    first = b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n" + b"x" * 40000
    rest = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n for n in range(2, 600))
    last = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with handshake(server, trusting(pair)) as secure:
        # In few records, of which more is ahead than a relay takes at once.
        secure.sendall(first + rest + last)
        text = b""
        while data := secure.recv(65536):
            text += data
    asked = re.findall(rb"^(?:GET|POST) /(\w+)$", text, re.M)
    assert asked == [*(b"%d" % n for n in range(1, 600)), b"last"]
    assert server.stats()["tls_handshakes"] == 1


@asynchronous
async def test_a_stop_says_goodbye_over_tls(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    async with await connect(server, pair) as client:
        server.process.terminate()
        assert (await client.closed())[0] == 4300


def test_the_list_of_certificates_is_readable_and_has_no_secret(make_server, pair):
    server = make_server(listen_main={"tls": tls(pair)}).start()
    text = server.ctl("certificates").stdout
    assert "LISTENER" in text and str(pair.certificate) in text
    assert json.dumps(server.ctl_json("certificates")).count("PRIVATE") == 0
