# SPDX-License-Identifier: MIT
"""Writes the configuration of a test: a dict of tables; a list of dicts is an array of tables."""
import json
import re


def name(key):
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else json.dumps(key)


def value(item):
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{name(key)} = {value(each)}" for key, each in item.items()) + " }"
    return json.dumps(item)


def dump(tables):
    lines = []
    for path, content in tables.items():
        rows = content if isinstance(content, list) else [content]
        for row in rows:
            lines.append(f"[[{path}]]" if isinstance(content, list) else f"[{path}]")
            lines += [f"{key} = {value(item)}" for key, item in row.items()]
            lines.append("")
    return "\n".join(lines)


def merge(base, changes):
    """`base` with the tables of `changes` laid over it key by key; None removes a table or key."""
    result = {
        path: dict(table) if isinstance(table, dict) else table for path, table in base.items()
    }
    for path, table in changes.items():
        if table is None:
            result.pop(path, None)
        elif isinstance(table, dict) and isinstance(result.get(path), dict):
            result[path].update(table)
            result[path] = {key: item for key, item in result[path].items() if item is not None}
        else:
            result[path] = table
    return result
