#!/bin/sh
# The measurements: every module's bench, then the whole job. Prints; `bench/run.sh >bench/results.txt` keeps.
# The machine's load decides absolute times: compare ratios, and runs of one sitting.
set -eu
cd "$(dirname "$0")/.."
[ -f build/build.ninja ] || meson setup build >/dev/null
ninja -C build --quiet
echo "machine: $(nproc) processors, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1 /proc/loadavg)"
for bench in build/*_bench; do
    echo
    echo "== $(basename "$bench" _bench)"
    "$bench"
done
echo
echo "== whole run"
python3 bench/whole_run.py build/follicle
