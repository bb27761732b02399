"""A model file comes, is checked, is measured and goes: in a process of its own, on a virtual X display."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.llm.tiny_gguf import write

JOURNEY = Path(__file__).with_name("drive_models.py")


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual X display here")
def test_a_person_adds_checks_measures_stops_and_removes_a_model(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp")
    file = write(tmp_path / "tiny.gguf")
    environment = {
        **os.environ,
        "TURBULENCE_HOME": str(tmp_path / "home"),
        "QT_QPA_PLATFORM": "xcb",
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "OLLAMA_URL": "http://127.0.0.1:9",
    }
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, str(JOURNEY), str(file)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "journey done" in done.stdout
