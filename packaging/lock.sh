#!/usr/bin/env bash
# Pins every dependency with its hashes, for all platforms and Python >= 3.11. Run it after changing a
# requirement in pyproject.toml; needs `uv`. With --upgrade, newer versions are taken where the ranges allow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
locks=packaging/locks
command -v uv >/dev/null || { echo "packaging/lock.sh: uv is not installed: pip install uv" >&2; exit 3; }

lock() { # lock NAME ARGUMENTS...: no index address and no machine's path may end up in the file
    local name=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "packaging/lock.sh" \
        --output-file "$locks/$name.lock" "$@"
    echo "$locks/$name.lock: $(grep -c '==' "$locks/$name.lock") packages"
}

upgrade=()
[ "${1:-}" = "--upgrade" ] && upgrade=(--upgrade)
lock runtime "${upgrade[@]}" --extra samples pyproject.toml
# The others follow the runtime's versions, so that no later step of the set-up moves an earlier one's packages.
lock tests "${upgrade[@]}" --constraint "$locks/runtime.lock" --group dev pyproject.toml
lock build "${upgrade[@]}" --constraint "$locks/tests.lock" --group build
python3 -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["llama"])' |
    lock llama "${upgrade[@]}" --constraint "$locks/tests.lock" -
lock llama-build "${upgrade[@]}" --group llama-build
lock freeze "${upgrade[@]}" --constraint "$locks/tests.lock" --group freeze
