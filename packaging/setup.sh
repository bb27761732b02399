#!/usr/bin/env bash
# Makes Turbulence run from this checkout: a virtual environment in .venv with locked, hash-checked packages.
#
#   packaging/setup.sh            the program: command line and window
#   packaging/setup.sh --llama    also llama.cpp, compiled here: a few minutes, once per computer
#   packaging/setup.sh --tests    also what the tests need, and llama.cpp
#
# Safe to repeat: what is done already is skipped. It never calls sudo. As root on a Debian-like system it
# installs missing system packages; otherwise it names them and goes on without.
# PYTHON=/path/to/python chooses the interpreter (3.11 or newer). Exit status 0: done, 3: could not.
# shellcheck disable=SC2086  # lists of packages are words on purpose
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
locks="$here/locks"
venv="$root/.venv"
python="$venv/bin/python"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONNOUSERSITE=1
unset PYTHONHOME PYTHONPATH

# Debian's names: Qt's own needs without a screen, then with one, then a screen for the tests, and what traces them.
qt_packages="libglib2.0-0 libegl1 libgl1 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0
    libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1"
screen_packages="xvfb xauth"
trace_packages="strace"

script=setup
# shellcheck source=packaging/system.sh
. "$here/system.sh"

# --- Python ------------------------------------------------------------------------------------------------
usable_python() { # the versions that every locked package has a wheel for
    "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

find_python() {
    local name
    for name in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.14; do
        if usable_python "$name"; then command -v "$name"; return 0; fi
        [ "$name" != "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not a Python 3.11 to 3.14."
    done
    return 1
}

make_venv() {
    if [ -x "$python" ] && usable_python "$python" && "$python" -m pip --version >/dev/null 2>&1 &&
        [ "$("$python" -c 'import sys; print(sys.prefix)')" -ef "$venv" ]; then
        return 0
    fi
    local base
    if ! base=$(find_python); then
        { is_root_on_debian && apt_install python3 python3-venv && base=$(find_python); } ||
            fail "no Python 3.11 to 3.14 here (python3 is $(python3 --version 2>&1 || true)). Install one, or name it: PYTHON=/path/to/python3.12 $0"
    fi
    if ! "$base" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        { is_root_on_debian && apt_install python3-venv; } || fail "$base cannot make virtual environments: $(spell python3-venv)"
    fi
    say "Making .venv with $("$base" --version)"
    "$base" -m venv --clear "$venv" >&2 || fail "could not make $venv; is the folder writable and the disk not full?"
}

# --- Packages ----------------------------------------------------------------------------------------------
fingerprint() { # of files and of the interpreter: what a step's result depends on
    { cat "$@"; "$python" -VV; echo "$root"; } | cksum
}
done_already() { [ "$(cat "$venv/.$1.done" 2>/dev/null)" = "$2" ]; }

pip_install() { # quiet; on failure the end of what pip said
    local log
    log=$(mktemp)
    if "$python" -m pip install --progress-bar off "$@" >"$log" 2>&1; then rm -f "$log"; return 0; fi
    tail -n 8 "$log" >&2
    rm -f "$log"
    return 1
}

install_locked() { # install_locked STEP WORDS LOCK...
    local step=$1 words=$2 mark file arguments=()
    shift 2
    mark=$(fingerprint "$root/pyproject.toml" "$@")
    done_already "$step" "$mark" && return 0
    for file in "$@"; do arguments+=(-r "$file"); done
    say "Installing $words"
    pip_install --require-hashes --only-binary :all: "${arguments[@]}" ||
        fail "the packages could not be installed (above: what pip said). Is the package registry reachable? Run it again when it is."
    echo "$mark" >"$venv/.$step.done"
}

install_program() {
    local mark
    mark=$(fingerprint "$root/pyproject.toml")
    done_already program "$mark" && return 0
    # Editable: the checkout is the program. No isolation: the build tools are the locked ones.
    pip_install --no-deps --no-build-isolation --no-index --editable "$root" || fail "the program itself could not be installed."
    echo "$mark" >"$venv/.program.done"
}

# --- Qt's libraries ----------------------------------------------------------------------------------------
missing_libraries() { # sonames that Qt wants and the system lacks
    command -v ldd >/dev/null 2>&1 || return 0
    local qt
    qt=$("$python" -c 'import importlib.util as u, pathlib; print(pathlib.Path(u.find_spec("PySide6").origin).parent / "Qt")')
    { ldd "$qt"/lib/libQt6Widgets.so.6 "$qt"/plugins/platforms/libqxcb.so "$qt"/plugins/platforms/libqoffscreen.so 2>/dev/null || true; } |
        awk '/not found/ && !seen[$1]++ {printf "%s ", $1}'
}

check_window() {
    local missing
    missing=$(missing_libraries)
    [ -n "$missing" ] || return 0
    if is_root_on_debian && apt_install $qt_packages; then missing=$(missing_libraries); fi
    [ -z "$missing" ] || say "The window cannot open yet (the command line works): missing ${missing% }
  $(spell $qt_packages)"
}

check_screen() { # the tests' own screen
    command -v Xvfb >/dev/null 2>&1 && command -v xauth >/dev/null 2>&1 && return 0
    is_root_on_debian && apt_install $screen_packages && return 0
    say "The tests that need a screen will be skipped: no Xvfb. $(spell $screen_packages)"
}

check_trace() { # what shows that nothing leaves: a trace of the system calls of a whole demo
    [ "$(uname -s)" = Linux ] || return 0
    command -v strace >/dev/null 2>&1 && return 0
    is_root_on_debian && apt_install $trace_packages && return 0
    say "The tests that trace system calls will be skipped: no strace. $(spell $trace_packages)"
}

# shellcheck source=packaging/llama.sh
. "$here/llama.sh"

main() {
    local llama=no tests=no
    while [ $# -gt 0 ]; do
        case $1 in
            --llama) llama=yes ;;
            --tests) tests=yes llama=yes ;;
            -h | --help) sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//p;}' "${BASH_SOURCE[0]}"; return 0 ;;
            *) say "setup: unknown option $1 (there are --llama and --tests)"; return 2 ;;
        esac
        shift
    done
    # Two set-ups at once wait for each other; the lock goes with the process.
    if command -v flock >/dev/null 2>&1; then exec 9<"${BASH_SOURCE[0]}"; flock 9; fi
    make_venv
    install_locked packages "the program's packages (about 140 MB, locked by hash)" "$locks/runtime.lock" "$locks/build.lock"
    install_program
    check_window
    if [ $tests = yes ]; then
        install_locked tests "the tests' packages" "$locks/tests.lock"
        check_screen
        check_trace
    fi
    if [ $llama = yes ]; then install_llama; fi
    say "Ready: .venv/bin/turbulence"
}
main "$@"
