# SPDX-License-Identifier: MIT
"""The link: calls, events and questions, and what becomes of them when it breaks."""
import threading
import uuid

import pytest

from support.fake import FakeWsed
from wse_server.errors import CallError, Denied, LinkError, LinkLost, LinkRefused, LinkTimeout
from wse_server.link import Link
from wse_server.types import Accept


def test_the_hello_says_who_comes(wsed, make_link):
    make_link(name="billing-1", answers={"connect": lambda question: None})
    hello = wsed.peer().hello
    assert hello["op"] == "hello" and hello["version"] == 1
    assert hello["name"] == "billing-1" and hello["answers"] == ["connect"]
    assert "resume" not in hello and "secret" not in hello


def test_a_wrong_secret_is_said_at_once(directory):
    fake = FakeWsed(directory, secret="right")
    link = Link(fake.path, secret="wrong", backoff=(60, 60))
    with pytest.raises(LinkRefused, match="the secret is wrong") as caught:
        link.start(timeout=60)
    assert caught.value.code == "denied"
    fake.shut()


def test_nobody_there_is_said_with_the_reason(directory):
    with pytest.raises(LinkTimeout, match="No such file"):
        Link(str(directory / "none"), backoff=(0.001, 0.01)).start(timeout=0.1)


@pytest.mark.parametrize("form", ["json", "msgpack"])
def test_a_call_has_its_result(wsed, make_link, form):
    pytest.importorskip("msgpack")
    wsed.answers["publish"] = lambda params: {"offset": 7, "got": params}
    link = make_link(format=form)
    key = uuid.uuid4()
    result = link.call("publish", {"topic": "a", "payload": {"n": [1, key]}})
    assert result == {"offset": 7, "got": {"topic": "a", "payload": {"n": [1, str(key)]}}}


def test_a_refusal_has_its_code(wsed, make_link):
    link = make_link()
    future = link.submit("publish", {})
    peer = wsed.peer()
    peer.refuse(peer.next("call"), "invalid", "topic: is missing")
    with pytest.raises(CallError, match="topic: is missing") as caught:
        future.result(20)
    assert caught.value.code == "invalid"


def test_answers_may_come_in_any_order(wsed, make_link):
    link = make_link()
    futures = [link.submit("info", {"n": n}) for n in range(3)]
    peer = wsed.peer()
    calls = [peer.next("call") for _ in range(3)]
    assert [call["params"]["n"] for call in calls] == [0, 1, 2]
    for call in reversed(calls):
        peer.answer(call, call["params"]["n"])
    assert [future.result(20) for future in futures] == [0, 1, 2]


def test_a_post_has_no_number(wsed, make_link):
    make_link().post("conn.send_text", {"conn": "c1", "text": "hi"})
    frame = wsed.peer().next("call")
    assert "id" not in frame and frame["params"] == {"conn": "c1", "text": "hi"}


def test_a_call_without_an_answer_ends_in_time(make_link):
    with pytest.raises(LinkTimeout, match="info: no answer within 0.05 s"):
        make_link().call("info", timeout=0.05)


def test_a_call_under_way_when_the_link_breaks_is_lost(wsed, make_link):
    link = make_link()
    future = link.submit("conn.close", {"conn": "c1"})
    peer = wsed.peer()
    peer.next("call")
    peer.cut()
    with pytest.raises(LinkLost):
        future.result(20)


def test_what_may_be_done_twice_is_sent_again(wsed, make_link):
    link = make_link()
    future = link.submit("publish", {"id": "k1"}, again=True)
    peer = wsed.peer()
    peer.next("call")
    peer.cut()
    second = wsed.peer()
    call = second.next("call")
    assert call["params"] == {"id": "k1"}
    second.answer(call, "done")
    assert future.result(20) == "done"


def test_what_the_server_cannot_read_is_not_sent_again(wsed, make_link):
    link = make_link()
    future = link.submit("publish", {"id": "k1"}, again=True)
    peer = wsed.peer()
    peer.next("call")
    peer.send(op="error", code="bad_message", message="no message")
    peer.cut()
    with pytest.raises(LinkLost):
        future.result(20)


def test_values_that_json_has_no_form_for_go_as_in_json(wsed, make_link):
    pytest.importorskip("msgpack")
    wsed.answers["publish"] = lambda params: params
    payload = {2: [float("nan"), {None: float("inf")}], "t": (1, 2.5), True: {3}}
    result = make_link(format="msgpack").call("publish", payload)
    assert result == {"2": [None, {"null": None}], "t": [1, 2.5], "true": [3]}


def test_calls_wait_for_a_server_that_comes_back(wsed, make_link):
    link = make_link()
    wsed.peer()
    wsed.shut()
    with link._changed:
        assert link._changed.wait_for(lambda: not link.connected, 20)
    futures = [link.submit("info", {"n": n}) for n in range(3)]
    wsed.open()
    peer = wsed.peer()
    for n in range(3):
        call = peer.next("call")
        assert call["params"] == {"n": n}
        peer.answer(call, n)
    assert [future.result(20) for future in futures] == [0, 1, 2]


def test_a_call_given_up_before_it_was_sent_is_not_sent(wsed, make_link):
    link = make_link()
    wsed.peer()
    wsed.shut()
    with link._changed:
        assert link._changed.wait_for(lambda: not link.connected, 20)
    with pytest.raises(LinkTimeout):
        link.call("first", timeout=0.01)
    link.post("second")
    wsed.open()
    assert wsed.peer().next("call")["method"] == "second"


def test_more_than_may_wait_is_refused_in_time(wsed, make_link):
    link = make_link(max_pending=1000)
    wsed.peer()
    wsed.shut()
    with link._changed:
        assert link._changed.wait_for(lambda: not link.connected, 20)
    link.post("first", {"text": "x" * 900})
    assert link.has_room()
    with pytest.raises(LinkTimeout, match="no room"):
        link.post("second", {"text": "x" * 900}, timeout=0.01)
    wsed.open()
    link.post("third", {"text": "x" * 900})
    peer = wsed.peer()
    assert [peer.next("call")["method"] for _ in range(2)] == ["first", "third"]


def test_a_large_call_arrives_whole(wsed, make_link):
    wsed.answers["send"] = lambda params: len(params["text"])
    assert make_link().call("send", {"text": "x" * 1_000_000}) == 1_000_000


def test_what_is_over_the_limit_of_a_frame_is_refused_here(make_link):
    with pytest.raises(CallError, match="over the link's 1048576") as caught:
        make_link().call("send", {"text": "x" * 1_100_000})
    assert caught.value.code == "too_large"


def test_events_come_in_order_and_are_acknowledged_by_the_next_drain(wsed, make_link):
    link = make_link()
    for n in range(5):
        wsed.emit("message", conn="c1", user="alice", type="x", data={"n": n})
    first = link.drain(3, 1000)
    assert [event.data["n"] for event in first] == [0, 1, 2]
    assert (first[0].conn, first[0].user, first[0].seq, first[0].epoch) == ("c1", "alice", 1, "e1")
    assert wsed.acknowledged == 0
    assert [event.data["n"] for event in link.drain(3, 1000)] == [3, 4]
    assert wsed.acknowledged == 3
    assert link.drain(3, 1) == []
    assert wsed.acknowledged == 5 and link.position == ("e1", 5)


def test_an_acknowledgement_may_come_before_the_next_drain(wsed, make_link):
    wsed.answers["info"] = lambda params: None
    link = make_link()
    wsed.emit("text", conn="c1", data="hi")
    link.drain(10, 1000)
    link.ack()
    link.call("info")
    assert wsed.acknowledged == 1


@pytest.mark.parametrize("form", ["json", "msgpack"])
def test_octets_are_octets_in_both_forms(wsed, make_link, form):
    pytest.importorskip("msgpack")
    wsed.emit("binary", conn="c1", data=b"\x00\xff" if form == "msgpack" else "AP8=")
    link = make_link(format=form)
    assert link.drain(1, 1000)[0].data == b"\x00\xff"
    link.post("conn.send_binary", {"conn": "c1", "data": link.octets(b"\xfe")})
    expected = b"\xfe" if form == "msgpack" else "/g=="
    assert wsed.peer().next("call")["params"]["data"] == expected


def test_json_that_msgpack_has_no_form_for_is_read(wsed, make_link):
    pytest.importorskip("msgpack")
    wsed.emit("message", conn="c1", data_json='{"n":1e400,"big":36893488147419103232}')
    (event,) = make_link(format="msgpack").drain(1, 1000)
    assert event.data == {"n": float("inf"), "big": 1 << 65}


def test_a_break_neither_loses_nor_doubles_events(wsed, make_link):
    link = make_link()
    got = []
    for n in range(200):
        wsed.emit("message", conn="c1", data=n)
        if n % 20 == 10:
            wsed.peer().cut()
        got += [event.data for event in link.drain(7, 0)]
    while len(got) < 200:
        got += [event.data for event in link.drain(7, 100)]
    assert got == list(range(200))


def test_the_next_connection_says_what_was_handled(wsed, make_link):
    link = make_link()
    for n in range(4):
        wsed.emit("message", conn="c1", data=n)
    link.drain(2, 1000)
    link.drain(2, 1000)
    wsed.peer().cut()
    assert wsed.peer().hello["resume"] == {"epoch": "e1", "seq": 2}


def test_another_process_goes_on_where_the_last_one_was(wsed, make_link):
    for n in range(4):
        wsed.emit("message", conn="c1", data=n)
    link = make_link()
    link.drain(2, 1000)
    link.close()
    again = make_link()
    assert [event.data for event in again.drain(9, 1000)] == [0, 1, 2, 3]
    again.close()
    third = make_link(resume=("e1", 3))
    assert [event.data for event in third.drain(9, 1000)] == [3]


def test_a_server_that_was_restarted_begins_anew(wsed, make_link):
    changes = []
    link = make_link(on_change=lambda welcome, new: changes.append((welcome.epoch, new)))
    for n in range(3):
        wsed.emit("message", conn="c1", data=n)
    assert len(link.drain(9, 1000)) == 3
    wsed.restart("e2")
    wsed.emit("message", conn="c2", data="first")
    got = []
    while not got:
        got = link.drain(9, 100)
    assert [event.data for event in got] == ["first"] and got[0].epoch == "e2"
    assert wsed.acknowledged == 0  # what was handled of the old run says nothing of the new one
    assert changes == [("e1", True), ("e2", True)]


def test_a_drain_that_is_refused_says_why(wsed, make_link):
    link = make_link()
    wsed.drain = lambda peer, message: peer.send(op="error", id=message["id"], code="busy")
    with pytest.raises(CallError, match="busy"):
        link.drain(1, 1)


ANSWERS = {
    # What a handler of `connect` gives, and the answer.
    "name": (lambda q: "alice", {"ok": True, "user": "alice"}),
    "claims": (
        lambda q: {"sub": "alice", "exp": 12.5},
        {"ok": True, "user": "alice", "data": {"sub": "alice", "exp": 12.5}, "expires_ms": 12500},
    ),
    "accept": (
        lambda q: Accept("bob", {"wse_topics": {"allow": ["a"]}}, 9),
        {"ok": True, "user": "bob", "data": {"wse_topics": {"allow": ["a"]}}, "expires_ms": 9},
    ),
    "nothing": (lambda q: None, {"ok": False, "code": "denied"}),
    "true": (lambda q: True, {"ok": False, "code": "denied"}),
    "nobody": (lambda q: {"role": "x"}, {"ok": False, "code": "denied"}),
    "unknown": (lambda q: 1 / 0, {"ok": False, "code": "unavailable"}),
}


@pytest.mark.parametrize("handler, expected", ANSWERS.values(), ids=ANSWERS)
def test_who_may_connect_is_what_the_handler_says(wsed, make_link, handler, expected):
    make_link(answers={"connect": handler})
    peer = wsed.peer()
    peer.send(op="ask", id=9, question="connect", data="token", peer="::1", source="cookie")
    answer = peer.next("answer")
    assert answer.pop("id") == 9
    assert expected.items() <= answer.items(), answer
    if not answer["ok"]:
        assert "division" not in answer["message"]  # what went wrong here is nobody's business


def test_a_question_comes_as_it_was_asked(wsed, make_link):
    seen = []
    make_link(answers={"snapshot": lambda question: seen.append(question) or {"rows": []}})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="snapshot", topic="a", user="u", data={"page": 2})
    assert peer.next("answer") == {"op": "answer", "id": 1, "ok": True, "data": {"rows": []}}
    assert (seen[0].topic, seen[0].user, seen[0].data) == ("a", "u", {"page": 2})


def test_no_state_is_not_found(wsed, make_link):
    make_link(answers={"snapshot": lambda question: None})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="snapshot", topic="a")
    assert peer.next("answer")["code"] == "not_found"


@pytest.mark.parametrize(
    "value, ok, data", [(True, True, None), ({"n": 2}, True, {"n": 2}), (None, False, None)]
)
def test_a_publish_may_be_let_through_changed_or_refused(wsed, make_link, value, ok, data):
    make_link(answers={"publish": lambda question: value})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="publish", topic="a", data={"n": 1})
    answer = peer.next("answer")
    assert (answer["ok"], answer.get("data")) == (ok, data)


def test_a_question_that_nobody_answers_is_unavailable(wsed, make_link):
    make_link(answers={"connect": lambda question: "alice"})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="publish", topic="a")
    assert peer.next("answer")["code"] == "unavailable"


def test_a_cancelled_question_is_not_answered(wsed, make_link):
    go, begun = threading.Event(), threading.Event()

    def slow(question):
        begun.set()
        assert go.wait(20)
        return "alice"

    make_link(answers={"connect": slow, "subscribe": lambda question: True})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="connect")
    assert begun.wait(20)
    peer.send(op="cancel", id=1)
    peer.send(op="ask", id=2, question="subscribe", topic="a")
    assert peer.next("answer")["id"] == 2
    go.set()
    peer.send(op="ask", id=3, question="subscribe", topic="a")
    assert peer.next("answer")["id"] == 3


def test_a_question_of_a_broken_link_is_not_answered_on_the_next_one(wsed, make_link):
    go, begun = threading.Event(), threading.Event()

    def slow(question):
        begun.set()
        assert go.wait(20)
        raise Denied("late")

    make_link(answers={"connect": slow, "subscribe": lambda question: True})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="connect")
    assert begun.wait(20)
    peer.cut()
    second = wsed.peer()
    go.set()
    second.send(op="ask", id=1, question="subscribe", topic="a")
    assert second.next("answer") == {"op": "answer", "id": 1, "ok": True}


def test_an_answer_is_for_the_connection_that_asked(wsed, make_link):
    wsed.answers["info"] = lambda params: None
    link = make_link()
    wsed.peer().cut()
    second = wsed.peer()
    link.call("info")  # so the second is there
    second.next("call")
    link._send_answer((1, 7), {"ok": True})
    link._send_answer((2, 8), {"ok": True})
    assert second.next("answer")["id"] == 8


def test_an_answer_that_has_no_form_is_unavailable(wsed, make_link):
    make_link(answers={"snapshot": lambda question: object()})
    peer = wsed.peer()
    peer.send(op="ask", id=1, question="snapshot", topic="a")
    assert peer.next("answer")["code"] == "unavailable"


def test_what_is_told_beside_answers_ends_nothing(wsed, make_link, caplog):
    wsed.answers["info"] = lambda params: "there"
    link = make_link()
    wsed.peer().send(op="error", code="slow", message="read faster")
    assert link.call("info") == "there"
    assert "read faster" in caplog.text


def test_what_was_taken_over_is_not_taken_back(wsed, make_link):
    make_link(takeover=True)
    peer = wsed.peer()
    assert peer.hello["takeover"] is True
    peer.send(op="error", code="taken_over", message="another connection drains now")
    peer.cut()
    assert "takeover" not in wsed.peer().hello


def test_a_silent_link_is_tried_and_given_up(wsed, make_link):
    link = make_link(heartbeat=0.02)
    peer = wsed.peer()
    wsed.take = lambda peer, message: peer.frames.put(message)  # no pong
    assert peer.next("ping")
    with link._changed:
        assert link._changed.wait_for(lambda: link._problem, 20)
    assert "nothing was heard" in str(link._problem)
    assert wsed.peer()


def test_a_closed_link_takes_nothing(make_link):
    link = make_link()
    link.close()
    for use in (lambda: link.call("info"), lambda: link.post("info"), lambda: link.drain(1, 1)):
        with pytest.raises(LinkError, match="closed"):
            use()
