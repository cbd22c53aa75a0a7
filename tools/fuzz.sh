#!/bin/sh
# Fuzzes every parser for a while: tools/fuzz.sh SECONDS. Needs clang. Corpora stay in build/fuzz.
set -eu
seconds=$1
build=build/fuzz
[ -f "$build/build.ninja" ] || CC=clang meson setup "$build" -Dfuzz=true \
    -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 >/dev/null
ninja -C "$build" --quiet
passed=0 failed=0
for target in "$build"/*_fuzz; do
    name=$(basename "$target")
    mkdir -p "$build/corpus/$name"
    if UBSAN_OPTIONS=halt_on_error=1 "$target" -max_total_time="$seconds" -timeout=20 \
        -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1 \
        -artifact_prefix="$build/$name-" "$build/corpus/$name" >"$build/$name.log" 2>&1; then
        echo "fuzz: $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$name.log") inputs"
        passed=$((passed + 1))
    else
        tail -n 40 "$build/$name.log"
        echo "fuzz: $name: failed"
        failed=$((failed + 1))
    fi
done
echo "fuzz targets: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
