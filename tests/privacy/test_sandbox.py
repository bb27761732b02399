"""The kernel's filter, tried from inside: Python, native code and children."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and network namespaces are Linux's")


def run(code: str, *, start: tuple[str, ...] = ("-c",), path: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(path or ""), os.environ.get("PYTHONPATH")]))}
    command = [sys.executable, *start, code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


@linux
def test_the_kernel_gives_no_socket_to_anybody_in_here():
    done = run("""
import json, os, socket, subprocess, sys
from turbulence_app.privacy import sandbox
before = (sandbox.is_closed(), sandbox.is_closed_to_native_code())
found = sandbox.confine()
def tried(work):
    try:
        work()
    except OSError as error:
        return type(error).__name__
    return "went"
child = subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], capture_output=True).returncode
left, right = os.pipe()
os.write(right, b"x")
print(json.dumps({"before": before, "level": found.level, "kernel": found.kernel,
    "native": sandbox.is_closed_to_native_code(), "tcp": tried(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
    "udp": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 53))),
    "child": child, "pipe": os.read(left, 1) == b"x"}))
""")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["before"] == [False, False] or found["before"][1] is False
    assert found["level"] in ("seccomp", "netns")
    assert found["kernel"] is True
    assert found["native"] is True
    assert found["tcp"] != "went"
    assert found["udp"] != "went"
    assert found["pipe"] is True
    if found["level"] == "seccomp":
        assert found["child"] != 0


@linux
def test_the_filter_alone_closes_the_way_out():
    done = run("""
import json
from turbulence_app.privacy import sandbox
before = sandbox.is_closed_to_native_code()
print(json.dumps([before, sandbox._seccomp(), sandbox.is_closed_to_native_code(), sandbox.is_closed()]))
""")
    before, failure, native, closed = json.loads(done.stdout)
    if failure:
        pytest.skip(f"no seccomp here: {failure}")
    assert [before, native, closed] == [False, True, True]


def test_where_the_kernel_does_not_help_the_hook_does():
    done = run("""
import json
from turbulence_app.privacy import sandbox
sandbox._seccomp = lambda: "not here"
sandbox._namespace = lambda: "not here"
sandbox._landlock = lambda: "not here"
found = sandbox.confine()
print(json.dumps([found.level, found.closed, found.kernel, found.reason, sandbox.is_closed()]))
""")
    assert done.returncode == 0, done.stderr
    level, closed, kernel, reason, is_closed = json.loads(done.stdout)
    assert (level, closed, kernel, is_closed) == ("python", True, False, True)
    assert reason


@linux
def test_landlock_refuses_tcp_to_native_code_and_says_that_it_is_no_more_than_that():
    done = run("""
import json
from turbulence_app.privacy import sandbox
sandbox._seccomp = lambda: "not here"
sandbox._namespace = lambda: "not here"
before = sandbox.is_closed_to_native_tcp()
why = sandbox._landlock()
found = sandbox.confine()
print(json.dumps([why, before, found.level, found.closed, found.kernel, sandbox.is_closed_to_native_tcp(),
    sandbox.is_closed(), found.in_words]))
""")
    assert done.returncode == 0, done.stderr
    why, before, level, closed, kernel, tcp, python, words = json.loads(done.stdout)
    if why:
        pytest.skip(f"no Landlock with network here: {why}")
    assert (before, level, closed, kernel, tcp, python) == (False, "landlock", True, False, True, True)
    assert "UDP" in words


@linux
def test_a_probe_tells_what_the_launcher_gives(tmp_path):
    env = {**os.environ, "TURBULENCE_HOME": str(tmp_path)}
    for options, kernel in (((), True), (("--loopback",), False)):
        command = [sys.executable, "-m", "turbulence_app.privacy.confined", *options, "turbulence_app.privacy.probe"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)
        found = json.loads(done.stdout)
        assert found["closed"] is found["python"] is True
        assert found["native"] is found["children"] is kernel
        assert found["level"] in (("seccomp", "netns") if kernel else ("python",))


def test_the_report_covers_every_kind_of_process_and_believes_no_silence(monkeypatch):
    from turbulence_app.privacy import containment

    found = {one.process: one for one in containment.contained()}
    assert len(found) == 9
    assert all(one.closed for name, one in found.items() if name != "the command line and the window"), found
    assert found["workers of a run"].reach == found["the process of a llama.cpp model"].reach == "nothing"
    if sys.platform == "linux":
        assert found["workers of a run"].kernel
        assert not found["the client of an Ollama server"].kernel
    monkeypatch.setattr(containment, "PROBE", "turbulence_app.no_such_module")
    assert not any(one.closed for one in containment.contained()[1:])


@linux
def test_the_launcher_confines_before_the_module_is_imported(tmp_path):
    (tmp_path / "inner.py").write_text(
        "import os, sys\nfrom turbulence_app.privacy import sandbox\n"
        "print(os.environ['TURBULENCE_CONFINEMENT'], sandbox.is_closed_to_native_code(), sys.argv[1:], __name__)\n"
    )
    done = run("turbulence_app.privacy.confined", start=("-m",), path=tmp_path)
    assert "usage" in done.stderr
    command = [sys.executable, "-m", "turbulence_app.privacy.confined", "inner", "x"]
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert done.stdout.split()[1:] == ["closed", "True", "['x']", "__main__"], done.stderr
    assert done.stdout.split()[0] in ("seccomp", "netns")
