#!/usr/bin/env bash
# Installs a package in a bare Debian without Python and uses it there, as an ordinary user; then takes it out again.
#
#   packaging/try_deb.sh [PACKAGE.deb] [FOLDER]     the package from dist/; FOLDER gets the picture and what was said
#
# Needs root, debootstrap and, once, Debian's packages; a bare system is kept in the user's cache and copied each time.
# On the standard output one JSON document. Exit status 0: all holds; 1: something does not; 3: cannot be tried here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
script=try_deb
# shellcheck source=packaging/system.sh
. "$here/system.sh"

package=${1:-$(ls -t "$root"/dist/turbulence_*.deb 2>/dev/null | head -n 1)}
[ -f "${package:-}" ] || fail "there is no package: packaging/build_deb.sh makes one"
package=$(realpath "$package")
out=${2:-$(mktemp -d "${TMPDIR:-/tmp}/turbulence-deb-XXXXXX")}
mkdir -p "$out"
out=$(cd "$out" && pwd)
release=${RELEASE:-bookworm}
bare="${XDG_CACHE_HOME:-$HOME/.cache}/turbulence/bare-$release"
[ "$(id -u)" = 0 ] || fail "needs root, to make a bare system and to install in it"
command -v debootstrap >/dev/null || { is_root_on_debian && apt_install debootstrap; } || fail "no debootstrap here: $(spell debootstrap)"

if [ ! -f "$bare/.complete" ]; then
    say "Making a bare $release (once)"
    rm -rf "$bare"
    mkdir -p "$bare"
    debootstrap --variant=minbase "$release" "$bare" ${MIRROR:+"$MIRROR"} >"$out/debootstrap.log" 2>&1 || { tail -n 5 "$out/debootstrap.log" >&2; fail "a bare system could not be made"; }
    touch "$bare/.complete"
fi
place=$(mktemp -d "${TMPDIR:-/tmp}/turbulence-bare-XXXXXX")
mounted=()
started=()
end_inside() { # ask every process that runs in the bare system to end, then make it
    local signal pid
    for signal in TERM KILL; do
        for pid in /proc/[0-9]*; do
            [ "$(readlink "$pid/root" 2>/dev/null)" != "$place" ] || kill -$signal "${pid#/proc/}" 2>/dev/null || true
        done
        sleep 2
    done
}

clean() {
    local at pid
    end_inside
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    for at in "${mounted[@]}"; do umount -l "$at" 2>/dev/null || true; done
    case $place in */turbulence-bare-*) rm -rf --one-file-system "$place" ;; esac
}
trap clean EXIT
cp -a "$bare/." "$place/"
for at in proc dev; do # never removed with the folder: unmounted first, and one file system only
    if mount --rbind "/$at" "$place/$at" 2>/dev/null; then mount --make-rslave "$place/$at" 2>/dev/null || true; mounted+=("$place/$at"); fi
done
cp "$package" "$place/tmp/turbulence.deb"
cp /etc/resolv.conf "$place/etc/resolv.conf" 2>/dev/null || true
cp "$here/deb/inside.sh" "$place/tmp/inside.sh"

inside() { # inside PHASE [NAME=VALUE]
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${@:2}" \
        ${http_proxy:+http_proxy="$http_proxy"} chroot "$place" /bin/bash /tmp/inside.sh "$1" >>"$out/noise.log" 2>&1
}

see_window() { # on a screen of our own outside: nothing for it is installed inside
    local display window
    Xvfb -displayfd 7 -screen 0 1440x900x24 -nolisten tcp -ac 7>"$out/display" >/dev/null 2>&1 &
    started+=($!)
    for _ in $(seq 50); do [ -s "$out/display" ] && break; sleep 0.1; done
    display=":$(cat "$out/display")"
    rm -f "$out/display"
    if command -v openbox >/dev/null; then DISPLAY=$display openbox >/dev/null 2>&1 & started+=($!); fi
    inside window DISPLAY="$display" &
    window=$!
    started+=($window)
    sleep "${WAIT_S:-20}"
    kill -0 $window 2>/dev/null || { echo "the window ended by itself" >>"$place/tmp/out/wrong.txt"; return; }
    if command -v import >/dev/null; then import -display "$display" -window root "$out/window.png" || true; fi
    end_inside
}

status=0
inside install || status=$?
if [ $status = 0 ]; then
    inside use || status=1
    if command -v Xvfb >/dev/null; then see_window; else say "no Xvfb here: the window was only opened without a screen"; fi
    inside remove || status=1
fi
cp "$place"/tmp/out/* "$out/" 2>/dev/null || true
[ ! -s "$out/wrong.txt" ] || status=1
wrong=$(sed 's/[\"]/\\&/g; s/.*/"&"/' "$out/wrong.txt" 2>/dev/null | paste -sd, || true)
printf '{"package": "%s", "release": "%s", "holds": %s, "wrong": [%s], "demo_ms": %s, "installed_files": %s, "kept": "%s"}\n' \
    "$(basename "$package")" "$release" "$([ $status = 0 ] && echo true || echo false)" "$wrong" \
    "$(cat "$out/demo-ms.txt" 2>/dev/null || echo null)" "$(wc -l <"$out/installed.txt" 2>/dev/null || echo 0)" "$out"
if [ $status != 0 ]; then tail -n 30 "$out/noise.log" >&2; fi
exit $status
