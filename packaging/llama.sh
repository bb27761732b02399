# shellcheck shell=bash disable=SC2154  # its variables come from setup.sh
# Part of setup.sh: llama.cpp (the extra `llama`). Its package exists as sources only, so it is compiled here,
# for this processor, and the wheel is kept in the user's cache: the next set-up takes seconds.
# Nothing here ends the set-up: the program works without, with its built-in model.

llama_cache="${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/turbulence/wheels"

has_compiler() { # a name on the path is not enough: macOS has stubs
    local name
    for name in ${CXX:+"$CXX"} c++ g++ clang++; do
        if echo 'int main() { return 0; }' | "$name" -x c++ -o /dev/null - >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

processor() { # what code for "this processor" depends on
    uname -sm
    { grep -m1 -E '^(flags|Features)' /proc/cpuinfo || sysctl -n machdep.cpu.brand_string; } 2>/dev/null || true
}

without_llama() { say "Without llama.cpp: $*. The built-in model and Ollama work; again with: packaging/setup.sh --llama"; }

build_llama() { # build_llama FOLDER: leaves the wheel there; quiet unless it fails
    local work=$1/work rc=0
    rm -rf "$work"
    mkdir -p "$work/wheel"
    chmod 700 "$1"
    "$python" -m venv "$work/venv" &&
        "$work/venv/bin/python" -m pip install -q --require-hashes --only-binary :all: -r "$locks/llama-build.lock" &&
        awk '/^llama-cpp-python==/{on=1} on{print} on && !/\\$/{exit}' "$locks/llama.lock" >"$work/source.txt" &&
        PATH="$work/venv/bin:$PATH" CMAKE_ARGS="-DLLAVA_BUILD=OFF '-DCMAKE_PROJECT_llama.cpp_INCLUDE=$here/llama.cmake' ${CMAKE_ARGS:-}" "$work/venv/bin/python" -m pip wheel -q --no-deps \
            --no-build-isolation --no-cache-dir --no-binary :all: --require-hashes -r "$work/source.txt" -w "$work/wheel" || rc=$?
    if [ $rc = 0 ]; then mv "$work"/wheel/*.whl "$1/" || rc=$?; fi
    rm -rf "$work"
    return $rc
}

llama_loads() { # a wheel out of the cache comes without the compiler that would have brought its run-time library
    "$python" -c 'import llama_cpp' 2>/dev/null && return 0
    is_root_on_debian && apt_install libgomp1 && "$python" -c 'import llama_cpp' 2>/dev/null
}

install_llama() {
    local mark folder wheel log
    mark=$( (processor; fingerprint "$locks/llama.lock" "$here/llama.sh") | cksum)
    if done_already llama "$mark"; then return 0; fi
    folder="$llama_cache/$( (processor; cat "$locks/llama.lock" "$here/llama.sh") | cksum | tr ' ' '-')"
    wheel=$(ls "$folder"/*.whl 2>/dev/null || true)
    if [ -z "$wheel" ]; then
        if ! has_compiler; then
            if ! { is_root_on_debian && apt_install g++ && has_compiler; }; then
                without_llama "no C++ compiler ($(spell g++))"
                return 0
            fi
        fi
        mkdir -p "$folder" 2>/dev/null || { without_llama "cannot write $folder"; return 0; }
        say "Compiling llama.cpp: about two minutes on two cores, once. Ctrl-C skips it; nothing else needs it."
        log=$(mktemp)
        trap : INT # Ctrl-C ends the compiler, not the set-up
        if ! build_llama "$folder" >"$log" 2>&1; then
            trap - INT
            tail -n 8 "$log" >&2
            rm -f "$log"
            without_llama "it could not be compiled (above: the end of what the compiler said)"
            return 0
        fi
        trap - INT
        rm -f "$log"
        wheel=$(ls "$folder"/*.whl)
    fi
    awk '/^llama-cpp-python==/{off=1} !off{print} off && !/\\$/{off=0}' "$locks/llama.lock" >"$venv/.llama-needs.txt"
    if pip_install --require-hashes --only-binary :all: -r "$venv/.llama-needs.txt" &&
        pip_install --no-deps --no-index --force-reinstall "$wheel" && llama_loads; then
        echo "$mark" >"$venv/.llama.done"
    else
        rm -f "$wheel"
        "$python" -m pip uninstall -q -y llama-cpp-python >/dev/null 2>&1 || true # half installed would look installed
        without_llama "it was compiled but could not be installed"
    fi
}
