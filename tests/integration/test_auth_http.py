# SPDX-License-Identifier: MIT
"""auth_http: an application that is asked about each client."""
import json
import threading
import time

import pytest

from support import certificates
from support.client import Client, asynchronous
from support.jwks import Application, running
from support.verdicts import until, verdict

KEY = "application-key-51c1"
TOKENS = {"token-of-alice": "alice", "token-of-bob": "bob"}


class Judge(Application):
    """Knows TOKENS. `mood` is a status in the place of a judgement."""

    def __init__(self, certificate=None, **answer):
        self.mood = None
        self.answer = answer
        super().__init__(self.judge, certificate)

    def judge(self, request, body):
        question = json.loads(body)
        if self.mood:
            return self.mood, {"user": "mallory"}
        if request.command != "POST" or request.headers["X-Key"] != KEY:
            return 500, {}
        user = TOKENS.get(question["credential"])
        return (200, {"user": user, **self.answer}) if user else (401, {})

    @property
    def questions(self):
        return [json.loads(body) for *_, body in self.requests]


def with_judge(make_server, judge, **options):
    server = make_server(module_auth_jwt=None, module_auth_http={
        "url": judge.url + "/auth?hush=hush-4711", "headers": {"X-Key": KEY}, **options})
    return server.start()


@asynchronous
async def test_the_application_says_who_comes_in(make_server):
    judge = Judge()
    with running(judge):
        server = with_judge(make_server, judge, request_headers=["X-Tenant", "User-Agent"])
        assert await verdict(server, "token-of-alice") == "alice"
        assert await verdict(server, "token-of-nobody") == "AUTH_FAILED"
        assert await verdict(server) == "AUTH_REQUIRED"
        cookie = [("Cookie", "access_token=token-of-bob"), ("X-Tenant", "7")]
        assert await verdict(server, headers=cookie) == "bob"
        bearer, _, none, last = judge.questions
        assert bearer["source"] == "bearer" and bearer["credential"] == "token-of-alice"
        assert bearer["peer"] == "127.0.0.1" and bearer["listener"] == "main"
        assert none["source"] == "none" and none["credential"] == ""
        assert last["source"] == "cookie" and last["headers"]["x-tenant"] == "7"
        assert "user-agent" in last["headers"] and "cookie" not in last["headers"]
        for secret in ("hush-4711", KEY, *TOKENS):
            assert secret not in server.log()
        counted = server.module_stats("auth_http")
        assert (counted["accepted"], counted["refused"]) == (2, 2)


@asynchronous
async def test_an_application_that_cannot_tell_lets_nobody_in(make_server):
    judge = Judge()
    with running(judge):
        server = with_judge(make_server, judge)
        for mood in (500, 503, 404, 302, 204):
            judge.mood = mood
            assert await verdict(server, "token-of-alice") == "UNAVAILABLE", mood
        judge.mood = 403
        assert await verdict(server, "token-of-alice") == "AUTH_FAILED"
        judge.mood, judge.is_down = None, True
        assert await verdict(server, "token-of-alice") == "UNAVAILABLE"
        judge.is_down = False
        assert await verdict(server, "token-of-alice") == "alice"


@asynchronous
async def test_no_answer_in_time_lets_nobody_in(make_server):
    release = threading.Event()

    def answer(*_):
        release.wait(60)
        return 200, {"user": "alice"}

    slow = Application(answer)
    with running(slow):
        server = make_server(module_auth_jwt=None, module_auth_http={
            "url": slow.url, "timeout": "1s"}).start()
        assert await verdict(server, "token-of-alice") == "UNAVAILABLE"
        release.set()
        await until(server, "token-of-alice", "alice")


@asynchronous
async def test_claims_are_rights_and_the_end_is_the_sessions(make_server):
    end = time.time() + 4
    judge = Judge(claims={"wse_topics": {"allow": ["demo:*"]}}, expires_ms=int(end * 1000))
    with running(judge):
        server = with_judge(make_server, judge)
        async with await Client.connect(server, token="token-of-alice") as client:
            answer = await client.subscribe("demo:1", "else")
            assert answer["success_topics"] == ["demo:1"]
            code, _ = await client.closed()
            assert code == 4401
            assert time.time() >= end


@asynchronous
async def test_kept_answers_serve_whoever_was_let_in(make_server):
    judge = Judge()
    with running(judge):
        server = with_judge(make_server, judge, cache_ttl="1h")
        # Each of the two loops asks for itself.
        for _ in range(20):
            assert await verdict(server, "token-of-alice") == "alice"
        assert len(judge.requests) <= 2
        judge.mood = 401
        assert await verdict(server, "token-of-bob") == "AUTH_FAILED"
        assert await verdict(server, "token-of-bob") == "AUTH_FAILED"
        assert len(judge.requests) <= 4


@pytest.mark.parametrize("trusted", [True, False])
@asynchronous
async def test_the_certificate_of_the_application_counts(make_server, directory, trusted):
    pair = certificates.make(directory, "application")
    other = certificates.make(directory, "other")
    judge = Judge(certificate=pair)
    with running(judge):
        ca_file = pair.certificate if trusted else other.certificate
        server = with_judge(make_server, judge, ca_file=str(ca_file))
        said = await verdict(server, "token-of-alice")
        assert said == ("alice" if trusted else "UNAVAILABLE")
        assert len(judge.requests) == (1 if trusted else 0)
