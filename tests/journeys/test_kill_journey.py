"""A window that is killed at any moment loses at most two seconds of typing, and never half a file."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from turbulence_app.resources import resource_path
from turbulence_app.service.projects import open_project

DRIVE = Path(__file__).with_name("drive_kill.py")
LOST_S = 2.0
EDITORS = ("persona", "workflow", "policy", "scenario")


def environment(home: Path, platform: str) -> dict[str, str]:
    return {
        **os.environ,
        "TURBULENCE_HOME": str(home / "home"),
        "QT_QPA_PLATFORM": platform,
        "XDG_CONFIG_HOME": str(home),
    }


def killed(command: list[str], home: Path, platform: str, after_s: float) -> int:
    """Let it type for so long, kill it, and return how many keys are older than what may be lost."""
    log = home / "keys.txt"
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environment(home, platform), stdout=out, stderr=subprocess.PIPE)
        try:
            end = time.monotonic() + 120
            while not log.read_text().strip():
                assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
                assert time.monotonic() < end
                time.sleep(0.02)
            time.sleep(after_s)
        finally:
            process.kill()
            died = time.monotonic()
            process.communicate()
    keys = [line.split() for line in log.read_text().splitlines() if line.count(" ") == 1]
    return max((int(count) for count, at in keys if float(at) < died - LOST_S), default=0)


@pytest.mark.parametrize("platform", ["offscreen"])
def test_what_was_typed_two_seconds_before_a_kill_comes_back(tmp_path: Path, platform: str) -> None:
    root = shutil.copytree(resource_path("samples/shop"), tmp_path / "shop")
    moments = random.Random(5)
    for after_s in (moments.uniform(2.2, 3.2), moments.uniform(3.5, 5.0)):
        least = killed([sys.executable, str(DRIVE), "type", str(root)], tmp_path, platform, after_s)
        assert least > 0
        assert not [problem for problem in open_project(root).problems if problem.severity == "error"]
        drafts = list(root.rglob(".turbulence/drafts/*/*.json"))
        assert drafts
        assert all(path.stat().st_mode & 0o77 == 0 for path in (*drafts, *(one.parent for one in drafts)))
        done = subprocess.run(
            [sys.executable, str(DRIVE), "restore", str(root)],
            env=environment(tmp_path, platform), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.stdout.endswith("restored\n"), f"{done.stdout}\n{done.stderr}"
        got = {name: int(number) for name, number in (line.split() for line in done.stdout.splitlines()[:-1])}
        assert all(got[editor] >= least for editor in EDITORS), (least, got)
        shutil.rmtree(root)
        shutil.copytree(resource_path("samples/shop"), root)
