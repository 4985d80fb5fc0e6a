#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""wse-module-check finds in each module of the zoo what stands in its source as "found: ...".

    check_zoo_test.py WSE-MODULE-CHECK SOURCES BUILT [--no-memory]
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor


def run(program, *arguments):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=180)


def problems(program, source, built, memory):
    head = source.read_text()
    wanted = re.findall(r"^/\* found: (.*) \*/$", head, re.MULTILINE)
    wanted += re.findall(r"^/\* refused: (.*) \*/$", head, re.MULTILINE)
    if not memory:
        wanted = [each for each in wanted if "when allocation" not in each]
    if not wanted:
        return []
    answer = run(program, built / f"{source.stem}.so")
    dead = "does not start" in answer.stderr
    wrong = [
        f"{source.stem}: nothing like '{each}' in\n{answer.stdout}{answer.stderr}"
        for each in wanted
        if not re.search(each, answer.stdout)
    ]
    if answer.returncode != (2 if dead else 1):
        wrong.append(f"{source.stem}: status {answer.returncode}\n{answer.stdout}{answer.stderr}")
    return wrong


def of_itself(program, built):
    """What is no matter of one module: the good ones, JSON, and how it is called."""
    for name in ("backplane_loop", "minimal", "snapshot_work"):
        good = run(program, built / f"{name}.so")
        if good.returncode != 0 or "nothing found" not in good.stdout:
            yield f"{name}: {good.stdout}{good.stderr}"
    report = json.loads(run(program, "--json", built / "bad_magic.so").stdout)
    if [each["trial"] for each in report["findings"]] != ["loading"]:
        yield f"bad_magic: {report}"
    for arguments in ((), ("--nonsense",), ("a", "b", "c"), (built / "minimal.so", "/nowhere")):
        answer = run(program, *arguments)
        if answer.returncode != 2 or not answer.stderr.startswith("wse-module-check: "):
            yield f"{arguments}: {answer}"
    yield from of_offers(program, built / "transform_picky.so")
    if run(program, "--help").returncode != 0:
        yield "--help fails"


def of_offers(program, module):
    """A transform is looked at with the client that it is for."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "offer.json")
        for offer, status, text in (
            ('{"hello":{"please":1}}', 1, "rekey replies with what is no JSON object"),
            ('{"hello":{}}', 1, "open does not take the offer"),
            ("please", 2, ""),
        ):
            file.write_text(offer)
            answer = run(program, "--offer", file, module)
            if answer.returncode != status or text not in answer.stdout:
                yield f"{offer}: {answer}"
    for arguments in (("--offer", "/nowhere", module), (module, "--offer")):
        if run(program, *arguments).returncode != 2:
            yield f"{arguments} is accepted"
    if run(program, module).returncode != 0:
        yield "a transform that is not for a silent client has a finding"


def main():
    program, built = sys.argv[1], pathlib.Path(sys.argv[3])
    sources = sorted(pathlib.Path(sys.argv[2]).glob("*.c"))
    memory = "--no-memory" not in sys.argv
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda each: problems(program, each, built, memory), sources))
    wrong = list(of_itself(program, built)) + [each for all_of in found for each in all_of]
    print("\n".join(wrong) or f"{len(sources)} modules of the zoo are judged as they should be")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
