"""Pictures of the states of Run and Failures, beside those of every place: drawn, with nothing cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.gui import reports
from tests.gui.test_screenshots import SIZES, filled, look, ran, ready, shots, shown
from turbulence_app.gui.places.run.campaign.state import CampaignLive
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


def campaign_empty(qtbot: QtBot, window: MainWindow) -> None:
    window.place("run").view.turn("campaign")


def campaign_shown(tab: int) -> State:
    def show(qtbot: QtBot, window: MainWindow) -> None:
        place = window.place("run")
        place.view.turn("campaign")
        place.campaign.audit = reports.audit()
        place.campaign.audited.emit()
        place.campaign._listed(reports.headlines())
        place.campaign._show(reports.report())
        place.view.campaign.tabs.setCurrentIndex(tab)

    return show


def campaign_runs(qtbot: QtBot, window: MainWindow) -> None:
    campaign_shown(0)(qtbot, window)
    presenter = window.place("run").campaign
    half = reports.report("running", clusters=False)
    presenter.live = CampaignLive("running", 1200, 2000, 2140.0, 0.4, 0, half)
    presenter.progressed.emit()
    presenter.reported.emit()


STATES: dict[str, tuple[str, State]] = {
    "run-faults": ("run", faults),
    "run-http": ("run", live_target),
    "run-fault-refused": ("run", fault_refused),
    "run-tab-faults": ("run", run_faults_tab),
    "campaign-empty": ("run", campaign_empty),
    "campaign": ("run", campaign_shown(0)),
    "campaign-audit": ("run", campaign_shown(2)),
    "campaign-earlier": ("run", campaign_shown(3)),
    "campaign-runs": ("run", campaign_runs),
}


@pytest.fixture
def calm(filled: MainWindow) -> MainWindow:
    """The window with nothing opened that a picture before this one opened."""
    place = filled.place("run")
    place.faults._load()
    place.campaign.live = CampaignLive()
    place.campaign.progressed.emit()
    place.campaign.reported.emit()
    place.view.turn("run")
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
