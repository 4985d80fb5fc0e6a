# SPDX-License-Identifier: MIT
"""The state behind topics, answered by a service of the application."""
from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from .errors import NotFound
from .questions import Handler
from .types import Question


@runtime_checkable
class SnapshotServiceProtocol(Protocol):
    """What the integration guide has. A topic `resources`, or whose last part is `resources`,
    `resources_events` or `resources_snapshot`, is answered by get_resources_snapshot(); any other
    method get_NAME_snapshot() answers for its own topics in the same way. Arguments beside the
    user come from the `params` of the subscription, where they are of the type of the default."""

    async def get_resources_snapshot(
        self, user_id: UUID, include_archived: bool = False
    ) -> list[dict[str, Any]]: ...

    async def get_data_snapshot(
        self, user_id: UUID, include_details: bool = False
    ) -> list[dict[str, Any]]: ...


@runtime_checkable
class SnapshotProvider(Protocol):
    """What version 1.3 had: the state of several topics by their names."""

    async def get_snapshot(self, user_id: str, topics: list[str]) -> dict[str, Any]: ...


Service = SnapshotServiceProtocol | SnapshotProvider | Callable[[Question], Any | Awaitable[Any]]
SUFFIXES = ("_events", "_snapshot", "")


def handler_of(service: Any) -> Handler:
    """A handler of `snapshot` questions. A TypeError when the service has no state to give."""
    if isinstance(service, SnapshotProvider):
        return _of_provider(service)
    if any(_name_of(method) for method in dir(service)):
        return _of_service(service)
    if callable(service):
        return service
    raise TypeError("a snapshot service has get_snapshot() or get_NAME_snapshot(), or is a function")


def _of_provider(provider: SnapshotProvider) -> Handler:
    async def handler(question: Question) -> Any:
        topic = question.topic or ""
        states: Any = provider.get_snapshot(question.user or _user_in(topic) or "", [topic])
        if inspect.isawaitable(states):
            states = await states
        return (states or {}).get(topic)

    return handler


def _of_service(service: Any) -> Handler:
    async def handler(question: Question) -> Any:
        topic = question.topic or ""
        method = _method_for(service, topic)
        if method is None:
            raise NotFound("no method has the state of this topic")
        user = question.user or _user_in(topic)
        if user is None:
            raise NotFound("nobody's state is asked for")
        params = question.data if isinstance(question.data, Mapping) else {}
        state = method(_identity(user), **_arguments(method, params))
        return await state if inspect.isawaitable(state) else state

    return handler


def _name_of(method: str) -> str:
    fits = method.startswith("get_") and method.endswith("_snapshot") and len(method) > 13
    return method[len("get_") : -len("_snapshot")] if fits else ""


def _method_for(service: Any, topic: str) -> Callable[..., Any] | None:
    last = topic.rpartition(":")[2]
    for suffix in SUFFIXES:
        if last.endswith(suffix):
            name = last[: len(last) - len(suffix)]
            method = getattr(service, f"get_{name}_snapshot", None) if name else None
            if callable(method):
                return method
    return None


def _user_in(topic: str) -> str | None:
    """Of `user:ID:anything`."""
    parts = topic.split(":")
    return parts[1] if len(parts) > 1 and parts[0] == "user" and parts[1] else None


def _identity(user: str) -> UUID | str:
    try:
        return UUID(user)
    except ValueError:
        return user


def _arguments(method: Callable[..., Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """A client says what it likes: only what has the type that is expected is passed on."""
    found = {}
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        default = parameter.default
        if default is parameter.empty or name not in params:
            continue
        if type(params[name]) is type(default):
            found[name] = params[name]
    return found
