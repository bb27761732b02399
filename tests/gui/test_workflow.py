"""Text and graph are two views of one file, with the real service behind them."""

import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from turbulence_app.gui.places.workflow.state import step_at, step_lines

TEXT = """\
id: shop
flow:
  - {name: browse, type: http}
  - name: pay
    type: http
  - name: trouble
    type: repeat
    steps:
      - name: "again"
        type: http
invariants:
  - {name: pay, always: "true"}
"""


def test_lines_of_steps_end_where_the_next_begins():
    lines = step_lines(TEXT, ["browse", "pay", "trouble", "again", "absent"])
    assert lines == {"browse": range(3, 4), "pay": range(4, 6), "trouble": range(6, 9), "again": range(9, 11)}
    assert [step_at(n, lines) for n in (1, 3, 5, 9, 12)] == ["", "browse", "pay", "again", ""]
    assert step_lines("", ["browse"]) == {}


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("workflow", {})
    made = window.place("workflow")
    qtbot.waitUntil(lambda: made.presenter.document.checked and bool(made.view.graph.nodes()), timeout=30_000)
    return made


def test_the_graph_follows_the_text_and_errors_stand_at_their_line(place, qtbot, window):
    editor, presenter, graph = place.view.editor, place.presenter, place.view.graph
    steps = graph.nodes()
    assert "pay" in steps
    assert presenter.document.errors == ()

    line = next(n for n, text in enumerate(editor.toPlainText().splitlines(), 1) if text.startswith("flow:"))
    editor.go_to_line(line, 1)
    editor.insertPlainText("{broken: [\n")
    qtbot.waitUntil(lambda: bool(presenter.document.errors), timeout=30_000)
    assert editor.problem_lines(), "the error is marked in the gutter"
    assert abs(editor.problem_lines()[0] - line) <= 2
    assert place.view.problems.problems.rowCount() >= 1
    assert graph.nodes() == steps, "the last picture that could be read stays"
    assert place.view.graph_card.stale.isVisible()
    assert not place.view.text.save.isHidden()

    editor.undo()
    qtbot.waitUntil(lambda: not presenter.document.errors and presenter.document.checked, timeout=30_000)
    assert not place.view.graph_card.stale.isVisible()
    assert not presenter.document.dirty

    editor.setPlainText(
        editor.toPlainText().replace("name: browse,", "name: look,").replace("name: browse\n", "name: look\n")
    )
    qtbot.waitUntil(lambda: "look" in graph.nodes() or bool(presenter.document.errors), timeout=30_000)
    presenter.revert()


def test_a_step_chosen_in_one_is_chosen_in_the_other(place):
    place.view.graph.select("pay")
    place.view.graph.step_clicked.emit("pay")
    assert "name: pay" in place.view.editor.textCursor().block().text()
    lines = step_lines(place.view.editor.toPlainText(), place.view.graph.nodes())
    place.view.editor.go_to_line(lines["browse"].start)
    assert place.view.graph.current() == "browse"


def test_saving_writes_the_text_as_it_is(place, qtbot, window):
    editor, presenter = place.view.editor, place.presenter
    file = Path(presenter.document.file)
    editor.go_to_line(1)
    editor.insertPlainText("# a remark of mine\n")
    assert presenter.document.dirty
    assert place.enabled("workflow.save")
    presenter.save()
    qtbot.waitUntil(lambda: not presenter.document.dirty and not presenter.saving, timeout=30_000)
    assert file.read_text("utf-8") == editor.toPlainText()
    assert file.read_text("utf-8").startswith("# a remark of mine\n")


def test_a_change_from_outside_is_taken_or_asked_about(place, qtbot):
    presenter, editor = place.presenter, place.view.editor
    file = Path(presenter.document.file)
    file.write_text("# theirs\n" + file.read_text("utf-8"), "utf-8")
    qtbot.waitUntil(lambda: editor.toPlainText().startswith("# theirs"), timeout=30_000)

    editor.go_to_line(1)
    editor.insertPlainText("# mine\n")
    with qtbot.waitSignal(presenter.outside_change, timeout=30_000):
        file.write_text("# theirs again\n" + file.read_text("utf-8"), "utf-8")
    assert editor.toPlainText().startswith("# mine")
    presenter.keep_mine()
    assert presenter.document.dirty
    assert editor.toPlainText().startswith("# mine")


def test_closing_with_edits_asks(place, answers):
    place.view.editor.insertPlainText("# x\n")
    answers.yes = False
    assert not place.close()
    assert answers.asked == ["Unsaved edits"]
    answers.yes = True
    assert place.close()


def test_a_workflow_that_cannot_be_read_is_mended_here(place, qtbot, window, tmp_path):
    root = tmp_path / "broken"
    shutil.copytree(window.project.data.root, root)
    file = root / "workflows" / "checkout.yaml"
    good = file.read_text("utf-8")
    file.write_text("id: [1\n", "utf-8")
    window.session.open(root)
    qtbot.waitUntil(lambda: window.project.data.root == root, timeout=30_000)
    presenter, editor = place.presenter, place.view.editor
    qtbot.waitUntil(lambda: bool(presenter.document.errors), timeout=30_000)
    assert editor.toPlainText() == "id: [1\n"
    assert place.view.graph.nodes() == []
    editor.setPlainText(good)
    qtbot.waitUntil(lambda: presenter.document.checked and not presenter.document.errors, timeout=30_000)
    presenter.save()
    qtbot.waitUntil(lambda: window.project.workflow is not None, timeout=30_000)
    assert window.project.workflow.id == "checkout"
    assert file.read_text("utf-8") == good


def test_a_file_with_other_line_ends_keeps_them(place, qtbot):
    presenter, editor = place.presenter, place.view.editor
    file = Path(presenter.document.file)
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    presenter.revert()
    assert not presenter.document.dirty
    editor.go_to_line(1)
    editor.insertPlainText("# mine\n")
    before = file.read_bytes()
    presenter.save()
    qtbot.waitUntil(lambda: not presenter.document.dirty and not presenter.saving, timeout=30_000)
    assert file.read_bytes() == b"# mine\r\n" + before


def test_edits_wait_while_another_workflow_of_the_project_is_looked_at(place, qtbot, window, answers):
    presenter, editor = place.presenter, place.view.editor
    first = Path(presenter.document.file)
    second = first.with_name("second.yaml")
    second.write_text(first.read_text("utf-8").replace("id: checkout", "id: second", 1), "utf-8")
    window.session.reload()
    qtbot.waitUntil(lambda: "second" in window.project.data.workflows, timeout=30_000)
    editor.insertPlainText("# mine\n")
    place.view._choose("second")
    assert presenter.document.workflow_id == "second"
    assert "# mine" not in editor.toPlainText()
    told = window.notices.book.notices[-1]
    assert told.text == "Your edits to checkout.yaml are kept; they are not saved yet."
    answers.yes = False
    assert not place.close(), "also what is not in front asks"

    told.clicked()
    assert presenter.document.workflow_id == "checkout"
    assert "# mine" in editor.toPlainText()
    assert presenter.document.dirty
    place.view._choose("second")
    first.write_text("# theirs\n" + first.read_text("utf-8"), "utf-8")
    with qtbot.waitSignal(presenter.outside_change, timeout=30_000):
        place.view._choose("checkout")
    assert "# mine" in editor.toPlainText()
    presenter.save()
    qtbot.waitUntil(lambda: not presenter.unsaved and not presenter.saving, timeout=30_000)
