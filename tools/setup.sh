#!/bin/sh
# Installs what Follicle needs to build, run and test on Debian 12. Does nothing when all is there.
# usage: tools/setup.sh [build|test|fuzz]...   (default: build)
set -eu

build="gcc libc6-dev make meson ninja-build pkg-config python3-minimal libembree-dev libspng-dev liblcms2-dev libapriltag-dev
libturbojpeg0-dev libjansson-dev libmicrohttpd-dev libcairo2-dev libpango1.0-dev fonts-dejavu-core fonts-dejavu-extra
libical-dev tzdata"
test_only="python3 python3-jsonschema gettext poppler-utils python3-icalendar python3-dateutil python3-meshio python3-ezdxf
librsvg2-bin libheif-examples libimage-exiftool-perl admesh assimp-utils"
fuzz_only="clang libclang-rt-14-dev"

wanted=""
for group in "${@:-build}"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $build $test_only" ;;
    fuzz) wanted="$wanted $build $fuzz_only" ;;
    *) echo "setup: '$group' is none of build, test, fuzz" >&2; exit 2 ;;
    esac
done

missing=""
for package in $wanted; do
    case " $missing " in *" $package "*) continue ;; esac
    state=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    case $state in ii*) ;; *) missing="$missing $package" ;; esac
done
[ -n "$missing" ] || exit 0

echo "setup: installing these Debian packages:$missing" >&2
if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: apt-get is not here; install the equivalents of these packages yourself" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || {
        echo "setup: neither root nor sudo; run as root: apt-get install$missing" >&2
        exit 1
    }
    as_root="sudo"
fi
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y \
    --no-install-recommends $missing >/dev/null 2>&1 || {
    $as_root apt-get -qq update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 install -y \
        --no-install-recommends $missing >/dev/null
}
