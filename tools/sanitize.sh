#!/bin/sh
# Builds with a sanitizer and runs the tests: tools/sanitize.sh asan|tsan
set -eu
case $1 in
asan)
    options="-Db_sanitize=address,undefined"
    # photons counted for a minute; catalogues and calendars held against other programs, mostly in Python
    alone="direct|mark|words_tool|words_agree|calendars_end_to_end"
    # one plan of each kind: whole heads and every option take minutes here
    export TAP_ONLY_PHOTOS_END_TO_END=one_close,beyond,missing,bomb TAP_ONLY_DESIGN_END_TO_END=laid_out,undone,brush,lines_lie,bad_documents
    export TAP_ONLY_COURSE_END_TO_END=papers_made,missed_session,answers_are,other_sessions,clinic_asked
    export TAP_ONLY_EXPORT_END_TO_END=svg_says,dxf_is TAP_ONLY_SOLIDS_END_TO_END=glb,admesh,poses
    wanted='.*' ;;
tsan)
    options="-Db_sanitize=thread"
    export TAP_ONLY=every_file,threads,served,interrupted,meter # what has threads; the rest is slow
    export TAP_ONLY_PHOTOS_END_TO_END=bomb # whole photographs: a quarter of an hour
    alone=''
    # what starts threads or children
    wanted='base|jail|mesh|photo|views|place|look|photo_look|dots|dots_plan|sample|solid|server|ics|end_to_end|photos_end_to_end' ;;
*) echo "sanitize: '$1' is neither asan nor tsan" >&2; exit 2 ;;
esac
build=build/$1
[ -f "$build/build.ninja" ] || meson setup "$build" $options -Doptimization=2 >/dev/null
ninja -C "$build" --quiet
# The libraries we link leak a few blocks of their own for the process; ours are arenas.
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export LSAN_OPTIONS="suppressions=$PWD/tools/lsan.supp:print_suppressions=0"
export TSAN_OPTIONS="suppressions=$PWD/tools/tsan.supp:halt_on_error=1"
tests=$(meson test -C "$build" --list 2>/dev/null | sed -n 's,.* / ,,p' | grep -xE "$wanted" | grep -vxE "${alone:-nothing}") || exit 1
# shellcheck disable=SC2086
exec tools/run_tests.sh "$build" --timeout-multiplier 6 $tests
