# SPDX-License-Identifier: MIT
"""RustWSEServer, attached to a wsed that the test plays."""
import json
import logging
import queue
import socket
import threading

import pytest

from wse_server import LinkError, RustWSEServer
from wse_server.inbox import Inbox
from wse_server.jwt import encode
from wse_server.types import InboundEvent

TIMEOUT_S = 20


class Control:
    """A control socket with fixed answers: command -> result, or a function of the arguments."""

    def __init__(self, path):
        self.path = str(path)
        self.answers = {}
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                request = json.loads(peer.makefile().readline())
                peer.sendall(json.dumps(self.answer(request)).encode() + b"\n")

    def answer(self, request):
        answer = self.answers.get(request["cmd"])
        if answer is None:
            error = {"code": "not_found", "message": "there is none"}
            return {"id": request["id"], "ok": False, "error": error}
        result = answer(request["args"]) if callable(answer) else answer
        return {"id": request["id"], "ok": True, "result": result}


@pytest.fixture
def control(directory):
    fake = Control(directory / "control.sock")
    yield fake
    fake.listener.shutdown(socket.SHUT_RDWR)
    fake.listener.close()


@pytest.fixture
def make_server(wsed, control):
    servers = []

    def make(**options):
        servers.append(RustWSEServer(link=wsed.path, control_socket=control.path, **options))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def server(make_server):
    made = make_server()
    made.start()
    return made


def drained(server, count):
    """The next `count` events."""
    events = []
    while len(events) < count:
        events += server.drain_inbound(256, 1000)
    return events


def test_events_are_drained_as_tuples(wsed, server):
    wsed.emit("connect", conn="c1", user="alice", data={"peer": "::1"})
    wsed.emit("message", conn="c1", user="alice", type="chat", data={"n": 1})
    wsed.emit("disconnect", conn="c1", user="alice", code=1006)
    events = drained(server, 3)
    assert events == [
        ("auth_connect", "c1", "alice"),
        ("msg", "c1", {"t": "chat", "p": {"n": 1}}),
        ("disconnect", "c1", None),
    ]
    for kind, connection, data in events:  # as the guide's users unpack them
        assert connection == "c1"


def test_a_drain_waits_no_longer_than_it_was_told(server):
    assert server.drain_inbound(256, 1) == []


def test_an_event_is_acknowledged_when_the_next_drain_begins(wsed, server):
    wsed.emit("text", conn="c1", data="hi")
    assert drained(server, 1) == [("raw", "c1", "hi")]
    assert wsed.acknowledged == 0
    server.drain_inbound(1, 1)
    assert wsed.acknowledged == 1


def test_what_is_handled_may_be_said_before_the_end(wsed, make_server):
    server = make_server()
    server.start()
    wsed.emit("text", conn="c1", data="hi")
    drained(server, 1)
    server.stop()
    assert wsed.acknowledged == 0  # it may not have been
    again = make_server()
    again.start()
    drained(again, 1)
    again.ack()
    wsed.answers["info"] = lambda params: None
    again.link.call("info")
    assert wsed.acknowledged == 1


def test_a_wsed_that_was_restarted_has_lost_its_connections(wsed, server):
    wsed.emit("connect", conn="c1", user="alice")
    wsed.emit("connect", conn="c2", user="bob")
    wsed.emit("disconnect", conn="c2", user="bob")
    drained(server, 3)
    assert server.user_of("c1") == "alice"
    wsed.restart("e2")
    wsed.emit("connect", conn="c3", data={})
    assert drained(server, 2) == [("disconnect", "c1", None), ("connect", "c3", "")]
    assert server.user_of("c1") is None


def ask_for(peer, number, conn, topic, **fields):
    peer.send(op="ask", id=number, question="subscribe", conn=conn, topic=topic, **fields)


def test_a_client_has_the_topics_that_the_application_subscribes(wsed, server):
    peer = wsed.peer()
    ask_for(peer, 1, "c1", "a", data={"page": 2})
    (event,) = drained(server, 1)
    payload = {"action": "subscribe", "topics": ["a"], "params": {"page": 2}}
    assert event == ("msg", "c1", {"t": "subscription_update", "p": payload})
    server.subscribe_connection("c1", ["a"])
    assert peer.next("answer") == {"op": "answer", "id": 1, "ok": True}


def test_who_asks_is_told_of_before(wsed, make_link):
    inbox = Inbox(whole=True)
    inbox.open(make_link())
    inbox.add_request(InboundEvent("msg", "c1", {}))
    assert inbox.take(256, 1) == []  # nobody knows c1
    wsed.emit("connect", conn="c1", user="alice")
    events = []
    while len(events) < 2:
        events += inbox.take(256, 1000)
    assert [event.type for event in events] == ["auth_connect", "msg"]


def test_what_is_asked_comes_behind_what_came_before(wsed, server):
    wsed.emit("message", conn="c1", type="x", data={})
    server._inbox._ask(256, 1000)
    with server._inbox._changed:
        assert server._inbox._changed.wait_for(server._inbox._has_something, TIMEOUT_S)
    server._requests._tell(InboundEvent("msg", "c1", {"t": "subscription_update"}))
    assert [data["t"] for _, _, data in drained(server, 2)] == ["x", "subscription_update"]


def test_requests_without_an_end_do_not_keep_events_waiting(wsed, server):
    wsed.emit("text", conn="c1", data="hi")
    seen = []
    while "raw" not in seen:
        server._requests._tell(InboundEvent("msg", "c1", {}))
        seen += [event.type for event in server.drain_inbound(1, 1000)]
        assert len(seen) < 100_000


def test_what_nobody_waits_for_any_more_is_not_told(wsed, server):
    peer = wsed.peer()
    ask_for(peer, 1, "c1", "a")
    peer.send(op="cancel", id=1)
    ask_for(peer, 2, "c1", "b")
    # Answered at once: what was sent before it has been read.
    peer.send(op="ask", id=3, question="snapshot", topic="a", deadline_ms=5000)
    peer.next("answer")
    (event,) = drained(server, 1)
    assert event[2]["p"]["topics"] == ["b"] and server._inbox.depth == 0


def test_a_client_does_not_have_what_the_application_refuses(wsed, server):
    wsed.answers["conn.unsubscribe"] = lambda params: {}
    peer = wsed.peer()
    ask_for(peer, 1, "c1", "a")
    ask_for(peer, 2, "c1", "b")
    drained(server, 2)
    server.unsubscribe_connection("c1", ["a", "c"])
    answer = peer.next("answer")
    assert (answer["id"], answer["ok"], answer["code"]) == (1, False, "denied")
    assert peer.next("call")["params"] == {"conn": "c1", "topics": ["c"]}  # it had not asked
    server.unsubscribe_connection("c1")
    assert peer.next("answer")["id"] == 2
    assert peer.next("call")["params"] == {"conn": "c1"}


def test_a_question_that_was_cancelled_is_granted_no_more(wsed, server):
    wsed.answers["conn.subscribe"] = lambda params: {"subscribed": params["topics"]}
    peer = wsed.peer()
    ask_for(peer, 1, "c1", "a")
    drained(server, 1)
    peer.send(op="cancel", id=1)
    ask_for(peer, 2, "c1", "b")
    drained(server, 1)  # so the cancel has come
    server.subscribe_connection("c1", ["a"])
    assert peer.next("call")["params"] == {"conn": "c1", "topics": ["a"]}


def test_the_application_subscribes_by_itself(wsed, server):
    wsed.answers["conn.subscribe"] = lambda params: {"subscribed": params["topics"]}
    server.subscribe_connection("c1", ["a"], {"mood": "good"}, queue_group="g")
    assert wsed.peer().next("call")["params"] == {
        "conn": "c1", "topics": ["a"], "presence_data": {"mood": "good"}, "queue_group": "g",
    }


def test_many_topics_are_several_calls(wsed, server):
    wsed.answers["conn.subscribe"] = lambda params: {"subscribed": params["topics"]}
    wsed.answers["conn.unsubscribe"] = lambda params: {}
    topics = [f"t{n}" for n in range(300)]
    assert list(server.subscribe_with_recovery("c1", topics)["topics"]) == topics
    server.unsubscribe_connection("c1", topics)
    peer = wsed.peer()
    assert [len(peer.next("call")["params"]["topics"]) for _ in range(4)] == [256, 44, 256, 44]


def test_a_connection_that_is_gone_is_no_error(wsed, server):
    result = {}
    thread = threading.Thread(
        target=lambda: result.update(server.subscribe_with_recovery("gone", ["a"]))
    )
    thread.start()
    peer = wsed.peer()
    peer.refuse(peer.next("call"), "not_found")
    thread.join(TIMEOUT_S)
    assert result == {"recovered": False, "topics": {}}


def test_recovery_tells_each_topic(wsed, server):
    stamps = {"a": {"epoch": "0000abcd", "offset": 42, "recovered": True, "count": 3}}
    wsed.answers["conn.subscribe"] = lambda p: {"subscribed": ["a", "b"], "recovery": stamps}
    answer = server.subscribe_with_recovery("c1", ["a", "b"], True, "0000abcd", 39)
    assert wsed.peer().next("call")["params"] == {
        "conn": "c1", "topics": ["a", "b"], "recover": True, "epoch": "0000abcd", "offset": 39,
    }
    assert answer["recovered"] is False
    assert answer["topics"]["a"] == {
        "epoch": "0000abcd", "offset": 42, "recoverable": True, "recovered": True, "count": 3,
    }
    assert answer["topics"]["b"]["recoverable"] is False


POSTS = {
    "send": (lambda s: s.send("c1", "hi"), "conn.send_text", {"conn": "c1", "text": "hi"}),
    "bytes": (
        lambda s: s.send_bytes("c1", b"\0"), "conn.send_binary", {"conn": "c1", "data": b"\0"},
    ),
    "event": (
        lambda s: s.send_event("c1", {"t": "x", "p": {"n": 1}, "id": "k"}), "conn.send",
        {"conn": "c1", "type": "x", "payload": {"n": 1}, "id": "k"},
    ),
    "disconnect": (
        lambda s: s.disconnect("c1", 4000, "bye"), "conn.close",
        {"conn": "c1", "code": 4000, "reason": "bye"},
    ),
    "plain disconnect": (
        lambda s: s.disconnect("c1"), "conn.close", {"conn": "c1", "code": 4000, "reason": ""},
    ),
    "plain payload": (
        lambda s: s.send_event("c1", {"t": "x", "p": 5}), "conn.send",
        {"conn": "c1", "type": "x", "payload": {"data": 5}},
    ),
    "presence": (
        lambda s: s.update_presence("c1", {"m": 1}), "conn.presence",
        {"conn": "c1", "data": {"m": 1}},
    ),
    "everybody": (
        lambda s: s.broadcast_all('{"t":"x","p":{}}'), "send",
        {"all": True, "type": "x", "payload": {}},
    ),
    "old everybody": (
        lambda s: s.broadcast('{"t":"x","p":{}}'), "send",
        {"all": True, "type": "x", "payload": {}},
    ),
}


@pytest.mark.parametrize("use, method, params", POSTS.values(), ids=POSTS)
def test_what_is_said_to_clients_is_a_call(wsed, server, use, method, params):
    pytest.importorskip("msgpack")
    use(server)
    call = wsed.peer().next("call")
    assert (call["method"], call["params"]) == (method, params)


def test_a_topic_gets_an_event_under_an_id(wsed, server):
    wsed.answers["publish"] = lambda params: {}
    server.broadcast("a", '{"t":"x","p":{"n":1},"pri":8}')
    server.broadcast_local("b", "plain")
    peer = wsed.peer()
    first, second = peer.next("call")["params"], peer.next("call")["params"]
    assert first.pop("id") and second.pop("id")
    assert first == {"topic": "a", "type": "x", "payload": {"n": 1}, "priority": 8}
    assert second == {"topic": "b", "payload": {"data": "plain"}}


def test_a_publish_waits_for_its_place(wsed, server):
    wsed.answers["publish"] = lambda params: {"topic": "a", "epoch": "e", "offset": 1}
    assert server.publish("a", {"n": 1}, type="x")["offset"] == 1


def test_a_broadcast_that_fails_is_logged(wsed, server, caplog):
    with caplog.at_level(logging.WARNING, "wse_server"):
        server.broadcast("a", "{}")
        peer = wsed.peer()
        peer.refuse(peer.next("call"), "invalid", "the topic is none")
        wsed.answers["info"] = lambda params: None
        server.link.call("info")  # so the refusal has come
    assert "publish failed: invalid: the topic is none" in caplog.text


def test_an_event_of_an_id_is_sent_to_a_connection_once(wsed, server):
    event = {"t": "x", "p": {"n": 1}, "id": "k"}
    assert server.send_event("c1", event) == len(json.dumps(event, separators=(",", ":")))
    assert server.send_event("c1", event) == 0
    assert server.send_event("c2", event) > 0


def test_an_acl_leaves_out_what_is_not_given(wsed, server):
    wsed.answers["conn.acl"] = lambda params: {}
    server.set_topic_acl("c1", allow=["a:*"])
    assert wsed.peer().next("call")["params"] == {"conn": "c1", "allow": ["a:*"]}


def test_callbacks_are_called_in_order_on_one_thread(wsed, make_server):
    seen = queue.Queue()
    server = make_server()
    server.set_callbacks(
        lambda *event: seen.put(("connect", *event)),
        lambda *event: seen.put(("message", *event)),
        lambda *event: seen.put(("disconnect", *event)),
    )
    wsed.emit("connect", conn="c1", data={"cookie": "a=b"})
    wsed.emit("message", conn="c1", type="x", data={})
    wsed.emit("text", conn="c1", data="hi")
    wsed.emit("disconnect", conn="c1")
    server.start()
    assert [seen.get(timeout=TIMEOUT_S) for _ in range(4)] == [
        ("connect", "c1", "a=b"),
        ("message", "c1", {"t": "x", "p": {}}),
        ("message", "c1", "hi"),
        ("disconnect", "c1"),
    ]
    with pytest.raises(RuntimeError, match="callbacks take the events"):
        server.drain_inbound()


def test_a_callback_that_fails_is_logged_and_the_next_one_called(wsed, make_server, caplog):
    seen = queue.Queue()

    async def message(conn, data):
        if data == "bad":
            raise KeyError(data)
        seen.put(data)

    server = make_server()
    server.set_callbacks(on_message=message)
    wsed.emit("text", conn="c1", data="bad")
    wsed.emit("text", conn="c1", data="good")
    server.start()
    assert seen.get(timeout=TIMEOUT_S) == "good"
    assert "the callback of raw failed" in caplog.text


def test_drain_mode_wins_over_callbacks(wsed, make_server):
    server = make_server()
    server.set_callbacks(on_message=lambda conn, data: None)
    server.enable_drain_mode()
    server.start()
    wsed.emit("text", conn="c1", data="hi")
    assert drained(server, 1) == [("raw", "c1", "hi")]
    with pytest.raises(RuntimeError, match="before start"):
        server.enable_drain_mode()


def ask_who(peer, token):
    peer.send(op="ask", id=1, question="connect", data=token, source="cookie")
    return peer.next("answer")


def test_a_function_of_the_application_judges_tokens(wsed, make_server):
    def validate_jwt_token(token):
        if token != "good":
            raise ValueError(token)
        return {"sub": "alice", "exp": 1000}

    make_server(authenticate=validate_jwt_token).start()
    peer = wsed.peer()
    answer = ask_who(peer, "good")
    assert (answer["ok"], answer["user"], answer["expires_ms"]) == (True, "alice", 1000000)
    for bad in ("bad", "", None):
        answer = ask_who(peer, bad)
        assert (answer["ok"], answer["code"]) == (False, "denied")


def test_a_demo_secret_works_and_is_judged_here(wsed, make_server):
    make_server(jwt_secret=b"your-secret-key", jwt_issuer="your-app").start()
    peer = wsed.peer()
    claims = {"sub": "alice", "exp": 1 << 40, "iss": "your-app"}
    assert ask_who(peer, encode(claims, "your-secret-key"))["user"] == "alice"
    assert ask_who(peer, encode(claims, "another"))["code"] == "denied"
    assert ask_who(peer, encode({**claims, "iss": "x"}, "your-secret-key"))["code"] == "denied"


STATUS = {
    "applications": [
        {"name": "app_socket", "queued": 7, "away": False},
        {"name": "other", "queued": 1, "away": False},
    ],
    "connections": 3, "uptime_ms": 1500, "topics": 2, "ready": True, "history": {"bytes": 10},
}
COUNTERS = [
    {"name": "messages_received", "help": "messages", "value": 5},
    {"name": "app_refused", "help": "refused", "value": 2},
    {"name": "idle_closed", "help": "idle", "value": 1},
]


def test_what_there_is_is_told(control, wsed, server):
    wsed.answers = {
        "info": lambda params: STATUS,
        "connections": lambda params: {"connections": [{"id": "c1"}, {"id": "c2"}]},
        "topics": lambda params: {"topics": [{"topic": 'a"b', "offset": 9}]},
        "presence": lambda params: {
            "users": [{"user": "alice", "data": {"m": 1}, "connections": 2}]
        },
    }
    control.answers = {
        "stats": {"counters": COUNTERS, "modules": []},
        "topic.show": lambda args: {"subscribers": 4, "group_members": 2},
    }
    assert server.get_connections() == ["c1", "c2"] and server.get_connection_count() == 3
    assert server.get_topic_subscriber_count("a") == 4
    assert server.get_queue_group_info("a") == {"topic": "a", "members": 2}
    assert server.presence("a") == {"alice": {"data": {"m": 1}, "connections": 2}}
    assert server.presence_stats("a") == {"num_users": 1, "num_connections": 2}
    assert server.inbound_dropped_count() == 2 and server.inbound_queue_depth() == 7
    snapshot = server.health_snapshot()
    assert snapshot["connections"] == 3 and snapshot["inbound_dropped"] == 2
    assert snapshot["uptime_secs"] == 1.5 and snapshot["cluster_connected"] is False
    text = server.prometheus_metrics()
    assert "wse_connections 3\n" in text and "wse_messages_received_total 5\n" in text
    assert "wse_inbound_dropped_total 2\n" in text and "wse_idle_closed_total 1\n" in text
    assert 'wse_topic_messages_total{topic="a\\"b"} 9\n' in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_without_a_control_socket_that_is_said(wsed):
    server = RustWSEServer(link=wsed.path)
    server.start()
    with pytest.raises(LinkError, match="control_socket="):
        server.inbound_dropped_count()
    server.stop()


def test_a_topic_that_does_not_exist_has_nobody(server):
    assert server.get_topic_subscriber_count("none") == 0
    assert server.get_queue_group_info("none") == {"topic": "none", "members": 0}


def test_hosts_are_joined_by_redis_and_nothing_else(wsed, server):
    wsed.answers["info"] = lambda params: STATUS
    with pytest.raises(NotImplementedError, match="redis_url"):
        server.connect_cluster(["host:1"])
    assert server.cluster_connected() is False and server.cluster_info() == {}
    assert server.cluster_peers_count() == 0 and server.get_cluster_dlq_entries() == []


def test_what_came_before_the_stop_can_be_drained_after_it(wsed, server):
    wsed.peer()
    wsed.emit("disconnect", conn="c1")
    server._inbox.take_for_later(1000)
    server.stop()
    assert not server.is_running()
    assert server.drain_inbound() == [("disconnect", "c1", None)]
    assert server.drain_inbound(1, 1) == []
    server.stop()


def test_a_drain_of_clients_closes_each(wsed, server):
    wsed.answers["connections"] = lambda params: {"connections": [{"id": "c1"}]}
    server.drain(4301, "moving")
    peer = wsed.peer()
    peer.next("call")
    call = peer.next("call")
    assert (call["method"], call["params"]) == (
        "conn.close", {"conn": "c1", "code": 4301, "reason": "moving"},
    )
