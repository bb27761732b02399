"""A real Ollama server for tests: one that is named, or a binary found here, with a folder and a port of its own."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

GIVEN = "TURBULENCE_OLLAMA_URL"
TEMPLATE = "{{ range .Messages }}<|{{ .Role }}|>\n{{ .Content }}<|end|>\n{{ end }}<|assistant|>\n"
GUARDED = '"$0" serve & cat >/dev/null; kill -TERM 0'
"""Ends the server and its runners even where this process is killed: its end of the pipe then closes."""
NOBODY = "http://127.0.0.1:9"
"""A proxy that is not there: the server could not reach the outside if it wanted to."""


def binary() -> str | None:
    """On the PATH, or where Go puts what it builds."""
    go = os.environ.get("GOPATH") or str(Path("~/go").expanduser())
    places = [shutil.which("ollama"), *(str(Path(part) / "bin" / "ollama") for part in go.split(os.pathsep))]
    return next((p for p in places if p and os.access(p, os.X_OK)), None)


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[str]:
    """The address of a server that ends with the block; skips the test where there is none to be had."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    program = binary()
    if not program:
        pytest.skip(f"no Ollama here: put an ollama binary on the PATH, or set {GIVEN} to a server's address")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    env = {name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")}
    env |= {"OLLAMA_HOST": address, "OLLAMA_MODELS": str(folder / "models"), "OLLAMA_NO_CLOUD": "1"}
    env |= {"HOME": str(folder), "OLLAMA_NOPRUNE": "1", "HTTPS_PROXY": NOBODY, "HTTP_PROXY": NOBODY, **environment}
    with (folder / "log").open("wb") as log:
        command = [program, "serve"] if sys.platform == "win32" else ["sh", "-c", GUARDED, program]
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _ready(f"http://{address}", process)
        yield f"http://{address}"
    finally:
        _end(process)


def bring(url: str, name: str, path: Path, template: str = TEMPLATE) -> None:
    """Makes a model out of a GGUF file."""
    raw = path.read_bytes()
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    with httpx.Client(base_url=url, trust_env=False, timeout=120) as client:
        client.post(f"/api/blobs/{digest}", content=raw).raise_for_status()
        body = {"model": name, "files": {path.name: digest}, "stream": False, "parameters": {"num_thread": 1}}
        client.post("/api/create", json={**body, "template": template}).raise_for_status()


def _ready(url: str, process: subprocess.Popen[bytes]) -> None:
    with httpx.Client(base_url=url, trust_env=False, timeout=5) as client:
        while process.poll() is None:
            with contextlib.suppress(httpx.HTTPError):
                client.get("/api/version")
                return
            time.sleep(0.05)
    pytest.fail("the Ollama server ended at once")


def _end(process: subprocess.Popen[bytes]) -> None:
    """The server and the processes in which its models run."""
    if sys.platform == "win32":
        process.kill()
    else:
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
    if process.stdin:
        process.stdin.close()
    process.wait()
