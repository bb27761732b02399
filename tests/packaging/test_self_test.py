"""``turbulence --self-test``: JSON, an exit status, and nothing left behind."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_self_test_tries_everything_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "turbulence_app", "--self-test"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    document = json.loads(done.stdout)
    by_name = {one["name"]: one for one in document["checks"]}
    assert by_name["window opens"]["status"] == "ok", by_name["window opens"]
    assert by_name["engine"]["status"] == "ok"
    assert by_name["model: builtin"]["status"] == "ok"
    assert document["works"]
    assert done.returncode == 0, done.stderr
    assert not document["bundled"]
    assert list(tmp_path.iterdir()) == []
