#!/usr/bin/env bash
# Makes the program that needs no Python: build/freeze/turbulence, one folder, by PyInstaller (Linux, macOS).
# packaging/build_deb.sh puts it into a package. Everything is locked by hash; the same inputs give the same bytes.
#
#   packaging/freeze.sh               with llama.cpp, compiled for any processor with AVX2
#   packaging/freeze.sh --no-llama    without: no C++ compiler and a few minutes less
#
# PYTHON=/path/to/python chooses the interpreter that goes in (3.11 or newer, with a shared library).
# Exit status 0: done, 3: could not.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
locks="$here/locks"
work="$root/build/freeze"
venv="$work/venv"
python="$venv/bin/python"
script=freeze
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONNOUSERSITE=1 PYTHONHASHSEED=0
unset PYTHONHOME PYTHONPATH
# shellcheck source=packaging/system.sh
. "$here/system.sh"
# shellcheck source=packaging/llama.sh
. "$here/llama.sh"

# What any x86-64 processor since 2013 has, and nothing of the one that compiles; other architectures: their baseline.
PORTABLE="-DGGML_NATIVE=OFF"

# What the bundle is linked with and Qt's plugins are looked at with; the package depends on most of it.
build_packages="python3 python3-venv python3-dev gcc libc6-dev binutils dpkg-dev git ca-certificates
    libglib2.0-0 libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0
    libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libwayland-client0 libwayland-cursor0 libwayland-egl1"

epoch() { # the moment that all files carry: the last commit's
    git -C "$root" log -1 --format=%ct 2>/dev/null || date -r "$root/pyproject.toml" +%s
}

shared_python() { # a Python with headers and a shared library: the bundle takes the library
    "$1" -c 'import sys, sysconfig, pathlib, ensurepip, venv
v = sysconfig.get_config_var
found = list(pathlib.Path(v("LIBDIR")).rglob(f"libpython{sys.version_info[0]}.{sys.version_info[1]}.*"))
sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 14) and found and pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()))' >/dev/null 2>&1
}

find_python() { # the system's first: its library is the one that was made to be taken along
    local name
    for name in ${PYTHON:+"$PYTHON"} /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if shared_python "$name"; then command -v "$name"; return 0; fi
        [ "$name" != "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no Python 3.11 to 3.14 with headers and a shared library."
    done
    return 1
}

run() { # run WORDS COMMAND...: quiet unless it fails
    local words=$1 log
    shift
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then rm -f "$log"; return 0; fi
    tail -n 15 "$log" >&2
    rm -f "$log"
    fail "$words (above: the end of what was said)"
}

pip_locked() { run "packages could not be installed" "$python" -m pip install --require-hashes --only-binary :all: "$@"; }

portable_llama() { # the wheel, from the user's cache or compiled now
    local folder wheel
    folder="$llama_cache/portable-$( (uname -sm; echo "$PORTABLE"; cat "$locks/llama.lock" "$here/llama.sh" "$here/llama.cmake") | cksum | tr ' ' '-')"
    wheel=$(ls "$folder"/*.whl 2>/dev/null || true)
    if [ -z "$wheel" ]; then
        has_compiler || { is_root_on_debian && apt_install g++; } || fail "no C++ compiler for llama.cpp: $(spell g++), or $0 --no-llama"
        mkdir -p "$folder"
        say "Compiling llama.cpp for any processor: a few minutes, once."
        CMAKE_ARGS="$PORTABLE" run "llama.cpp could not be compiled" build_llama "$folder"
        wheel=$(ls "$folder"/*.whl)
    fi
    awk '/^llama-cpp-python==/{off=1} !off{print} off && !/\\$/{off=0}' "$locks/llama.lock" >"$work/llama-needs.txt"
    pip_locked -r "$work/llama-needs.txt"
    run "llama.cpp could not be installed" "$python" -m pip install --no-deps --no-index --force-reinstall "$wheel"
}

install_all() {
    local mark base
    base=$(find_python) || fail "no Python 3.11 to 3.14 with headers and a shared library: $(spell python3-dev python3-venv)"
    mark=$( (cat "$locks"/{runtime,build,freeze,llama}.lock "$here/freeze.sh"; "$base" -VV; echo "$root $llama") | cksum)
    if [ "$(cat "$venv/.done" 2>/dev/null)" != "$mark" ]; then
        say "Installing what goes in, with $("$base" --version)"
        rm -rf "$venv"
        run "no virtual environment could be made" "$base" -m venv "$venv"
        pip_locked -r "$locks/runtime.lock" -r "$locks/build.lock" -r "$locks/freeze.lock"
        if [ "$llama" = yes ]; then portable_llama; fi
        echo "$mark" >"$venv/.done"
    fi
    rm -rf "$work/wheel"
    cd "$root"
    run "the program's wheel could not be made" "$python" -m hatchling build -t wheel -d "$work/wheel"
    run "the program could not be installed" "$python" -m pip install --no-deps --no-index --no-compile --force-reinstall "$work"/wheel/*.whl
}

interpreter() { # beside the program, the Python that its workers run on
    local include library
    include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    library=$(cd "$1/_internal" && ls libpython3*)
    # RPATH and not RUNPATH: libraries that are opened later are looked for by it, too.
    run "the bundle's interpreter could not be compiled" gcc -O2 -Wall -Werror -I"$include" -o "$1/turbulence-python" \
        "$here/frozen/python.c" -Wl,--disable-new-dtags,-rpath,'$ORIGIN/_internal',--build-id=none -L"$1/_internal" -l":$library" -s
}

main() {
    llama=yes
    case ${1:-} in
        "") ;;
        --no-llama) llama=no ;;
        *) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; [ "$1" = -h ] || [ "$1" = --help ]; return ;;
    esac
    if command -v flock >/dev/null 2>&1; then exec 9<"${BASH_SOURCE[0]}"; flock 9; fi
    # shellcheck disable=SC2086  # a list of packages is words on purpose
    if is_root_on_debian; then
        apt_install $build_packages || fail "system packages are missing"
    fi
    mkdir -p "$work"
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(epoch)}
    export SOURCE_DATE_EPOCH
    install_all
    say "Freezing (two minutes)"
    rm -rf "$work/turbulence"
    cd "$work" # away from the checkout: what is frozen is what the wheel holds
    run "PyInstaller failed" "$python" -P -m PyInstaller --noconfirm --log-level WARN --distpath "$work" \
        --workpath "$work/pyinstaller" "$here/frozen/turbulence.spec"
    if [ "$(uname -s)" != Linux ]; then return 0; fi # macos/build.sh goes on in its own kind of folder
    interpreter "$work/turbulence"
    run "the frozen program could not be finished" "$python" "$here/frozen/finish.py" "$work/turbulence" "${PREFIX:-/usr/lib/turbulence}"
    say "Made $work/turbulence ($(du -sm "$work/turbulence" | cut -f1) MB)"
}
main "$@"
