# SPDX-License-Identifier: MIT
"""Writes the configuration of wsed. Texts are taken as they are: `${NAME}` in them stays that."""
from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


class Verbatim(str):
    """A text in which wsed shall find what it looks for, such as `file:secret`."""


def _key(name: str) -> str:
    return name if BARE_KEY.match(name) else value(Verbatim(name))


def value(item: Any) -> str:
    """One value as it stands behind a `key =`."""
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)):
        return repr(item)
    if isinstance(item, str):
        text = item if isinstance(item, Verbatim) else item.replace("$", "$$")
        # What JSON escapes, TOML does likewise; beyond that it wants DEL escaped.
        return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(item, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {value(v)}" for k, v in item.items()) + " }"
    if isinstance(item, Sequence):
        return "[" + ", ".join(value(each) for each in item) + "]"
    raise TypeError(f"a {type(item).__name__} has no form in the configuration")


def dump(tables: Mapping[str, Any]) -> str:
    """`tables`: `listen.main` -> its keys; a list of tables is an array of them."""
    lines = []
    for name, table in tables.items():
        rows, head = (table, f"[[{name}]]") if isinstance(table, list) else ([table], f"[{name}]")
        for row in rows:
            lines.append(head)
            lines += [f"{_key(key)} = {value(item)}" for key, item in row.items()]
            lines.append("")
    return "\n".join(lines)


def seconds(amount: float) -> str:
    """A duration."""
    return f"{round(amount * 1000)}ms"
