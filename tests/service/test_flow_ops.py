"""Edits of a workflow, its files, and one user walked, as the worker does them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.walk import Walk
from turbulence_app.formats.folder import read_folder
from turbulence_app.resources import resource_path
from turbulence_app.service import plain
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.ops import Operations


class _Job:
    """Nobody listens, nobody stops it."""

    def emit(self, _event: Any) -> None:
        return None

    def should_stop(self) -> bool:
        return False


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(resource_path("samples/shop"), tmp_path / "shop"))


@pytest.fixture
def ask(tmp_path: Path, root: Path):
    operations = Operations(tmp_path / "home")

    def call(op: str, **given: Any) -> Any:
        return operations.handle(op, {"project": str(root), **given}, _Job())

    yield call
    operations.close()


def text_of(root: Path) -> str:
    return (root / "workflows/checkout.yaml").read_text("utf-8")


def test_edits_follow_one_another_and_nothing_is_written(ask, root):
    text = text_of(root)
    edits = [
        {"do": "insert", "at": {"index": 1}, "data": {"name": "pause", "type": "think", "time_ms": 5}},
        {"do": "rename", "name": "breath"},
    ]
    reply = ask("edit_workflow", text=text, edits=edits)
    assert reply["step"] == "breath"
    assert "- name: breath\n" in reply["text"] or "{name: breath" in reply["text"]
    assert reply["problems"] == []
    assert text_of(root) == text


def test_who_still_speaks_of_a_step_is_told(ask, root):
    deleted = ask("edit_workflow", text=text_of(root), edits=[{"do": "delete", "step": "address"}])
    assert any(words.startswith("policy of") and "pacing" in words for words in deleted["told"])
    renamed = ask("edit_workflow", text=text_of(root), edits=[{"do": "rename", "step": "pay", "name": "charge"}])
    assert any(words.startswith("scenario lost-answers (fault 2") for words in renamed["told"])
    assert not any(words.startswith("invariant") for words in renamed["told"]), "those follow"
    told = ask("mentions", text=text_of(root), step="pay")["told"]
    assert "invariant 'charged_once'" in told


@pytest.mark.parametrize(
    "edit",
    [
        {"do": "insert", "data": {"name": "x", "type": "http"}},
        {"do": "rename", "step": "pay"},
        {"do": "delete", "step": "nowhere"},
        {"do": "move", "step": "payment", "at": {"owner": "payment", "side": "steps"}},
    ],
)
def test_an_edit_that_cannot_be_is_refused_in_one_line(ask, root, edit):
    with pytest.raises(InputError) as told:
        ask("edit_workflow", text=text_of(root), edits=[edit])
    assert "\n" not in str(told.value)


def test_a_text_that_is_no_workflow_is_read_with_its_problems(tmp_path, root):
    operations = Operations(tmp_path / "home")
    reply = operations.handle("read_workflow", {"text": "id: [1\n"}, _Job())
    assert reply["workflow"] is None
    assert reply["problems"][0]["where"]["line"] in (1, 2)
    text = text_of(root).replace("browse_next == 'leave'", "browse_next == 'leav'")
    reply = operations.handle("read_workflow", {"text": text}, _Job())
    assert reply["workflow"]["id"] == "checkout"
    assert [problem["severity"] for problem in reply["problems"]] == ["error"]
    operations.close()


def test_a_workflow_gets_another_id_in_every_file_and_keeps_its_remarks(ask, root):
    before = text_of(root)
    reply = ask("rename_workflow", workflow="checkout", name="till")
    assert (root / "workflows/till.yaml").read_text("utf-8") == before.replace("id: checkout", "id: till", 1)
    folder = read_folder(root)
    assert {flow for flow, _ in folder.policies} == {"till"}
    assert {one.workflow for one in folder.scenarios.values()} == {"till"}
    assert not [problem for problem in folder.problems if problem.severity == "error"]
    assert "till.yaml" not in reply["changed"]
    with pytest.raises(InputError, match="no workflow 'checkout'"):
        ask("delete_workflow", workflow="checkout")
    told = ask("delete_workflow", workflow="till")["told"]
    assert any(words.startswith("scenario") for words in told)
    assert not (root / "workflows/till.yaml").exists()


def everything(root: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}


def test_a_step_is_renamed_in_all_files_at_once_and_back(ask, root):
    before = everything(root)
    text = ask("edit_workflow", text=text_of(root), edits=[{"do": "rename", "step": "pay", "name": "charge"}])["text"]
    file = str(root / "workflows/checkout.yaml")
    done = ask("rename_step_there", text=text, file=file, step="pay", name="charge")["files"]
    assert text_of(root) == text
    assert len(done) > 2
    assert ask("mentions", text=text, step="pay")["told"] == []
    assert not [problem for problem in read_folder(root).problems if problem.severity == "error"]

    back = [{"path": one["path"], "before": one["after"], "after": one["before"]} for one in done]
    other = Path(next(one["path"] for one in done if "scenarios" in one["path"]))
    mine = other.read_text("utf-8")
    other.write_text(mine + "# theirs\n", "utf-8")
    after = everything(root)
    with pytest.raises(InputError, match="changed meanwhile"):
        ask("exchange_texts", files=back)
    assert everything(root) == after
    other.write_text(mine, "utf-8")
    ask("exchange_texts", files=back)
    assert everything(root) == before
    with pytest.raises(InputError, match="no file of the project"):
        ask("exchange_texts", files=[{"path": str(root.parent / "other.yaml"), "before": "", "after": "x"}])


def test_a_file_that_cannot_be_written_leaves_all_as_they_were(ask, root, monkeypatch):
    text = ask("edit_workflow", text=text_of(root), edits=[{"do": "rename", "step": "pay", "name": "charge"}])["text"]
    before, written = everything(root), []

    def write(path: Path, content: str) -> None:
        if path.parent.name == "scenarios" and None not in written:
            written.append(None)
            raise OSError("no room")
        written.append(path)
        path.write_text(content, "utf-8")

    monkeypatch.setattr("turbulence_app.service.step_files.write_atomic", write)
    with pytest.raises(OSError, match="no room"):
        ask("rename_step_there", text=text, file="workflows/checkout.yaml", step="pay", name="charge")
    assert any(written)
    assert everything(root) == before


def inputs(root: Path, **more: Any) -> dict[str, Any]:
    return plain.noun(build_inputs(read_folder(root), "lost-answers", None, Overrides(users=20_000, **more)))


def test_the_next_who_is_like_that_is_found_from_a_user_on_and_round(ask, root):
    given = inputs(root)
    first = Walk.model_validate(ask("walk", inputs=given, find="breaks"))
    assert first.violations
    again = Walk.model_validate(ask("walk", inputs=given, find="breaks", user=first.user))
    assert again == first
    second = Walk.model_validate(ask("walk", inputs=given, find="breaks", user=first.user + 1))
    assert second.user > first.user
    last = Walk.model_validate(ask("walk", inputs=given, find="breaks", user=19_999))
    assert last.user in (19_999, first.user)
    persona = given["crowd"][1]["persona"]
    mine = Walk.model_validate(ask("walk", inputs=given, persona=persona, find="leaves", user=5))
    assert mine.persona == persona
    assert mine.outcome != "completed"


def test_where_nobody_is_like_that_it_is_said(ask, root):
    given = inputs(root)
    given["faults"] = []
    with pytest.raises(InputError, match="of 20,000 people there is no one who breaks an invariant"):
        ask("walk", inputs=given, find="breaks")
    with pytest.raises(InputError, match="nobody in this crowd is 'nobody'"):
        ask("walk", inputs=given, persona="nobody")
