"""Commands in this process and in real child processes, on a project made once and copied."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new project with one run of 8,192 people in it."""
    root = tmp_path_factory.mktemp("cli") / "shop"
    assert main(["init", str(root), "--quiet"]) == 0
    assert main(["run", "--users", "8192", "--workers", "1", "--project", str(root), "--quiet"]) == 1
    return root


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "shop"))


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """A command in this process."""

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return call


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def child(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "turbulence_app", *map(str, arguments)]
    settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **options}
    settings.setdefault("env", environment())
    return subprocess.Popen(command, **settings)


def finished(process: subprocess.Popen[str], timeout: float = 120) -> Said:
    out, err = process.communicate(timeout=timeout)
    return Said(process.returncode, out, err)
