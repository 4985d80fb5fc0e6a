# SPDX-License-Identifier: MIT
"""The application link to wsed: events out, commands in, questions answered.

A Link is one connection with a thread behind it that reads, sends what could not be sent at once,
and connects again. Its methods may be called from any thread; those that wait say so. After a
fork, the child makes a Link of its own.
"""
from __future__ import annotations

import asyncio
import base64
import itertools
import logging
import random
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

from .codec import DEFAULT_MAX_FRAME, FrameReader, codec, frame, load_json
from .errors import CallError, LinkError, LinkLost, LinkRefused, LinkTimeout
from .greeting import Welcome, connect
from .outbox import Entry, Outbox, settle
from .questions import Handler, Number, Questions
from .types import LinkEvent, Question

log = logging.getLogger("wse_server.link")

EVENT_FIELDS = frozenset(LinkEvent.__dataclass_fields__) - {"epoch"}
QUESTION_FIELDS = frozenset(Question.__dataclass_fields__)
READ_BYTES = 1 << 18
# Of errors that end a connection: something that we sent cannot be read.
UNREADABLE = frozenset(
    {"bad_message", "bad_call", "bad_drain", "bad_ack", "bad_answer", "too_large"}
)


class Link:
    """`address` is the path of a Unix socket, or `host:port`, which needs the `secret`.

    answers      a handler for each question that this application answers; see questions.py
    resume       (epoch, seq) of the last event that was handled by an earlier process
    takeover     ends another connection that takes events, instead of being refused; until another
                 does so in its turn: then drain() says `busy`
    max_pending  octets that may wait to be sent; beyond, callers wait
    on_change    told, on the link's thread, of each connection: (welcome, whether the epoch is new)
    """

    def __init__(
        self,
        address: str,
        *,
        secret: str | None = None,
        format: str = "auto",
        name: str | None = None,
        answers: Mapping[str, Handler] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        resume: tuple[str, int] | None = None,
        takeover: bool = False,
        call_timeout: float = 30.0,
        connect_timeout: float = 5.0,
        backoff: tuple[float, float] = (0.05, 5.0),
        heartbeat: float = 15.0,
        max_pending: int = 16 << 20,
        max_frame: int = DEFAULT_MAX_FRAME,
        on_change: Callable[[Welcome, bool], None] | None = None,
    ) -> None:
        self.address = address
        self.call_timeout = call_timeout
        self.welcome: Welcome | None = None
        self._codec = codec(format)
        self._hello: dict[str, Any] = {"op": "hello", "version": 1, "format": self._codec.name}
        for key, value in (("secret", secret), ("name", name), ("takeover", takeover)):
            if value:
                self._hello[key] = value
        if answers:
            self._hello["answers"] = list(answers)
        self._questions = Questions(answers or {}, self._send_answer, loop)
        self._epoch, self._handled = resume or ("", 0)
        self._given = self._handled
        self._connect_timeout = connect_timeout
        self._backoff = backoff
        self._heartbeat = heartbeat
        self._max_frame = max_frame
        self._on_change = on_change
        self._numbers = itertools.count(1)
        self._outbox = Outbox(max_pending)
        self._changed = threading.Condition()
        self._draining = threading.Lock()
        self._asked: Future[Any] | None = None  # a drain that nobody has ended
        self._socket: socket.socket | None = None
        self._problem: Exception | None = None
        self._connections = 0  # how many there have been
        self._told = ""  # the code of an error frame that answers nothing
        self._closing = False
        self._wake_out, self._wake_in = socket.socketpair()
        for each in (self._wake_out, self._wake_in):
            each.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="wse-link", daemon=True)

    # The life of it.

    def start(self, timeout: float | None = None) -> "Link":
        """Waits for the first connection. A LinkError says what is wrong, once the time has passed;
        a LinkRefused comes at once."""
        self._thread.start()
        try:
            self.wait_connected(self._connect_timeout if timeout is None else timeout)
        except LinkError:
            self.close()
            raise
        return self

    def wait_connected(self, timeout: float | None = None) -> None:
        """Waits. A LinkError when it is not connected within the time."""
        with self._changed:
            done = self._changed.wait_for(
                lambda: self._socket or self._closing or isinstance(self._problem, LinkRefused),
                timeout,
            )
            if self._socket and not self._closing:
                return
            if self._closing:
                raise LinkError("the link is closed")
            if isinstance(self._problem, LinkRefused):
                raise self._problem
            assert not done
            raise LinkTimeout(f"no connection to {self.address}: {self._problem}")

    def close(self) -> None:
        """Ends the connection and fails what is owed. Waits for the thread."""
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify_all()
        self._wake()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join()
        self._questions.close()
        with self._changed:
            failed = self._outbox.clear()
        for future in failed:
            settle(future, error=LinkError("the link is closed"))
        self._wake_in.close()
        self._wake_out.close()

    def __enter__(self) -> "Link":
        return self if self._thread.is_alive() else self.start()

    def __exit__(self, *unused: object) -> None:
        self.close()

    def use_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Coroutines answer on this one from now on."""
        self._questions.loop = loop

    @property
    def connected(self) -> bool:
        return self._socket is not None

    @property
    def position(self) -> tuple[str, int]:
        """(epoch, seq) of the last event that is handled: `resume` of the next process."""
        with self._changed:
            return self._epoch, self._handled

    # Calls.

    def call(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        again: bool = False,
    ) -> Any:
        """Waits for the result. CallError: wsed refused. LinkLost: the link broke, and nobody knows.

        `again`: what may be done twice, as a publish with an id, is sent again after a break."""
        timeout = self.call_timeout if timeout is None else timeout
        end = time.monotonic() + timeout
        future = self.submit(method, params, timeout=timeout, again=again)
        try:
            return future.result(max(0.0, end - time.monotonic()))
        except FutureTimeout:
            future.cancel()
            raise LinkTimeout(f"{method}: no answer within {timeout:g} s") from None

    def submit(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
        again: bool = False,
    ) -> "Future[Any]":
        """Goes out in the order of the calls; the answer comes when it does. Waits only while
        there is no room."""
        number = next(self._numbers)
        body = {"op": "call", "id": number, "method": method, "params": dict(params or {})}
        future: Future[Any] = Future()
        self._send(Entry(self._frame(body), number, future, again), timeout)
        return future

    def post(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float | None = None,
    ) -> None:
        """Likewise, and nobody wants to hear what became of it."""
        body = {"op": "call", "method": method, "params": dict(params or {})}
        self._send(Entry(self._frame(body)), timeout)

    def octets(self, value: bytes) -> Any:
        """Octets as they stand in the params of a call."""
        return bytes(value) if self._codec.binary else base64.b64encode(value).decode()

    def has_room(self) -> bool:
        """Whether a call would not have to wait for room."""
        return self._outbox.size < self._outbox.limit

    # Events.

    def drain(self, max_count: int = 256, wait_ms: int = 50) -> list[LinkEvent]:
        """Waits for the first event, at most `wait_ms`, and gives what is there. The events of the
        call before count as handled; those that were not come again, to this process or the next.
        """
        with self._draining:
            future = self.begin_drain(max_count, wait_ms)
            if future is None:
                return []
            if not wait([future], wait_ms / 1000 + self.call_timeout).done:
                raise LinkTimeout("drain: no answer")
            return self.end_drain(future)

    def begin_drain(self, max_count: int, wait_ms: int) -> "Future[Any] | None":
        """The first half of drain(), for callers that wait in their own way, one at a time. None
        when there was no connection for all of the time. Who gives up waiting begins again, and
        has the same answer still to come."""
        with self._changed:
            if self._asked is not None:
                return self._asked
            self._handled = self._given
            self._changed.wait_for(lambda: self._socket or self._closing, wait_ms / 1000)
            if self._closing:
                raise LinkError("the link is closed")
            if not self._socket:
                return None
            number = next(self._numbers)
            body = {"op": "drain", "id": number, "max": max_count, "wait_ms": wait_ms}
            if self._handled:
                body["ack"] = self._handled
            future: Future[Any] = Future()
            self._put(Entry(self._frame(body), number, future, bound=True))
            self._asked = future
        return future

    def end_drain(self, future: "Future[Any]") -> list[LinkEvent]:
        """The second half, when the future is done; nothing, when the link broke meanwhile."""
        with self._changed:
            self._asked = None
            try:
                events = future.result()
            except LinkLost:
                return []
            events = [each for each in events if self._is_new(each)]
            if events:
                self._given = events[-1].seq
        return events

    def ack(self) -> None:
        """The events of the last drain() are handled, before the next one."""
        with self._changed:
            if self._handled == self._given or not self._socket:
                self._handled = self._given  # the next hello says so
                return
            self._handled = self._given
            self._put(Entry(self._frame({"op": "ack", "seq": self._handled}), bound=True))

    def _is_new(self, event: LinkEvent) -> bool:
        return event.epoch == self._epoch and event.seq > self._given

    # Sending.

    def _frame(self, message: dict[str, Any]) -> bytes:
        body = self._codec.dump(message)
        limit = self.welcome.max_frame if self.welcome else self._max_frame
        if len(body) > limit:
            raise CallError("too_large", f"{len(body)} bytes are over the link's {limit}")
        return frame(body)

    def _send(self, entry: Entry, timeout: float | None) -> None:
        timeout = self.call_timeout if timeout is None else timeout
        with self._changed:
            if threading.current_thread() is not self._thread:
                there = self._changed.wait_for(
                    lambda: self._closing or self._outbox.has_room(entry.frame), timeout
                )
                if not there:
                    raise LinkTimeout(f"no room to send within {timeout:g} s")
            if self._closing:
                raise LinkError("the link is closed")
            self._put(entry)

    def _put(self, entry: Entry) -> None:
        """With the lock. What the kernel takes at once saves a turn of the thread."""
        was_empty = len(self._outbox) == 0
        self._outbox.add(entry)
        if not was_empty or self._socket is None:
            return
        try:
            if self._outbox.flush(self._socket):
                return
        except OSError:
            pass  # the thread finds the same when it reads
        self._wake()

    def _send_answer(self, asked: Number, answer: dict[str, Any]) -> None:
        connection, number = asked
        message = {"op": "answer", "id": number, **answer}
        try:
            body = self._frame(message)
        except (CallError, TypeError, ValueError) as error:
            log.error("an answer cannot be sent: %s", error)
            failed = {"ok": False, "code": "unavailable", "message": "the answer cannot be sent"}
            body = self._frame({"op": "answer", "id": number, **failed})
        with self._changed:
            # The same number may stand for another question there.
            if self._socket is not None and connection == self._connections:
                self._put(Entry(body, bound=True))

    def _wake(self) -> None:
        try:
            self._wake_in.send(b"\0")
        except (BlockingIOError, OSError):
            pass  # it is awake, or closed

    # The thread.

    def _run(self) -> None:
        delay = self._backoff[0]
        while not self._closing:
            try:
                hello = dict(self._hello)
                if self._epoch:
                    hello["resume"] = {"epoch": self._epoch, "seq": self._handled}
                sock, welcome, rest = connect(
                    self.address, hello, self._connect_timeout, self._max_frame
                )
            except (OSError, LinkError) as error:
                self._note(error)
                with self._changed:
                    pause = delay * random.uniform(0.8, 1.2)
                    self._changed.wait_for(lambda: self._closing, pause)
                delay = min(delay * 2, self._backoff[1])
                continue
            delay = self._backoff[0]
            try:
                self._begin(sock, welcome)
                self._serve(sock, rest)
            except (OSError, LinkError, ValueError) as error:
                self._note(error)
            finally:
                self._end(sock)

    def _note(self, error: Exception) -> None:
        """Told once for each problem, not for each try."""
        with self._changed:
            told = str(self._problem) == str(error)
            self._problem = error
            self._changed.notify_all()
        if not told and not self._closing:
            log.warning("link.lost address=%s problem=%s", self.address, error)

    def _begin(self, sock: socket.socket, welcome: Welcome) -> None:
        with self._changed:
            new = welcome.epoch != self._epoch
            if new:
                self._epoch, self._handled = welcome.epoch, welcome.seq
            # What was given and not acknowledged is given again, unless we have it in hand.
            self._given = self._handled if new else max(self._given, self._handled)
            self.welcome = welcome
        if self._on_change is not None:
            self._on_change(welcome, new)
        with self._changed:
            self._socket = sock
            self._connections += 1
            self._problem = None
            self._told = ""
            self._outbox.flush(sock)
            self._changed.notify_all()
        log.info("link.connected address=%s epoch=%s", self.address, welcome.epoch)

    def _end(self, sock: socket.socket) -> None:
        with self._changed:
            self._socket = None
            failed = self._outbox.lost(again=self._told not in UNREADABLE)
            self._changed.notify_all()
        sock.close()
        self._questions.forget()
        for future in failed:
            settle(future, error=LinkLost(f"the link to {self.address} broke"))

    def _serve(self, sock: socket.socket, rest: bytes) -> None:
        reader = FrameReader(self._max_frame)
        heard = time.monotonic()
        self._take(reader, rest)
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            selector.register(self._wake_out, selectors.EVENT_READ)
            while not self._closing:
                with self._changed:
                    wanted = selectors.EVENT_READ
                    if len(self._outbox):
                        wanted |= selectors.EVENT_WRITE
                if selector.get_key(sock).events != wanted:
                    selector.modify(sock, wanted)
                ready = selector.select(self._heartbeat)
                for key, mask in ready:
                    if key.fileobj is self._wake_out:
                        self._forget_wakes()
                    elif mask & selectors.EVENT_READ:
                        heard = time.monotonic()
                        self._receive(sock, reader)
                    if mask & selectors.EVENT_WRITE:
                        self._flush(sock)
                silence = time.monotonic() - heard
                if silence >= 2 * self._heartbeat:
                    raise LinkError(f"nothing was heard for {silence:.0f} s")
                if not ready:
                    with self._changed:
                        self._put(Entry(self._frame({"op": "ping"}), bound=True))

    def _forget_wakes(self) -> None:
        try:
            self._wake_out.recv(4096)
        except BlockingIOError:
            pass

    def _flush(self, sock: socket.socket) -> None:
        with self._changed:
            self._outbox.flush(sock)
            self._changed.notify_all()  # there may be room

    def _receive(self, sock: socket.socket, reader: FrameReader) -> None:
        try:
            data = sock.recv(READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        if not data:
            raise LinkError("wsed closed the link")
        self._take(reader, data)

    def _take(self, reader: FrameReader, data: bytes) -> None:
        for body in reader.feed(data):
            message = self._codec.load(body)
            if not isinstance(message, dict):
                raise LinkError("a frame that is no object")
            self._handle(_readable(message))

    def _handle(self, message: dict[str, Any]) -> None:
        operation = message.get("op")
        if operation == "ask":
            fields = {key: message[key] for key in QUESTION_FIELDS & message.keys()}
            self._questions.ask((self._connections, message["id"]), Question(**fields))
        elif operation == "cancel":
            self._questions.cancel((self._connections, message["id"]))
        elif operation in ("result", "events", "error"):
            self._settle(message)

    def _settle(self, message: dict[str, Any]) -> None:
        with self._changed:
            future = self._outbox.answered(message.get("id"))
        if future is None:
            if message["op"] == "error":  # what is meant to end the link, ends it
                self._told = str(message.get("code"))
                if self._told == "taken_over":  # else both would take it back for ever
                    self._hello.pop("takeover", None)
                log.warning("link.told code=%s %s", message.get("code"), message.get("message"))
            return
        if message["op"] == "events":
            settle(future, [self._event(each) for each in message["events"]])
        elif message["op"] == "result" and message.get("ok"):
            settle(future, message.get("result"))
        else:
            told = message if message["op"] == "error" else message.get("error") or {}
            settle(future, error=CallError(str(told.get("code")), str(told.get("message", ""))))

    def _event(self, row: dict[str, Any]) -> LinkEvent:
        row = _readable(row)
        fields = {key: row[key] for key in EVENT_FIELDS & row.keys()}
        event = LinkEvent(epoch=self._epoch, **fields)
        if event.event == "binary" and isinstance(event.data, str):
            object.__setattr__(event, "data", base64.b64decode(event.data))
        return event


def _readable(message: dict[str, Any]) -> dict[str, Any]:
    """JSON that MessagePack has no form for comes as a text, `data` as `data_json`."""
    for name in ("data", "result", "error"):
        text = message.get(f"{name}_json")
        if isinstance(text, str):
            message[name] = load_json(text)
    return message
