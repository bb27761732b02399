"""Names that need no copying: `last` and nothing at all, where only a campaign was; and capsules that are not there."""

import shutil
from pathlib import Path

import pytest

from turbulence_app.cli.main import main


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "kiosk")


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


def test_last_and_nothing_name_the_first_cause_of_the_newest_campaign(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--project", project)
    assert said(capsys, "shrink", "last", *where)[0] == 2
    status, out, _ = said(capsys, "campaign", "rough", "--worlds", 1000, "--workers", 1, *where)
    assert status == 1
    assert said(capsys, "campaign", "calm", "--worlds", 20, "--workers", 1, *where)[0] == 0
    named = next(word for line in out.splitlines() for word in line.split() if word.startswith("r-"))
    status, first, _ = said(capsys, "shrink", named, *where)
    assert status == 0
    for name in (("last",), (), ("last/f-0001",), ("c-0001",)):
        status, again, error = said(capsys, "shrink", *name, *where)
        assert (status, error) == (0, "")
        assert again.splitlines()[1:] == first.splitlines()[1:]
    for name in (("last",), ()):
        assert said(capsys, "replay", *name, *where)[1].startswith(named.partition("/")[0])
    status, _, error = said(capsys, "shrink", "c-0002", *where)
    assert (status, "kept no failure" in error) == (2, True)
    out_file = project / "run.html"
    assert said(capsys, "export", "html", "last", "--out", out_file, *where)[0] == 0
    assert out_file.is_file()


def test_a_run_that_was_asked_for_comes_before_a_campaigns(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--project", project)
    assert said(capsys, "run", "calm", "--users", 5, *where)[0] == 0
    assert said(capsys, "campaign", "rough", "--worlds", 1000, "--workers", 1, *where)[0] == 1
    status, _, error = said(capsys, "shrink", "last", *where)
    assert (status, "broke no invariant" in error) == (2, True)
    assert said(capsys, "shrink", *where)[0] == 0


def test_there_are_no_capsules_yet(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, error = said(capsys, "check-capsule", "--project", project)
    assert status == 2
    assert "there are no capsules yet" in error
    assert "shrink FAILURE --save" in error
