"""What is typed is kept in drafts, and what a window left behind is offered, never taken without a word."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.persona import Persona
from turbulence_app.gui.project import ProjectData, ProjectState
from turbulence_app.gui.recovery import Recovery
from turbulence_app.gui.recovery_sheet import RecoverySheet, told
from turbulence_app.gui.recovery_state import Found, difference, offer
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path
from turbulence_app.service.drafts import Draft, Left, Shelf, digest

FILE = "workflows/checkout.yaml"
LINES = st.lists(st.text("ab -+", max_size=4), max_size=12).map("\n".join)


def found(now: str, text: str, base: str = "") -> Found:
    return Found(Left(Path("x.json"), Draft("workflow", FILE, "checkout.yaml", text, "", base)), now)


@given(LINES, LINES)
def test_a_difference_says_only_what_is_there_and_all_that_was_changed(now: str, text: str) -> None:
    lines = difference(found(now, text))
    old, new = now.splitlines(), text.splitlines()
    assert all(line in old for sign, line in lines if sign in "- ")
    assert all(line in new for sign, line in lines if sign in "+ ")
    gone = sum(1 for sign, _ in lines if sign == "-")
    come = sum(1 for sign, _ in lines if sign == "+")
    assert len(old) - gone == len(new) - come
    assert bool(lines) == (old != new)


def test_a_file_that_moved_underneath_is_told_as_such() -> None:
    assert found("new", "mine", digest("old")).moved
    assert not found("old", "mine", digest("old")).moved
    assert "somebody else" in told(found("new", "mine", digest("old")))
    assert "No file" in told(found("", "mine"))
    assert offer([found("a", "b")] * 5).endswith("and 2 more")


@pytest.fixture
def root(tmp_path: Path, home: Path) -> Path:
    return shutil.copytree(resource_path("samples/shop"), tmp_path / "project")


@pytest.fixture
def made(qapp: QApplication, no_leaks: None) -> Iterator[list[Recovery]]:
    keep: list[Recovery] = []
    yield keep
    for one in keep:
        one.close()


def opened(made: list[Recovery], root: Path, people: dict[str, Persona] | None = None) -> Recovery:
    project = ProjectState()
    recovery = Recovery(project)
    made.append(recovery)
    project.replace(ProjectData(root=root, personas=people or {}))
    return recovery


def drafts(root: Path) -> list[Path]:
    return list(root.rglob(".turbulence/drafts/*/*.json"))


def test_a_draft_comes_with_an_edit_and_goes_when_it_is_saved(qtbot: QtBot, made: list[Recovery], root: Path) -> None:
    recovery = opened(made, root)
    recovery.keep("workflow", FILE, "checkout.yaml", "first")
    recovery.keep("workflow", FILE, "checkout.yaml", "second")
    recovery.flush()
    qtbot.waitUntil(lambda: len(drafts(root)) == 1)
    recovery.saved("workflow", FILE, "first")  # an older text: what was typed since stays a draft
    recovery.flush()
    recovery.close()
    (left,) = Shelf(root).left()
    assert left.draft.text == "second"
    again = opened(made, root)
    again.keep("workflow", FILE, "checkout.yaml", "third")
    again.saved("workflow", FILE, "third")
    again.close()
    assert [one.draft.text for one in Shelf(root).left()] == ["second"]


def test_a_window_finds_what_was_left_and_restores_or_discards_it(
    qtbot: QtBot, made: list[Recovery], root: Path
) -> None:
    people = {"p": Persona(id="p", name="P", weight=1, description="as it was")}
    first = opened(made, root, people)
    first.keep("workflow", FILE, "checkout.yaml", "mine")
    first.keep("persona", "p", "P", people["p"].model_copy(update={"description": "typed"}))
    first.close()
    second = opened(made, root, people)
    qtbot.waitUntil(lambda: second.looked)
    assert {one.draft.key for one in second.found} == {FILE, "p"}
    assert not any(one.moved for one in second.found)
    persona = next(one for one in second.found if one.draft.kind == "persona")
    assert ("+", "description: typed") in difference(persona)
    with qtbot.waitSignal(second.restoring) as restored:
        second.restore(persona)
    assert Persona.model_validate_json(restored.args[0].data).description == "typed"
    second.discard(second.found[0])
    assert second.found == []
    second.close()
    assert [one.draft.key for one in Shelf(root).left()] == ["p"]  # restored, and still in no file


def test_what_was_saved_in_the_last_moment_is_not_offered(qtbot: QtBot, made: list[Recovery], root: Path) -> None:
    first = opened(made, root)
    first.keep("workflow", FILE, "checkout.yaml", (root / FILE).read_text("utf-8"))
    first.close()
    second = opened(made, root)
    qtbot.waitUntil(lambda: second.looked)
    assert second.found == []
    second.close()
    assert drafts(root) == []


def test_a_draft_is_kept_with_the_project_that_it_was_made_in(qtbot: QtBot, made: list[Recovery], root: Path) -> None:
    other = root.with_name("other")
    other.mkdir()
    project = ProjectState()
    recovery = Recovery(project)
    made.append(recovery)
    project.replace(ProjectData(root=root))
    recovery.keep("workflow", FILE, "checkout.yaml", "mine")
    project.replace(ProjectData(root=other))
    recovery.close()
    assert len(drafts(root)) == 1
    assert drafts(other) == []


def left_behind(root: Path) -> None:
    """As a window leaves it that was killed: edits of a workflow, of a persona, and of one that is in no file."""
    shelf = Shelf(root)
    text = (root / FILE).read_text("utf-8")
    shelf.write(Draft("workflow", FILE, "checkout.yaml", text + "# mine\n", "", digest(text), "2026-01-02T00:00:00"))
    new = Persona(id="new_one", name="New One", weight=5, description="Not in any file yet.")
    shelf.write(Draft("persona", "new_one", "New One", "id: new_one", new.model_dump_json(), digest("")))
    shelf.close()


def test_the_window_offers_restores_and_asks_before_it_loses_them(
    qtbot: QtBot, window: MainWindow, root: Path, answers: Answers
) -> None:
    assert not window.offer.isVisible()
    left_behind(root)
    window.session.open(root)
    qtbot.waitUntil(window.offer.isVisible, timeout=10_000)
    assert "checkout.yaml" in window.offer.words.full_text()
    window.offer.restore.click()
    assert not window.offer.isVisible()
    assert "new_one" in window.project.data.personas
    assert window.place("workflow").view.editor.toPlainText().endswith("# mine\n")
    assert window.place("workflow").presenter.document.dirty
    assert "mine" not in (root / FILE).read_text("utf-8")
    answers.yes = False
    window.close()
    assert window.isVisible()
    assert answers.asked[-1] == "Unsaved edits"
    answers.yes = True
    window.close()
    assert [one.draft.key for one in Shelf(root).left()] == []


def test_the_difference_is_shown_and_each_is_decided_for_itself(qtbot: QtBot, window: MainWindow, root: Path) -> None:
    left_behind(root)
    window.session.open(root)
    qtbot.waitUntil(lambda: len(window.recovery.found) == 2, timeout=10_000)
    window.commands.run("window.drafts")
    sheet = next(one for one in window.children() if isinstance(one, RecoverySheet))
    assert sheet.list.count() == 2
    assert "+ # mine" in sheet.lines.toPlainText()
    sheet.discard.click()
    assert sheet.list.count() == 1
    sheet.keep.click()
    assert window.offer.isVisible()
    window.offer.later.click()
    assert not window.offer.isVisible()
    qtbot.waitUntil(lambda: len(drafts(root)) == 1, timeout=5000)  # a thread of its own throws it away


def test_a_draft_that_cannot_be_read_any_more_is_told(qtbot: QtBot, window: MainWindow, root: Path) -> None:
    shelf = Shelf(root)
    shelf.write(Draft("persona", "x", "X", "text", "{no json"))
    shelf.close()
    window.session.open(root)
    qtbot.waitUntil(window.offer.isVisible, timeout=10_000)
    window.offer.restore.click()
    assert "cannot be read" in window.notices.history[-1][1]
    assert len(drafts(root)) == 1


def test_edits_stay_where_they_are_when_another_project_is_opened(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    here, other = window.project.data.root, shutil.copytree(resource_path("samples/shop"), tmp_path / "other")
    editor = window.place("workflow").view.editor
    editor.insertPlainText("# mine\n")
    window.session.open(other)
    qtbot.waitUntil(lambda: window.project.data.root == other, timeout=10_000)
    assert "# mine" not in editor.toPlainText()
    editor.undo()
    assert "# mine" not in editor.toPlainText()
    told = window.notices.book.notices[-1]
    assert told.text == f"Your edits to checkout.yaml are kept as a draft in {here.name}."
    assert told.action == "Go back"
    told.clicked()
    qtbot.waitUntil(lambda: "# mine" in editor.toPlainText(), timeout=10_000)
    assert window.place("workflow").presenter.document.dirty
    assert window.places.open == "personas"
    assert not window.offer.isVisible()
    assert "# mine" not in (here / FILE).read_text("utf-8")


def test_edits_that_save_themselves_need_no_word(made: list[Recovery], root: Path) -> None:
    project = ProjectState()
    recovery = Recovery(project)
    made.append(recovery)
    project.replace(ProjectData(root=root))
    told: list[list[str]] = []
    recovery.parted.connect(lambda _root, titles: told.append(titles))
    recovery.keep("persona", "p", "P", "mine")
    project.replace(ProjectData(root=root.with_name("second")))
    assert told == []
    recovery.keep("workflow", FILE, "checkout.yaml", "mine")
    project.replace(ProjectData(root=root.with_name("third")))
    assert told == [["checkout.yaml"]]


def test_a_draft_whose_file_moved_on_is_offered_and_not_put_back(
    qtbot: QtBot, made: list[Recovery], root: Path
) -> None:
    project = ProjectState()
    recovery = Recovery(project)
    made.append(recovery)
    project.replace(ProjectData(root=root))
    back: list[object] = []
    recovery.returning.connect(back.append)
    recovery.keep("workflow", FILE, "checkout.yaml", "mine")
    project.replace(ProjectData(root=root.with_name("other")))
    (root / FILE).write_text("theirs", "utf-8")
    project.replace(ProjectData(root=root))
    qtbot.waitUntil(lambda: recovery.looked)
    assert back == []
    assert [one.draft.text for one in recovery.found] == ["mine"]
