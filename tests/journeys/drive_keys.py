"""The main job without a mouse: every key goes to the window as the system sends it, nothing else touches a widget.

From a first start to a failure that was found, shrunk and replayed, and an export on the disk.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.journeys.hands import opened, until
from turbulence_app.gui.focus_ring import ringed

CTRL = Qt.KeyboardModifier.ControlModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def key(code: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
    """A key, to the window that has the keyboard: a popup takes all keys while it is open."""
    until(lambda: (QApplication.activePopupWidget() or QApplication.activeWindow()) is not None, "a window in front")
    target = QApplication.activePopupWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target.windowHandle(), code, modifiers)
    QApplication.processEvents()


def words(text: str) -> None:
    """Letters, one after the other."""
    for letter in text:
        target = QApplication.activePopupWidget() or QApplication.activeWindow()
        assert target is not None
        QTest.keyClick(target.windowHandle(), letter)


def name_of(widget: QWidget | None) -> str:
    return widget.accessibleName() if widget is not None else ""


def tab_to(wanted: Callable[[QWidget], bool], what: str, most: int = 160) -> QWidget:
    """Tab until something has the keyboard; what has it shows its ring."""
    for _ in range(most):
        here = QApplication.focusWidget()
        if here is not None and wanted(here):
            assert ringed(here), f"no ring around {name_of(here)!r}"
            return here
        if here is not None and getattr(here, "tabChangesFocus", lambda: True)() is False:
            key(Qt.Key.Key_Escape)
        key(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never came to {what}; it is at {name_of(QApplication.focusWidget())!r}")


def command(text: str) -> None:
    """By the palette."""
    key(Qt.Key.Key_K, CTRL)
    words(text)
    key(Qt.Key.Key_Return)


def main() -> None:
    window = opened((1280, 800), greeted=True)
    window.activateWindow()
    until(window.isActiveWindow, "the window in front")
    until(lambda: window.project.loaded, "the sample")
    # the welcome page goes by the key that goes to a place
    key(Qt.Key.Key_3, CTRL)
    run = window.place("run")
    until(lambda: run.view.isVisible() and run.presenter.workflow() is not None, "the Run place")
    assert not window.first_run.showing

    scenario = tab_to(lambda w: w is run.view.strip.scenario, "the scenario")
    for _ in range(12):
        if run.presenter.settings.scenario == "lost-answers":
            break
        key(Qt.Key.Key_Down)
    assert run.presenter.settings.scenario == "lost-answers", name_of(scenario)
    key(Qt.Key.Key_R, CTRL)
    until(lambda: run.presenter.live.phase == "ended", "the run")

    key(Qt.Key.Key_4, CTRL)
    failures = window.place("failures").presenter
    until(lambda: failures.trace is not None, "the failure")
    command("shrink the failure")
    until(lambda: failures.shrunk is not None and not failures.busy, "the smallest reproduction")
    command("replay the failure")
    until(lambda: failures.same is True, "the same bits again")

    tab_to(lambda w: name_of(w).startswith("Export: Kinds of failure"), "the export button")
    file = Path(os.environ["TURBULENCE_HOME"]) / "kinds.csv"

    def name_the_file() -> None:
        until(lambda: QApplication.activeModalWidget() is not None, "the dialog")
        key(Qt.Key.Key_A, CTRL)
        words(str(file))
        key(Qt.Key.Key_Return)

    key(Qt.Key.Key_Space)
    until(lambda: QApplication.activePopupWidget() is not None, "the menu")
    for _ in range(5):  # the fifth entry: a CSV table
        key(Qt.Key.Key_Down)
    QTimer.singleShot(300, name_the_file)
    key(Qt.Key.Key_Return)
    until(file.is_file, "the file")
    assert "charged_once" in file.read_text("utf-8")

    key(Qt.Key.Key_F1)
    until(lambda: window.menus.manual is not None and window.menus.manual.isActiveWindow(), "the manual")
    key(Qt.Key.Key_Escape)
    until(window.isActiveWindow, "the window again")
    key(Qt.Key.Key_Q, CTRL)
    until(lambda: not window.isVisible(), "the end")
    print("journey done")


if __name__ == "__main__":
    main()
