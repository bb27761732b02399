"""Where things live: the environment, a flag file beside the program, the person's choice, the system's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from turbulence_app import home


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.delenv("TURBULENCE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(home, "program_folders", lambda: (tmp_path / "program", tmp_path / "checkout"))
    home.lasting_home.cache_clear()
    yield
    home.lasting_home.cache_clear()


def test_the_systems_place_is_the_usual_one() -> None:
    assert home.home_directory() == home.usual_home()
    assert home.window_file() is None


@pytest.mark.parametrize("folder", ["program", "checkout"])
def test_a_flag_beside_the_program_keeps_everything_there(tmp_path: Path, folder: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / home.FLAG).touch()
    home.point_home(str(tmp_path / "chosen"))
    assert home.home_directory() == tmp_path / folder / home.BESIDE
    assert home.window_file() == tmp_path / folder / home.BESIDE / "window.ini"


def test_the_environment_wins_over_the_flag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program").mkdir()
    (tmp_path / "program" / home.FLAG).touch()
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "said"))
    assert home.home_directory() == tmp_path / "said"
    assert home.window_file() is None


def test_a_choice_counts_from_the_next_start_on(tmp_path: Path) -> None:
    before = home.home_directory()
    home.point_home(str(tmp_path / "chosen"))
    assert home.home_directory() == before
    home.lasting_home.cache_clear()
    assert home.home_directory() == tmp_path / "chosen"
    home.point_home("")
    home.point_home("")
    home.lasting_home.cache_clear()
    assert home.home_directory() == before


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"relative/folder", b"/a\x07b", b"\n" * 9000])
def test_a_choice_that_cannot_be_read_is_none(raw: bytes) -> None:
    home.pointer_file().parent.mkdir(parents=True)
    home.pointer_file().write_bytes(raw)
    assert home.pointed_home() is None


def test_the_home_folder_is_shortened() -> None:
    assert home.shortened(f"{Path.home()}/a and {Path.home()}/b") == "~/a and ~/b"
