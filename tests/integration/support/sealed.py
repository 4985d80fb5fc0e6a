# SPDX-License-Identifier: MIT
"""A client that agrees on a key with the server and encrypts as published clients do."""
import json
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from support import raw
from support.cipher import NONCE_BYTES, agree, public_text
from support.peer import Peer, word


def offer(key_text):
    """The payload of a client_hello that offers this as its public key."""
    return {
        "client_version": "test",
        "features": {"encryption": True},
        "encryption_public_key": key_text,
    }


class Sealed(Peer):
    def __init__(self, server, sub="mallory"):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.cipher = None
        self.last_received = None  # the content of the last E: frame, still sealed
        super().__init__(server, sub, hello=offer(public_text(self.key)))
        assert self.hello["features"]["encryption"] is True
        self.cipher = AESGCM(agree(self.key, self.hello["encryption_public_key"]))

    def settle(self):
        """A round trip under the key: from here on plain messages are refused."""
        self.send(self.seal({"t": "no_such"}))
        assert word(self.until("error")) == "UNKNOWN_TYPE"

    def sealed(self, message, nonce=None):
        """nonce, ciphertext and tag of a message, or of what is none."""
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        nonce = nonce or os.urandom(NONCE_BYTES)
        return nonce + self.cipher.encrypt(nonce, data, None)

    def seal(self, message, nonce=None):
        """The frame of it."""
        return raw.frame(b"E:" + self.sealed(message, nonce), 2)

    def unwrap(self, opcode, payload):
        if opcode == 1:
            return payload
        assert payload[:2] == b"E:", payload[:8]
        self.last_received = payload[2:]
        nonce, data = payload[2 : 2 + NONCE_BYTES], payload[2 + NONCE_BYTES :]
        return self.cipher.decrypt(nonce, data, None)
