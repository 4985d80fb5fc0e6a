# SPDX-License-Identifier: MIT
"""Tokens, made with python3-jwt: somebody else's idea of a JWT."""
import time

import jwt


def token(secret, sub="alice", ttl=300, allow=None, deny=None, alg="HS256", **claims):
    """A signed token; `allow` and `deny` become the claim wse_topics."""
    claims = {"sub": sub, "exp": int(time.time()) + ttl, **claims}
    if allow is not None or deny is not None:
        claims["wse_topics"] = {
            key: value for key, value in (("allow", allow), ("deny", deny)) if value is not None
        }
    return jwt.encode(claims, secret, algorithm=alg)
