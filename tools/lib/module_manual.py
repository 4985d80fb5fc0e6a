#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The reference part of man/wse_module.3, from the comments of core/include/wse/module.h.

module_manual.py          says whether the page is current; exit status 1 when it is not
module_manual.py --write  writes what stands between the two comments of the page anew
"""
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "core/include/wse/module.h"
PAGE = ROOT / "man/wse_module.3"
BEGIN = '.\\" reference of wse/module.h\n'
END = '.\\" end of reference\n'

COMMENT = re.compile(r"/\*(.*?)\*/", re.S)
# A comment so far to the right belongs to the line above it.
TRAILING_INDENT = 12
GUARDS = {"WSE_MODULE_H"}


class Item:
    """A macro, a type, a member: its declaration on one line, and what is said of it."""

    def __init__(self, declaration, text="", members=()):
        self.declaration = declaration
        self.text = text
        self.members = list(members)


def joined(text):
    """A comment's words: its stars and newlines are form."""
    lines = [re.sub(r"^\s*\*? ?", "", line) for line in text.strip().split("\n")]
    return " ".join(" ".join(lines).split())


def statements(lines):
    """(indent, code, comment) of each statement; comments that stand alone have no code."""
    at = 0
    while at < len(lines):
        text = lines[at]
        at += 1
        while text.endswith("\\") or text.count("/*") > text.count("*/"):
            text = text.rstrip("\\") + "\n" + lines[at]
            at += 1
        code = COMMENT.sub("", text)
        is_open = code.strip() and not code.strip().startswith(("#", "}", "extern \"C\""))
        while is_open and not code.rstrip().endswith((";", "{", "}")):
            text += "\n" + lines[at]
            at += 1
            while text.count("/*") > text.count("*/"):
                text += "\n" + lines[at]
                at += 1
            code = COMMENT.sub("", text)
        comment = joined(" ".join(COMMENT.findall(text)))
        indent = len(text) - len(text.lstrip())
        if code.strip() or comment:
            yield indent, " ".join(code.split()), comment


class Header:
    """Sections of items, in the order of the file."""

    def __init__(self, text):
        preface, _, rest = text.partition("*/")
        # Its values stand in the map above it.
        rest = re.sub(r"^(enum \w+) \{.*?^\};$", r"\1;", rest, flags=re.S | re.M)
        self.preface = preface
        self.sections = [("Both sides", "", [])]
        self.pending = ""
        self.body = None  # of the struct that is open
        self.last = None
        for statement in statements(rest.split("\n")):
            self.take(*statement)

    def add(self, declaration, comment, members=None):
        item = Item(declaration, " ".join(filter(None, (self.pending, comment))))
        self.pending = ""
        self.last = item
        (self.sections[-1][2] if members is None else members).append(item)
        return item

    def take(self, indent, code, comment):
        if not code:
            self.take_comment(indent, comment)
        elif code.startswith("#"):
            self.take_macro(code, comment)
        elif self.body is not None:
            self.take_member(code, comment)
        elif code.endswith("{"):
            self.take_struct(code, comment)
        elif code.endswith(";") and not code.startswith("}"):
            self.add(code.replace("WSE_EXPORT ", "").rstrip(";"), comment)

    def take_comment(self, indent, comment):
        if comment.startswith("----"):
            title, _, text = comment.strip("- ").partition(": " if ": " in comment else ". ")
            self.sections.append((title.rstrip("."), text, []))
            self.pending = ""
        elif indent > TRAILING_INDENT and self.last:
            self.last.text += " " + comment
        else:
            self.pending = " ".join(filter(None, (self.pending, comment)))

    def take_macro(self, code, comment):
        found = re.match(r"#define (\w+(?:\([^)]*\))?)\s?(.*)", code)
        if not found or found[1] in GUARDS or found[1].startswith("WSE_X("):
            return
        name, value = found.groups()
        if name == "WSE_STATUS_MAP(X)":
            status = self.add(name, comment)
            rows = re.findall(r'X\((\w+), (-?\d+), "([^"]*)"\)', value)
            status.members = [Item(f"WSE_{row[0]} {row[1]}", row[2]) for row in rows]
        elif not any(item.declaration.split(" ")[0] == name for item in self.sections[-1][2]):
            # A macro with arguments is code; what it is for is in its comment.
            self.add(name if "(" in name else f"{name} {value}".strip(), comment)

    def take_struct(self, code, comment):
        found = re.match(r"(?:typedef )?struct (\w+) \{", code)
        if not found:
            return
        item = self.add(found[1], comment)
        self.body = item.members
        self.word = ""

    def take_member(self, code, comment):
        if code.startswith("}"):
            self.body = None
            self.pending = ""
            return
        item = self.add(code.rstrip(";"), comment, self.body)
        # The thread stands before the first of several functions that run there.
        word = re.match(r"\[\w+\]", item.text)
        if word:
            self.word = word[0]
        elif self.word and "(*" in code:
            item.text = f"{self.word} {item.text}".strip()


def escaped(text):
    return text.replace("\\", "\\e").replace("…", "...")


def paragraph(text):
    """Sentences on lines of their own, as mdoc wants it."""
    lines = []
    for sentence in re.split(r"(?<=[.:;!?]) (?=[A-Z\[])", escaped(text)):
        lines += textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
    return "".join(("\\&" if line[0] in ".'" else "") + line + "\n" for line in lines)


def quoted(text):
    return '"' + escaped(text).replace('"', "\\(dq") + '"'


def arguments(text):
    """Split at the commas that are in no parentheses."""
    parts, depth = [""], 0
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [" ".join(part.split()) for part in parts]


def heading(declaration):
    """The .It line of an item."""
    function = re.match(r"(.+?)\(\*(\w+)\)\((.*)\) ?(?:WSE_NOEXCEPT)?$", declaration)
    if function:
        result, name, rest = function.groups()
        given = " ".join(quoted(each.replace(" WSE_NOEXCEPT", "")) for each in arguments(rest))
        return f".It Ft {quoted(result.strip())} Fn {name} {given}\n"
    macro = re.match(r"(WSE_\w+)\(([^)]*)\)$", declaration)
    if macro:
        return f".It Fn {macro[1]} {' '.join(quoted(each) for each in arguments(macro[2]))}\n"
    constant = re.match(r"(WSE_\w+)(?: (.*))?$", declaration)
    if constant:
        value = f" No {quoted(constant[2])}" if constant[2] else ""
        return f".It Dv {constant[1]}{value}\n"
    member = re.match(r"(.*?[ *])([\w, ]+)$", declaration)
    if member and not declaration.startswith(("typedef", "extern", "enum")):
        names = " ".join(quoted(each) for each in member[2].split(", "))
        return f".It Vt {quoted(member[1].strip())} Fa {names}\n"
    return f".It Vt {quoted(declaration)}\n"


def listed(items):
    text = ".Bl -tag -width Ds\n"
    for item in items:
        text += heading(item.declaration) + paragraph(item.text)
        if item.members:
            text += listed(item.members)
    return text + ".El\n"


def preface(text):
    """The comment at the top: paragraphs, and what is indented as it stands."""
    lines = [re.sub(r"^ ?/?\*+ ?", "", line) for line in text.strip().split("\n")]
    lines = [line for line in lines if "SPDX" not in line]
    out, words = "", []

    def flush():
        nonlocal out
        if words:
            out += paragraph(" ".join(words))
            words.clear()

    is_literal = False
    for line in lines:
        if line.startswith(" ") != is_literal:
            flush()
            is_literal = not is_literal
            out += ".Bd -literal -offset indent\n" if is_literal else ".Ed\n"
        if is_literal:
            out += escaped(line.strip()) + "\n"
        elif line:
            words.append(line)
        else:
            flush()
            out += ".Pp\n" if out else ""
    flush()
    return out


def reference(header):
    parsed = Header(header)
    text = preface(parsed.preface)
    for title, introduction, items in parsed.sections:
        text += f".Ss {title}\n" + (paragraph(introduction) if introduction else "")
        text += listed(items) if items else ""
    return text


def with_reference(page, header):
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    return page[:begin] + reference(header) + page[end:]


def main(arguments_given):
    page = PAGE.read_text()
    wanted = with_reference(page, HEADER.read_text())
    if arguments_given == ["--write"]:
        PAGE.write_text(wanted)
    elif page != wanted:
        print(f"{PAGE} is not what {HEADER} says; run tools/update-man", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
