# SPDX-License-Identifier: MIT
"""encrypt_aesgcm.so against another implementation of ECDH, HKDF, AES-GCM and HMAC:
encrypt_aesgcm_test.py TRANSFORM-PROBE ENCRYPT_AESGCM.SO"""

import base64
import hashlib
import hmac
import json
import os
import sys
import unittest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from transform_probe import EAGAIN, EDENIED, EINVAL, ETOOBIG, OK, Probe

PROGRAM, MODULE = sys.argv[1:3]
CURVE = ec.SECP256R1()
PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
NONCE, TAG, WINDOW, OVERLAP_MS = 12, 16, 1024, 30_000
START_MS = 1_800_000_000_000
JUMP = 2**32


def text_of(point):
    return base64.b64encode(point).decode()


def point_of(key, form=PublicFormat.UncompressedPoint):
    return key.public_key().public_bytes(Encoding.X962, form)


def with_text(text):
    return {"query": {}, "hello": {"features": {"encryption": True},
                                   "encryption_public_key": text}}


class Client:
    """The other side of one key exchange."""

    def __init__(self):
        self.private = ec.generate_private_key(CURVE)
        self.point = point_of(self.private)
        self.text = text_of(self.point)
        self.aead = self.mac_key = None

    def learn(self, their_text):
        point = base64.b64decode(their_text, validate=True)
        assert len(point) == 65 and point[0] == 4
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        secret = self.private.exchange(ec.ECDH(), theirs)
        self.aead = AESGCM(self.derive(secret, b"wse-encryption/aes-gcm-key"))
        self.mac_key = self.derive(secret, b"wse-signing/hmac-key")

    @staticmethod
    def derive(secret, info):
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)

    def seal(self, text, nonce=None):
        nonce = nonce or os.urandom(NONCE)
        return nonce + self.aead.encrypt(nonce, text, None)

    def read(self, frame):
        return self.aead.decrypt(frame[:NONCE], frame[NONCE:], None)

    def mac(self, text):
        return hmac.new(self.mac_key, text, hashlib.sha256).digest()


class CipherTest(unittest.TestCase):
    OPTIONS = {}

    def setUp(self):
        self.probe = Probe(PROGRAM, MODULE, **self.OPTIONS)
        self.probe.call("clock", START_MS)

    def tearDown(self):
        self.assertEqual(self.probe.end(), 0)

    def opened(self):
        client = Client()
        status, reply = self.probe.open(with_text(client.text))
        self.assertEqual(status, OK)
        reply = json.loads(reply)
        self.assertEqual(reply["features"], {"encryption": True})
        self.assertEqual(set(reply), {"features", "encryption_public_key"})
        client.learn(reply["encryption_public_key"])
        return client

    def rekeyed(self, name="public_key"):
        """The client of the next key, which the probe has replied to."""
        client = Client()
        status, reply = self.probe.rekey({name: client.text})
        self.assertEqual(status, OK)
        reply = json.loads(reply)
        self.assertEqual(set(reply), {"success", "new_public_key", "encryption_public_key"})
        self.assertIs(reply["success"], True)
        self.assertEqual(reply["new_public_key"], reply["encryption_public_key"])
        client.learn(reply["new_public_key"])
        return client

    def sent(self, text=b"x"):
        status, frame = self.probe.encode(text)
        self.assertEqual(status, OK)
        return frame

    def assert_counts(self, **counts):
        for name, count in counts.items():
            self.assertEqual(self.probe.counter(name), count, name)


class Opening(CipherTest):
    def test_takes_the_feature_and_a_key_together(self):
        key = Client().text
        for hello in ({}, {"features": {"encryption": True}}, {"encryption_public_key": key},
                      {"features": {"encryption": False}, "encryption_public_key": key},
                      {"features": {"encryption": "true"}, "encryption_public_key": key},
                      {"features": None, "encryption_public_key": key},
                      {"features": {"encryption": True}, "encryption_public_key": None},
                      {"features": {"encryption": True}, "encryption_public_key": [key]}):
            self.assertEqual(self.probe.open({"query": {}, "hello": hello})[0], EDENIED, hello)
        self.assertEqual(self.probe.open({"query": {"encryption": "true"}})[0], EDENIED)
        for malformed in (b"", b"{", b"[]", b"\xff"):
            self.assertEqual(self.probe.open(malformed)[0], EINVAL)
        self.assert_counts(sessions=0, refused_keys=0)

    def test_reads_a_key_with_escapes_in_its_json(self):
        text = json.dumps(with_text(Client().text)).replace("/", "\\/").encode()
        self.assertEqual(self.probe.open(text)[0], OK)
        self.assert_counts(sessions=1)

    def test_has_a_key_of_its_own_for_each_session(self):
        client = Client()
        status, first = self.probe.open(with_text(client.text))
        self.probe.call("state", 1)
        self.assertEqual(status, OK)
        self.assertNotEqual(self.probe.open(with_text(client.text))[1], first)

    def test_refuses_what_is_no_point_on_the_curve(self):
        good = Client()
        while not {"+", "/"} & set(good.text[:80]):
            good = Client()
        point, text = good.point, good.text
        x, y = point[1:33], point[33:]
        last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        spelling = text[:-2] + last[last.index(text[-2]) | 1] + "="
        other_curve = point_of(ec.generate_private_key(ec.SECP256K1()))
        points = {
            "empty": b"",
            "infinity": b"\0",
            "infinity, padded": b"\0" * 65,
            "only the first octet": b"\x04",
            "compressed": point_of(good.private, PublicFormat.CompressedPoint),
            "compressed, padded": point_of(good.private, PublicFormat.CompressedPoint) + b"\0" * 32,
            "hybrid": bytes([6 + (y[-1] & 1)]) + x + y,
            "another first octet": b"\x05" + x + y,
            "no first octet": x + y,
            "one octet short": point[:-1],
            "one octet long": point + b"\0",
            "zeros": b"\x04" + b"\0" * 64,
            "ones": b"\x04" + b"\xff" * 64,
            "off the curve": point[:-1] + bytes([point[-1] ^ 1]),
            "x and y exchanged": b"\x04" + y + x,
            "x is the prime": b"\x04" + PRIME.to_bytes(32, "big") + y,
            "y is the prime": b"\x04" + x + PRIME.to_bytes(32, "big"),
            "on another curve": other_curve,
            "P-384": point_of(ec.generate_private_key(ec.SECP384R1())),
            "DER": good.private.public_key().public_bytes(Encoding.DER,
                                                          PublicFormat.SubjectPublicKeyInfo),
        }
        texts = {name: text_of(each) for name, each in points.items()} | {
            "no padding": text[:-1],
            "padding twice": text + "=",
            "base64url": base64.urlsafe_b64encode(point).decode(),
            "hexadecimal": point.hex(),
            "PEM": good.private.public_key().public_bytes(
                Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "blank in front": " " + text,
            "newline behind": text + "\n",
            "newline in place of the padding": text[:-1] + "\n",
            "blank inside": text[:40] + " " + text[41:],
            "bits behind the last octet": spelling,
            "NUL inside": text[:40] + "\0" + text[41:],
            "not ASCII": text[:40] + "é" + text[41:],
            "a megabyte": "A" * 1_000_000,
        }
        self.assertGreater(len(texts), 30)
        for name, each in texts.items():
            self.assertEqual(self.probe.open(with_text(each))[0], EINVAL, name)
        self.assert_counts(sessions=0, refused_keys=len(texts))
        self.assertEqual(self.probe.open(with_text(text))[0], OK)


class Frames(CipherTest):
    TEXTS = (b"", b"x", "{\"t\":\"é\"}".encode(), bytes(range(256)) * 40)

    def test_seals_what_the_client_reads(self):
        client = self.opened()
        for text in self.TEXTS:
            frame = self.sent(text)
            self.assertEqual(len(frame), len(text) + NONCE + TAG)
            self.assertEqual(client.read(frame), text)

    def test_reads_what_the_client_seals(self):
        client = self.opened()
        for text in self.TEXTS:
            self.assertEqual(self.probe.decode(client.seal(text)), (OK, text))

    def test_keeps_sessions_apart_that_share_a_loop(self):
        clients = []
        for state in (0, 1):
            self.probe.call("state", state)
            clients.append(self.opened())
        for _ in range(3):
            for state, client in enumerate(clients):
                self.probe.call("state", state)
                self.assertEqual(client.read(self.sent(b"y")), b"y")
                self.assertEqual(self.probe.decode(client.seal(b"z")), (OK, b"z"))
                self.assertEqual(self.probe.decode(clients[1 - state].seal(b"z"))[0], EINVAL)

    def test_never_repeats_a_nonce(self):
        self.opened()
        nonces = [self.sent()[:NONCE] for _ in range(3000)]
        self.assertEqual(len(set(nonces)), 3000)
        self.assertEqual({nonce[:4] for nonce in nonces}, {nonces[0][:4]})
        self.assertEqual([int.from_bytes(nonce[4:], "big") for nonce in nonces],
                         list(range(3000)))

    def test_refuses_what_is_short_or_altered(self):
        client = self.opened()
        frame = client.seal(b"a text of some length")
        bad = [frame[:size] for size in range(len(frame))]
        bad += [frame + b"\0", b"E:" + frame, frame[1:]]
        for i in range(len(frame)):
            bad.append(frame[:i] + bytes([frame[i] ^ 0x80]) + frame[i + 1:])
        for each in bad:
            self.assertEqual(self.probe.decode(each), (EINVAL, None))
        self.assert_counts(refused_frames=len(bad), replays=0)
        self.assertEqual(self.probe.decode(frame)[0], OK)

    def test_refuses_a_frame_that_comes_twice(self):
        client = self.opened()
        frames = [client.seal(b"%d" % i) for i in range(WINDOW)]
        for frame in frames:
            self.assertEqual(self.probe.decode(frame)[0], OK)
        for frame in frames:
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)
        self.assert_counts(replays=WINDOW)
        # The last ones count, in the order in which they came.
        for _ in range(300):
            self.assertEqual(self.probe.decode(client.seal(b"on"))[0], OK)
        for frame in frames[300:]:
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)
        self.assertEqual(self.probe.decode(frames[299])[0], OK)

    def test_takes_nonces_that_count(self):
        client = self.opened()
        for i in range(3000):
            frame = client.seal(b"n", b"\1\2\3\4" + i.to_bytes(8, "big"))
            self.assertEqual(self.probe.decode(frame)[0], OK)
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)

    def test_refuses_its_own_frames(self):
        client = self.opened()
        own = [self.sent(b"own") for _ in range(3)]
        for frame in own:
            self.assertEqual(client.read(frame), b"own")
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)
        self.assert_counts(replays=3)

    def test_is_not_shut_out_by_a_forged_nonce(self):
        client = self.opened()
        frame = client.seal(b"x")
        self.assertEqual(self.probe.decode(frame[:NONCE] + b"\0" * 20)[0], EINVAL)
        self.assertEqual(self.probe.decode(frame), (OK, b"x"))

    def test_keeps_to_the_room_it_has(self):
        client = self.opened()
        for room in (0, 1, 10 + NONCE + TAG - 1):
            self.assertEqual(self.probe.encode(b"0123456789", room)[0], ETOOBIG)
        self.assertEqual(client.read(self.probe.encode(b"0123456789", 38)[1]), b"0123456789")
        frame = client.seal(b"0123456789")
        for room in (0, 9):
            self.assertEqual(self.probe.decode(frame, room)[0], ETOOBIG)
        self.assertEqual(self.probe.decode(frame, 10), (OK, b"0123456789"))

    def test_signs_with_another_key(self):
        client = self.opened()
        for text in self.TEXTS:
            self.assertEqual(self.probe.call("sign", text.hex() or "-"), (OK, client.mac(text)))
        mac = client.mac(b"text").hex()
        self.assertEqual(self.probe.call("verify", b"text".hex(), mac)[0], OK)
        for wrong in (mac[:-2], mac + "00", "00" + mac[2:], mac[:-2] + "00", "-",
                      client.mac(b"Text").hex()):
            self.assertEqual(self.probe.call("verify", b"text".hex(), wrong)[0], EDENIED)


class Rotation(CipherTest):
    def test_replies_under_the_key_before(self):
        first = self.opened()
        second = self.rekeyed()
        self.assertEqual(first.read(self.sent(b"the reply")), b"the reply")
        for text in (b"next", b"and on"):
            self.assertEqual(second.read(self.sent(text)), text)
        with self.assertRaises(InvalidTag):
            first.read(self.sent())
        self.assert_counts(rotations=1)

    def test_takes_either_name_of_the_key(self):
        self.opened()
        self.rekeyed("encryption_public_key")

    def test_takes_the_key_before_until_the_next_one_is_used(self):
        first = self.opened()
        second = self.rekeyed()
        self.assertEqual(self.probe.decode(first.seal(b"1"))[0], OK)
        self.sent()
        self.assertEqual(self.probe.decode(first.seal(b"2"))[0], OK)
        self.assertEqual(self.probe.decode(second.seal(b"3"))[0], OK)
        self.assertEqual(self.probe.decode(first.seal(b"4"))[0], EINVAL)
        self.assertEqual(self.probe.decode(second.seal(b"5"))[0], OK)

    def test_takes_the_key_before_for_thirty_seconds(self):
        first = self.opened()
        second = self.rekeyed()
        self.sent()
        self.probe.call("clock", START_MS + OVERLAP_MS - 1)
        self.assertEqual(self.probe.decode(first.seal(b"1"))[0], OK)
        self.probe.call("clock", START_MS + OVERLAP_MS)
        self.assertEqual(self.probe.decode(first.seal(b"2"))[0], EINVAL)
        self.assertEqual(self.probe.decode(second.seal(b"3"))[0], OK)

    def test_refuses_replays_across_the_change(self):
        first = self.opened()
        before = first.seal(b"before")
        self.assertEqual(self.probe.decode(before)[0], OK)
        own = self.sent()
        second = self.rekeyed()
        self.sent()
        self.assertEqual(self.probe.decode(before)[0], EINVAL)
        self.assertEqual(self.probe.decode(own)[0], EINVAL)
        self.assertEqual(self.probe.decode(self.sent())[0], EINVAL)
        self.assert_counts(replays=3)
        # Nonces of one key say nothing of those of the other.
        self.assertEqual(self.probe.decode(second.seal(b"x", before[:NONCE]))[0], OK)

    def test_signs_with_the_key_that_it_encodes_with(self):
        first = self.opened()
        second = self.rekeyed()
        self.assertEqual(self.probe.call("sign", "61")[1], first.mac(b"a"))
        self.sent()
        self.assertEqual(self.probe.call("sign", "61")[1], second.mac(b"a"))
        for client in (first, second):
            self.assertEqual(self.probe.call("verify", "61", client.mac(b"a").hex())[0], OK)
        self.assertEqual(self.probe.decode(second.seal(b"x"))[0], OK)
        self.assertEqual(self.probe.call("verify", "61", first.mac(b"a").hex())[0], EDENIED)

    def test_refuses_bad_offers_and_stays_as_it_was(self):
        client = self.opened()
        compressed = text_of(point_of(client.private, PublicFormat.CompressedPoint))
        for offer in (b"", b"[]", b"{", {}, {"public_key": None}, {"public_key": 1},
                      {"public_key": ""}, {"public_key": compressed},
                      {"public_key": client.text[:-1]}):
            self.assertEqual(self.probe.rekey(offer)[0], EINVAL, offer)
        self.assertEqual(client.read(self.sent(b"x")), b"x")
        self.assertEqual(client.read(self.sent(b"y")), b"y")
        self.assertEqual(self.probe.decode(client.seal(b"z"))[0], OK)
        self.assert_counts(rotations=0, refused_keys=3)

    def test_waits_between_rotations(self):
        self.opened()
        second = self.rekeyed()
        offer = {"public_key": Client().text}
        self.assertEqual(self.probe.rekey(offer)[0], EAGAIN)  # the reply is still due
        self.sent()
        self.assertEqual(self.probe.rekey(offer)[0], EAGAIN)  # the key before is still taken
        self.assertEqual(self.probe.decode(second.seal(b"x"))[0], OK)
        self.assertEqual(self.probe.rekey(offer)[0], EAGAIN)  # it was a moment ago
        self.probe.call("clock", START_MS + 1000)
        self.rekeyed()
        self.assert_counts(rotations=2)

    def test_goes_on_after_a_next_key_that_was_never_used(self):
        self.opened()
        self.rekeyed()
        self.sent()
        self.probe.call("clock", START_MS + OVERLAP_MS)
        third = self.rekeyed()
        self.sent()
        self.assertEqual(third.read(self.sent(b"x")), b"x")


class QuickRotation(CipherTest):
    OPTIONS = {"rotation_interval": "0s"}

    def test_waits_until_the_key_before_is_out_of_use(self):
        self.opened()
        second = self.rekeyed()
        offer = {"public_key": Client().text}
        self.assertEqual(self.probe.rekey(offer)[0], EAGAIN)
        self.sent()
        self.assertEqual(self.probe.rekey(offer)[0], EAGAIN)
        self.assertEqual(self.probe.decode(second.seal(b"x"))[0], OK)
        self.assertEqual(self.probe.rekey(offer)[0], OK)


class HandOver(CipherTest):
    def saved(self):
        status, saved = self.probe.call("save")
        self.assertEqual(status, OK)
        return saved

    def restore(self, saved):
        return self.probe.call("restore", saved.hex() or "-")[0]

    def test_goes_on_where_it_was(self):
        client = self.opened()
        nonces = {self.sent()[:NONCE] for _ in range(5)}
        seen = [client.seal(b"%d" % i) for i in range(40)]
        for frame in seen:
            self.assertEqual(self.probe.decode(frame)[0], OK)
        saved = self.saved()
        nonces |= {self.sent()[:NONCE] for _ in range(5)}  # by the old process, afterwards
        own = self.sent()
        nonces.add(own[:NONCE])
        self.assertEqual(self.restore(saved), OK)
        self.assertEqual(client.read(self.sent(b"x")), b"x")
        after = self.sent()[:NONCE]
        self.assertNotIn(after, nonces)
        self.assertGreaterEqual(int.from_bytes(after[4:], "big"), JUMP)
        for frame in seen + [own]:
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)
        self.assertEqual(self.probe.decode(client.seal(b"new"))[0], OK)
        self.assertEqual(self.probe.call("sign", "61")[1], client.mac(b"a"))

    def test_goes_on_in_the_middle_of_a_rotation(self):
        first = self.opened()
        second = self.rekeyed()
        self.assertEqual(self.restore(self.saved()), OK)
        self.assertEqual(first.read(self.sent(b"the reply")), b"the reply")
        self.assertEqual(self.restore(self.saved()), OK)
        self.assertEqual(second.read(self.sent(b"next")), b"next")
        self.assertEqual(self.probe.decode(first.seal(b"1"))[0], OK)
        self.probe.call("clock", START_MS + OVERLAP_MS)
        self.assertEqual(self.probe.decode(first.seal(b"2"))[0], EINVAL)
        self.assertEqual(self.probe.decode(second.seal(b"3"))[0], OK)

    def test_has_all_of_a_full_window(self):
        client = self.opened()
        frames = [client.seal(b"x") for _ in range(WINDOW + 100)]
        for frame in frames:
            self.assertEqual(self.probe.decode(frame)[0], OK)
        self.assertEqual(self.restore(self.saved()), OK)
        for frame in frames[100:]:
            self.assertEqual(self.probe.decode(frame)[0], EINVAL)
        self.assertEqual(self.probe.decode(frames[99])[0], OK)

    def test_refuses_what_it_did_not_save(self):
        client = self.opened()
        for i in range(3):
            self.probe.decode(client.seal(b"x"))
        self.rekeyed()
        saved = self.saved()
        for size in range(len(saved)):
            self.assertEqual(self.restore(saved[:size]), EINVAL, size)
        reply_without_a_key_before = saved[:1] + b"\x02" + saved[2:]
        for other in (saved + b"\0", b"\0" + saved[1:], b"\x02" + saved[1:],
                      saved[:1] + b"\x04" + saved[2:], reply_without_a_key_before):
            self.assertEqual(self.restore(other), EINVAL)
        self.assertEqual(self.restore(saved), OK)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
