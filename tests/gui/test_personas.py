from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.persona import Persona
from turbulence_app.gui.places.personas.policy_card import EMPTY, PolicyCard
from turbulence_app.gui.places.personas.presenter import Presenter
from turbulence_app.gui.places.personas.row_lines import CountLine, RangeLine
from turbulence_app.gui.places.personas.rows import DecisionBlock
from turbulence_app.gui.places.personas.view import PersonasView
from turbulence_app.gui.widgets.sliders import ShareBar
from turbulence_app.gui.window import MainWindow

WAIT = 20_000


def parts(window: MainWindow) -> tuple[PersonasView, Presenter]:
    place: Any = window.place("personas")
    return place.view, place.presenter


def people(view: PersonasView) -> list[str]:
    return [row.id for row in view.crowd.rows()]


def block(card: PolicyCard) -> DecisionBlock:
    return next(row for row in card.numbers.rows.values() if isinstance(row, DecisionBlock))


def drag(qtbot: QtBot, bar: ShareBar, share: float) -> None:
    start, end = QPoint(int(bar.width() * bar.share()), 11), QPoint(int(bar.width() * share), 11)
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(bar, end)
    bar._drag(end.x())
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=end)


def shares(window: MainWindow) -> dict[str, float]:
    _, presenter = parts(window)
    name = block(parts(window)[0].policy).path.removeprefix("decisions.")
    policy = presenter.policy()
    assert policy is not None
    return dict(policy.decisions[name].options)


def test_dragging_a_bar_moves_the_funnel_and_shows_the_approved_value_as_a_ghost(
    qtbot: QtBot, window: MainWindow
) -> None:
    view, _ = parts(window)
    qtbot.waitUntil(lambda: view.preview.funnel.rows()[-1].baseline is not None, timeout=WAIT)
    before = view.preview.funnel.rows()[-1].value
    bar, number = block(view.policy).options.bars["leave"]
    drag(qtbot, bar, 0.9)
    qtbot.waitUntil(lambda: view.preview.funnel.rows()[-1].value < before - 0.1, timeout=WAIT)
    rows = view.preview.funnel.rows()
    assert rows[-1].baseline is not None
    assert abs(rows[-1].baseline - before) < 0.01
    assert bar._ghost is not None
    assert number.text() == f"{bar.share() * 100:.0f} %"
    assert view.preview.took.text().endswith("ms")
    assert view.preview.figures[0].delta.text().startswith("−")


def test_one_drag_is_one_undo_step_and_everything_goes_back(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = presenter.policy()
    bar, _ = block(view.policy).options.bars["leave"]
    drag(qtbot, bar, 0.7)
    assert window.place("personas").undo_stack.count() == 1
    assert not presenter.policy().approved
    assert block(view.policy).chip.text() == "edited"
    window.commands.run("edit.undo")
    assert presenter.policy() == before
    window.commands.run("edit.redo")
    assert abs(bar.share() - 0.7) < 0.05


def test_shares_can_be_typed_and_moved_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    view, _ = parts(window)
    bar, number = block(view.policy).options.bars["leave"]
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "25")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert abs(shares(window)["leave"] - 0.25) < 1e-6
    bar.setFocus()
    qtbot.keyClick(bar, Qt.Key.Key_Right)
    assert abs(shares(window)["leave"] - 0.26) < 1e-6
    assert abs(sum(shares(window).values()) - 1) < 1e-5


def test_what_is_no_number_is_not_taken(qtbot: QtBot, window: MainWindow) -> None:
    view, _ = parts(window)
    before = shares(window)
    _, number = block(view.policy).options.bars["leave"]
    shown = number.text()
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "nan")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert number.text() == shown
    assert shares(window) == before


def test_patience_and_retries_are_edited_in_the_panel(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    line = view.policy.row("patience.step_wait_seconds")
    assert isinstance(line, RangeLine)
    line.low.setFocus()
    line.low.selectAll()
    qtbot.keyClicks(line.low, "2")
    qtbot.keyClick(line.low, Qt.Key.Key_Return)
    assert presenter.policy().patience.step_wait_seconds.min == 2
    line.switch.click()
    assert presenter.policy().patience.step_wait_seconds is None
    assert line.endless.isVisible()
    line.switch.click()
    assert presenter.policy().patience.step_wait_seconds is not None
    count = view.policy.row("retries.default")
    assert isinstance(count, CountLine)
    count.spin.setValue(3)
    assert presenter.policy().retries.default == 3


def test_a_number_lights_its_words_and_the_words_their_number(window: MainWindow) -> None:
    view, _ = parts(window)
    editor = view.words.editor
    said = next(phrase for phrase in editor.phrases())
    row = view.policy.row(said.paths[0])
    row.hovered.emit(row.path, True)
    assert editor._lit == (row.path,)
    row.hovered.emit(row.path, False)
    assert editor._lit == ()
    editor.pointed.emit(said.paths)
    assert row.lit
    assert editor.reveal(row.path)
    assert editor.textCursor().position() == said.start


def test_typing_a_description_is_saved_to_its_file_and_can_be_undone(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = view.words.editor.toPlainText()
    view.words.editor.setFocus()
    view.words.editor.moveCursor(view.words.editor.textCursor().MoveOperation.End)
    qtbot.keyClicks(view.words.editor, " Owns a llama.")
    persona = presenter.people.persona()
    assert persona.description.endswith("Owns a llama.")
    root = window.project.data.root
    qtbot.waitUntil(lambda: "Owns a llama." in texts(root / "personas"), timeout=WAIT)
    while window.undo.canUndo():
        window.commands.run("edit.undo")
    assert presenter.people.persona().description == before
    qtbot.waitUntil(lambda: "Owns a llama." not in texts(root / "personas"), timeout=WAIT)


def test_approving_signs_the_policy_in_its_file(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    drag(qtbot, block(view.policy).options.bars["leave"][0], 0.5)
    assert view.policy.approve.isEnabled()
    window.commands.run("personas.approve")
    qtbot.waitUntil(lambda: presenter.policy().approved, timeout=WAIT)
    assert view.words.status.text() == "approved"
    assert not view.policy.approve.isEnabled()
    assert presenter.policy().provenance.approved_by in texts(window.project.data.root / "policies")


def test_going_back_to_the_approved_policy(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    before = presenter.policy()
    drag(qtbot, block(view.policy).options.bars["leave"][0], 0.8)
    assert window.commands.run("personas.revert")
    assert presenter.policy() == before
    assert not window.commands.can("personas.revert")


def test_compiling_makes_a_policy_that_says_where_its_numbers_came_from(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    view.words.backend.setCurrentIndex(view.words.backend.findData("builtin"))
    assert window.commands.run("personas.compile")
    assert presenter.compiling.busy
    assert view.words.stop.isVisible()
    qtbot.waitUntil(lambda: not presenter.compiling.busy, timeout=60_000)
    policy = presenter.policy()
    assert policy.provenance.backend == "builtin"
    assert not policy.approved
    assert any(policy.evidence.values())
    assert view.words.editor.phrases()
    assert "built-in" in view.words.report.text()
    assert window.undo.canUndo()


def test_personas_are_added_copied_renamed_and_deleted_and_it_can_all_be_undone(
    qtbot: QtBot, window: MainWindow, answers: Answers
) -> None:
    view, presenter = parts(window)
    names = people(view)
    answers.text = "Night Owl"
    window.commands.run("personas.new")
    assert presenter.selected == "night_owl"
    assert view.policy.pages.currentIndex() == EMPTY
    window.commands.run("personas.rename")
    answers.text = "Early Bird"
    window.commands.run("personas.rename")
    assert view.words.name.full_text() == "Early Bird"
    presenter.select(names[0])
    window.commands.run("personas.duplicate")
    assert presenter.selected == f"{names[0]}_copy"
    assert not presenter.policy().approved
    window.commands.run("personas.delete")
    root = window.project.data.root
    qtbot.waitUntil(lambda: "Early Bird" in texts(root / "personas"), timeout=WAIT)
    while window.undo.canUndo():
        window.commands.run("edit.undo")
    assert people(view) == names
    qtbot.waitUntil(lambda: "Early Bird" not in texts(root / "personas"), timeout=WAIT)


def test_a_refused_question_changes_nothing(window: MainWindow, answers: Answers) -> None:
    view, _ = parts(window)
    names = people(view)
    answers.yes, answers.text = False, None
    for action in ("personas.delete", "personas.new", "personas.rename"):
        window.commands.run(action)
    assert people(view) == names
    assert not window.undo.canUndo()


def test_shares_of_the_crowd_are_edited_and_the_whole_stays_whole(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    crowd = view.crowd.list
    name = crowd.people.rows[0].id
    crowd.setFocus()
    qtbot.keyClicks(crowd, "5")
    assert crowd.field is not None
    qtbot.keyClicks(crowd.field, "0")
    qtbot.keyClick(crowd.field, Qt.Key.Key_Return)
    assert crowd.field is None
    assert abs(presenter.people.shares()[name] - 0.5) < 0.005
    assert abs(sum(presenter.people.shares().values()) - 1) < 1e-9
    qtbot.keyClick(crowd, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert abs(presenter.people.shares()[name] - 0.55) < 0.005
    window.commands.run("edit.undo")
    window.commands.run("edit.undo")
    assert abs(presenter.people.shares()[name] - 0.5) > 0.01
    window.commands.run("personas.weigh")
    qtbot.keyClick(crowd.field, Qt.Key.Key_Escape)
    assert crowd.field is None


def test_a_border_of_the_mix_shifts_people_between_two_neighbours_only(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    strip = view.crowd.strip
    before = presenter.people.shares()
    first, second, third = (row.id for row in strip._rows[:3])
    x = int(before[first] * strip.width())
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 9))
    strip._move_to(0, before[first] + 0.1)
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(x, 9))
    after = presenter.people.shares()
    assert abs(after[first] - before[first] - 0.1) < 0.01
    assert abs(after[first] + after[second] - before[first] - before[second]) < 0.001
    assert abs(after[third] - before[third]) < 0.001
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Left)
    assert presenter.people.shares()[first] < after[first]
    window.commands.run("edit.undo")
    window.commands.run("edit.undo")
    assert presenter.people.shares() == before
    assert not window.undo.canUndo()


def test_the_arrow_keys_walk_through_the_crowd_and_alt_moves(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    crowd = view.crowd.list
    names = [row.id for row in crowd.people.rows]
    crowd.setFocus()
    qtbot.keyClick(crowd, Qt.Key.Key_Down)
    assert presenter.selected == names[1]
    qtbot.waitUntil(lambda: bool(view.preview.funnel.rows()), timeout=WAIT)
    qtbot.keyClick(crowd, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [row.id for row in crowd.people.rows][:3] == [names[0], names[2], names[1]]
    assert crowd.current().id == names[1]
    assert list(window.project.data.personas) == names, "the order of the list changes no run"
    qtbot.keyClick(crowd, Qt.Key.Key_Return)
    assert view.words.editor.hasFocus()


def test_two_hundred_personas_are_found_by_their_words(qtbot: QtBot, window: MainWindow) -> None:
    view, presenter = parts(window)
    for number in range(200):
        persona = Persona(id=f"p{number}", name=f"Person {number}", description="likes llamas" if number == 77 else "")
        window.project.data = replace(
            window.project.data, personas={**window.project.data.personas, persona.id: persona}
        )
    presenter.showing.crowd(presenter.selected)
    assert view.crowd.search.isVisible()
    view.crowd.search.setText("llama")
    assert [row.id for row in view.crowd.list.people.rows] == ["p77"]
    view.crowd.search.setText("nobody of that name")
    assert view.crowd.pages.currentWidget() is view.crowd.none
    view.crowd.search.clear()
    assert len(view.crowd.list.people.rows) == 205


def test_the_policy_is_shown_as_yaml_too(window: MainWindow) -> None:
    view, presenter = parts(window)
    window.commands.run("personas.yaml")
    text = view.policy.yaml.toPlainText()
    assert f"persona_id: {presenter.selected}" in text
    assert "decisions:" in text
    window.commands.run("personas.yaml")
    assert view.policy.pages.currentIndex() == 0


def test_what_was_typed_last_is_saved_when_the_window_closes(qtbot: QtBot, window: MainWindow) -> None:
    _, presenter = parts(window)
    presenter.people.describe(presenter.selected, "The last words.")
    root = window.project.data.root
    window.close()
    assert "The last words." in texts(root / "personas")


def texts(folder: Path) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(folder.glob("*.yaml")))
