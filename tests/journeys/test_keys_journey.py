"""The main job without a mouse, on a real X display with a window manager."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.journeys.test_personas_journey import run

JOURNEY = Path(__file__).with_name("drive_keys.py")


@pytest.mark.skipif(
    shutil.which("xvfb-run") is None or shutil.which("openbox") is None,
    reason="no virtual X display here, or nobody on it who gives a window the keyboard",
)
def test_the_main_job_is_done_without_a_mouse_on_a_display(tmp_path: Path) -> None:
    script = f"openbox & {sys.executable} {JOURNEY}; done=$?; kill %1 2>/dev/null; exit $done"
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "bash", "-c", script]
    assert "journey done" in run(command, tmp_path, "xcb")
