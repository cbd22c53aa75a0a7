#!/bin/sh
# Builds with a sanitizer and runs the tests: tools/sanitize.sh asan|tsan
set -eu
case $1 in
asan)
    options="-Db_sanitize=address,undefined"
    alone="direct|mark" # photons counted for a minute
    export TAP_ONLY_PHOTOS_END_TO_END=one_close,beyond,missing,bomb ;; # the whole heads take minutes here
tsan)
    options="-Db_sanitize=thread"
    export TAP_ONLY=every_file,threads,served,interrupted,meter # what has threads; the rest is slow
    export TAP_ONLY_PHOTOS_END_TO_END=bomb # whole photographs: a quarter of an hour
    # rooms without threads whose tests compute for minutes here
    alone='mark|pigment|shade|skin|line|design|design_file|region|density|hairline|recede|relayout|rules_design|fit|card_color|photo_quality|marker|marker_print|marker_sheet|patch|photos_doc'
    ;;
*) echo "sanitize: '$1' is neither asan nor tsan" >&2; exit 2 ;;
esac
build=build/$1
[ -f "$build/build.ninja" ] || meson setup "$build" $options -Doptimization=2 >/dev/null
ninja -C "$build" --quiet
# The libraries we link leak a few blocks of their own for the process; ours are arenas.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/tools/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$PWD/tools/tsan.supp:halt_on_error=1"
tests=$(meson test -C "$build" --list 2>/dev/null | sed -n 's,.* / ,,p' | grep -vxE "${alone:-}") || exit 1
# shellcheck disable=SC2086
exec tools/run_tests.sh "$build" --timeout-multiplier 6 $tests
