"""Drives the real window as a person would; run by the journey tests in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.journeys.hands import click, opened, until
from turbulence_app.gui.places.personas.rows import DecisionBlock
from turbulence_app.gui.window import MainWindow

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


def main() -> None:
    window = opened()
    until(lambda: window.project.loaded, "the sample")
    place = window.place("personas")
    view, presenter = place.view, place.presenter
    until(lambda: bool(view.preview.funnel.rows()), "the first funnel")

    crowd = view.crowd.list
    second = crowd.people.rows[1].id
    click(crowd.viewport(), crowd.visualRect(crowd.people.index(1)).topLeft() + QPoint(60, 12))
    until(lambda: presenter.selected == second, "the second persona")

    editor = view.words.editor
    click(editor.viewport(), QPoint(20, 12))
    QTest.keyClick(editor, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(editor, " Leaves at once when anything is slow.")
    until(lambda: presenter.people.persona().description.endswith("is slow."), "the words")

    view.words.backend.setCurrentIndex(view.words.backend.findData("builtin"))
    click(view.words.compile)
    until(lambda: not presenter.compiling.busy, "the compiled policy")
    assert presenter.policy().provenance.backend == "builtin", presenter.policy().provenance
    until(lambda: bool(view.preview.funnel.rows()), "the funnel of the compiled policy")

    block = next(row for row in view.policy.numbers.rows.values() if isinstance(row, DecisionBlock))
    bar, _ = next(iter(block.options.bars.values()))
    before = view.preview.funnel.rows()[-1].value
    QTest.mousePress(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(bar.width() // 2, 11))
    for x in range(bar.width() // 2, 8, -6):
        QTest.mouseMove(bar, QPoint(x, 11))
        QApplication.processEvents()
    QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(8, 11))
    until(lambda: view.preview.funnel.rows()[-1].value != before, "the funnel to move")

    click(view.policy.approve)
    until(lambda: presenter.policy().approved, "the approval")
    written = "".join(path.read_text("utf-8") for path in (window.project.data.root / "policies").glob("*.yaml"))
    assert "approved_by: " in written
    by_keyboard(window)
    window.close()
    print("journey done")


def keys(text: str = "", key: Qt.Key | None = None, held: Qt.KeyboardModifier = NONE) -> None:
    """Type into whatever has the keyboard."""
    target = QApplication.focusWidget() or next(w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
    if key is not None:
        QTest.keyClick(target, key, held)
    else:
        QTest.keyClicks(target, text)
    QApplication.processEvents()


def name_it(name: str) -> None:
    """Answer the question for a name, which waits in an event loop of its own."""

    def answer() -> None:
        sheet = QApplication.activeModalWidget()
        if sheet is None:
            QTimer.singleShot(50, answer)
            return
        field = sheet.findChild(QLineEdit)
        assert field is not None
        QTest.keyClicks(field, name)
        QTest.keyClick(field, Qt.Key.Key_Return)

    QTimer.singleShot(50, answer)


def by_keyboard(window: MainWindow) -> None:
    """A new persona, from its name to the approval, with no pointer at all."""
    place = window.place("personas")
    view, presenter = place.view, place.presenter
    window.activateWindow()
    until(window.isActiveWindow, "the window in front")
    window.setFocus()
    name_it("Night Owl")
    keys(key=Qt.Key.Key_N, held=CONTROL)
    until(lambda: presenter.selected == "night_owl", "the new persona")
    until(lambda: window.focusWidget() is view.words.editor, "the cursor in the words")
    window.activateWindow()  # a display without a window manager leaves that to the window
    until(view.words.editor.hasFocus, "the keyboard in the words")
    keys("Buys at night and is in no hurry. Waits up to twenty seconds for a page. Leaves if the payment fails.")
    view.words.backend.setCurrentIndex(view.words.backend.findData("builtin"))
    keys(key=Qt.Key.Key_Return, held=CONTROL)
    until(lambda: not presenter.compiling.busy and presenter.policy() is not None, "the compiled policy")
    until(lambda: bool(view.preview.funnel.rows()), "the funnel of the new persona")
    view.words.editor.setFocus()
    cursor = view.words.editor.textCursor()
    cursor.setPosition(view.words.editor.phrases()[0].start + 1)
    view.words.editor.setTextCursor(cursor)
    keys(key=Qt.Key.Key_J, held=CONTROL)
    focused = QApplication.focusWidget()
    row = next((row for row in view.policy.numbers.rows.values() if row.isAncestorOf(focused)), None)
    assert row is not None, focused
    before = presenter.policy()
    keys(key=Qt.Key.Key_Right)
    keys(key=Qt.Key.Key_Right)
    assert presenter.policy() != before
    keys(key=Qt.Key.Key_J, held=CONTROL)
    assert view.words.editor.hasFocus()
    keys(key=Qt.Key.Key_A, held=CONTROL | Qt.KeyboardModifier.ShiftModifier)
    until(lambda: presenter.policy().approved, "the approval by keyboard")


if __name__ == "__main__":
    main()
