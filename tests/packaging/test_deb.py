"""The package in a bare system: only where one was built (packaging/build_deb.sh) and root may try it."""

import json
import os
import shutil
import subprocess

import pytest

from tests.house.tracked import ROOT
from tests.packaging.tools import PACKAGING


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_package_works_in_a_bare_system_and_leaves_nothing(tmp_path) -> None:
    packages = sorted((ROOT / "dist").glob("turbulence_*.deb"))
    if not packages:
        pytest.skip("no package was built: packaging/build_deb.sh makes one")
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("a bare system needs root and debootstrap")
    command = [PACKAGING / "try_deb.sh", packages[-1], tmp_path]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TURBULENCE_", "QT_"))
    }
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode == 3:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    found = json.loads(done.stdout)
    assert found["holds"], found["wrong"]
    tried = json.loads((tmp_path / "self-test.json").read_text())
    assert tried["works"]
    assert tried["bundled"]
    if shutil.which("Xvfb") and shutil.which("import"):
        assert (tmp_path / "window.png").stat().st_size > 20_000, "the picture of the window is empty"
