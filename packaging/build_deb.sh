#!/usr/bin/env bash
# Makes dist/turbulence_VERSION_ARCHITECTURE.deb, with its checksums and its list of components: one command.
#
#   packaging/build_deb.sh               everything, llama.cpp included
#   packaging/build_deb.sh --no-llama    without llama.cpp: no C++ compiler needed
#
# What is missing is installed (as root on Debian) or named. The same commit on the same system gives the same bytes.
# Exit status 0: done, 3: could not.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
script=build_deb
# shellcheck source=packaging/system.sh
. "$here/system.sh"

case ${1:-} in
    "" | --no-llama) ;;
    *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; [ "$1" = -h ] || [ "$1" = --help ]; exit ;;
esac
if is_root_on_debian; then apt_install dpkg-dev || fail "system packages are missing"; fi
command -v dpkg-deb >/dev/null && command -v dpkg-shlibdeps >/dev/null || fail "no dpkg-deb and dpkg-shlibdeps here: $(spell dpkg-dev)"

"$here/freeze.sh" "$@"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date -r "$root/pyproject.toml" +%s)}
export SOURCE_DATE_EPOCH QT_QPA_PLATFORM=offscreen PYTHONNOUSERSITE=1
say "Packing"
"$root/build/freeze/venv/bin/python" "$here/deb/package.py" "$root/build/freeze/turbulence" "$root/build/deb" "$root/dist"
