# SPDX-License-Identifier: MIT
"""The client's side of `E:` (docs/protocol.md, "Encryption"), over python3-cryptography."""
import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NONCE_BYTES = 12
ENCRYPTION = b"wse-encryption/aes-gcm-key"
SIGNING = b"wse-signing/hmac-key"


def point_of(key):
    """The 65 octets of a private key's public point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_text(key):
    return base64.b64encode(point_of(key)).decode()


def agree(key, their_text, info=ENCRYPTION):
    """The 32 octets that both sides come to, from a private key and the other's public one."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(
        ec.SECP256R1(), base64.b64decode(their_text)
    )
    return HKDF(SHA256(), 32, None, info).derive(key.exchange(ec.ECDH(), theirs))


class Cipher:
    """One key pair, and the keys that came of it."""

    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.aead = None
        self.signing = None

    @property
    def public_key(self):
        return public_text(self.private)

    def derive(self, server_key):
        """`server_key`: of server_hello, in base64."""
        self.aead = AESGCM(agree(self.private, server_key))
        self.signing = agree(self.private, server_key, SIGNING)
        return self

    def seal(self, text):
        nonce = os.urandom(NONCE_BYTES)
        return b"E:" + nonce + self.aead.encrypt(nonce, text.encode(), None)

    def open(self, frame):
        assert frame[:2] == b"E:", frame[:20]
        return self.aead.decrypt(frame[2 : 2 + NONCE_BYTES], frame[2 + NONCE_BYTES :], None).decode()

    def sign(self, kind, message_id, time, payload):
        """The signature of a message whose payload is the text `payload`."""
        text = "\n".join([kind, message_id, time, payload])
        mac = hmac.new(self.signing, text.encode(), hashlib.sha256).digest()
        return base64.b64encode(mac).decode()
