"""What pip installs is the whole program: code, resources, licences, the command."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.house.tracked import ROOT, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "wheel", tmp_path_factory.mktemp("wheel"))


def build(source: Path, target: str, out: Path) -> Path:
    """Build with the locked tools, without isolation and so without a network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=source)
    assert done.returncode == 0, done.stderr
    return next(out.iterdir())


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_program_and_its_resources(wheel: Path) -> None:
    inside = names(wheel)
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("turbulence_app/"):
            assert name in inside
        elif name.startswith("resources/"):
            assert f"turbulence_app/_resources/{name.removeprefix('resources/')}" in inside


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    assert {name.split("/")[0] for name in names(wheel) if ".dist-info/" not in name} == {"turbulence_app"}


def test_the_wheel_names_its_command_and_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        text = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        assert "turbulence = turbulence_app.__main__:main" in archive.read(text["entry_points.txt"]).decode()
        metadata = archive.read(text["METADATA"]).decode()
    assert "License-Expression: Apache-2.0" in metadata
    assert {"LICENSE", "NOTICE"} <= text.keys()


def test_the_source_distribution_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    sdist = build(ROOT, "sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        # Debian 12's Python is older than the filter
        safe = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
        archive.extractall(tmp_path / "unpacked", **safe)
    (source,) = (tmp_path / "unpacked").iterdir()
    again = build(source, "wheel", tmp_path / "again")
    assert names(again) == names(wheel)


def test_the_program_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    """Unpacked somewhere else, far from the checkout: the command answers and finds its resources."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import turbulence_app\n"
        "from turbulence_app.resources import resource_path\n"
        "print(turbulence_app.__file__); print(resource_path('fonts'), resource_path('fonts').is_dir())\n"
        "sys.argv = ['turbulence', '--help']\n"
        "from turbulence_app.__main__ import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    module, fonts, *_ = done.stdout.splitlines()
    assert Path(module).is_relative_to(tmp_path)
    assert fonts == f"{tmp_path / 'turbulence_app' / '_resources' / 'fonts'} True"
    assert "demo" in done.stdout
