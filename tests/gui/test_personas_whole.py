"""The Personas place beyond editing: words and numbers both ways, changes, what moves, two models, files."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from tests.gui.test_personas import WAIT, block, drag, parts, people
from turbulence_app.gui.places.personas.compare_state import Source
from turbulence_app.gui.places.personas.rows import DecisionBlock
from turbulence_app.gui.window import MainWindow

# -- words and numbers, both ways


def test_a_click_holds_the_numbers_of_a_phrase_and_escape_lets_go(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    editor = view.words.editor
    said = editor.phrases()[-1]
    editor.asked.emit(said.paths)
    row = view.policy.row(said.paths[0])
    assert row.lit
    assert not row.visibleRegion().isEmpty(), "it scrolled into view"
    editor.pointed.emit(())
    assert row.lit, "held"
    assert "Esc" in view.words.hint.full_text()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not row.lit
    assert presenter.tracing.held == ()


def test_the_cursor_in_a_phrase_points_at_its_numbers_and_a_key_goes_there_and_back(
    qtbot: QtBot, window: MainWindow
) -> None:
    view, _ = parts(window)
    editor = view.words.editor
    said = editor.phrases()[-1]
    editor.setFocus()
    cursor = editor.textCursor()
    cursor.setPosition(said.start + 2)
    editor.setTextCursor(cursor)
    row = view.policy.row(said.paths[0])
    assert row.lit
    window.commands.run("personas.jump")
    assert row.isAncestorOf(QApplication.focusWidget())
    assert editor._lit == (row.path,), "a number under the keyboard lights its words"
    window.commands.run("personas.jump")
    assert editor.hasFocus()
    assert editor.textCursor().position() == said.start


def test_an_assumed_number_offers_a_sentence_that_typing_replaces(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = presenter.people.persona().description
    row = view.policy.row("patience.step_wait_seconds")
    assert row.chip.text() == "assumed"
    row.chip.click()
    offered = view.words.editor.textCursor().selectedText()
    assert offered == "Waits 5 to 10 seconds for an answer before giving up."
    assert presenter.people.persona().description.rstrip().endswith(offered)
    qtbot.keyClicks(view.words.editor, "Waits for ever.")
    assert presenter.people.persona().description.rstrip().endswith("then leave. Waits for ever.")
    while window.undo.canUndo():
        window.commands.run("edit.undo")
    assert presenter.people.persona().description == before


def test_filters_and_folds_shorten_the_panel_and_folds_are_remembered(window: MainWindow) -> None:
    view, _ = parts(window)
    card = view.policy
    card.filters["said"].click()
    assert not card.row("patience.step_wait_seconds").isVisible()
    assert card.row("decisions.browse_next").isVisible()
    card.reveal("patience.step_wait_seconds")
    card.filters["said"].click()
    assert card.row("patience.step_wait_seconds").isVisible()
    box = card.numbers.sections["decisions"]
    box.button.click()
    assert not card.row("decisions.browse_next").isVisible()
    assert box.says.isVisible()
    assert window.context.settings.value("personas/folded") == ["decisions"]
    assert card.reveal("decisions.browse_next") is not None
    assert card.row("decisions.browse_next").isVisible()


# -- taking back, what changed, what moves it


def test_one_number_goes_back_to_what_was_approved_by_button_and_by_key(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = presenter.policy()
    row = block(view.policy)
    bar, _ = row.options.bars["leave"]
    drag(qtbot, bar, 0.7)
    assert row.back.isVisible()
    row.back.click()
    assert presenter.policy() == before, "signature and all"
    assert not row.back.isVisible()
    drag(qtbot, bar, 0.6)
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Backspace)
    assert presenter.policy() == before


def test_changes_are_listed_by_effect_and_taken_back_one_by_one(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = presenter.policy()
    drag(qtbot, block(view.policy).options.bars["leave"][0], 0.5)
    line = view.policy.row("forms.correction_probability")
    line.number.setFocus()
    line.number.selectAll()
    qtbot.keyClicks(line.number, "8")
    qtbot.keyClick(line.number, Qt.Key.Key_Return)
    window.commands.run("personas.changes")
    changes = view.policy.changes
    qtbot.waitUntil(lambda: all(box.line.effect is not None for box in changes.boxes.values()), timeout=WAIT)
    assert list(changes.boxes) == ["decisions.browse_next", "forms.correction_probability"]
    assert "Approving signs 2 changed numbers" in changes.signs.text()
    changes.boxes["forms.correction_probability"].tick.click()
    assert changes.looked.text().startswith("1 of 2")
    changes.boxes["decisions.browse_next"].back.click()
    assert list(changes.boxes) == ["forms.correction_probability"]
    changes.boxes["forms.correction_probability"].back.click()
    assert presenter.policy() == before
    assert changes.empty.isVisible()
    window.commands.run("edit.undo")
    assert presenter.policy() != before


def test_the_tornado_is_found_out_given_up_when_something_changes_and_leads_to_its_number(
    qtbot: QtBot, window: MainWindow
) -> None:
    view, presenter = parts(window)
    window.commands.run("personas.moves")
    moves = view.preview.moves
    qtbot.waitUntil(lambda: moves.swings() is not None, timeout=WAIT)
    rows = moves.chart.rows()
    assert rows[0].key.startswith("decisions.")
    moves.chart.pick(0)
    assert view.policy.row(".".join(rows[0].key.split(".")[:2])).lit
    asked = len(presenter.preview.moving._answers)
    drag(qtbot, block(view.policy).options.bars["leave"][0], 0.5)
    assert moves.swings() is None
    qtbot.waitUntil(lambda: moves.swings() is not None, timeout=WAIT)
    assert len(presenter.preview.moving._answers) == asked + 1
    window.commands.run("edit.undo")
    qtbot.waitUntil(lambda: moves.swings() is not None and moves.chart.rows() == rows, timeout=WAIT)
    assert len(presenter.preview.moving._answers) == asked + 1, "known by its digest"


def test_a_hand_is_followed_at_once_by_its_persona_and_by_the_crowd(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    view, presenter = parts(window)
    live = presenter.preview.live
    qtbot.waitUntil(lambda: window.bridge.under_way() == [] and not live._timer.isActive(), timeout=WAIT)
    order: list[str] = []
    window.bridge.began.connect(lambda job: order.append(job.op))
    monkeypatch.setattr(view.policy, "show_panel", lambda *_, **__: order.append("drawn"))
    path, bar = next((path, row.options.bars["pay"][0]) for path, row in view.policy.numbers.rows.items()
                     if isinstance(row, DecisionBlock) and "pay" in row.options.bars)  # fmt: skip
    view.policy.numbers.share_dragged.emit(path, "", "pay", 0.5 if bar.share() > 0.6 else 0.9)
    assert order == ["preview", "drawn"], "the worker begins before the window draws"
    qtbot.waitUntil(lambda: not live.busy, timeout=WAIT)
    first = view.crowd.rows()[0].id
    shares: list[float] = []
    live.crowd.connect(
        lambda found: shares.extend(one.users / found.users for one in found.personas if one.persona == first)
    )
    order.clear()
    view.crowd.share_dragged.emit(first, 0.7)
    view.crowd.share_dragged.emit(first, 0.8)
    assert order == ["preview"], "one is under way, and the newest waits"
    qtbot.waitUntil(lambda: len(shares) == 2, timeout=WAIT)
    assert [round(share, 1) for share in shares] == [0.7, 0.8]
    assert not live._timer.isActive(), "nothing is put off"
    view.crowd.dropped.emit()


def test_a_preview_that_cannot_run_says_why_and_tries_again(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    policy = presenter.policy()
    broken = policy.model_copy(update={"decisions": {"browse_next": policy.decisions["browse_next"]}})
    window.project.put_policy(broken)
    qtbot.waitUntil(view.preview.wrong.isVisible, timeout=WAIT)
    assert "'details_next'" in view.preview.wrong.text.text()
    window.project.put_policy(policy)
    qtbot.waitUntil(lambda: not view.preview.wrong.isVisible(), timeout=WAIT)


def test_a_condition_that_cannot_be_read_is_told_and_not_taken(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    row = view.policy.row("decisions.before_paying")
    assert isinstance(row, DecisionBlock)
    before = presenter.policy()
    row.cases[0].reworded.emit(row.cases[0].when, "elapsed_ms >")
    assert presenter.policy() == before
    row.cases[0].reworded.emit(row.cases[0].when, "elapsed_ms > 5000")
    assert presenter.policy().decisions["before_paying"].cases[0].when == "elapsed_ms > 5000"


# -- two models, in and out


def test_two_models_compile_side_by_side_and_one_number_is_taken(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    assert window.commands.run("personas.compare")
    page, comparing = view.compare, presenter.compare.comparing
    for side, key in zip(page.sides, ("builtin", "rules"), strict=True):
        side.source.setCurrentIndex(side.source.findData(key))
    page.compile.click()
    assert page.stop.isVisible()
    qtbot.waitUntil(lambda: all(side.summary is not None for side in comparing.sides), timeout=60_000)
    assert page.table.rows.rowCount() > 3
    before, other = presenter.policy(), comparing.sides[1].policy
    page.taken.emit("patience.visit_seconds", 1)
    assert presenter.policy().patience.visit_seconds == other.patience.visit_seconds
    assert presenter.policy().decisions == before.decisions
    page.sides[0].take.click()
    assert presenter.policy() == comparing.sides[0].policy
    window.commands.run("edit.undo")
    window.commands.run("edit.undo")
    assert presenter.policy() == before
    gone = Source("llamacpp:gone", "gone", "llamacpp", "gone")
    comparing.ask(1, gone, presenter.people.persona(), window.project.workflow)
    qtbot.waitUntil(lambda: comparing.sides[1].state == "failed", timeout=WAIT)
    assert page.sides[1].quiet.title.text() == "This one failed"
    assert page.sides[1].quiet.text.text()
    assert comparing.sides[0].policy is not None, "the other one stays"
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    assert not view.comparing


def test_people_go_out_to_a_file_and_come_back_as_one_undo_step(
    qtbot: QtBot, window: MainWindow, answers: Answers, tmp_path: Path
) -> None:
    view, presenter = parts(window)
    names = people(view)
    answers.path = tmp_path / "all"
    window.commands.run("personas.export_all")
    qtbot.waitUntil((tmp_path / "all.yaml").exists, timeout=WAIT)
    window.commands.run("personas.copy")
    assert "persona_id: impatient_shopper" in QApplication.clipboard().text()
    presenter.people.describe(names[0], "Somebody else by now.")
    answers.paths, answers.choice = (tmp_path / "all.yaml", tmp_path / "gone.yaml"), "keep"
    window.commands.run("personas.import")
    qtbot.waitUntil(lambda: f"{names[0]}_2" in people(view), timeout=WAIT)
    assert any("is here already" in asked for asked in answers.asked)
    assert presenter.selected == f"{names[0]}_2"
    assert not presenter.policy().approved
    window.commands.run("edit.undo")
    assert people(view) == names
