# SPDX-License-Identifier: MIT
"""Answers to what the server asks. Whatever goes wrong, nothing is granted."""
from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from .errors import Denied, NotFound, Unavailable
from .types import Accept, Question

log = logging.getLogger("wse_server.link")

Handler = Callable[[Question], Any | Awaitable[Any]]
QUESTIONS = ("connect", "subscribe", "publish", "snapshot")
Number = tuple[int, int]  # of the connection on which it was asked, and of the question there


def answer_of(question: Question, value: Any) -> dict[str, Any]:
    """What a handler returned, as an answer. None grants nothing."""
    if question.question == "snapshot":
        if value is None:
            raise NotFound("there is no state of this topic")
        return {"ok": True, "data": value}
    if value is None or value is False:
        raise Denied("not allowed")
    if question.question == "connect":
        return {"ok": True, **_session(value)}
    if value is True or question.question == "subscribe":
        return {"ok": True}
    return {"ok": True, "data": value}  # publish: another payload


def _session(value: Any) -> dict[str, Any]:
    """Who it is: a name, the claims of a token, or an Accept."""
    if isinstance(value, str):
        value = Accept(value)
    elif isinstance(value, Mapping):
        expires = value.get("exp")
        ends = int(expires * 1000) if isinstance(expires, (int, float)) else 0
        value = Accept(str(value.get("sub") or ""), dict(value), ends)
    if not isinstance(value, Accept) or not value.user:
        raise Denied("the handler named no user")
    answer: dict[str, Any] = {"user": value.user}
    if value.claims is not None:
        answer["data"] = value.claims
    if value.expires_ms:
        answer["expires_ms"] = value.expires_ms
    return answer


def refusal_of(error: BaseException) -> dict[str, Any]:
    """An error that a handler did not mean is the handler's failure, and says nothing outside."""
    for kind, code in ((Denied, "denied"), (NotFound, "not_found"), (Unavailable, "unavailable")):
        if isinstance(error, kind):
            return {"ok": False, "code": code, "message": str(error)}
    return {"ok": False, "code": "unavailable", "message": "the application failed to answer"}


class Questions:
    """Runs the handlers, plain ones on threads of their own, coroutines on `loop`. A handler that
    returns a Future answers when that is done; it is cancelled when nobody waits any more.

    `send(number, answer)` is called once for each question that was not cancelled, from any
    thread. At most `limit` are under way; more are answered as unavailable.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        send: Callable[[Number, dict[str, Any]], None],
        loop: asyncio.AbstractEventLoop | None = None,
        threads: int = 8,
        limit: int = 1024,
    ) -> None:
        unknown = [name for name in handlers if name not in QUESTIONS]
        if unknown:
            raise ValueError(f"answers: {unknown[0]!r} is none of {', '.join(QUESTIONS)}")
        self.handlers = dict(handlers)
        self.loop = loop
        self._send = send
        self._limit = limit
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()
        self._running: dict[Number, Future[Any]] = {}

    def ask(self, number: Number, question: Question) -> None:
        handler = self.handlers.get(question.question)
        with self._lock:
            full = len(self._running) >= self._limit
        if handler is None or full:
            why = "too many questions at once" if full else "nobody answers this"
            self._send(number, {"ok": False, "code": "unavailable", "message": why})
            return
        try:
            future = self._begin(handler, question)
        except RuntimeError as error:  # the loop or the threads have ended
            self._send(number, refusal_of(error))
            return
        with self._lock:
            self._running[number] = future
        future.add_done_callback(lambda done: self._answer(number, question, done))

    def cancel(self, number: Number) -> None:
        """Nobody waits any more; a handler that has begun on a thread runs to its end."""
        with self._lock:
            future = self._running.pop(number, None)
        if future is not None:
            future.cancel()

    def forget(self) -> None:
        """The connection on which all of them were asked is gone."""
        with self._lock:
            running, self._running = self._running, {}
        for future in running.values():
            future.cancel()

    def close(self) -> None:
        self.forget()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, handler: Handler, question: Question) -> "Future[Any]":
        if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
            getattr(handler, "__call__", None)
        ):
            return self._await(handler(question))
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="wse-answer")
        return self._pool.submit(self._call, handler, question)

    def _await(self, awaitable: Awaitable[Any]) -> "Future[Any]":
        if self.loop is None:
            raise RuntimeError("a coroutine answers, and the link was given no event loop")

        async def run() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(run(), self.loop)

    def _call(self, handler: Handler, question: Question) -> Any:
        """No thread waits for a coroutine: there may be more of these than threads."""
        value = handler(question)
        return self._await(value) if inspect.isawaitable(value) else value

    def _answer(self, number: Number, question: Question, done: "Future[Any]") -> None:
        later = _future_of(done)
        with self._lock:
            is_over = self._running.get(number) is not done
            if not is_over and later is not None:
                self._running[number] = later
            elif not is_over:
                del self._running[number]
        if later is not None:  # the handler will know later
            if is_over:
                later.cancel()
            else:
                later.add_done_callback(lambda it: self._answer(number, question, it))
            return
        if is_over:
            return  # cancelled, or asked on a connection that is gone
        try:
            answer = answer_of(question, done.result())
        except BaseException as error:  # noqa: BLE001 - a cancelled future as well
            answer = refusal_of(error)
            if not isinstance(error, (Denied, NotFound, Unavailable)):
                log.error("a handler of %s questions failed", question.question, exc_info=error)
        self._send(number, answer)


def _future_of(done: "Future[Any]") -> "Future[Any] | None":
    """What a handler has returned, when it is a future."""
    if done.cancelled() or done.exception() is not None:
        return None
    return done.result() if isinstance(done.result(), Future) else None
