"""States of the Telemetry place that a picture is taken of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytestqt.qtbot import QtBot

from tests.gui.pictures import arrive
from tests.gui.test_telemetry import ALARM, CACHE, NOW, PAST, report
from turbulence_app.gui.places.telemetry.view import ALARMS, LIMITS, MODELS, REASONS, REQUESTS
from turbulence_app.gui.window import MainWindow


def filled(tab: int, **changes: Any) -> Any:
    def show(window: MainWindow) -> None:
        place = window.place("telemetry")
        place.presenter._timer.stop()
        place.presenter.clock = lambda: 60.0 * NOW
        place.presenter._reports.forget()
        place.presenter._counts.forget()
        place.presenter._counted(CACHE)
        place.presenter._reported(report(**changes))
        place.view.show_tab(tab)
        place.view.show_report()

    return show


STATES = {
    "telemetry-models": filled(MODELS),
    "telemetry-requests": filled(REQUESTS),
    "telemetry-reasons": filled(REASONS),
    "telemetry-alarms": filled(ALARMS, alerts=[ALARM], past_alerts=[PAST]),
    "telemetry-limits": filled(LIMITS),
    "telemetry-empty": filled(MODELS, series=[], total={"requests": 0}, by_source={}, breakers=[], models=[]),
}


@contextmanager
def shown(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    """The place in a state, as long as the picture takes."""
    arrive(qtbot, window, "telemetry")
    STATES[name](window)
    place = window.place("telemetry")
    place.opened = lambda _target: None  # a picture of this report, not of the next one
    try:
        yield
    finally:
        del place.opened
