# SPDX-License-Identifier: MIT
"""Tokens signed with HMAC, for programs that make them, and for demonstration secrets.

wsed checks tokens by itself (its module auth_jwt); verify() follows the same rules.
"""
from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
MAX_TOKEN = 8192
LEEWAY_S = 30


class TokenError(ValueError):
    """The token is not good; the text says why, and never what is in it."""


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(part: str) -> bytes:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise TokenError("not base64url") from None
    if _encode(data) != part:
        raise TokenError("not base64url")
    return data


def _no_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise TokenError("a name stands twice")
    return dict(pairs)


def _object(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_decode(part).decode(), object_pairs_hook=_no_twice)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise TokenError("not JSON") from None
    if not isinstance(value, dict):
        raise TokenError("not an object")
    return value


def _signature(text: str, secret: bytes, algorithm: str) -> bytes:
    return hmac.new(secret, text.encode(), HASHES[algorithm]).digest()


def encode(claims: Mapping[str, Any], secret: str | bytes, algorithm: str = "HS256") -> str:
    """A signed token."""
    key = secret.encode() if isinstance(secret, str) else secret
    header = _encode(json.dumps({"alg": algorithm, "typ": "JWT"}, separators=(",", ":")).encode())
    body = _encode(json.dumps(dict(claims), separators=(",", ":")).encode())
    return f"{header}.{body}.{_encode(_signature(f'{header}.{body}', key, algorithm))}"


def verify(
    token: str,
    secret: str | bytes,
    *,
    issuer: str | None = None,
    audience: str | None = None,
    algorithm: str = "HS256",
    now: float | None = None,
) -> dict[str, Any]:
    """The claims of a good token; else a TokenError."""
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3 or not token.isascii():
        raise TokenError("not a token")
    header = _object(parts[0])
    if header.get("alg") != algorithm or algorithm not in HASHES or "crit" in header:
        raise TokenError("another algorithm")
    key = secret.encode() if isinstance(secret, str) else secret
    expected = _signature(f"{parts[0]}.{parts[1]}", key, algorithm)
    if not hmac.compare_digest(_decode(parts[2]), expected):
        raise TokenError("another signature")
    claims = _object(parts[1])
    _check_times(claims, time.time() if now is None else now)
    if issuer is not None and claims.get("iss") != issuer:
        raise TokenError("another issuer")
    named = claims.get("aud")
    if audience is not None and audience not in (named if isinstance(named, list) else [named]):
        raise TokenError("another audience")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise TokenError("no sub")
    return claims


def _check_times(claims: dict[str, Any], now: float) -> None:
    for name, needed in (("exp", True), ("nbf", False)):
        at = claims.get(name)
        if at is None and not needed:
            continue
        if isinstance(at, bool) or not isinstance(at, (int, float)):
            raise TokenError(f"{name} is no time")
        if (now - at if name == "exp" else at - now) >= LEEWAY_S:
            raise TokenError("expired" if name == "exp" else "not yet valid")
