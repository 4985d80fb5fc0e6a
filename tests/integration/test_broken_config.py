# SPDX-License-Identifier: MIT
"""A broken configuration is refused at the right place. `@` in a text marks the place."""
import re

import pytest

from support.server import MODULES, run

HEAD = """\
[server]
runtime_dir = "DIR"
supervisor = false

[listen.main]
address = "127.0.0.1:0"
path = "/wse"

[module.auth_jwt]
secret = "file:DIR/secret"

"""

# name: what follows HEAD, and a word that the diagnostic must have.
BROKEN = {
    "unknown table": ("[@limitz]\nmax_connections = 5\n", "limits"),
    "unknown key": ("[limits]\n@max_conections = 5\n", "max_connections"),
    "unknown key in a row": ('[[topic]]\nmatch = "a"\n@subscribed = true\n', "subscribe"),
    "text for a number": ('[limits]\nmax_connections = @"many"\n', "max_connections"),
    "number for a text": ("[log]\nlevel = @5\n", "level"),
    "no such choice": ('[log]\nlevel = @"inf"\n', "info"),
    "no such unit": ('[keepalive]\nidle_timeout = @"5 fortnights"\n', "idle_timeout"),
    "negative size": ("[limits]\nmax_message_size = @-1\n", "max_message_size"),
    "out of range": ("[limits]\nmax_connections = @0\n", "max_connections"),
    "text for a list": ('[listen.b]\naddress = "127.0.0.1:0"\norigins = @"x"\n', "origins"),
    "bad address": ('[listen.b]\naddress = @"localhost"\n', "address"),
    "bad fallback": ('[listen.b]\naddress = "127.0.0.1:0"\nfallback = @"ftp://x"\n', "fallback"),
    "unknown option of a module": ('[module.b]\nload = "auth_jwt.so"\n@sekret = "x"\n', "secret"),
    "no such module": ("[module.@auth_jvt]\n", "auth_jvt"),
    "snapshot of another kind": ('[[topic]]\nmatch = "a"\nsnapshot = @"auth_jwt"\n', "snapshot"),
    "asking another kind": ('[[topic]]\nmatch = "a"\nask = @"auth_jwt"\n', "kind app"),
    "authentication by another kind": (
        '[module.event_filter]\n[listen.b]\naddress = "127.0.0.1:0"\nauth = @"event_filter"\n',
        "auth or app",
    ),
    "not closed": ('[log]\nlevel = @"info\n', ""),
    "no value": ("[log]\nlevel = @\n", ""),
    "twice": ('[log]\nlevel = "info"\n@level = "warn"\n', "level"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_diagnostic_is_at_the_place(directory, name):
    body, word = BROKEN[name]
    text = (HEAD + body).replace("DIR", str(directory))
    before, _, after = text.partition("@")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    (directory / "secret").write_text("s" * 48)
    file = directory / "wse.toml"
    file.write_text(before + after)

    answer = run("wsed", "-t", "-c", file, "--module-dir", MODULES)

    assert answer.returncode == 78, answer.stderr
    places = [
        tuple(map(int, found))
        for found in re.findall(rf"{re.escape(str(file))}:(\d+):(\d+): ", answer.stderr)
    ]
    assert (line, column) in places, f"expected {line}:{column} in\n{answer.stderr}"
    assert word in answer.stderr
    assert "^" in answer.stderr


def test_everything_wrong_is_reported_at_once(directory):
    (directory / "secret").write_text("s" * 48)
    file = directory / "wse.toml"
    text = HEAD + '[limits]\nmax_conections = 5\n[log]\nlevel = "inf"\n[keepalive]\nx = 1\n'
    text += '[module.b]\nload = "auth_jwt.so"\nsekret = "x"\n'
    file.write_text(text.replace("DIR", str(directory)))
    answer = run("wsed", "-t", "-c", file, "--module-dir", MODULES)
    assert answer.returncode == 78
    assert len(set(re.findall(r":(\d+:\d+): ", answer.stderr))) >= 4
    assert "did you mean 'secret'?" in answer.stderr


def test_a_missing_secret_file_is_named(directory):
    file = directory / "wse.toml"
    file.write_text(HEAD.replace("DIR", str(directory)))
    answer = run("wsed", "-t", "-c", file, "--module-dir", MODULES)
    assert answer.returncode == 78
    assert str(directory / "secret") in answer.stderr
