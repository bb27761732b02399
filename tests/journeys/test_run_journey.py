"""The main job, by mouse and keyboard: in a process of its own, on a real X display where one can be had."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.journeys.test_personas_journey import run

JOURNEY = Path(__file__).with_name("drive_run.py")


def test_a_person_breaks_mends_runs_shrinks_and_replays_offscreen(tmp_path: Path) -> None:
    assert "journey done" in run([sys.executable, str(JOURNEY)], tmp_path, "offscreen")


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual X display here")
def test_a_person_breaks_mends_runs_shrinks_and_replays_on_a_display(tmp_path: Path) -> None:
    command = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24", sys.executable, str(JOURNEY)]
    assert "journey done" in run(command, tmp_path, "xcb")
