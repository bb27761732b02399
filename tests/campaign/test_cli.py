"""The command in this process and in real ones: exit statuses, documents, kill -9 and Ctrl-C in the middle."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.campaign.toy import essence
from turbulence_app.cli.main import main
from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database

ROOT = Path(__file__).resolve().parents[2]
LONG = ["--seeds", "66000", "--users", "2", "--swarm", "--seed", "7"]


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    return shutil.copytree(pristine, tmp_path / "kiosk")


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    status = main(["campaign", *arguments, "--json"])
    return status, json.loads(capsys.readouterr().out)


def report(document: dict[str, Any]) -> CampaignReport:
    extra = {"campaign_id", "digest", "holds", "passed"}
    return CampaignReport.model_validate({key: value for key, value in document.items() if key not in extra})


def test_a_bug_is_exit_status_1_and_a_calm_day_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--project", str(project), "--workers", "1"]
    status, document = said(capsys, "rough", "--seeds", "1000", *where)
    assert status == 1
    assert not document["holds"]
    assert document["clusters"][0]["verified"]
    status, document = said(capsys, "calm", "--seeds", "1000", *where)
    assert (status, document["passed"], document["clusters"]) == (0, True, [])
    assert document["campaign_id"] == "c-0002"
    status, trend = said(capsys, "--trend", "--project", str(project))
    assert [c["campaign_id"] for c in trend["campaigns"]] == ["c-0002", "c-0001"]
    status, again = said(capsys, "--show", "1", "--project", str(project))
    assert (status, again["campaign_id"]) == (1, "c-0001")


def test_coverage_below_its_threshold_is_exit_status_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = ["calm", "--seeds", "1", "--users", "1", "--project", str(project), "--workers", "1"]
    status, document = said(capsys, *few, "--coverage", "nightly")
    assert (status, document["holds"]) == (1, True)
    assert not document["passed"]
    assert any(item["asleep"] for item in document["coverage"]["items"])


def test_people_see_causes_triggers_and_what_sleeps(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["campaign", "rough", "--seeds", "3000", "--swarm", "--project", str(project)]) == 1
    out = capsys.readouterr().out
    for words in ("charged_once", "What makes worlds fail", "trigger", "fault lost", "Coverage", "asleep: down (2)"):
        assert words in out
    assert " shrink r-" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume", "last", "--seeds", "5"], "resume alone"),
        (["--resume", "last", "--trend"], "four different things"),
        (["--resume", "c-0007"], "no campaign"),
        (["nowhere"], "no scenario"),
        (["rough", "--on", "dask://nowhere"], "no cluster's address"),
        (["rough", "--target", "http", "--audit"], "cannot be switched"),
    ],
)
def test_wrong_calls_are_one_clear_line(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with Database(database_path(project)):
        pass
    assert main(["campaign", *arguments, "--project", str(project)]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


def started(project: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "turbulence_app", "campaign", *arguments, "--project", str(project), "--json"]
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def batches_done(project: Path) -> int:
    if not database_path(project).exists():
        return 0
    with Database(database_path(project)) as database:
        row = database.row("SELECT count(*) AS n FROM campaign_batches")
    return int(row["n"]) if row else 0


def wait_for_batches(project: Path, child: subprocess.Popen[str], number: int) -> None:
    until = time.monotonic() + 60
    while batches_done(project) < number:
        assert child.poll() is None, "it was through before it could be stopped"
        assert time.monotonic() < until
        time.sleep(0.02)


def test_killed_in_the_middle_and_resumed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, whole = said(capsys, "rough", *LONG, "--workers", "1", "--project", str(project))
    other = project.with_name("other")
    shutil.copytree(project, other, ignore=shutil.ignore_patterns(".turbulence"))
    child = started(other, "rough", *LONG, "--workers", "2")
    wait_for_batches(other, child, 20)
    child.send_signal(signal.SIGKILL)
    child.communicate()
    with Database(database_path(other)) as database:
        assert any("c-0001" in notice for notice in database.notices)
        row = database.row("SELECT status FROM campaigns")
    assert row == {"status": "interrupted"}
    assert 20 <= batches_done(other) < 258
    status, again = said(capsys, "--resume", "last", "--workers", "2", "--project", str(other))
    assert status == 1
    assert again["digest"] == whole["digest"]
    assert essence(report(again)) == essence(report(whole))


def test_ctrl_c_keeps_what_is_done(project: Path) -> None:
    child = started(project, "rough", *LONG, "--workers", "1")
    wait_for_batches(project, child, 5)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, err
    document = json.loads(out)
    assert document["manifest"]["status"] == "cancelled"
    assert 0 < document["manifest"]["worlds_done"] < 66_000
    assert "Traceback" not in err
