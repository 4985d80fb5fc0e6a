# SPDX-License-Identifier: MIT
"""Writes the configuration of a test: a dict of tables; a list of dicts is an array of tables."""
import json


def value(item):
    if isinstance(item, dict):
        return "{ " + ", ".join(f"{key} = {value(each)}" for key, each in item.items()) + " }"
    return json.dumps(item)


def dump(tables):
    lines = []
    for name, content in tables.items():
        rows = content if isinstance(content, list) else [content]
        for row in rows:
            lines.append(f"[[{name}]]" if isinstance(content, list) else f"[{name}]")
            lines += [f"{key} = {value(item)}" for key, item in row.items()]
            lines.append("")
    return "\n".join(lines)


def merge(base, changes):
    """`base` with the tables of `changes` laid over it key by key; None removes a table or key."""
    result = {
        name: dict(table) if isinstance(table, dict) else table for name, table in base.items()
    }
    for name, table in changes.items():
        if table is None:
            result.pop(name, None)
        elif isinstance(table, dict) and isinstance(result.get(name), dict):
            result[name].update(table)
            result[name] = {key: item for key, item in result[name].items() if item is not None}
        else:
            result[name] = table
    return result
