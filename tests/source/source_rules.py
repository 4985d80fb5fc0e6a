#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Who may include whom, where a third-party header may stand, and what every source file has.

    source_rules.py ROOT    prints one line per violation and exits 1 when there is one
"""

import fnmatch
import os
import re
import sys

# Folder of core -> what it may include beside itself and <wse/module.h>.
DIRECTIONS = {
    "base": set(),
    "config": {"base"},
    "loop": {"base"},
    "module": {"base", "config", "loop"},
    "proto": {"base"},
    "hub": {"base", "proto"},
    "net": {"base", "loop"},
    "session": {"base", "config", "loop", "module", "proto", "hub", "net"},
    "admin": {"base", "config", "loop", "proto"},
}
DIRECTIONS["server"] = set(DIRECTIONS) - {"server"}
FOLDERS = set(DIRECTIONS)

# Header -> the only files under core, modules and plugins that may include it.
FENCES = [
    (r"toml(\+\+|plusplus|\.hpp)", ["core/config/file.cc"]),
    (r"(cjson/)?cJSON", ["core/base/json.cc", "modules/*", "plugins/*"]),
    (r"openssl/", ["core/base/digest.cc", "core/net/tls*.cc", "core/net/accept_key.cc", "modules/*", "plugins/*"]),
    (r"(libwebsockets|lws_)", ["core/admin/http*.cc"]),
    (r"http_parser", ["core/net/*", "modules/support/http_client/*"]),
    (r"zlib\.h", ["core/base/checksum.cc", "modules/*", "plugins/*"]),
    (r"dlfcn\.h", ["core/module/library.cc"]),
    (r"hiredis", ["modules/*", "plugins/*"]),
    (r"re2/", ["modules/event_filter/*"]),
    (r"msgpack\.h", ["modules/codec_msgpack/*"]),
    (r"uv(\.h|/)", [f"core/{folder}/*" for folder in
                    ("loop", "module", "net", "session", "admin", "server")]
     + ["modules/*", "plugins/*"]),
]

MAX_LINES = 800
TREES = ("core", "modules", "plugins", "sdk", "tools", "tests", "clients", ".ci")
SKIPPED = {"build", "node_modules", "__pycache__", ".git", "dist"}
C_FAMILY = (".h", ".hpp", ".c", ".cc", ".cpp")
SOURCES = C_FAMILY + (".py", ".sh", ".js", ".mjs", ".ts", ".tsx")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def source_files(root):
    """Paths of our source files relative to root, with '/'; scripts without a suffix count."""
    for tree in TREES:
        for folder, names, files in os.walk(os.path.join(root, tree)):
            names[:] = sorted(name for name in names if name not in SKIPPED)
            for name in sorted(files):
                path = os.path.relpath(os.path.join(folder, name), root)
                if name.endswith(SOURCES) or ("." not in name and read(root, path)[:2] == "#!"):
                    yield path


def resolves(root, *parts):
    return os.path.isfile(os.path.normpath(os.path.join(root, *parts)))


def check_core(root, path, quoted, header):
    folder = path.split("/")[1]
    allowed = DIRECTIONS.get(folder)
    if allowed is None:
        return None if folder == "include" else f"core has no folder '{folder}' in the rules"
    if not quoted:
        target = header.split("/")[0]
        if target in FOLDERS and resolves(root, "core", header):
            return f'<{header}> is ours: write "{header}"'
        if target == "wse" and header != "wse/module.h":
            return f"<{header}>: the only header in <wse/...> is module.h"
        return None
    target = header.split("/")[0]
    if "/" not in header or target not in FOLDERS:
        return f'"{header}" does not begin with a folder of core'
    if target != folder and target not in allowed:
        return f'{folder} may not include {target} ("{header}")'
    return None


def check_module(root, path, quoted, header):
    """Of ours: <wse/module.h>, files of the module itself, and modules/support; in a plugin's test
    <wse/test_host.h>."""
    if not quoted:
        if header == "wse/test_host.h" and fnmatch.fnmatch(path, "plugins/*_test.c"):
            return None
        if header.startswith("wse/") and header != "wse/module.h":
            return f"a module may include <wse/module.h>, not <{header}>"
        if resolves(root, "core", header):
            return f"a module may not include the core (<{header}>)"
        return None
    tree, name = path.split("/")[:2]
    here = os.path.dirname(path)
    if "../" not in header and resolves(root, here, header):
        return None
    if "../" not in header and resolves(root, tree, name, header):
        return None
    if tree == "modules" and (header.startswith("support/")
                              or resolves(root, "modules/support", header)):
        return None
    return f'a module may include its own files and <wse/module.h>, not "{header}"'


def check_fences(path, header):
    for pattern, places in FENCES:
        if re.match(pattern, header) and not any(fnmatch.fnmatch(path, it) for it in places):
            return f"<{header}> is only for {', '.join(places)}"
    return None


def check_includes(root, path, text):
    tree = path.split("/")[0]
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, header = match[1] == '"', match[2]
        direction = check_core if tree == "core" else check_module
        for problem in (direction(root, path, quoted, header), check_fences(path, header)):
            if problem:
                yield f"{path}:{number}: {problem}"


def check_file(root, path):
    text = read(root, path)
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield f"{path}: {lines} lines; {MAX_LINES} is the limit, split it by ideas"
    if "SPDX-License-Identifier: MIT" not in "\n".join(text.split("\n", 5)[:5]):
        yield f"{path}: no line 'SPDX-License-Identifier: MIT' at its top"
    if path.split("/")[0] in ("core", "modules", "plugins") and path.endswith(C_FAMILY):
        yield from check_includes(root, path, text)


def violations(root):
    return [problem for path in source_files(root) for problem in check_file(root, path)]


def main():
    root = sys.argv[1]
    files = len(list(source_files(root)))
    if files == 0:
        sys.exit(f"{root}: no source file found")
    found = violations(root)
    print("\n".join(found) if found else f"{files} files keep the rules")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
