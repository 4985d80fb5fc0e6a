#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs clang-tidy over core, modules and tools, two files at a time.

usage: tidy.py BUILD_DIRECTORY

Takes the commands from BUILD_DIRECTORY/compile_commands.json. A file that passed is not checked
again until it, its own header, its command, .clang-tidy or clang-tidy changes: what other headers
would change about it is found when it changes itself, since all files anew take most of an hour.
The passes are kept in build/.cache/tidy, or where WSE_TIDY_CACHE says; without them all are checked.

With WSE_TIDY_SECONDS no file is begun after so long: those that were committed last come first, and
the last line says how many were left. The next run goes on where this one ended.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build/.cache/tidy"
CACHE = pathlib.Path(os.environ.get("WSE_TIDY_CACHE") or WORK)
SECONDS = float(os.environ.get("WSE_TIDY_SECONDS") or "inf")
LEFT = "not checked for want of time"
FOLDERS = ("core", "modules", "tools")


def command_for_clang(entry):
    """The command without GCC's precompiled header, which clang cannot read."""
    words, kept = iter(shlex.split(entry["command"])), []
    for word in words:
        if word == "-include":
            header = next(words)
            if "cmake_pch" not in header:
                kept += [word, header]
        elif word not in ("-Winvalid-pch", "-fpch-preprocess"):
            kept.append(word)
    if kept[0].endswith("ccache"):
        kept = kept[1:]
    return kept


def digest(entry, common):
    """Wherever the tree is: a pass counts for another clone of it, too."""
    state = hashlib.sha256(common)
    state.update(json.dumps(entry["arguments"]).replace(str(ROOT), "").encode())
    source = pathlib.Path(entry["file"])
    for path in (source, source.with_suffix(".h")):
        state.update(os.path.relpath(path, ROOT).encode() + b"\0")
        state.update(path.read_bytes() if path.exists() else b"")
    return state.hexdigest()


def by_age(entries):
    """Those that were committed last come first, behind those that are not committed."""
    log = subprocess.run(
        ["git", "-C", ROOT, "log", "--format=", "--name-only"], capture_output=True, text=True
    )
    ages = {}
    for age, name in enumerate(log.stdout.splitlines(), 1):
        ages.setdefault(name, age)
    return sorted(entries, key=lambda each: ages.get(os.path.relpath(each["file"], ROOT), 0))


def check(entry, mark, deadline):
    """The output of clang-tidy for one file, empty when it is clean; or LEFT."""
    if mark.exists():
        return ""
    if time.monotonic() > deadline:
        return LEFT
    command = ["clang-tidy", "--quiet", "-p", str(WORK), entry["file"]]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode == 0:
        mark.touch()
        return ""
    return run.stdout + run.stderr


def main(build):
    for folder in (CACHE, WORK):
        folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for entry in json.loads(pathlib.Path(build, "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        relative = path.relative_to(ROOT) if path.is_relative_to(ROOT) else pathlib.Path("none")
        if relative.parts[0] in FOLDERS:
            arguments = command_for_clang(entry)
            entries.append(
                {"file": entry["file"], "directory": entry["directory"], "arguments": arguments}
            )
    (WORK / "compile_commands.json").write_text(json.dumps(entries))

    version = subprocess.run(["clang-tidy", "--version"], capture_output=True).stdout
    common = (ROOT / ".clang-tidy").read_bytes() + version
    entries = by_age(entries)
    deadline = time.monotonic() + SECONDS
    failed = left = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = []
        for entry in entries:
            mark = CACHE / digest(entry, common)
            runs.append(pool.submit(check, entry, mark, deadline))
        for entry, run in zip(entries, runs):
            if run.result() == LEFT:
                left += 1
            elif run.result():
                failed += 1
                print(f"== {os.path.relpath(entry['file'], ROOT)}\n{run.result()}")
    rest = f", {left} of them {LEFT}" if left else ""
    print(f"{len(entries)} files, {failed} with findings{rest}")
    return 1 if failed or not entries else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve())))
