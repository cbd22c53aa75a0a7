#!/bin/sh
# Runs every test of a build folder and closes with one line: N passed, N failed[, N skipped].
# usage: tools/run_tests.sh BUILD [meson test option]...
set -u
build=$1
shift
meson test -C "$build" --no-rebuild --print-errorlogs "$@" >"$build/test.out" 2>&1
status=$?
if [ $status -ne 0 ]; then cat "$build/test.out"; fi
python3 tools/tally.py "$build" || status=1
exit $status
