"""States of the Personas place that a picture is taken of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from pytestqt.qtbot import QtBot

from tests.gui.pictures import arrive
from turbulence_app.gui.places.personas import edits
from turbulence_app.gui.window import MainWindow

WAIT = 60_000
State = Callable[[QtBot, MainWindow], None]


def held(_qtbot: QtBot, window: MainWindow) -> None:
    view = window.place("personas").view
    view.words.editor.asked.emit(view.words.editor.phrases()[2].paths)


def edited(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("personas")
    place.presenter._share("decisions.browse_next", "", "leave", 0.3)
    longer = partial(edits.set_span, path="patience.visit_seconds", low=10, high=40)
    place.presenter._edit("patience.visit_seconds", longer)
    place.presenter._dropped()
    qtbot.waitUntil(lambda: place.view.preview.figures[0].delta.text().startswith("−"), timeout=WAIT)


def changes(qtbot: QtBot, window: MainWindow) -> None:
    edited(qtbot, window)
    place = window.place("personas")
    place._turn("changes")
    page = place.view.policy.changes
    qtbot.waitUntil(lambda: all(box.line.effect is not None for box in page.boxes.values()), timeout=WAIT)


def moves(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("personas")
    place.view.preview.turn("moves")
    qtbot.waitUntil(lambda: place.view.preview.moves.swings() is not None, timeout=WAIT)


def compared(qtbot: QtBot, window: MainWindow) -> None:
    place = window.place("personas")
    place.presenter.compare.open()
    page, comparing = place.view.compare, place.presenter.compare.comparing
    qtbot.waitUntil(lambda: page.sides[0].source.findData("now") >= 0, timeout=WAIT)
    for number, key in enumerate(("builtin", "rules")):
        page.sides[number].source.setCurrentIndex(page.sides[number].source.findData(key))
    place.presenter.compare.start()
    qtbot.waitUntil(lambda: all(side.summary is not None for side in comparing.sides), timeout=WAIT)
    for side in comparing.sides:
        side.took_ms = 0.0
    place.presenter.compare._changed(0)
    place.presenter.compare._changed(1)


def as_opened(_qtbot: QtBot, _window: MainWindow) -> None:
    """The first persona."""


def wrong(_qtbot: QtBot, window: MainWindow) -> None:
    window.place("personas").view.preview.show_wrong("a step that is not in the workflow (compile the policy again)")


STATES: dict[str, State] = {
    "personas": as_opened, "personas-held": held, "personas-edited": edited, "personas-changes": changes,
    "personas-moves": moves, "personas-compared": compared, "personas-wrong": wrong,
}  # fmt: skip


@contextmanager
def shown(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    """The place in a state, as long as the picture takes; then as it was opened."""
    arrive(qtbot, window, "personas")
    place = window.place("personas")
    before = place.presenter.policy()
    try:
        STATES[name](qtbot, window)
        yield
    finally:
        place.presenter.compare.leave()
        place.presenter.tracing.clear()
        place.view.policy.turn("numbers")
        place.view.preview.turn("funnel")
        window.project.put_policy(before)
        place.presenter.files.policy(before)
        place.presenter.select(place.presenter.selected)
        place.presenter.preview.live.crowd_soon()
        place.view.policy.numbers.area.verticalScrollBar().setValue(0)
        funnel = place.view.preview
        qtbot.waitUntil(lambda: not funnel.wrong.isVisible() and bool(funnel.funnel.rows()), timeout=WAIT)
        qtbot.waitUntil(lambda: not funnel.figures[0].delta.text(), timeout=WAIT)
        qtbot.waitUntil(lambda: place.view.crowd.completes.text() == "51 %", timeout=WAIT)
