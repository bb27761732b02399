"""Failures of live runs: shrunk against what was recorded, or with candidates that really ask; tests that do again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shrinking.tills import paying, till
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.scenario import Arrivals
from turbulence_app.service import capsules, exports, runs, shrinking
from turbulence_app.service.failures import nearest_passing, why
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database


@pytest.fixture(scope="module")
def paid(tmp_path_factory: pytest.TempPathFactory):
    """A project with a live run, and the till that it ran against."""
    root = tmp_path_factory.mktemp("live")
    with till() as port, Database(database_path(root)) as database:
        done = runs.run(paying(port), database, project=str(root))
        yield root, database, done.failures[0], port


def test_against_the_recording_what_nobody_asked_is_said(paid) -> None:
    root, database, failure, _ = paid
    small = shrinking.shrink(database, f"{failure.run_id}/{failure.failure_id}", project=root)
    assert len(small.choices) < small.found_choices
    assert "pay#0.0:fault0" in [choice.address for choice in small.choices]
    assert "without “response_lost on pay strikes pay”: nobody asked" in small.proof
    assert not small.minimal
    assert "--live" in small.notes[0]
    assert small.trace.violations == ("charged_once",)


def test_a_service_that_remembers_is_told_and_shows_nothing(paid) -> None:
    root, database, failure, _ = paid
    small = shrinking.shrink(database, f"{failure.run_id}/{failure.failure_id}", project=root, live=True)
    assert not small.minimal
    assert any("remembers earlier visits" in note for note in small.notes)


def test_really_asking_one_that_forgets_comes_to_the_lost_answer(tmp_path: Path) -> None:
    with till("forgetful") as port, Database(database_path(tmp_path)) as database:
        inputs = paying(port).model_copy(update={"arrivals": Arrivals(kind="closed", concurrent=1)})
        done = runs.run(inputs, database, project=str(tmp_path))
        small = shrinking.shrink(database, f"{done.manifest.run_id}/f-0001", project=tmp_path, live=True)
    assert small.minimal
    assert [choice.address for choice in small.choices] == ["pay#0.0:fault0"]
    assert small.trace.violations == ("charged_once",)


def test_a_capsule_holds_the_recording_and_no_credential(paid, tmp_path: Path) -> None:
    root, database, failure, _ = paid
    path, capsule = capsules.save(database, root, f"{failure.run_id}/{failure.failure_id}", file=tmp_path / "c.json")
    assert len(capsule.recorded) == 1
    assert "key-of-the-shop" not in path.read_text(encoding="utf-8")
    (done,) = capsules.check_all([path], root=tmp_path)
    assert done.as_expected
    assert "run against its recording" in done.notes[0]
    (asked,) = capsules.check_all([path], root=tmp_path, live=True)
    assert asked.seen == "fails"


def test_the_generated_test_fails_here_and_passes_where_it_is_mended(paid, tmp_path: Path) -> None:
    root, database, failure, port = paid
    file = tmp_path / "test_till.py"
    exports.export(database, root, "pytest", f"{failure.run_id}/{failure.failure_id}", file)
    text = file.read_text(encoding="utf-8")
    assert "turbulence" not in text.replace("Found by Turbulence", "").replace("What Turbulence found", "")
    assert "key-of-the-shop" not in text

    def run(where: int) -> subprocess.CompletedProcess[str]:
        env = {"TILL_URL": f"http://127.0.0.1:{where}", "PATH": os.environ["PATH"], "PACE": "1"}
        command = [sys.executable, "-I", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)]
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)

    broken = run(port)
    assert broken.returncode == 1, broken.stdout
    assert "Nobody pays twice" in broken.stdout
    with till("mended") as mended:
        assert run(mended).returncode == 0


def test_what_cannot_be_asked_of_a_live_service_is_refused(paid) -> None:
    root, database, failure, _ = paid
    name = f"{failure.run_id}/{failure.failure_id}"
    with pytest.raises(InputError, match="cannot be run again by the hundred"):
        why(database, name, project=root)
    with pytest.raises(InputError, match="no single choice"):
        nearest_passing(database, name, project=root)
