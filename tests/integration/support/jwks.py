# SPDX-License-Identifier: MIT
"""An issuer of tokens: keys and signatures of python3-cryptography and python3-jwt, and the HTTP
server that has its JWK Set."""
import base64
import contextlib
import http.server
import itertools
import json
import ssl
import threading
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {
    "ES256": (ec.SECP256R1, "P-256", 32),
    "ES384": (ec.SECP384R1, "P-384", 48),
    "ES512": (ec.SECP521R1, "P-521", 66),
}
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", *CURVES, "EdDSA"]
NUMBERS = itertools.count(1)


def encoded(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value, size=None):
    return encoded(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair with a kid of its own, made for an algorithm."""

    def __init__(self, algorithm="ES256", kid=None):
        self.algorithm = algorithm
        self.kid = kid or f"key-{next(NUMBERS)}"
        if algorithm in CURVES:
            self.private = ec.generate_private_key(CURVES[algorithm][0]())
        elif algorithm == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, 2048)

    def jwk(self, **members):
        public = self.private.public_key()
        if self.algorithm in CURVES:
            _, curve, size = CURVES[self.algorithm]
            point = public.public_numbers()
            material = {"kty": "EC", "crv": curve, "x": number(point.x, size),
                        "y": number(point.y, size)}
        elif self.algorithm == "EdDSA":
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            material = {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}
        else:
            numbers = public.public_numbers()
            material = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        return {**material, "kid": self.kid, "use": "sig", **members}

    def token(self, issuer, sub="alice", ttl=300, algorithm=None, kid=None, **claims):
        return jwt.encode(
            {"iss": issuer, "sub": sub, "exp": int(time.time()) + ttl, **claims},
            self.private,
            algorithm=algorithm or self.algorithm,
            headers={"kid": kid or self.kid},
        )


class Application:
    """An HTTP server whose answers are the caller's: (method, path, body) gives (status, body).

    `requests` has what was asked for. While `is_down`, connections end without an answer."""

    def __init__(self, answer, certificate=None):
        self.requests = []
        self.is_down = False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if outer.is_down:
                    self.close_connection = True
                    return
                outer.requests.append((self.command, self.path, self.headers, body))
                status, said = answer(self, body)
                text = b"" if status == 204 else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):  # a client that went, or that trusts nobody here
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Issuer(Application):
    """Signs with `key`, the first of `keys`; all of them are in its set."""

    def __init__(self, name="https://id.example", certificate=None):
        self.name = name
        self.keys = [Key()]
        super().__init__(lambda *_: (200, {"keys": [key.jwk() for key in self.keys]}), certificate)

    @property
    def key(self):
        return self.keys[0]

    def token(self, **options):
        return self.key.token(self.name, **options)

    def rotate(self):
        """A new key in the place of all others."""
        self.keys = [Key()]


@contextlib.contextmanager
def running(*applications):
    try:
        yield
    finally:
        for application in applications:
            application.close()
