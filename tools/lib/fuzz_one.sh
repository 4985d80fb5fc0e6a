#!/bin/bash
# SPDX-License-Identifier: MIT
# usage: fuzz_one.sh PROGRAM SECONDS
# Runs one fuzz target, from the seeds in the tree and from what earlier runs have found worth
# keeping, and prints a line about it. Exit status 1: a finding, which is in build/fuzz-findings.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)

program=$1 seconds=$2
name=${program##*/fuzz_}
seeds=$root/tests/fuzz/corpus/$name
dictionary=$root/tests/fuzz/$name.dict
kept=$root/build/fuzz-corpus/$name
findings=$root/build/fuzz-findings
mkdir -p "$kept" "$findings"
log=$findings/$name.log
# In memory, where that is possible: some targets write a file for each input.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=4096
    -artifact_prefix="$findings/$name-" -print_final_stats=1)
[ ! -e "$dictionary" ] || options+=(-dict="$dictionary")
verdict=ok
"$program" "${options[@]}" "$kept" "$seeds" >"$log" 2>&1 || verdict=FOUND

# last PATTERN: the number behind the last place of that text in the log, which may have octets of
# an input in it.
last() { grep -a -o "$1 *[0-9]*" "$log" | tail -n 1 | grep -o '[0-9]*$' || echo '?'; }
printf '%-14s %10s execs  %6s covered  %s\n' "$name" \
    "$(last 'stat::number_of_executed_units:')" "$(last 'cov:')" "$verdict"
[ "$verdict" = ok ] && exit 0
# What was found: the report without the progress before it, and the file that shows it again.
grep -a -v -E '^#[0-9]+|^INFO:|^stat::' "$log" | tail -n 60
exit 1
