"""Commands obey the person's settings; what is wrong with them is one line, and the defaults hold."""

import json
from pathlib import Path

import pytest

from turbulence_app.cli.main import main
from turbulence_app.service.projects import init_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    init_project(tmp_path / "shop")
    (tmp_path / "shop" / "turbulence.yaml").write_text("name: Shop\nworkflow: checkout\n")
    return tmp_path / "shop"


def test_a_run_takes_users_and_seed_from_the_settings(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project.parent / "home" / "settings.toml").write_text("[run]\nusers = 120\nseed = 7\nworkers = 'many'\n")
    assert main(["run", "--workflow", "checkout", "--project", str(project), "--json"]) == 0
    said = capsys.readouterr()
    manifest = json.loads(said.out)["manifest"]
    assert (manifest["users"], manifest["seed"]) == (120, 7)
    assert said.err.splitlines()[0] == (
        "warning: settings.toml: run.workers is a whole number from 0 to 256, not many; one per processor is used"
    )
    assert main(["run", "--workflow", "checkout", "--project", str(project), "--users", "30", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["manifest"]["users"] == 30


def test_only_so_many_runs_are_kept(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from turbulence_app.domain.history import HistoryQuery
    from turbulence_app.service.projects import database_path
    from turbulence_app.store.database import Database
    from turbulence_app.store.history import HistoryStore

    (project.parent / "home" / "settings.toml").write_text("[run]\nusers = 20\nkeep = 2\n")
    for _ in range(3):
        assert main(["run", "--workflow", "checkout", "--project", str(project), "--quiet"]) == 0
    database = Database(database_path(project))
    assert [line.id for line in HistoryStore(database).page(HistoryQuery()).lines] == ["r-0003", "r-0002"]
    database.close()
