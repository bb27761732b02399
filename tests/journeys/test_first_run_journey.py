"""A first start by keyboard alone ends with a failure that was found, shrunk and replayed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

JOURNEY = Path(__file__).with_name("drive_first_run.py")


def test_a_first_start_ends_with_a_replayed_failure(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TURBULENCE_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
        "TURBULENCE_STARTED": str(time.monotonic()),
    }
    command = [sys.executable, str(JOURNEY)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "journey done" in done.stdout
