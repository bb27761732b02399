"""Many worlds, by mouse and keyboard: in a process of its own, on a real X display where one can be had."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.journeys.test_personas_journey import run

JOURNEY = Path(__file__).with_name("drive_campaign.py")


@pytest.mark.skipif(shutil.which("xvfb-run") is not None, reason="the same on a display is better")
def test_a_person_edits_a_fault_runs_a_campaign_shrinks_and_exports_offscreen(tmp_path: Path) -> None:
    command = [sys.executable, str(JOURNEY), str(tmp_path / "test_found.py")]
    assert "journey done" in run(command, tmp_path, "offscreen")


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual X display here")
def test_a_person_edits_a_fault_runs_a_campaign_shrinks_and_exports_on_a_display(tmp_path: Path) -> None:
    # keyboard focus needs a window manager where there is one
    manager = "openbox & " if shutil.which("openbox") else ""
    script = f'{manager}exec "$@"'
    command = [
        "xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", "sh", "-c", script, "sh",
        sys.executable, str(JOURNEY), str(tmp_path / "test_found.py"),
    ]  # fmt: skip
    assert "journey done" in run(command, tmp_path, "xcb")
