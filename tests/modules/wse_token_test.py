# SPDX-License-Identifier: MIT
"""wse-token and auth_jwt against PyJWT, both ways: wse_token_test.py WSE-TOKEN JWT-PROBE"""

import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

WSE_TOKEN, PROBE = sys.argv[1:3]
SECRET = "f8Xq2LkT9vRz4NcY7bWm1PdH6sJg3KaE-f8Xq2LkT9vRz4NcY7bWm1PdH6sJg3KaE"
HMACS = ["HS256", "HS384", "HS512"]
RSA = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
PAIRS = [*RSA, *CURVES, "EdDSA"]


def run(command, stdin="", environment=None):
    clean = {k: v for k, v in os.environ.items() if k != "JWT_SECRET_KEY"}
    done = subprocess.run(command, input=stdin, capture_output=True, text=True,
                          env={**clean, **(environment or {})}, check=False)
    return done.returncode, done.stdout, done.stderr


class Keys:
    """One pair per algorithm, as PEM files."""

    def __init__(self, folder):
        self.folder = folder
        rsa_key = rsa.generate_private_key(65537, 2048)
        self.private = {**dict.fromkeys(RSA, rsa_key),
                        **{name: ec.generate_private_key(curve()) for name, curve in CURVES.items()},
                        "EdDSA": ed25519.Ed25519PrivateKey.generate()}
        for name, key in self.private.items():
            with open(self.path(name, "key"), "wb") as file:
                file.write(key.private_bytes(serialization.Encoding.PEM,
                                             serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
            with open(self.path(name, "pub"), "wb") as file:
                file.write(key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))

    def path(self, name, half):
        return os.path.join(self.folder, f"{name}.{half}")


class TokenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.keys = Keys(cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def mint(self, *words, environment=None):
        code, out, err = run([WSE_TOKEN, "--sub", "alice", *words], environment=environment)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.count("\n"), 1)
        return out.rstrip("\n")

    def refused(self, *words, environment=None):
        code, out, err = run([WSE_TOKEN, *words], environment=environment)
        self.assertEqual((code, out), (2, ""))
        self.assertNotIn(SECRET, err)
        return err

    def test_pyjwt_accepts_what_wse_token_signs_with_a_secret(self):
        for name in HMACS:
            token = self.mint("--secret", SECRET, "--alg", name)
            self.assertEqual(jwt.decode(token, SECRET, algorithms=[name])["sub"], "alice")

    def test_pyjwt_accepts_what_wse_token_signs_with_a_key(self):
        for name in PAIRS:
            token = self.mint("--key", self.keys.path(name, "key"), "--alg", name)
            with open(self.keys.path(name, "pub"), encoding="ascii") as file:
                self.assertEqual(jwt.decode(token, file.read(), algorithms=[name])["sub"], "alice")

    def test_auth_jwt_accepts_what_pyjwt_signs(self):
        claims = {"sub": "alice", "exp": int(time.time()) + 60, "aud": ["chat", "mail"]}
        for name in HMACS:
            token = jwt.encode(claims, SECRET, algorithm=name, headers={"kid": "a"})
            code, out, _ = run([PROBE, f"algorithm={name}", f"secret={SECRET}", "key_id=a",
                                "audience=mail"], token)
            self.assertEqual((code, out.split(" ", 1)[0]), (0, "alice"), name)
        for name in PAIRS:
            token = jwt.encode(claims, self.keys.private[name], algorithm=name)
            code, out, _ = run([PROBE, f"algorithm={name}",
                                f"public_key={self.keys.path(name, 'pub')}"], token)
            self.assertEqual((code, out.split(" ", 1)[0]), (0, "alice"), name)

    def test_auth_jwt_refuses_what_pyjwt_signs_for_the_past(self):
        token = jwt.encode({"sub": "alice", "exp": int(time.time()) - 60}, SECRET)
        code, out, _ = run([PROBE, f"secret={SECRET}"], token)
        self.assertEqual((code, out), (1, "3 token.refused reason=expired\n"))

    def test_auth_jwt_accepts_what_wse_token_signs(self):
        token = self.mint("--secret", SECRET, "--iss", "me", "--aud", "chat", "--kid", "a",
                          "--allow", "a:*", "b", "--allow=c", "--deny", "a:secret:*",
                          "--claim", 'x={"y":[1]}', "--claim", "nbf=1")
        code, out, _ = run([PROBE, f"secret={SECRET}", "issuer=me", "audience=chat", "key_id=a"],
                           token)
        self.assertEqual(code, 0)
        user, text = out.split(" ", 1)
        claims = json.loads(text)
        self.assertEqual(user, "alice")
        self.assertEqual(claims["wse_topics"], {"allow": ["a:*", "b", "c"], "deny": ["a:secret:*"]})
        self.assertEqual((claims["aud"], claims["x"]), ("chat", {"y": [1]}))

    def test_the_algorithm_follows_from_the_key(self):
        for name, wanted in [("RS256", "RS256"), ("ES256", "ES256"), ("EdDSA", "EdDSA")]:
            token = self.mint("--key", self.keys.path(name, "key"))
            self.assertEqual(jwt.get_unverified_header(token)["alg"], wanted)
        token = self.mint("--secret", SECRET)
        self.assertEqual(jwt.get_unverified_header(token), {"alg": "HS256", "typ": "JWT"})

    def test_the_secret_may_come_from_a_file_or_the_environment(self):
        path = os.path.join(self.folder.name, "secret")
        with open(path, "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
        for token in [self.mint("--secret-file", path),
                      self.mint(environment={"JWT_SECRET_KEY": SECRET}),
                      self.mint("--secret", SECRET, environment={"JWT_SECRET_KEY": "x" * 32})]:
            jwt.decode(token, SECRET, algorithms=["HS256"])

    def test_a_token_lives_as_long_as_its_ttl(self):
        for words, seconds in [([], 3600), (["--ttl", "90s"], 90), (["--ttl=15m"], 900),
                               (["--ttl", "30d"], 30 * 86400)]:
            token = self.mint("--secret", SECRET, *words)
            claims = jwt.decode(token, SECRET, algorithms=["HS256"])
            self.assertEqual(claims["exp"] - claims["iat"], seconds)
            self.assertLess(abs(claims["iat"] - time.time()), 30)

    def test_one_audience_is_a_text_and_several_are_a_list(self):
        for words, wanted in [(["a"], "a"), (["a", "b"], ["a", "b"])]:
            token = self.mint("--secret", SECRET, "--aud", *words)
            self.assertEqual(jwt.decode(token, options={"verify_signature": False})["aud"], wanted)

    def test_what_cannot_be_signed_is_refused_with_a_sentence(self):
        key = ["--sub", "a", "--secret", SECRET]
        with open(os.path.join(self.folder.name, "k256.key"), "wb") as file:
            file.write(ec.generate_private_key(ec.SECP256K1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption()))
        for words, sentence in [
                (["--secret", SECRET], "--sub: missing"),
                (["--sub", "a" * 257, *key[2:]], "--sub: over 256 bytes"),
                (["--sub", "a\nb", *key[2:]], "or with a control character"),
                (["--sub", "a"], "no key; give --secret-file or --key, or set JWT_SECRET_KEY"),
                (["--sub", "a", "--secret", "short"], "the secret is 5 bytes long; HS256 needs"),
                ([*key, "--alg", "HS1024"], "--alg HS1024: one of HS256"),
                ([*key, "--alg", "none"], "--alg none: one of"),
                ([*key, "--alg", "RS256"], "--alg RS256: needs --key"),
                ([*key, "--key", "x"], "give one of them"),
                ([*key, "--ttl", "1"], "--ttl 1: a number and s, m, h or d"),
                ([*key, "--ttl", "0s"], "--ttl 0s: from 1s to 36500d"),
                ([*key, "--ttl", "99999999999999999999h"], "--ttl"),
                ([*key, "--ttl", "36501d"], "from 1s to 36500d"),
                ([*key, "--claim", "role=admin"], "--claim role: the value is not JSON"),
                ([*key, "--claim", "x=01"], "--claim x: the value is not JSON"),
                ([*key, "--claim", 'x="\\u0000"'], "--claim x: the value is not JSON"),
                ([*key, "--claim", 'x=1,"y":2'], "--claim x: the value is not JSON"),
                ([*key, "--claim", "role"], "--claim: wants NAME=JSON"),
                ([*key, "--claim", "exp=1"], "--claim exp: has an option of its own"),
                ([*key, "--claim", "a=1", "--claim", "a=2"], "--claim a: "),
                ([*key, "--bogus", "1"], "--bogus: no such option"),
                ([*key, "--bogus"], "--bogus: no such option"),
                ([*key, "--iss"], "--iss: wants a value"),
                ([*key, "stray"], "stray: not an option"),
                (["--sub", "a", "--secret-file", "/nonexistent"], "No such file or directory"),
                (["--sub", "a", "--key", "/nonexistent"], "No such file or directory"),
                (["--sub", "a", "--key", self.keys.path("RS256", "pub")],
                 "holds no unencrypted PEM private key"),
                (["--sub", "a", "--key", self.keys.path("RS256", "key"), "--alg", "ES256"],
                 "not an EC key on the curve P-256"),
                (["--sub", "a", "--key", self.keys.path("RS256", "key"), "--alg", "HS256"],
                 "HS256 needs a secret"),
                (["--sub", "a", "--key", os.path.join(self.folder.name, "k256.key")],
                 "not an EC key on the curve P-256")]:
            self.assertIn(sentence, self.refused(*words), words)

    def test_help_and_version_need_nothing_else(self):
        code, out, _ = run([WSE_TOKEN, "--help"])
        self.assertEqual(code, 0)
        self.assertIn("can read it in ps", out)
        code, out, _ = run([WSE_TOKEN, "--version"])
        self.assertEqual((code, out.split(" ")[0]), (0, "wse-token"))

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([WSE_TOKEN, "--sub", "a", "--secret", SECRET], stdout=full,
                                  stderr=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
