"""Pictures of the states of Run and Failures, beside those of every place: drawn, with nothing cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui.test_screenshots import SIZES, filled, look, ran, ready, shots, shown
from turbulence_app.gui.tokens import Scheme
from turbulence_app.gui.window import MainWindow

__all__ = ["filled", "ran", "ready", "shots", "shown"]

State = Callable[[QtBot, MainWindow], None]


def faults(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.edit_faults(True)


def live_target(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").presenter.choose_target("http")


def fault_refused(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("run")
    place.view.edit_faults(True)
    place.faults.choose(0)
    place.faults.edit({"kind": "latency", "probability": 2.0, "add_ms": 100, "step": "pay"})
    qtbot.waitUntil(lambda: bool(place.faults.errors), timeout=10_000)


def run_faults_tab(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.run.tabs.setCurrentIndex(2)


STATES: dict[str, tuple[str, State]] = {
    "run-faults": ("run", faults),
    "run-http": ("run", live_target),
    "run-fault-refused": ("run", fault_refused),
    "run-tab-faults": ("run", run_faults_tab),
}


@pytest.fixture
def calm(filled: MainWindow) -> MainWindow:
    """The window with nothing opened that a picture before this one opened."""
    place = filled.place("run")
    place.faults._load()
    place.view.edit_faults(False)
    place.presenter.choose_target("model")
    place.view.run.tabs.setCurrentIndex(0)
    return filled


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("name", STATES)
def test_a_state_is_drawn_and_nothing_is_cut(
    qtbot: QtBot, calm: MainWindow, shots: Path, name: str, scheme: Scheme, size: tuple[int, int]
) -> None:
    place, state = STATES[name]
    calm.go(place, {})
    state(qtbot, calm)
    look(qtbot, calm, shots, name, place, scheme, size)
