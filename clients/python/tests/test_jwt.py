# SPDX-License-Identifier: MIT
"""Tokens, against python3-jwt, which is not ours."""
import base64
import json

import jwt as other
import pytest

from wse_server.jwt import TokenError, encode, verify

SECRET = "a-secret"
CLAIMS = {"sub": "alice", "exp": 1000}


def made(claims=None, secret=SECRET, **options):
    return other.encode({**CLAIMS, **(claims or {})}, secret, **options)


def check(token, **options):
    return verify(token, SECRET, **{"now": 900, **options})


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_what_others_sign_is_read_and_the_other_way_round(algorithm):
    assert check(made(algorithm=algorithm), algorithm=algorithm) == CLAIMS
    options = {"verify_exp": False}
    assert other.decode(encode(CLAIMS, SECRET, algorithm), SECRET, [algorithm], options) == CLAIMS


def none_token():
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).decode().rstrip("=")
    return f"{head}.{body}."


REFUSED = {
    "another secret": lambda: made(secret="other"),
    "another algorithm": lambda: made(algorithm="HS512"),
    "no algorithm": none_token,
    "critical": lambda: made(headers={"crit": ["x"]}),
    "expired": lambda: made({"exp": 870}),
    "no end": lambda: other.encode({"sub": "alice"}, SECRET),
    "an end that is a text": lambda: made({"exp": "1000"}),
    "too early": lambda: made({"nbf": 930}),
    "nobody": lambda: made({"sub": ""}),
    "a number": lambda: made({"sub": 5}),
    "two parts": lambda: "a.b",
    "no base64": lambda: made() + "!",
    "too long": lambda: made({"more": "x" * 8192}),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED)
def test_what_is_not_good_is_refused(token):
    try:
        text = token()
    except TypeError:  # PyJWT itself wants claims of the right type
        return
    with pytest.raises(TokenError):
        check(text)


def test_issuer_and_audience_count_where_they_are_wanted():
    assert check(made({"iss": "me", "aud": ["a", "b"]}), issuer="me", audience="b")
    for claims in ({}, {"iss": "you", "aud": "b"}, {"iss": "me", "aud": "c"}):
        with pytest.raises(TokenError):
            check(made(claims), issuer="me", audience="b")


def test_a_little_late_is_in_time():
    assert check(made({"exp": 871}))["sub"] == "alice"
    assert check(made({"nbf": 929}))["sub"] == "alice"
