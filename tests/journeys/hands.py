"""What a person does with a window: clicks, and waits for something to happen."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from turbulence_app.gui.app import make_application, make_theme, open_settings
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client


def opened(size: tuple[int, int] = (1440, 900), *, greeted: bool = False) -> MainWindow:
    """The window as a start makes it, on what the environment says is home; ``greeted``: by the first page."""
    app = make_application()
    settings = open_settings()
    make_theme(app, settings)
    window = MainWindow(Client(), settings)
    if greeted:
        window.first_run.greet()
    window.resize(*size)
    window.show()
    return window


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
