"""What a project leaves open is as the person has it; what it says stays."""

from pathlib import Path

import pytest

from turbulence_app.domain.project import ModelDefaults, Project, RunDefaults
from turbulence_app.llm.backends.ollama.address import server_url
from turbulence_app.service import routing
from turbulence_app.service.person import filled, filled_models
from turbulence_app.service.projects import init_project, model_defaults, open_project
from turbulence_app.settings import Preferences, preferences


@pytest.fixture
def mine(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings.toml", {})


def test_without_settings_nothing_changes(mine: Preferences) -> None:
    for project in (Project(), Project(models=ModelDefaults(backend="rules"), run=RunDefaults(users=3))):
        assert filled(project, mine) == project


def test_the_project_wins_over_the_person(mine: Preferences) -> None:
    mine.replace({"run.users": 7, "run.seed": 8, "models.retry_max": 9, "models.timeout_ms": 10})
    said = Project(run=RunDefaults(users=20_000), models=ModelDefaults(retry_max=1))
    found = filled(said, mine)
    assert (found.run.users, found.run.seed) == (20_000, 8)
    assert (found.models.retry_max, found.models.timeout_ms) == (1, 10)


def test_auto_leaves_the_backend_open(mine: Preferences) -> None:
    mine.replace({"models.backend": "ollama", "models.model": "phi3", "models.cache_days": 3})
    found = filled_models(ModelDefaults(backend="auto"), mine)
    assert (found.backend, found.model, found.cache_days) == ("ollama", "phi3", 3.0)
    assert filled_models(ModelDefaults(backend="rules"), mine).backend == "rules"
    assert filled_models(ModelDefaults(model="own"), mine).model == "own"


def test_the_command_line_and_the_workers_obey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    init_project(tmp_path / "shop")
    text = "name: Shop\nworkflow: checkout\n"
    (tmp_path / "shop" / "turbulence.yaml").write_text(text)
    preferences().replace({"run.users": 77, "models.backend": "rules", "models.retry_max": 5})
    assert open_project(tmp_path / "shop").project.run.users == 77
    assert model_defaults(tmp_path / "shop").retry_max == 5
    assert routing.chosen(None, "policy", None, None, None).backend == "rules"
    routing.set_route(tmp_path / "shop", "policy", routing.route_of("builtin"))
    assert "77" not in (tmp_path / "shop" / "turbulence.yaml").read_text(), "a person's defaults stay the person's"


def test_ollamas_server_is_a_setting_below_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    preferences().set("ollama.url", "http://127.0.0.1:4000")
    assert server_url() == "http://127.0.0.1:4000"
    monkeypatch.setenv("OLLAMA_HOST", ":5000")
    assert server_url() == "http://127.0.0.1:5000"
    monkeypatch.setenv("OLLAMA_URL", "http://127.0.0.1:6000")
    assert server_url() == "http://127.0.0.1:6000"


def test_a_project_is_called_what_a_person_calls_it_else_what_its_folder_is_called(tmp_path: Path) -> None:
    init_project(tmp_path / "desk", name=" Library desk ")
    init_project(tmp_path / "shop")
    assert open_project(tmp_path / "desk").project.name == "Library desk"
    assert open_project(tmp_path / "shop").project.name == "shop"
