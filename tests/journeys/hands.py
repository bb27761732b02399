"""What a person does with a window: clicks, and waits for something to happen."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


def until(condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Let the window live until ``condition`` holds; fails with ``what`` was waited for."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        QApplication.processEvents()
        time.sleep(0.005)


def click(widget: QWidget, where: QPoint | None = None) -> None:
    """Press and release the left button, in the middle unless ``where`` says otherwise."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where or widget.rect().center())
