# SPDX-License-Identifier: MIT
"""The HTTP API: every example of docs/http-api.md, and every way to be refused."""
import asyncio
import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import re
import socket
import subprocess

import pytest

from support.client import Client, asynchronous
from support.server import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs/http-api.md").read_text()
EXAMPLE = re.compile(r"^```sh\n(.*?)^```\n^```(json|text)\n(.*?)^```", re.M | re.S)
KEY = "wse_the-key-of-the-tests"
OPERATIONS = "publish broadcast batch send subscribe unsubscribe disconnect acl presence history topics connections info"
TOPICS = [
    {"match": "lobby", "subscribe": True, "presence": True},
    {"match": "secret:*"},
    {"match": "*", "subscribe": True, "publish": True, "history": {"messages": 100}},
]


def line_of(name, key):
    return f"{name} sha256:{hashlib.sha256(key.encode()).hexdigest()}\n"


@pytest.fixture
def make_api(make_server, directory):
    """make_api(**http): a running server whose `api` is the address of its API."""

    def make(topic=TOPICS, **http):
        (directory / "keys").write_text("# of the tests\n" + line_of("tests", KEY))
        settings = {"address": "127.0.0.1:0", "key_file": str(directory / "keys"), **http}
        server = make_server(http=settings, topic=topic).start()
        server.api = server.ctl_json("status")["http"]
        return server

    return make


@pytest.fixture
def api(make_api):
    return make_api()


def connection_to(server, timeout=30):
    host, port = server.api.rsplit(":", 1)
    return http.client.HTTPConnection(host, int(port), timeout=timeout)


def ask(server, method, path, body=None, key=KEY, over=None, **headers):
    """Status, headers and content of an answer."""
    one = over or connection_to(server)
    if key:
        headers["Authorization"] = f"Bearer {key}"
    one.request(method, path, body, headers)
    answer = one.getresponse()
    content = answer.read()
    if not over:
        one.close()
    return answer.status, answer.headers, content.decode()


def call(server, name, key=KEY, over=None, **parameters):
    """The result, or (status, code, message)."""
    status, headers, content = ask(
        server, "POST", f"/api/v1/{name}", json.dumps(parameters), key, over
    )
    assert headers["content-type"] == "application/json"
    result = json.loads(content)
    if status == 200:
        return result
    return status, result["error"]["code"], result["error"]["message"]


def refusal(answer):
    status, headers, content = answer
    error = json.loads(content)["error"]
    return status, error["code"], error["message"]


def agrees(given, wanted):
    """Has `given` what the document shows? An ellipsis stands for any text."""
    if isinstance(wanted, dict):
        return all(name in given and agrees(given[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(agrees, given, wanted))
    return isinstance(given, str) if wanted == "…" else given == wanted


@asynchronous
async def test_the_examples_of_the_document(api):
    examples = EXAMPLE.findall(DOCUMENT)
    assert len(examples) == DOCUMENT.count("```sh")
    async with await Client.connect(api) as client:
        await client.send(
            "subscription_update",
            {"action": "subscribe", "topics": ["lobby"], "presence": {"mood": "fine"}},
        )
        await client.until("subscription_update")
        environment = {
            **os.environ,
            "URL": f"http://{api.api}",
            "KEY": KEY,
            "CONNECTION": client.ready["details"]["connection_id"],
        }
        for commands, form, wanted in examples:
            found = subprocess.run(
                ["bash", "-c", commands], env=environment, capture_output=True, text=True, timeout=30
            )
            assert found.returncode == 0, commands + found.stderr
            lines = found.stdout.strip().split("\n")
            if form == "text":
                assert lines == wanted.strip().split("\n"), commands
            for line in lines if form == "json" else []:
                assert agrees(json.loads(line), json.loads(wanted)), f"{commands}\n{line}"
        assert await client.closed() == (4001, "signed out")


def test_the_document_has_every_operation_and_every_code(api):
    for name in OPERATIONS.split():
        assert f"$URL/api/v1/{name}" in DOCUMENT, name
    document = json.loads(ask(api, "GET", "/api/v1/openapi.json", key=None)[2])
    assert {path.removeprefix("/api/v1/") for path in document["paths"]} == set(OPERATIONS.split())
    codes = document["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["code"]
    for code in codes["enum"]:
        assert f"| `{code}` |" in DOCUMENT, code


def test_without_a_key_there_is_nothing(api):
    for key in (None, "", "wse_wrong", KEY[:-1], KEY + "x", "tests"):
        for path in ("/api/v1/publish", "/api/v1/none"):
            status, headers, content = ask(api, "POST", path, '{"topic":"a"}', key)
            assert (status, json.loads(content)["error"]["code"]) == (401, "unauthorized")
            assert headers["www-authenticate"] == "Bearer"
        assert ask(api, "GET", "/metrics", key=key)[0] == 401
    status, _, _ = ask(api, "POST", "/api/v1/publish", "{}", None, **{"X-API-Key": "wse_wrong"})
    assert status == 401
    assert api.stats()["published"] == 0
    log = api.log()
    assert "wse_wrong" not in log and KEY not in log


def test_keys_are_rotated_without_a_restart(api, directory):
    made = json.loads(run("wsectl", "keys", "new", "shop", "--json").stdout)
    assert call(api, "info", key=made["key"])[0] == 401
    (directory / "keys").write_text(line_of("tests", KEY) + made["line"] + "\n")
    assert call(api, "info", key=made["key"])[0] == 401
    assert api.ctl("keys", "reload").stdout == "read 2 keys\n"
    assert call(api, "info", key=made["key"])["ready"] is True
    (directory / "keys").write_text(made["line"] + "\nbroken\n")
    api.expect_error("keys.refused")
    refused = api.ctl("keys", "reload")
    assert refused.returncode == 1 and ":2: broken: no hash of a key" in refused.stderr
    assert call(api, "info")["ready"] is True
    (directory / "keys").write_text(made["line"] + "\n")
    assert api.ctl("keys", "reload").returncode == 0
    assert call(api, "info")[0] == 401
    rows = {row["name"]: row["operations"] for row in api.ctl_json("keys")["keys"]}
    assert rows == {"shop": 1}


@pytest.mark.parametrize(
    "body, message",
    [
        ('{"topic": ', "at byte 11"),
        ("[]", "object"),
        ("nonsense", "at byte 1"),
        ('{"topic":"a"} x', "at byte 15"),
        ('{"topic":"a","topic":"b"}', "member 'topic' stands twice"),
        (b'{"topic":"\xff"}', "not UTF-8"),
        ('{"topic":"\\u0000"}', "\\u0000"),
        ('{"topic":"a","\\u0070ayload":{"n":1}}', "has an escape"),
        ('{"a":' * 100 + "1" + "}" * 100, "byte"),
    ],
)
def test_bad_json_says_where(api, body, message):
    status, code, text = refusal(ask(api, "POST", "/api/v1/publish", body))
    assert (status, code) == (400, "invalid_json")
    assert message in text


@pytest.mark.parametrize(
    "name, parameters, message",
    [
        ("publish", {}, "topic: missing"),
        ("publish", {"topic": 5}, "topic: not a string"),
        ("publish", {"topic": ""}, "topic: empty"),
        ("publish", {"topic": "a*"}, "topic: has a wildcard"),
        ("publish", {"topic": "a", "payloads": 1}, "payloads: publish has no such parameter"),
        ("publish", {"topic": "a", "priority": "high"}, "priority: not a whole number"),
        ("publish", {"topic": "a", "type": "server_ready"}, "type: "),
        ("publish", {"topic": "a", "idempotency_key": "x" * 129}, "idempotency_key: 129 bytes, not 1 to 128"),
        ("broadcast", {"topics": "a"}, "topics: not a list of strings"),
        ("broadcast", {"topics": []}, "topics: 0 items, not 1 to 1000"),
        ("broadcast", {"topics": ["a"] * 1001}, "topics: 1001 items"),
        ("batch", {"commands": [{}] * 1001}, "commands: 1001 items, not 1 to 1000"),
        ("batch", {"commands": 1}, "commands: not a list of objects"),
        ("send", {"type": "t"}, "one of connection, user and all"),
        ("subscribe", {"topics": ["a"]}, "connection: one of connection and user"),
        ("subscribe", {"user": "a", "connection": "b", "topics": ["a"]}, "connection: one of"),
        ("subscribe", {"user": "a", "topics": ["a"], "presence": 1}, "presence: not an object"),
        ("disconnect", {"user": "a", "code": 1000}, "code: 1000 is not"),
        ("disconnect", {"user": "a", "code": 99}, "code: 99, not 1000 to 4999"),
        ("disconnect", {"user": "a", "reason": "x" * 124}, "reason: 124 bytes"),
        ("acl", {"user": "a", "allow": [""]}, "allow: not a list of patterns"),
        ("history", {"topic": "a", "limit": 0}, "limit: 0, not 1 to 1000"),
        ("history", {"topic": "a", "after": -1}, "after: -1, not 0 or more"),
        ("history", {"topic": "a", "before": 1}, "before: only together with reverse"),
        ("history", {"topic": "a", "epoch": "x"}, "epoch: not eight hex digits"),
        ("presence", {}, "topic: missing"),
        ("topics", {"limit": 1.5}, "limit: not a whole number"),
        ("info", {"all": True}, "all: info has no such parameter"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(api, name, parameters, message):
    status, code, text = call(api, name, **parameters)
    assert (status, code) == (400, "invalid")
    assert text.startswith(message), text


def test_what_is_not_there(api):
    assert call(api, "none")[:2] == (404, "not_found")
    assert call(api, "history", topic="none")[:2] == (404, "not_found")
    assert call(api, "presence", topic="none")[:2] == (404, "not_found")
    for name in ("subscribe", "unsubscribe"):
        assert call(api, name, connection="none", topics=["a"])[:2] == (404, "not_found")
    for name in ("disconnect", "acl", "connections"):
        assert call(api, name, connection="none")[:2] == (404, "not_found")
    assert call(api, "disconnect", user="nobody") == {"connections": 0}
    for path in ("/", "/api", "/api/v2/publish", "/livez/x", "/demo"):
        assert refusal(ask(api, "GET", path))[:2] == (404, "not_found"), path


def test_the_method_counts(api):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        status, headers, _ = ask(api, method, "/api/v1/publish", "" if method != "GET" else None)
        assert (status, headers["allow"]) == (405, "POST"), method
    status, headers, _ = ask(api, "DELETE", "/api/v1/info")
    assert (status, headers["allow"]) == (405, "POST, GET, HEAD")
    status, headers, _ = ask(api, "POST", "/livez", "")
    assert (status, headers["allow"]) == (405, "GET, HEAD")
    assert ask(api, "HEAD", "/api/v1/info")[::2] == (200, "")


def test_a_query_has_the_parameters_of_a_reading_operation(api):
    for n in range(3):
        call(api, "publish", topic="a b", payload={"n": n})
    status, _, content = ask(api, "GET", "/api/v1/history?topic=a%20b&limit=1&reverse=true")
    assert status == 200 and json.loads(content)["messages"][0]["payload"] == {"n": 2}
    answer = refusal(ask(api, "GET", "/api/v1/history?topic=a%20b&limit=many"))
    assert answer == (400, "invalid", "limit: not a whole number")


def test_what_is_too_large(make_api):
    api = make_api(max_body="4k")
    assert call(api, "publish", topic="a", payload="x" * 3000)["offset"] == 1
    answer = refusal(ask(api, "POST", "/api/v1/publish", json.dumps({"topic": "a", "payload": "x" * 5000})))
    assert answer[:2] == (413, "too_large") and "http.max_body" in answer[2]
    chunks = (b"x" * 1000 for _ in range(10))
    assert refusal(ask(api, "POST", "/api/v1/publish", chunks))[:2] == (413, "too_large")
    assert api.stats()["published"] == 1


def test_a_payload_over_the_limit_of_publishes(make_api, directory):
    api = make_api(max_body="2m")
    status, code, text = call(api, "publish", topic="a", payload="x" * (1 << 20))
    assert (status, code) == (413, "too_large") and "payload" in text


def test_what_is_too_large_for_a_client(make_api):
    api = make_api(max_body="2m")
    status, code, text = call(api, "send", type="t", all=True, payload="x" * (1 << 20))
    assert (status, code) == (413, "too_large") and text.startswith("payload: ")
    large = {"user": "nobody", "topics": ["lobby"], "presence": {"mood": "x" * 70_000}}
    status, code, text = call(api, "subscribe", **large)
    assert (status, code) == (413, "too_large") and text.startswith("presence: ")


def test_bodies_in_every_framing(api):
    body = b'{"topic": "a", "payload": {"n": 1}}'
    chunked = (body[i : i + 5] for i in range(0, len(body), 5))
    assert ask(api, "POST", "/api/v1/publish", chunked)[0] == 200
    assert ask(api, "POST", "/api/v1/publish", body)[0] == 200
    assert ask(api, "POST", "/api/v1/info", b"", **{"Content-Length": "0"})[0] == 200
    assert refusal(ask(api, "POST", "/api/v1/publish", b""))[2] == "topic: missing"
    for lengths in ("Content-Length: 5\r\nContent-Length: 6", "Content-Length: 5\r\nTransfer-Encoding: chunked"):
        host, port = api.api.rsplit(":", 1)
        with socket.create_connection((host, int(port)), 30) as raw:
            raw.sendall(f"POST /api/v1/publish HTTP/1.1\r\nHost: a\r\n{lengths}\r\n\r\nhello".encode())
            assert raw.recv(1000).startswith(b"HTTP/1.1 400 "), lengths
    assert api.stats()["published"] == 2


def test_a_head_may_be_as_large_as_the_listener_lets_it(api):
    assert ask(api, "GET", "/livez", **{"X-Large": "x" * 12_000})[0] == 200
    assert ask(api, "GET", "/livez", **{"X-Large": "x" * 20_000})[0] == 431


def test_one_connection_after_another_and_many_at_once(api):
    one = connection_to(api)
    offsets = [call(api, "publish", over=one, topic="a")["offset"] for _ in range(20)]
    assert offsets == list(range(1, 21))
    kept = one.sock
    assert kept and call(api, "publish", over=one, topic="a")["offset"] == 21
    assert one.sock is kept
    one.close()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda n: call(api, "publish", topic="b", payload=n)["offset"], range(200)))
    assert sorted(found) == list(range(1, 201))


def test_a_slow_request_is_ended(make_api):
    api = make_api(request_timeout="300ms")
    host, port = api.api.rsplit(":", 1)
    head = f"POST /api/v1/publish HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 9\r\n\r\n"
    for sent in ("POST /api", head + "{"):
        with socket.create_connection((host, int(port)), 30) as raw:
            raw.sendall(sent.encode())
            answer = b"".join(iter(lambda: raw.recv(4096), b""))
            assert answer.startswith(b"HTTP/1.1 408 "), sent
    assert call(api, "info")["ready"] is True


def test_an_idempotency_key_publishes_once(api):
    first = json.loads(ask(api, "POST", "/api/v1/publish", '{"topic":"a"}', **{"Idempotency-Key": "k"})[2])
    for _ in range(3):
        again = ask(api, "POST", "/api/v1/publish", '{"topic":"a"}', **{"Idempotency-Key": "k"})
        assert json.loads(again[2]) == first
    assert call(api, "publish", topic="a", idempotency_key="k") == first
    assert call(api, "publish", topic="b", idempotency_key="k")["offset"] == 1
    assert call(api, "publish", topic="a")["offset"] == 2
    commands = [{"method": "publish", "params": {"topic": "c", "payload": n}} for n in range(3)]
    batch = call(api, "batch", commands=commands, idempotency_key="all")
    assert [item["result"]["offset"] for item in batch["results"]] == [1, 2, 3]
    assert call(api, "batch", commands=commands, idempotency_key="all") == batch
    broadcast = call(api, "broadcast", topics=["d", "e"], idempotency_key="k")
    assert call(api, "broadcast", topics=["d", "e"], idempotency_key="k") == broadcast


def test_a_batch_of_a_thousand_keeps_its_order(api):
    commands = [
        {"method": "publish", "params": {"topic": f"t{n % 3}", "payload": {"n": n}}} for n in range(999)
    ] + [{"method": "history", "params": {"topic": "t0", "limit": 1, "reverse": True}}]
    results = call(api, "batch", commands=commands)["results"]
    assert [item["result"]["offset"] for item in results[:-1]] == [n // 3 + 1 for n in range(999)]
    assert results[-1]["result"]["messages"][0]["payload"] == {"n": 996}


def test_a_large_broadcast_keeps_its_place_in_a_batch(make_api):
    api = make_api(max_body="2m")
    topics = [f"t{n}" for n in range(10)]
    commands = [
        {"method": "broadcast", "params": {"topics": topics, "payload": "x" * 600_000}},
        {"method": "publish", "params": {"topic": "t9"}},
    ]
    broadcast, last = call(api, "batch", commands=commands)["results"]
    assert [item["topic"] for item in broadcast["result"]["results"]] == topics
    assert [item["offset"] for item in broadcast["result"]["results"]] == [1] * 10
    assert last["result"]["offset"] == 2


def test_a_batch_goes_on_behind_a_command_that_fails(api):
    commands = [
        {"method": "publish", "params": {"topic": "a"}},
        {"method": "batch", "params": {"commands": []}},
        {"method": "none"},
        {"params": {}},
        5,
        {"method": "history", "params": {"topic": "none"}},
        {"method": "publish", "params": {"topic": "a"}},
    ]
    results = call(api, "batch", commands=commands)["results"]
    codes = [item.get("error", {}).get("code") for item in results]
    assert codes == [None, "invalid", "invalid", "invalid", "invalid", "not_found", None]
    assert results[-1]["result"]["offset"] == 2


def test_a_batch_begins_nothing_more_when_its_answer_is_full(make_api):
    api = make_api(max_body="2m")
    for _ in range(4):
        call(api, "publish", topic="a", payload="x" * 900_000)
    commands = [{"method": "history", "params": {"topic": "a"}}] * 40
    commands.append({"method": "publish", "params": {"topic": "a"}})
    results = call(api, "batch", commands=commands)["results"]
    codes = [item.get("error", {}).get("code") for item in results]
    count = codes.index("too_large")
    assert count > 1 and codes == [None] * count + ["too_large"] * (len(commands) - count)
    assert api.stats()["published"] == 4


def test_a_history_page_by_page(api):
    call(api, "batch", commands=[{"method": "publish", "params": {"topic": "a", "payload": n}} for n in range(7)])
    for reverse, wanted in ((False, [1, 2, 3, 4, 5, 6, 7]), (True, [7, 6, 5, 4, 3, 2, 1])):
        found, further = [], {}
        while further is not None:
            page = call(api, "history", topic="a", limit=3, reverse=reverse, **further)
            found += [message["offset"] for message in page["messages"]]
            further = page["next"]
        assert found == wanted
    epoch = call(api, "history", topic="a")["epoch"]
    assert call(api, "history", topic="a", epoch=epoch)["offset"] == 7
    other = "0" * 8 if epoch != "0" * 8 else "1" * 8
    assert call(api, "history", topic="a", epoch=other)[:2] == (410, "gone")


def test_the_rate_of_a_key(make_api):
    api = make_api(rate_capacity=10, rate_refill=1)
    assert call(api, "info")["ready"] is True
    # As many as have never been saved, however much time goes by.
    commands = [{"method": "info"}] * 500
    assert call(api, "batch", commands=commands)[:2] == (429, "rate_limited")
    assert ask(api, "GET", "/livez", key=None)[0] == 200


@asynchronous
async def test_a_backend_subscribes_and_unsubscribes_its_clients(api):
    async with await Client.connect(api) as alice, await Client.connect(api, "bob") as bob:
        found = call(api, "subscribe", user="alice", topics=["a", "b*"])
        assert found["results"][0]["subscribed"] == ["a", "b*"] and not found["results"][0]["failed"]
        ack = (await alice.until("subscription_update"))["p"]
        assert ack["success_topics"] == ["a", "b*"]
        call(api, "publish", topic="a", payload={"n": 1})
        assert (await alice.events(1))[0]["p"] == {"n": 1}
        connection = alice.ready["details"]["connection_id"]
        (row,) = call(api, "connections", connection=connection)["connections"]
        assert row["topics"] == ["a", "b*"]
        assert call(api, "unsubscribe", connection=connection) == {"connections": 1}
        await alice.until("subscription_update")
        assert call(api, "connections", connection=connection)["connections"][0]["topics"] == []
        assert not [each for each in bob.seen if each["t"] == "subscription_update"]


@asynchronous
async def test_a_wish_waits_for_the_hello(api):
    async with await Client.open(api, api.token()) as client:
        ready = await client.receive()
        connection = ready["p"]["details"]["connection_id"]
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(
            None, lambda: call(api, "subscribe", connection=connection, topics=["a"])
        )
        await client.send("client_hello", {"client_version": "test", "protocol_version": 1})
        assert (await asked)["results"][0]["subscribed"] == ["a"]
        kinds = [(await client.receive())["t"] for _ in range(2)]
        assert kinds == ["server_hello", "subscription_update"]


@asynchronous
async def test_an_acl_narrows_rights_and_its_deny_counts_for_backends_too(api):
    async with await Client.connect(api) as alice:
        lists = {"allow": ["a*", "secret:*"], "deny": ["ab"]}
        assert call(api, "acl", user="alice", **lists) == {"connections": 1}
        for topic, may in (("a", True), ("ab", False), ("b", False), ("secret:a", False)):
            ack = await alice.subscribe(topic)
            assert bool(ack["success_topics"]) is may, topic
        assert (await alice.publish("ab", {}))["t"] == "error"
        (result,) = call(api, "subscribe", user="alice", topics=["secret:a", "ab"])["results"]
        assert result["subscribed"] == ["secret:a"]
        assert [failed["topic"] for failed in result["failed"]] == ["ab"]


def test_the_api_on_the_port_of_the_clients(make_server, directory):
    (directory / "keys").write_text(line_of("tests", KEY))
    settings = {"public_api": True, "key_file": str(directory / "keys")}
    server = make_server(http=settings, listen_main={"fallback": "builtin"}).start()
    assert server.ctl_json("status")["http"] is None
    server.api = server.address
    assert call(server, "publish", topic="a")["offset"] == 1
    assert call(server, "publish", key="wrong", topic="a")[0] == 401
    assert "<!doctype html>" in ask(server, "GET", "/demo", key=None)[2]


def test_the_port_of_the_clients_has_no_api_by_default(make_server, directory):
    (directory / "keys").write_text(line_of("tests", KEY))
    settings = {"address": "127.0.0.1:0", "key_file": str(directory / "keys")}
    server = make_server(http=settings, listen_main={"fallback": "builtin"}).start()
    server.api = server.address
    for path in ("/api/v1/info", "/metrics", "/readyz", "/api/v1/openapi.json"):
        assert ask(server, "GET", path)[0] == 404, path
    assert ask(server, "GET", "/livez", key=None)[0] == 200


def test_metrics_are_the_counters(make_api):
    api = make_api(open_metrics=True)
    call(api, "publish", topic="a")
    text = ask(api, "GET", "/metrics", key=None)[2]
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert lines["wse_published_total"] == "1" and lines["wse_topics"] == "1"
    names = {f"wse_{name}_total" for name in api.stats()}
    assert names <= set(lines)
    typed = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    assert {name.partition("{")[0] for name in lines} == typed


@pytest.mark.parametrize(
    "settings, complaint",
    [
        ({"keys": {"a": "wse_plain"}}, "http.keys: a: no hash of a key"),
        ({"address": "localhost:1"}, "http.address: "),
        ({"rate_capacity": 5}, "rate_capacity and rate_refill go together"),
    ],
)
def test_what_cannot_be_configured(make_server, settings, complaint):
    server = make_server(http={"address": "127.0.0.1:0", **settings})
    found = subprocess.run(server.command("-t"), capture_output=True, text=True, timeout=30)
    assert found.returncode == 78 and complaint in found.stderr
