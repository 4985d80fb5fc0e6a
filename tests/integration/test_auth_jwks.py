# SPDX-License-Identifier: MIT
"""auth_jwt with the keys of issuers: real HTTP servers, real keys, and both coming and going."""
import asyncio
import json

import jwt

from support import certificates
from support.client import Client, asynchronous
from support.jwks import ALGORITHMS, Issuer, Key, running
from support.server import run
from support.verdicts import until, verdict


def with_issuers(make_server, *issuers, places=(), **options):
    """A server that trusts these; `places` are pairs of a name and a place."""
    found = {issuer.name: issuer.url + "/jwks.json?key=hush-4711" for issuer in issuers}
    server = make_server(module_auth_jwt=None)
    server.configure(module_auth_jwt={"issuers": {**found, **dict(places)}, **options})
    return server


@asynchronous
async def test_every_kind_of_key_of_a_set_checks_its_tokens(make_server):
    issuer = Issuer()
    with running(issuer):
        issuer.keys = [Key(algorithm) for algorithm in ALGORITHMS]
        server = with_issuers(make_server, issuer).start()
        for key in issuer.keys:
            for algorithm in [key.algorithm, "PS512" if key.algorithm == "RS256" else None]:
                token = key.token(issuer.name, algorithm=algorithm)
                assert await verdict(server, token) == "alice", (key.algorithm, algorithm)
        rsa = issuer.keys[0]
        pem = json.dumps(rsa.jwk()).encode()
        forged = {
            "another key": Key("RS256", rsa.kid).token(issuer.name),
            "a key of another kind": rsa.token(issuer.name, kid=issuer.keys[-1].kid),
            "another issuer": rsa.token("https://evil.example"),
            "a public key as a secret": jwt.encode(
                {"iss": issuer.name, "sub": "a", "exp": 4102444800}, pem, "HS256", {"kid": rsa.kid}),
            "nothing": jwt.encode(
                {"iss": issuer.name, "sub": "a", "exp": 4102444800}, None, "none", {"kid": rsa.kid}),
            "an end that has passed": rsa.token(issuer.name, ttl=-3600),
        }
        for name, token in forged.items():
            assert await verdict(server, token) == "AUTH_FAILED", name
        assert "hush-4711" not in server.log()
        assert len(issuer.requests) == 1


@asynchronous
async def test_a_new_key_is_found_by_its_first_token(make_server):
    issuer = Issuer()
    with running(issuer):
        server = with_issuers(make_server, issuer, jwks_cooldown="10ms").start()
        old = issuer.token()
        async with await Client.connect(server, token=old) as client:
            issuer.rotate()
            await until(server, issuer.token(sub="bob"), "bob")
            # The old key went with its set; the session that it began stays.
            assert await verdict(server, old) == "AUTH_FAILED"
            await client.ping()


@asynchronous
async def test_tokens_wait_for_an_issuer_that_comes_late(make_server):
    issuer = Issuer()
    with running(issuer):
        issuer.is_down = True
        server = with_issuers(make_server, issuer, jwks_cooldown="10ms").start()
        assert await verdict(server, issuer.token()) == "UNAVAILABLE"
        assert await verdict(server, issuer.key.token("https://else.example")) == "AUTH_FAILED"
        issuer.is_down = False
        await until(server, issuer.token(), "alice")
        assert server.module_stats("auth_jwt")["key_failures"] > 0


@asynchronous
async def test_keys_serve_while_the_issuer_is_away(make_server):
    issuer = Issuer()
    with running(issuer):
        server = with_issuers(
            make_server, issuer, jwks_cooldown="10ms", jwks_refresh="20ms").start()
        assert await verdict(server, issuer.token()) == "alice"
        issuer.is_down = True
        before = server.module_stats("auth_jwt")["key_failures"]
        while server.module_stats("auth_jwt")["key_failures"] < before + 2:
            assert await verdict(server, issuer.token()) == "alice"
        # A key that nobody knows may be a new one.
        assert await verdict(server, Key().token(issuer.name)) == "UNAVAILABLE"


@asynchronous
async def test_stale_keys_end(make_server):
    issuer = Issuer()
    with running(issuer):
        server = with_issuers(make_server, issuer, jwks_cooldown="10ms", jwks_refresh="20ms",
                              jwks_max_stale="50ms").start()
        await until(server, issuer.token(), "alice")
        issuer.is_down = True
        await until(server, issuer.token(), "UNAVAILABLE")
        issuer.is_down = False
        await until(server, issuer.token(), "alice")


@asynchronous
async def test_each_issuer_has_keys_of_its_own(make_server, directory):
    pair = certificates.make(directory, "issuer")
    first, second = Issuer("https://one.example"), Issuer("https://two.example", pair)
    third = Key("EdDSA", "file")
    file = directory / "keys.json"
    file.write_text(json.dumps({"keys": [third.jwk()]}))
    with running(first, second):
        second.keys = [Key("RS256", first.key.kid)]
        server = with_issuers(
            make_server, first, second, places=[("three", str(file))],
            ca_file=str(pair.certificate), audience="chat").start()
        assert await verdict(server, first.token(sub="a", aud="chat")) == "a"
        assert await verdict(server, second.token(sub="b", aud="chat")) == "b"
        assert await verdict(server, third.token("three", sub="c", aud="chat")) == "c"
        assert await verdict(server, first.token(aud="mail")) == "AUTH_FAILED"
        assert await verdict(server, second.key.token(first.name, aud="chat")) == "AUTH_FAILED"
        assert await verdict(server, third.token(first.name, aud="chat")) == "AUTH_FAILED"
        first.is_down = True
        assert await verdict(server, second.token(sub="b", aud="chat")) == "b"


@asynchronous
async def test_an_issuer_with_a_certificate_that_nobody_knows_is_away(make_server, directory):
    issuer = Issuer(certificate=certificates.make(directory, "issuer"))
    with running(issuer):
        server = with_issuers(make_server, issuer).start()
        assert await verdict(server, issuer.token()) == "UNAVAILABLE"
        assert "the server's certificate" in server.log()
        assert issuer.requests == []


@asynchronous
async def test_unknown_keys_do_not_flood_the_issuer(make_server):
    issuer = Issuer()
    with running(issuer):
        server = with_issuers(make_server, issuer, jwks_cooldown="1h", jwks_refresh="1h").start()
        assert await verdict(server, issuer.token()) == "alice"
        stranger = Key()
        tokens = [stranger.token(issuer.name, kid=f"kid-{n}") for n in range(200)]
        said = await asyncio.gather(*(verdict(server, token) for token in tokens))
        assert set(said) == {"AUTH_FAILED"}
        assert len(issuer.requests) == 1
        assert await verdict(server, issuer.token()) == "alice"
        assert server.module_stats("auth_jwt")["refused_key_id"] == 200


@asynchronous
async def test_a_crowd_waits_for_the_first_answer_together(make_server):
    issuer = Issuer()
    with running(issuer):
        server = with_issuers(make_server, issuer).start()
        said = await asyncio.gather(
            *(verdict(server, issuer.token(sub=f"user-{n}")) for n in range(100)))
        assert said == [f"user-{n}" for n in range(100)]
        assert len(issuer.requests) == 1


def test_the_configuration_is_judged_before_the_start(make_server, directory):
    weak = directory / "weak.json"
    weak.write_text('{"keys":[{"kty":"oct","k":"AQAB"}]}')
    wrong = [
        ({"a": "http://id.example/jwks"}, "keys that come over http"),
        ({"a": "jwks.json"}, "neither an http or https URL nor an absolute path"),
        ({"a": str(directory / "none.json")}, "No such file or directory"),
        ({"a": str(weak)}, "no key that can be used; key 1: too small"),
    ]
    server = make_server()
    for issuers, sentence in wrong:
        server.configure(module_auth_jwt=None)
        server.configure(module_auth_jwt={"issuers": issuers})
        answer = run("wsed", *server.command("-t")[1:])
        assert answer.returncode != 0 and sentence in answer.stderr + answer.stdout, sentence
    server.configure(module_auth_jwt=None)
    server.configure(module_auth_jwt={"issuers": {"a": "https://id.example/jwks"}})
    assert run("wsed", *server.command("-t")[1:]).returncode == 0
