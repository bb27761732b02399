"""Routes of a project: written with the comments that stand there, read back, and used."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import routes
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.project import Project, Route, Routes
from turbulence_app.formats.folder import Folder, read_folder
from turbulence_app.formats.loader import parse_project_file
from turbulence_app.service.routing import TASKS, chosen, route_of, set_route

PHI = Route(backend="llamacpp", model="phi-3", mode="json")
LAYOUTS = (
    "",
    "# only a remark\n",
    "name: x  # the name\nmodels: {backend: auto}  # any\nrun: {users: 5}\n",
    "name: x\nmodels:\n  backend: llamacpp\n  model: phi-3\n  # who drafts\n  routes:\n    draft: {backend: rules}\n",
    "{name: x, models: {routes: {policy: {backend: ollama}}}}\n",
)


@pytest.mark.parametrize("text", LAYOUTS)
@given(task=st.sampled_from(TASKS), route=st.none() | routes)
def test_a_route_is_written_and_everything_else_stays(
    tmp_path_factory: pytest.TempPathFactory, text: str, task: str, route: Route | None
) -> None:
    root = tmp_path_factory.mktemp("project")
    (root / "turbulence.yaml").write_text(text)
    blank = text in LAYOUTS[:2]
    before = Project() if blank else parse_project_file(text, "t")
    set_route(root, task, route)
    after = read_folder(root)
    assert not after.problems or (blank and route is None)
    assert getattr(after.project.models.routes, task) == route
    same = after.project.model_copy(update={"models": before.models})
    assert same == before
    for remark in ("# the name", "# any", "# only a remark"):
        assert (remark in text) == (remark in (root / "turbulence.yaml").read_text())


def test_a_project_without_settings_gets_some(tmp_path: Path) -> None:
    (tmp_path / "personas").mkdir()
    set_route(tmp_path, "policy", PHI)
    assert read_folder(tmp_path).project.models.route("policy") == PHI


def test_an_unknown_task_or_backend_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no task 'dream'"):
        set_route(tmp_path, "dream", PHI)
    with pytest.raises(InputError, match="no backend is called 'gpt'"):
        route_of("gpt")
    with pytest.raises(InputError, match="a mode is a way to ask"):
        route_of("builtin", None, "json")


def test_small_for_drafts_large_on_demand() -> None:
    plain = Project().models
    assert (plain.route("draft").backend, plain.route("policy").backend) == ("builtin", "auto")
    routed = plain.model_copy(update={"routes": Routes(policy=PHI)})
    assert routed.route("policy") == PHI
    assert routed.route("draft").backend == "builtin"


def test_what_was_said_wins() -> None:
    folder = Folder(Path("x"), Project(models=Project().models.model_copy(update={"routes": Routes(policy=PHI)})))
    assert chosen(folder, "policy", None, None, None) == ("llamacpp", "phi-3", "json")
    assert chosen(folder, "policy", "llamacpp", "other", None) == ("llamacpp", "other", "json")
    assert chosen(folder, "policy", "builtin", None, None) == ("builtin", None, None)
    assert chosen(None, "policy", None, None, None) == ("auto", None, None)
