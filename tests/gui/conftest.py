"""The window under test: offscreen, with the real service behind it, in folders of its own."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import getCppPointer, isValid

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client


class Answers:
    """A dialogs port that answers by itself, and remembers what it was asked."""

    def __init__(self) -> None:
        self.yes = True
        self.text: str | None = "Somebody"
        self.path: Path | None = None
        self.asked: list[str] = []

    def confirm(self, title: str, text: str, action: str, *, danger: bool = False) -> bool:
        self.asked.append(title)
        return self.yes

    def ask_text(self, title: str, label: str, value: str = "") -> str | None:
        self.asked.append(title)
        return self.text

    def open_folder(self, title: str) -> Path | None:
        self.asked.append(title)
        return self.path

    def open_file(self, title: str, filters: str = "") -> Path | None:
        self.asked.append(title)
        return self.path

    def save_file(self, title: str, name: str, filters: str = "") -> Path | None:
        self.asked.append(title)
        return self.path


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    made = Theme(qapp)
    made.pin("dark")
    return made


@pytest.fixture(autouse=True)
def _theme_as_it_was(theme: Theme) -> Iterator[None]:
    yield
    theme.set_scale(1.0)
    theme.pin("dark")


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TURBULENCE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def window(
    qtbot: QtBot, theme: Theme, home: Path, settings: QSettings, answers: Answers, no_leaks: None
) -> Iterator[MainWindow]:
    """The window on the user's own copy of the sample, with a preview drawn."""
    made = MainWindow(Client(), settings, None, answers)
    made.resize(1440, 900)
    made.show()
    qtbot.waitUntil(lambda: made.project.loaded, timeout=30_000)
    view = made.place("personas").widget
    qtbot.waitUntil(lambda: bool(view.preview.funnel.rows()), timeout=30_000)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def no_leaks(qapp: QApplication) -> Iterator[None]:
    """Fails a test that leaves a top-level widget, a running timer or a thread behind."""
    widgets = {getCppPointer(widget) for widget in qapp.topLevelWidgets()}
    threads = set(threading.enumerate())
    yield
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    # charts make menus without a parent; they go with the chart's Python object, which the test still holds
    tops = [widget for widget in qapp.topLevelWidgets() if not isinstance(widget, QMenu)]
    left = [widget for widget in tops if getCppPointer(widget) not in widgets]
    assert not left, f"top-level widgets left: {left}"
    timers = [thing for thing in gc.get_objects() if isinstance(thing, QTimer) and isValid(thing)]
    running = [timer for timer in timers if timer.isActive()]
    told = [(timer.interval(), type(timer.parent()).__name__) for timer in running]
    assert not running, f"timers left running: {told}"
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=2)
        assert not thread.is_alive(), f"thread left: {thread.name}"
