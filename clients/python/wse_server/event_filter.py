# SPDX-License-Identifier: MIT
"""Which events somebody wants, by criteria in the manner of a document database."""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

MISSING = object()


def _at(event: Any, path: str) -> Any:
    """The member at a dotted path; digits are places in lists."""
    for name in path.split("."):
        if isinstance(event, Mapping) and name in event:
            event = event[name]
        elif isinstance(event, (list, tuple)) and name.isdigit() and int(name) < len(event):
            event = event[int(name)]
        else:
            return MISSING
    return event


def _comparable(a: Any, b: Any) -> bool:
    """Numbers with numbers, texts with texts; a boolean is no number."""
    for kinds in ((int, float), (str,)):
        if all(isinstance(each, kinds) and not isinstance(each, bool) for each in (a, b)):
            return True
    return False


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    return bool(a == b)


def _one_of(value: Any, choices: Any) -> bool:
    return isinstance(choices, (list, tuple, set)) and any(_equal(value, each) for each in choices)


def _contains(value: Any, wanted: Any) -> bool:
    if isinstance(value, str):
        return isinstance(wanted, str) and wanted in value
    if isinstance(value, Mapping):
        return wanted in value
    return isinstance(value, (list, tuple)) and any(_equal(each, wanted) for each in value)


def _text(check: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, wanted: (
        isinstance(value, str) and isinstance(wanted, str) and check(value, wanted)
    )


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": _equal,
    "$ne": lambda value, wanted: not _equal(value, wanted),
    "$gt": lambda value, wanted: _comparable(value, wanted) and value > wanted,
    "$lt": lambda value, wanted: _comparable(value, wanted) and value < wanted,
    "$gte": lambda value, wanted: _comparable(value, wanted) and value >= wanted,
    "$lte": lambda value, wanted: _comparable(value, wanted) and value <= wanted,
    "$in": _one_of,
    "$nin": lambda value, choices: not _one_of(value, choices),
    "$regex": _text(lambda value, pattern: re.search(pattern, value) is not None),
    "$exists": lambda value, wanted: (value is not MISSING) == bool(wanted),
    "$contains": _contains,
    "$startswith": _text(str.startswith),
    "$endswith": _text(str.endswith),
}


def _matches_one(value: Any, condition: Any) -> bool:
    """Against a value, or against operators, all of which must hold."""
    named = isinstance(condition, Mapping) and any(str(k).startswith("$") for k in condition)
    if not named:
        return value is not MISSING and _equal(value, condition)
    for name, wanted in condition.items():
        check = OPERATORS.get(name)
        if check is None:
            return False
        if value is MISSING and name not in ("$exists", "$ne", "$nin"):
            return False
        if not check(value, wanted):
            return False
    return True


def rust_match_event(event: Mapping[str, Any], criteria: Mapping[str, Any]) -> bool:
    """All criteria must hold. At the top `$and` or `$or`, a list of criteria, decides alone, and
    `start_from_latest` takes everything. An operator that does not exist matches nothing; a
    pattern that is no regular expression raises re.error."""
    if criteria.get("start_from_latest"):
        return True
    for name, combine in (("$and", all), ("$or", any)):
        parts = criteria.get(name)
        if isinstance(parts, (list, tuple)):
            return combine(rust_match_event(event, each) for each in parts)
    return all(_matches_one(_at(event, path), want) for path, want in criteria.items())


class EventFilter:
    """Criteria that are used again and again; see rust_match_event()."""

    def __init__(self, criteria: Mapping[str, Any] | None = None) -> None:
        self.criteria = dict(criteria or {})

    def matches(self, event: Mapping[str, Any]) -> bool:
        return rust_match_event(event, self.criteria)

    __call__ = matches
