# SPDX-License-Identifier: MIT
"""A message's limit is that of what it says, not of what it has on the wire."""
import random

import pytest

from conformance.conftest import SMALL_MAX_MESSAGE as MAX_MESSAGE
from conformance.deflate import DeflatePeer
from conformance.test_deflate import LISTENERS
from conformance.wire import BINARY


@pytest.mark.parametrize("listener", LISTENERS)
def test_the_largest_message_is_served(echo_of_small_messages, listener):
    payload = b"\x00" * MAX_MESSAGE
    with DeflatePeer(echo_of_small_messages[listener]) as peer:
        peer.send(peer.frames(BINARY, payload))
        assert peer.message()[:2] == (BINARY, payload)


def test_the_largest_message_is_served_when_it_does_not_become_smaller(echo_of_small_messages):
    payload = random.Random(6).randbytes(MAX_MESSAGE)
    with DeflatePeer(echo_of_small_messages["deflate"]) as peer:
        peer.send(peer.frames(BINARY, payload))
        opcode, got, octets, compressed = peer.message()
        assert (opcode, octets, compressed) == (BINARY, MAX_MESSAGE, False) and got == payload


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("beyond", [1, 64 << 20])
def test_a_bomb_is_refused(echo_of_small_messages, listener, beyond):
    with DeflatePeer(echo_of_small_messages[listener]) as peer:
        peer.send(peer.frames(BINARY, b"\x00" * (MAX_MESSAGE + beyond)))
        peer.expect_close(1009)
