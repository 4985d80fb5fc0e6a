# SPDX-License-Identifier: MIT
"""The application of tests/abi/zoo/app_puppet.c, which writes down what it hears and does what
texts of clients say."""
import dataclasses
import json
import os

from support.waiting import await_value
from support.zoo import module


@dataclasses.dataclass
class Heard:
    name: str
    connection: str
    user: str
    topic: str
    type: str
    id: str
    code: int
    data: str

    @property
    def json(self):
        return json.loads(self.data)


class Puppet:
    def __init__(self, server, name="app", **options):
        self.journal = server.directory / f"{name}.journal"
        self.mode_file = server.directory / f"{name}.mode"
        server.configure(
            **{
                f"module_{name}": {
                    "load": module("app_puppet"),
                    "journal": str(self.journal),
                    "mode": str(self.mode_file),
                    **options,
                }
            }
        )

    def be(self, mode):
        """hold, progress, fail, or "" to take what comes."""
        if not mode:
            return self.mode_file.unlink(missing_ok=True)
        # Never half written: the module may read at any time.
        new = self.mode_file.with_suffix(".new")
        new.write_text(mode[0])
        os.replace(new, self.mode_file)

    def lines(self):
        if not self.journal.exists():
            return []
        # Without one that is being written.
        return self.journal.read_text().split("\n")[:-1]

    def events(self):
        split = (line.split("|") for line in self.lines() if "|" in line)
        return [Heard(*parts[:6], int(parts[6]), plain(parts[7])) for parts in split]

    def of(self, connection):
        return [event for event in self.events() if event.connection == connection]

    def batches(self):
        return [int(line.split()[1]) for line in self.lines() if line.startswith("batch ")]

    def answers(self):
        """(word, status, answer) of each command."""
        split = (line.split(" ", 3) for line in self.lines() if line.startswith("done "))
        return [(word, int(status), plain(text)) for _, word, status, text in split]

    def await_events(self, count, name=None):
        """The events, of that name if one is given, once there are so many."""
        return await_value(
            lambda: [each for each in self.events() if name in (None, each.name)],
            lambda found: len(found) >= count,
        )

    def await_answers(self, count):
        return await_value(self.answers, lambda found: len(found) >= count)


def plain(text):
    """What the module has written as \\xx."""
    parts = text.split("\\")
    rest = b"".join(bytes([int(part[:2], 16)]) + part[2:].encode() for part in parts[1:])
    return (parts[0].encode() + rest).decode(errors="surrogateescape")
