#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The layout of the ABI only ever grows at the end of each struct.

    layout_test.py LAYOUT PUBLISHED HEADER

LAYOUT prints the layout of today, PUBLISHED is layout-1.txt, HEADER is wse/module.h.
"""
import itertools
import re
import subprocess
import sys


def read(text):
    """{struct: [(member, offset, size)]}, {struct: size}"""
    members, sizes = {}, {}
    for line in text.splitlines():
        struct, member, offset, size = line.split()
        if member == "-":
            sizes[struct] = int(size)
        else:
            members.setdefault(struct, []).append((member, int(offset), int(size)))
    return members, sizes


def changes(published, current):
    """What differs and is no member added at the end of a struct."""
    for struct, members in published.items():
        for old, new in itertools.zip_longest(members, current.get(struct, [])[: len(members)]):
            if old != new:
                yield f"{struct}: published as {old}, now {new}"


def forgotten(members, sizes, header):
    """Structs of the header that are not listed, and room that no listed member accounts for."""
    for struct in re.findall(r"^(?:typedef )?struct (wse_\w+) \{", header, re.MULTILINE):
        if struct not in sizes:
            yield f"{struct} is not in layout_members.h"
    for struct, size in sizes.items():
        end = 0
        for member, offset, length in members[struct]:
            if not 0 <= offset - end < min(length, 8):
                yield f"{struct}: there is something before {member}"
            end = offset + length
        if not 0 <= size - end < 8:
            yield f"{struct}: there is something after {members[struct][-1][0]}"


def test_the_checks_themselves():
    published, _ = read("a x 0 4\na y 4 4\nb z 0 8\n")
    for text, wrong in [
        ("a x 0 4\na y 4 4\nb z 0 8\n", 0),
        ("a x 0 4\na y 4 4\na new 8 8\nb z 0 8\n", 0),  # added at the end
        ("a x 0 4\na new 4 4\na y 8 4\nb z 0 8\n", 1),  # added in between
        ("a x 0 4\nb z 0 8\n", 1),  # removed
        ("a x 0 8\na y 8 4\nb z 0 8\n", 2),  # grown
        ("a y 0 4\na x 4 4\nb z 0 8\n", 2),  # changed places
    ]:
        assert len(list(changes(published, read(text)[0]))) == wrong, text
    assert list(forgotten({"a": [("x", 0, 4)]}, {"a": 16}, "")) != []
    assert list(forgotten({"a": [("x", 8, 4)]}, {"a": 16}, "")) != []
    assert list(forgotten({}, {}, "typedef struct wse_b {")) != []


def main():
    test_the_checks_themselves()
    layout, published, header = sys.argv[1:]
    printed = subprocess.run([layout], check=True, capture_output=True, text=True).stdout
    members, sizes = read(printed)
    with open(published, encoding="utf-8") as file:
        problems = list(changes(read(file.read())[0], members))
    with open(header, encoding="utf-8") as file:
        problems += forgotten(members, sizes, file.read())
    print("\n".join(problems) or f"{len(sizes)} structs are as they were published")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
