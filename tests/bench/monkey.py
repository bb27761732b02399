"""Seeded clicks, keys and words all over a window, as somebody without a plan would do it.

It never leaves the window: what opens files, other programs or dialogs of the system, what deletes files for good and
what closes the window is left alone; menus and sheets that open are closed again.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QDialog, QLineEdit, QWidget

LEFT_ALONE = re.compile(
    r"quit|close|open|import|export|save|folder|file|browse|install|pull|download|remove|delete|report|stress|measure|"
    r"bench|add model|run \d|start|campaign|sample|, project",
    re.IGNORECASE,
)
WORDS = ("gives up quickly", "42", "shop", "", "never retries", "patient", "zzz", "tag:slow", "lunch break")
KEYS = (Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Space, Qt.Key.Key_PageDown)
ACTIONS = (
    "edit.undo", "edit.redo", "theme.dark", "theme.light", "view.larger", "view.smaller", "view.normal",
    "personas.changes", "personas.moves", "personas.yaml", "workflow.fit", "workflow.walk", "workflow.walk_on",
    "run.faults", "run.page", "analysis.page", "history.page", "failures.beside", "failures.why", "log.pause",
    "telemetry.refresh", "models.refresh", "window.notices",
)  # fmt: skip


class Refusing:
    """A dialogs port that answers No to everything."""

    def confirm(self, *_: Any, **__: Any) -> bool:
        return False

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: () if name == "open_files" else None

    def save_file(self, *_: Any, **__: Any) -> Path | None:
        return None


class Monkey:
    """One seed gives the same choices as long as the same things are on the screen."""

    def __init__(self, window: Any, seed: int) -> None:
        self.window = window
        self.did = 0
        self._random = random.Random(seed)
        self._closer = QTimer(window, interval=50)
        self._closer.timeout.connect(self._close_what_opened)
        self._closer.start()

    def act(self) -> None:
        """Do one thing."""
        self.did += 1
        roll = self._random.random()
        if roll < 0.15:
            self.window.go(self._random.choice(list(self.window.places.specs)), {})
        elif roll < 0.60:
            self._click()
        elif roll < 0.72:
            self._write()
        elif roll < 0.82:
            self._choose()
        elif roll < 0.92:
            focus = QApplication.focusWidget() or self.window
            QTest.keyClick(focus, self._random.choice(KEYS))
        elif roll < 0.97:
            self.window.commands.run(self._random.choice(ACTIONS))
        else:
            self.window.resize(self._random.randint(1100, 1700), self._random.randint(700, 1000))

    def rest(self) -> None:
        """Back to the usual size and look."""
        self._closer.stop()
        self.window.commands.run("view.normal")
        self._close_what_opened()

    def _click(self) -> None:
        found = [b for b in self._seen(QAbstractButton) if b.isEnabled() and not LEFT_ALONE.search(_name(b))]
        if found:
            QTest.mouseClick(self._random.choice(found), Qt.MouseButton.LeftButton)

    def _write(self) -> None:
        found = [field for field in self._seen(QLineEdit) if field.isEnabled() and not field.isReadOnly()]
        if found:
            field = self._random.choice(found)
            field.selectAll()
            QTest.keyClicks(field, self._random.choice(WORDS))

    def _choose(self) -> None:
        boxes = [box for box in self._seen(QComboBox) if box.isEnabled() and box.count()]
        lists = [view for view in self._seen(QAbstractItemView) if view.isEnabled() and view.model() is not None]
        if boxes and self._random.random() < 0.3:
            box = self._random.choice(boxes)
            box.setCurrentIndex(self._random.randrange(box.count()))
        elif lists:
            view = self._random.choice(lists)
            area = view.viewport().rect()
            if area.width() > 2 and area.height() > 2:
                point = QPoint(self._random.randrange(area.width()), self._random.randrange(area.height()))
                # a line of the command palette does what it says: "Quit" among others
                if not LEFT_ALONE.search(_words(view, point)):
                    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)

    def _seen(self, kind: type[Any]) -> list[Any]:
        """The window's widgets of a kind that can be seen, in the order in which they were made."""
        return [widget for widget in self.window.findChildren(kind) if widget.isVisible()]

    def _close_what_opened(self) -> None:
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        modal = QApplication.activeModalWidget()
        if isinstance(modal, QDialog):
            modal.reject()
        for widget in QApplication.topLevelWidgets():
            if widget is not self.window and widget.isVisible() and isinstance(widget, QDialog):
                widget.reject()


def _name(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{text} {widget.accessibleName()} {widget.toolTip()}"


def _words(view: QAbstractItemView, point: QPoint) -> str:
    line = view.indexAt(point)
    return f"{line.data()} {line.data(int(Qt.ItemDataRole.AccessibleTextRole))}"
