# SPDX-License-Identifier: MIT
"""What the messages of the groups 12 and 13 say: made here, and the same each time."""
import json
import random

WORDS = "habe nun ach Philosophie Juristerei und Medizin durchaus studiert mit Bemühn".split()
LARGEST = 1 << 18


def words(seed, extra=()):
    choice = random.Random(seed)
    text = ""
    while len(text) < LARGEST:
        text += choice.choice([*WORDS, *extra]) + choice.choice((" ", " ", ", ", ".\n"))
    return text


def records():
    choice = random.Random(1)
    rows = [
        {"id": at, "name": choice.choice(WORDS), "score": choice.random(), "tags": WORDS[:3]}
        for at in range(3000)
    ]
    return json.dumps(rows, ensure_ascii=False)


def picture():
    """Half of it noise, as in a picture."""
    choice = random.Random(2)
    return b"".join(bytes([at % 256, 7, 7]) + choice.randbytes(3) for at in range(LARGEST // 6 + 1))


def page():
    rows = "".join(f"<tr><td>{each}</td></tr>\n" for each in words(3).split())
    return f"<html><body><table>{rows}</table></body></html>"


# Is it text, and what; in the order of the groups 12.1 to 12.5.
DATA = [
    (True, records().encode()),
    (False, picture()),
    (True, words(4).encode()),
    (True, page().encode()),
    (True, words(5, ["κόσμε", "日本", "𤭢"]).encode()),
]


def cut(data, is_text, at, size):
    """Exactly so many octets from `at` on; text is cut between characters and filled up."""
    part = data[at : at + size]
    if not is_text:
        return part
    return part.decode(errors="ignore").encode().ljust(size, b".")
