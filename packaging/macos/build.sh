#!/usr/bin/env bash
# Makes Turbulence.app and a disk image on macOS. Not tried; see README.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work="$root/build/freeze"
[ "$(uname -s)" = Darwin ] || { echo "build: this is the recipe for macOS; packaging/build_deb.sh is for Linux" >&2; exit 3; }

"$root/packaging/freeze.sh" "$@"
python="$work/venv/bin/python"
contents="$work/Turbulence.app/Contents"
include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
library=$("$python" -c 'import pathlib, sys, sysconfig; print(pathlib.Path(sys.base_prefix, sysconfig.get_config_var("LDLIBRARY")).name)')
clang -O2 -Wall -I"$include" -o "$contents/MacOS/turbulence-python" "$root/packaging/frozen/python.c" \
    "$contents/Frameworks/$library" -Wl,-rpath,@executable_path/../Frameworks
"$python" "$root/packaging/frozen/finish.py" "$contents" /Applications/Turbulence.app/Contents
version=$("$python" -c 'import turbulence_app; print(turbulence_app.__version__)')
image="$work/image"
rm -rf "$image"
mkdir -p "$image" "$root/dist"
cp -R "$work/Turbulence.app" "$image/"
ln -s /Applications "$image/Applications"
hdiutil create -volname Turbulence -srcfolder "$image" -ov -format UDZO "$root/dist/Turbulence-$version.dmg"
(cd "$root/dist" && shasum -a 256 "Turbulence-$version.dmg" >SHA256SUMS)
