"""A real service in another process, once for the folder."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

SERVER = Path(__file__).with_name("server.py")


def start(*command: str) -> tuple[subprocess.Popen, int]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return process, int(process.stdout.readline())


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(10)
    process.stdout.close()


@pytest.fixture(scope="session")
def port():
    process, number = start(sys.executable, str(SERVER))
    yield number
    stop(process)


@pytest.fixture
def asked(port):
    """What the service answers to a plain question outside of the client under test."""

    def ask(path: str):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as found:
            return json.load(found)

    return ask
