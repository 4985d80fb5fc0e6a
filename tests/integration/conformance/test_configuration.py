# SPDX-License-Identifier: MIT
"""Which configurations with an extension or an echo are taken, and what they open."""
import subprocess

from conformance.wire import Peer

DEFLATE = {"load": "permessage_deflate.so"}


def refusal(server):
    """What `wsed -t` says; the start must say it, too."""
    for arguments in (["-t"], []):
        answer = subprocess.run(
            server.command(*arguments), capture_output=True, text=True, timeout=30, check=False
        )
        assert answer.returncode == 78, answer.stderr
    return answer.stderr


def test_an_extension_that_is_no_transform_is_refused(make_server):
    text = refusal(make_server(listen_main={"extension": "auth_jwt"}))
    assert "listen.main.extension: 'auth_jwt' is no module of kind transform" in text


def test_an_echo_for_everybody_is_refused(make_server):
    text = refusal(
        make_server(dev={"echo": "/echo"}, listen_other={"address": "0.0.0.0:0"}),
    )
    assert "dev.echo: listen.other has the address 0.0.0.0:0" in text
    assert "loopback addresses only" in text


def test_there_is_no_echo_unless_it_is_asked_for(server):
    with Peer(server.address) as peer:
        assert peer.status == 404


def test_an_extension_is_offered_by_the_listener_that_names_it_alone(make_server):
    server = make_server(
        listen_main={"extension": "deflate"},
        listen_other={"address": "127.0.0.1:0", "path": "/wse"},
        module_deflate=DEFLATE,
    ).start()
    for name, wanted in (("main", True), ("other", False)):
        with Peer(server.addresses[name], "permessage-deflate", "/wse") as peer:
            assert peer.status == 101 and (peer.extension is not None) == wanted
    assert "module.unused" not in server.log()


def test_an_extension_that_no_listener_names_is_warned_of(make_server):
    server = make_server(module_deflate=DEFLATE).start()
    lines = [line for line in server.log().splitlines() if "module.unused" in line]
    assert len(lines) == 1 and 'reason="no listener names it"' in lines[0]
