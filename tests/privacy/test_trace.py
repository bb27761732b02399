"""The kernel's own word: a trace of the system calls of whole commands shows no socket to anything but this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.llm import real_ollama
from tests.llm.samples import WORKFLOW
from tests.llm.stub_ollama import says, serving
from tests.llm.test_gateway import GOOD
from tests.llm.tiny_gguf import write
from turbulence_app.formats.writer import dump

CALLS = "connect,sendto,sendmsg,sendmmsg,bind,socket,io_uring_setup"
_FAMILY = re.compile(r"sa_family=(AF_\w+)")
_ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_SOCKET = re.compile(r"\bsocket\((AF_\w+)")
_HERE = {"AF_UNIX", "AF_LOCAL", "AF_NETLINK", "AF_UNSPEC"}
"""This machine's own; the last one only lets go of a connection."""


def _why_not() -> str:
    if sys.platform != "linux":
        return "strace is Linux's"
    if shutil.which("strace") is None:
        return "strace is not installed: packaging/setup.sh --tests says how to get it"
    tried = subprocess.run(["strace", "-f", "-e", "trace=socket", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this machine lets nobody trace"


WHY_NOT = _why_not()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT or "-")]


def traced(tmp_path: Path, *command: str, status: int | None = 0, **env: str) -> list[str]:
    """Lines of the trace of a command and all its children."""
    file = tmp_path / "trace.txt"
    strace = [
        "strace",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-s",
        "0",
        "-e",
        f"trace={CALLS}",
        "-e",
        "signal=none",
        "-o",
        str(file),
    ]
    path = os.pathsep.join(part for part in sys.path if part)
    environment = {**os.environ, "TURBULENCE_HOME": str(tmp_path / "home"), "PYTHONPATH": path, **env}
    done = subprocess.run(
        [*strace, sys.executable, *command], capture_output=True, text=True, env=environment, check=False
    )
    assert status is None or done.returncode == status, done.stderr
    return file.read_text().splitlines()


def leaving(lines: list[str]) -> list[str]:
    """Calls with an address that is not of this machine, and ways around sockets."""
    return [line for line in lines if _leaves(line)]


def _leaves(line: str) -> bool:
    if "io_uring_setup" in line:
        return True
    family = _FAMILY.search(line)
    if family is None or family[1] in _HERE:
        return False
    found = _ADDRESS.search(line)
    if family[1] not in ("AF_INET", "AF_INET6") or found is None:
        return True
    address = ip_address(found[1] or found[2])
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_loopback


def families(lines: list[str]) -> set[str]:
    """Families of the sockets that were asked for."""
    return {match[1] for line in lines if (match := _SOCKET.search(line))}


def test_the_trace_sees_who_leaves(tmp_path: Path) -> None:
    """Nothing is sent: a UDP socket is only told where to."""
    code = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.1', 53))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}])"
    for script in (code, child):
        assert len(leaving(traced(tmp_path, "-c", script))) == 1
    assert leaving(traced(tmp_path, "-c", code.replace("192.0.2.1", "127.0.0.1"))) == []


def test_a_whole_demo_opens_no_socket_to_anywhere(tmp_path: Path) -> None:
    lines = traced(tmp_path, "-m", "turbulence_app", "demo", "--users", "2000", "--workers", "2")
    assert leaving(lines) == []
    assert families(lines) <= _HERE, "the demo has nobody to talk to, not even on this machine"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small workflow and a persona with personal data."""
    root = tmp_path / "shop"
    (root / "workflows").mkdir(parents=True)
    (root / "personas").mkdir()
    (root / "workflows" / "checkout.yaml").write_text(dump(WORKFLOW))
    (root / "personas" / "anna.yaml").write_text(
        "personas:\n  - id: anna\n    name: Anna\n    description: Shops during lunch breaks. Mail anna@example.org.\n"
    )
    return root


def generate(project: Path, backend: str) -> list[str]:
    return ["-m", "turbulence_app", "policy", "generate", "--project", str(project), "--backend", backend, "--quiet"]


@pytest.mark.skipif(importlib.util.find_spec("llama_cpp") is None, reason="the extra llama is not installed")
def test_a_policy_by_llama_cpp_opens_no_socket_to_anywhere(tmp_path: Path, project: Path) -> None:
    model = write(tmp_path / "tiny.gguf")
    traced(tmp_path, "-m", "turbulence_app", "models", "add", str(model), "--quiet")
    lines = traced(tmp_path, *generate(project, "llamacpp"))
    assert leaving(lines) == []
    tried = [line for line in lines if "AF_INET" in line and "EACCES" not in line]
    assert tried == [], "the self-test of the model's process is refused by the kernel; nobody else asks"


def test_a_policy_by_ollama_speaks_to_this_machine_alone(tmp_path: Path, project: Path) -> None:
    with serving(lambda _: says(GOOD)) as server:
        lines = traced(tmp_path, *generate(project, "ollama"), OLLAMA_URL=server.url)
    assert leaving(lines) == []
    spoken = [line for line in lines if "connect(" in line and f"htons({server.server_port})" in line]
    assert spoken
    assert "anna@example.org" not in str(server.requests)
    assert "[EMAIL_1]" in str(server.requests)


def test_a_policy_by_a_real_ollama_server_speaks_to_this_machine_alone(tmp_path: Path, project: Path) -> None:
    """The tiny model writes nonsense that is mended; what counts is whom our processes spoke to."""
    with real_ollama.running(tmp_path) as url:
        real_ollama.bring(url, "tiny", write(tmp_path / "tiny.gguf"))
        lines = traced(tmp_path, *generate(project, "ollama"), "--model", "tiny", status=None, OLLAMA_URL=url)
    assert leaving(lines) == []
    assert [line for line in lines if "connect(" in line and f"htons({url.rpartition(':')[2]})" in line]
