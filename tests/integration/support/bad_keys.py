# SPDX-License-Identifier: MIT
"""What a client may offer in place of a public key on P-256."""
import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519

from support.cipher import point_of, public_text

PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1


def b64(data):
    return base64.b64encode(data).decode()


def key_with(characters):
    """A good key whose text has one of these."""
    while True:
        text = public_text(ec.generate_private_key(ec.SECP256R1()))
        if any(each in text for each in characters):
            return text


def coded(key, encoding, form):
    return key.public_key().public_bytes(encoding, form)


def off_canon(text):
    """The same octets to a reader that is lenient: the last digit has bits that say nothing."""
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text[:-2] + digits[digits.index(text[-2]) | 1] + "="


def bad_keys():
    """name: the text."""
    key = ec.generate_private_key(ec.SECP256R1())
    point, text = point_of(key), public_text(key)
    x, y = point[1:33], point[33:]
    form, encoding = serialization.PublicFormat, serialization.Encoding
    short = coded(key, encoding.X962, form.CompressedPoint)
    whole = coded(key, encoding.DER, form.SubjectPublicKeyInfo)
    curve_25519 = x25519.X25519PrivateKey.generate()
    return {
        "not on the curve": b64(point[:-1] + bytes([point[-1] ^ 1])),
        "x and y exchanged": b64(b"\x04" + y + x),
        "the negative of nothing": b64(b"\x04" + x + bytes(32)),
        "x of the size of the field": b64(b"\x04" + PRIME.to_bytes(32, "big") + y),
        "all bits": b64(b"\x04" + b"\xff" * 64),
        "zero": b64(b"\x04" + bytes(64)),
        "infinity": b64(b"\0"),
        "infinity in 65 octets": b64(bytes(65)),
        "compressed": b64(short),
        "compressed in 65 octets": b64(short + bytes(32)),
        "hybrid": b64(bytes([6 | y[-1] & 1]) + point[1:]),
        "a private key": b64(key.private_numbers().private_value.to_bytes(32, "big")),
        "without its first octet": b64(point[1:]),
        "one octet less": b64(point[:-1]),
        "one octet more": b64(point + b"\0"),
        "twice": b64(point * 2),
        "DER": b64(whole),
        "PEM": coded(key, encoding.PEM, form.SubjectPublicKeyInfo).decode(),
        "hexadecimal": point.hex(),
        "base64url": key_with("+/").replace("+", "-").replace("/", "_"),
        "without its padding": text.rstrip("="),
        "padded twice": text + "=",
        "padded in front": "=" + text[:-1],
        "bits behind the last": off_canon(text),
        "a blank in front": " " + text,
        "a blank behind": text + " ",
        "a line feed behind": text + "\n",
        "a line feed inside": text[:40] + "\n" + text[40:],
        "a line feed in its place": text[:40] + "\n" + text[41:],
        "a nul behind": text + "\0",
        "a nul in its place": text[:40] + "\0" + text[41:],
        "letters of no base64": "ä" * 44,
        "another curve of 256 bits": b64(point_of(ec.generate_private_key(ec.SECP256K1()))),
        "a curve of 384 bits": b64(point_of(ec.generate_private_key(ec.SECP384R1()))),
        "a curve of 521 bits": b64(point_of(ec.generate_private_key(ec.SECP521R1()))),
        "X25519": b64(coded_raw(curve_25519)),
        "empty": "",
        "huge": "A" * 60000,
        "huge in octets": b64(bytes(40000)),
    }


def coded_raw(key):
    return key.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
