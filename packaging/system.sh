# shellcheck shell=bash
# Part of the scripts beside it: words, and packages of the system. The script that takes it sets `script`, its name.

say() { printf '%s\n' "$*" >&2; }
fail() { say "${script:-packaging}: $*"; exit 3; }
is_root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }
spell() { # what an ordinary user may paste to get Debian packages
    if command -v apt-get >/dev/null 2>&1; then echo "sudo apt-get install $*"; else echo "install your system's packages for: $*"; fi
}

apt_missing() { # apt_missing PACKAGE...: those that are not installed
    local package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q ' installed$' || printf '%s\n' "$package"
    done
}

apt_install() { # apt_install PACKAGE...: those that are missing; false if that fails
    local missing log
    mapfile -t missing < <(apt_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing system packages: ${missing[*]}"
    log=$(mktemp)
    if { DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
        return 0
    fi
    tail -n 5 "$log" >&2
    rm -f "$log"
    return 1
}
