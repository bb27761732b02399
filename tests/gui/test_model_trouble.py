"""A model server that misbehaves in every way does not hold up the window: it draws, walks, and hears the outcome."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, QTimer
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from tests.llm.stub_misbehaving import misbehaving
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path
from turbulence_app.service.client import Client

BUDGET_MS = "5000"
TURNS = 20
"""Turns of the event loop that must happen while a model is asked in vain."""
PLACES = ("run", "workflow", "telemetry", "personas")
HANGS = ("silent", "dripping_space", "line_without_end")
FAILS = ("endless_answer", "oversized", "not_json", "closes", "resets", "busy", "only_thinking", "elsewhere")

Opened = Callable[[str], MainWindow]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with misbehaving() as url:
        yield url


@pytest.fixture
def opened(
    qtbot: QtBot, theme: Theme, home: Path, settings: QSettings, answers: Answers, server: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Opened]:  # fmt: skip
    """A window whose models come from that server, the one that behaves as it is called."""
    made: list[MainWindow] = []

    def open_(behaviour: str) -> MainWindow:
        for name, value in {"URL": server, "MODEL": behaviour}.items():
            monkeypatch.setenv(f"OLLAMA_{name}", value)
        monkeypatch.setenv("LLM_TIMEOUT_MS", BUDGET_MS)
        root = shutil.copytree(resource_path("samples/shop"), home / "shop")
        window = MainWindow(Client(), settings, root, answers)
        made.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.project.loaded, timeout=30_000)
        window.go("personas", {})
        words = window.place("personas").widget.words
        words.backend.setCurrentIndex(words.backend.findData("ollama"))
        return window

    yield open_
    for window in made:
        window.close()
        window.deleteLater()


def told(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the window says from now on."""
    heard: list[str] = []
    monkeypatch.setattr(window.notices, "show", lambda text, *_, **__: heard.append(text))
    return heard


@pytest.mark.parametrize("behaviour", HANGS)
def test_the_window_walks_on_while_a_model_hangs(
    qtbot: QtBot, opened: Opened, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(behaviour)
    heard = told(window, monkeypatch)
    compiling = window.place("personas").presenter.compiling
    for place in PLACES:
        window.place(place)  # made before, so that a slow machine has turns left to count
    turns: list[str] = []
    timer = QTimer(window, interval=10)
    timer.timeout.connect(lambda: turns.append(window.places.open) if compiling.busy else None)
    timer.start()
    window.commands.run("personas.compile")
    assert compiling.busy
    for place in PLACES:
        window.go(place, {})
        qtbot.waitUntil(lambda place=place: place in turns or not compiling.busy, timeout=10_000)
    qtbot.waitUntil(lambda: not compiling.busy, timeout=60_000)
    timer.stop()
    assert len(turns) >= TURNS
    assert set(PLACES) <= set(turns), "other places were open while the model hung"
    assert heard, "somebody said what happened"
    assert window.place("personas").presenter.policy().approved, "the policy that was there is still there"


@pytest.mark.parametrize("behaviour", FAILS)
def test_every_failure_is_told_or_mended_and_the_button_is_back(
    qtbot: QtBot, opened: Opened, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened(behaviour)
    heard = told(window, monkeypatch)
    personas = window.place("personas")
    window.commands.run("personas.compile")
    qtbot.waitUntil(lambda: not personas.presenter.compiling.busy, timeout=60_000)
    policy = personas.presenter.policy()
    assert heard or policy.provenance.notes, "never silent"
    assert personas.view.words.compile.isVisible()
    assert personas.view.words.compile.isEnabled()


def test_a_model_that_hangs_is_stopped_by_the_button(
    qtbot: QtBot, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.gui.test_model_trouble.BUDGET_MS", "600000")
    window = opened("silent_after_head")
    personas = window.place("personas")
    window.commands.run("personas.compile")
    qtbot.wait(1500)
    assert personas.presenter.compiling.busy
    window.commands.run("personas.stop")
    qtbot.waitUntil(lambda: not personas.presenter.compiling.busy, timeout=30_000)
    assert personas.view.words.report.text() == "stopped"
