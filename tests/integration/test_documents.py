# SPDX-License-Identifier: MIT
"""The documents say what is there: every log event is explained, every link leads somewhere."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOGGED = re.compile(r'\blog::(?:error|warn|info|debug)\(\s*"[a-z_]+",\s*"([a-z_.]+)"')
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def test_every_log_event_is_in_the_operations_manual():
    documented = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", (ROOT / "docs/operations.md").read_text()))
    logged = {
        event
        for source in (ROOT / "core").rglob("*.cc")
        for event in LOGGED.findall(source.read_text())
    }
    assert logged - documented == set()


@pytest.mark.parametrize(
    "document",
    [
        path.relative_to(ROOT)
        for folder in (".", "docs", "docs/decisions", "modules", "plugins", "clients")
        for path in sorted(
            (ROOT / folder).glob("*/*.md" if folder in ("modules", "plugins", "clients") else "*.md")
        )
    ],
    ids=str,
)
def test_links_lead_somewhere(document):
    path = ROOT / document
    missing = [
        link for link in LINK.findall(path.read_text()) if not (path.parent / link).exists()
    ]
    assert missing == []
