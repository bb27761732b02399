"""Edits on the graph are edits of the text, in one history; keys, mouse and form do the same things."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from turbulence_app.formats.tree import read_tree


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("workflow", {})
    made = window.place("workflow")
    qtbot.waitUntil(lambda: made.presenter.document.checked and bool(made.view.graph.nodes()), timeout=30_000)
    return made


def said(place):
    return read_tree(place.view.editor.toPlainText(), "w.yaml").value


def names(place):
    return [step["name"] for step in said(place)["flow"]]


def test_keys_add_rename_duplicate_delete_and_undo_brings_the_same_bytes(place, qtbot, window):
    view, editor = place.view, place.view.editor
    before = editor.toPlainText()
    view.go_to_step("after_browse")
    view.graph.setFocus()
    qtbot.keyClick(view.graph, Qt.Key.Key_Insert)
    palette = view.graph_card.palette_
    assert palette.isVisible()
    QTest.keyClicks(palette.field, "pause")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "pause" in view.graph.nodes(), timeout=30_000)
    assert names(place)[2:4] == ["after_browse", "pause"]
    assert view.graph.current() == "pause"
    assert "name: pause" in editor.textCursor().block().text()

    qtbot.keyClick(view.graph, Qt.Key.Key_F2)
    field = view.graph_card._name
    assert field.isVisible()
    field.setText("breath")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "breath" in view.graph.nodes(), timeout=30_000)

    view.graph.setFocus()
    qtbot.keyClick(view.graph, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "breath_2" in view.graph.nodes(), timeout=30_000)
    qtbot.keyClick(view.graph, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: names(place).index("breath_2") == 3, timeout=30_000)

    qtbot.keyClick(view.graph, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: "breath_2" not in view.graph.nodes(), timeout=30_000)
    assert [place.undo_stack.text(i) for i in range(place.undo_stack.count())] == [
        "adding a step", "renaming pause", "duplicating breath", "moving breath_2", "deleting breath_2",
    ]  # fmt: skip
    while place.undo_stack.canUndo():
        window.commands.run("edit.undo")
    assert editor.toPlainText() == before
    assert not place.presenter.document.dirty
    while place.undo_stack.canRedo():
        window.commands.run("edit.redo")
    assert "breath" in names(place)


def test_typing_and_the_graph_have_one_history(place, qtbot):
    view, editor = place.view, place.view.editor
    before = editor.toPlainText()
    editor.go_to_line(1)
    qtbot.keyClicks(editor, "# mine ")
    view.go_to_step("receipt")
    view.acting.duplicate()
    qtbot.waitUntil(lambda: "receipt_2" in view.graph.nodes(), timeout=30_000)
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "receipt_2" not in names(place)
    assert editor.toPlainText().startswith("# mine ")
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.toPlainText() == before


def test_a_deleted_step_tells_who_still_speaks_of_it(place, qtbot, window):
    shown = []
    window.notices.show = lambda text, *_more, **_named: shown.append(text)
    place.view.go_to_step("pay")
    place.view.acting.delete()
    qtbot.waitUntil(lambda: bool(shown), timeout=30_000)
    assert "invariant 'charged_once'" in shown[0] or "needs a step" in shown[0]
    assert "policy of" in shown[0]


def test_a_step_is_dragged_onto_another_way(place, qtbot):
    graph = place.view.graph
    graph.fit()
    card = graph.items_["receipt"].sceneBoundingRect().center()
    line = graph.lines["browse", "shop_is_down"].plus()
    start, end = graph.mapFromScene(card), graph.mapFromScene(line)
    view = graph.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for point in (start + QPoint(0, 30), (start + end) / 2, end):
        _drag(view, point)
    assert graph.dragging.active
    assert graph.lines["browse", "shop_is_down"].target, "the way that would take it is lit"
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=end)
    qtbot.waitUntil(lambda: names(place)[:3] == ["browse", "receipt", "shop_is_down"], timeout=30_000)


def _drag(view, point):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    where = QPointF(point)
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, view.mapToGlobal(where), Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_the_sign_on_a_way_adds_a_step_there(place, qtbot):
    graph = place.view.graph
    point = graph.mapFromScene(graph.lines["looks_closer", "details"].plus())
    QTest.mouseMove(graph.viewport(), point)
    assert graph.lines["looks_closer", "details"].offered
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=point)
    place.view.graph_card.kind_chosen.emit("assert")
    qtbot.waitUntil(lambda: "check" in graph.nodes(), timeout=30_000)
    looks = next(step for step in said(place)["flow"] if step["name"] == "looks_closer")
    assert looks["if_true"][0]["name"] == "check"


def test_the_form_changes_the_text_and_says_what_cannot_be(place, qtbot):
    view, inspector = place.view, place.view.side.inspector
    view.go_to_step("browse")
    _type(qtbot, inspector.field("latency.p95"), "500")
    qtbot.waitUntil(lambda: "p95: 500" in view.editor.toPlainText(), timeout=30_000)
    _type(qtbot, inspector.field("latency.p95"), "1")
    assert inspector._errors["latency.p95"].text() == "p50 ≤ p95 ≤ p99"
    _type(qtbot, inspector.field("name"), "shop_is_down")
    qtbot.waitUntil(lambda: "called" in inspector._errors["name"].text(), timeout=30_000)
    view.go_to_step("not_today")
    inspector.field("condition").setFocus()
    QTest.keyClicks(inspector.field("condition"), " and (")
    assert inspector._errors["condition"].text()


def _type(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def test_options_come_go_and_get_a_way_of_their_own(place, qtbot):
    view, inspector = place.view, place.view.side.inspector
    view.go_to_step("shipping")
    inspector.pressed.emit("add_option")
    qtbot.waitUntil(lambda: inspector.field("option_name.option") is not None, timeout=30_000)
    _type(qtbot, inspector.field("option_name.option"), "bike")
    qtbot.waitUntil(lambda: inspector.field("option_words.bike") is not None, timeout=30_000)
    inspector.pressed.emit("add_branch")
    qtbot.waitUntil(lambda: "chose_express" in view.graph.nodes(), timeout=30_000)
    view.go_to_step("shipping")
    inspector.pressed.emit("remove_option.bike")
    qtbot.waitUntil(lambda: inspector.field("option_name.bike") is None, timeout=30_000)
    step = next(s for s in said(place)["flow"] if s["name"] == "shipping")
    assert list(step["options"]) == ["express", "standard", "pickup"]


def test_files_come_are_copied_renamed_and_go(place, qtbot, window, answers):
    root = Path(window.project.data.root)
    answers.text = "signup"
    window.commands.run("workflow.new")
    qtbot.waitUntil(lambda: place.presenter.document.workflow_id == "signup", timeout=30_000)
    assert (root / "workflows/signup.yaml").exists()
    answers.text = "signup-2"
    window.commands.run("workflow.copy_file")
    qtbot.waitUntil(lambda: place.presenter.document.workflow_id == "signup-2", timeout=30_000)
    window.project.choose_workflow("checkout")
    qtbot.waitUntil(lambda: place.presenter.document.workflow_id == "checkout", timeout=30_000)
    answers.text = "till"
    window.commands.run("workflow.rename_file")
    qtbot.waitUntil(lambda: place.presenter.document.workflow_id == "till", timeout=30_000)
    assert all(policy.workflow == "till" for policy in window.project.data.policies.values())
    assert all(one.workflow == "till" for one in window.project.data.scenarios.values())
    assert "# What people can do in this shop" in (root / "workflows/till.yaml").read_text("utf-8")
    window.project.choose_workflow("signup-2")
    window.commands.run("workflow.delete_file")
    qtbot.waitUntil(lambda: "signup-2" not in window.project.data.workflows, timeout=30_000)
    assert not (root / "workflows/signup-2.yaml").exists()


def test_a_renamed_step_is_renamed_in_policies_and_scenarios_in_one_act_that_can_be_undone(place, qtbot, window):
    root = window.project.data.root
    editor, presenter, book = place.view.editor, place.presenter, window.notices.book
    files = {path: path.read_text("utf-8") for path in sorted(root.rglob("*.yaml"))}
    before = editor.toPlainText()
    presenter.rename("pay", "charge", None)
    qtbot.waitUntil(lambda: bool(book.notices) and "still called pay" in book.notices[-1].text, timeout=30_000)
    assert book.notices[-1].action == "Rename there too"
    book.notices[-1].clicked()
    qtbot.waitUntil(lambda: not presenter.document.dirty and not presenter.saving, timeout=30_000)
    qtbot.waitUntil(lambda: "charge" in {step.name for step in window.project.workflow.steps()}, timeout=30_000)
    assert not [problem for problem in window.project.data.problems if problem.severity == "error"]
    assert any(fault.step == "charge" for one in window.project.data.scenarios.values() for fault in one.faults)
    assert place.undo_stack.undoText() == "renaming pay in other files"

    window.commands.run("edit.undo")
    qtbot.waitUntil(lambda: presenter.document.dirty and not presenter.saving, timeout=30_000)
    assert {path: path.read_text("utf-8") for path in files} == files
    assert "name: charge" in editor.toPlainText(), "the text's own step is undone by itself"
    qtbot.waitUntil(lambda: "pay" in {step.name for step in window.project.workflow.steps()}, timeout=30_000)
    window.commands.run("edit.undo")
    assert editor.toPlainText() == before
    assert not presenter.document.dirty
    place.elsewhere.rename("pay", "charge")
    assert book.notices[-1].text.startswith("Not renamed: ")
