"""The window under test: offscreen, with the real service behind it, in folders of its own."""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_SCALE_FACTOR", "1")

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import getCppPointer, isValid

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path
from turbulence_app.service.client import Client

_windows: list[bool] = []
"""Not empty while a test with windows is under way."""


def pytest_runtest_logstart() -> None:
    """As in the program itself: no thread of a worker's pipe may come to collect, and destroy, what belongs to Qt."""
    gc.disable()


def pytest_runtest_logfinish() -> None:
    """Pytest lets go of a test's windows only now; they are collected here, on the thread that made them."""
    if _windows:
        _windows.clear()
        gc.collect()
    gc.enable()


def _same_type_everywhere() -> None:
    """Type is drawn with the shipped fonts alone, smoothed in one way, whatever this system's settings are."""
    home = Path(os.environ["TURBULENCE_HOME"]).parent
    (home / "fonts.conf").write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">\n<fontconfig>\n'
        f"<dir>{resource_path('fonts')}</dir>\n<cachedir>{home / 'fontcache'}</cachedir>\n"
        '<match target="pattern">\n'
        '<edit name="antialias" mode="assign"><bool>true</bool></edit>\n'
        '<edit name="hinting" mode="assign"><bool>true</bool></edit>\n'
        '<edit name="hintstyle" mode="assign"><const>hintslight</const></edit>\n'
        '<edit name="rgba" mode="assign"><const>none</const></edit>\n'
        "</match>\n</fontconfig>\n",
        "utf-8",
    )
    os.environ["FONTCONFIG_FILE"] = str(home / "fonts.conf")


_same_type_everywhere()


class Answers:
    """A dialogs port that answers by itself, and remembers what it was asked."""

    def __init__(self) -> None:
        self.yes = True
        self.text: str | None = "Somebody"
        self.form: dict[str, str] | None = {}
        self.path: Path | None = None
        self.paths: tuple[Path, ...] = ()
        self.choice: str | None = None
        self.asked: list[str] = []

    def confirm(self, title: str, text: str, action: str, *, danger: bool = False) -> bool:
        self.asked.append(title)
        return self.yes

    def ask_text(self, title: str, label: str, value: str = "") -> str | None:
        self.asked.append(title)
        return self.text

    def ask_form(self, title: str, text: str, fields: Any, action: str) -> dict[str, str] | None:
        self.asked.append(title)
        return None if self.form is None else {field.key: self.form.get(field.key, field.value) for field in fields}

    def open_folder(self, title: str) -> Path | None:
        self.asked.append(title)
        return self.path

    def open_file(self, title: str, filters: str = "") -> Path | None:
        self.asked.append(title)
        return self.path

    def open_files(self, title: str, filters: str = "") -> tuple[Path, ...]:
        self.asked.append(title)
        return self.paths

    def choose(self, title: str, text: str, choices: Any) -> str | None:
        self.asked.append(title)
        return self.choice

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
    theme.restyle.finish()


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


class SharedClient(Client):
    """Worker processes that outlive the window of one test: starting them is what costs most."""

    def __init__(self) -> None:
        super().__init__()
        self._delivering = threading.Lock()
        self._asked: list[int] = []
        self._held: list[list[Callable[[Any], object]]] = []

    def request(self, lane: str, op: str, params: Any, *calls: Any, **named: Any) -> int:
        """Ask; an answer that comes when the window is gone reaches nobody."""

        def gated(call: Callable[[Any], object] | None) -> Callable[[Any], None]:
            held = [] if call is None else [call]
            self._held.append(held)

            def pass_on(value: Any) -> None:
                with self._delivering:
                    if held:
                        held[0](value)

            return pass_on

        named = {key: gated(call) if key.startswith("on_") else call for key, call in named.items()}
        number = super().request(lane, op, params, *(gated(call) for call in calls), **named)
        self._asked.append(number)
        return number

    def close(self, grace_s: float = 3.5) -> None:
        """The window is gone, its jobs are stopped; the workers are kept for the next one."""
        with self._delivering:
            for held in self._held:  # here and now: a pipe's thread may not be the last that holds what is Qt's
                held.clear()
            self._held.clear()
        for number in self._asked:
            self.cancel(number)
        self._asked.clear()

    def end(self) -> None:
        """The session is over."""
        super().close()


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedClient]:
    """One set of workers, with a home of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TURBULENCE_HOME", str(tmp_path_factory.mktemp("workers")))
    made = SharedClient()
    for lane in ("live", "run", "insight", "model", "bench", "fetch"):
        made.call(lane, "ping", {})
    patch.undo()
    yield made
    made.end()


@pytest.fixture
def window(
    qtbot: QtBot, theme: Theme, home: Path, client: SharedClient, settings: QSettings, answers: Answers, no_leaks: None
) -> Iterator[MainWindow]:
    """The window on a copy of the sample of this test's own, with a preview drawn."""
    root = shutil.copytree(resource_path("samples/shop"), home / "shop")
    made = MainWindow(client, settings, root, answers)
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
    _windows.append(True)
    widgets = {getCppPointer(widget) for widget in qapp.topLevelWidgets()}
    threads = set(threading.enumerate())
    yield
    if Theme._current is not None:
        Theme._current.restyle.finish()  # its slices are the theme's, which outlives the window
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()
        gc.collect()
    # charts make menus without a parent; they go with the chart's Python object, which the test still holds
    tops = [widget for widget in qapp.topLevelWidgets() if not isinstance(widget, QMenu)]
    left = [widget for widget in tops if getCppPointer(widget) not in widgets]
    assert not left, f"top-level widgets left: {left}"
    # by type: isinstance would ask a dead weak proxy of some library for its class, which raises
    timers = [thing for thing in gc.get_objects() if issubclass(type(thing), QTimer) and isValid(thing)]
    running = [timer for timer in timers if timer.isActive()]
    told = [(timer.interval(), type(timer.parent()).__name__) for timer in running]
    assert not running, f"timers left running: {told}"
    lanes = ("live-", "run-", "insight-", "model-", "bench-", "fetch-")  # readers of the shared workers, which stay
    for thread in set(threading.enumerate()) - threads:
        if thread.name.startswith(lanes):
            continue
        thread.join(timeout=2)
        assert not thread.is_alive(), f"thread left: {thread.name}"
