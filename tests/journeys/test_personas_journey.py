"""Words to numbers, by mouse and keyboard only: in a process of its own, on a real X display where one can be had."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

JOURNEY = Path(__file__).with_name("drive_personas.py")


def run(command: list[str], home: Path, platform: str) -> str:
    environment = {
        **os.environ,
        "TURBULENCE_HOME": str(home),
        "QT_QPA_PLATFORM": platform,
        "XDG_CONFIG_HOME": str(home),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_person_edits_compiles_drags_and_approves_offscreen(tmp_path: Path) -> None:
    assert "journey done" in run([sys.executable, str(JOURNEY)], tmp_path, "offscreen")


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual X display here")
def test_a_person_edits_compiles_drags_and_approves_on_a_display(tmp_path: Path) -> None:
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, str(JOURNEY)]
    assert "journey done" in run(command, tmp_path, "xcb")
