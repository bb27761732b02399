"""The scripts that make packages: they parse, they say what they do, and a wrong word ends with a line."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.tracked import tracked
from tests.packaging.tools import PACKAGING

SCRIPTS = sorted(path for path in tracked() if path.suffix == ".sh" and PACKAGING in path.parents)
COMMANDS = ("setup.sh", "lock.sh", "freeze.sh", "build_deb.sh", "try_deb.sh")


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_parses(path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("no bash here")
    done = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if shutil.which("shellcheck"):
        done = subprocess.run(
            ["shellcheck", "-x", str(path)], capture_output=True, text=True, check=False, cwd=PACKAGING.parent
        )
        assert done.returncode == 0, done.stdout


def test_commands_may_be_run() -> None:
    for name in COMMANDS:
        assert (PACKAGING / name).stat().st_mode & 0o111, name


@pytest.mark.parametrize("name", ["freeze.sh", "build_deb.sh"])
def test_help_is_the_beginning_of_the_script(name: str) -> None:
    done = subprocess.run([PACKAGING / name, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert f"packaging/{name}" in done.stdout
    done = subprocess.run([PACKAGING / name, "--nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode != 0


def test_a_package_that_is_not_there_is_a_line() -> None:
    done = subprocess.run([PACKAGING / "try_deb.sh", "/nowhere.deb"], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert len(done.stderr.strip().splitlines()) == 1
