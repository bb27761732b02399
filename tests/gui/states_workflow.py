"""States of the Workflow place that a picture is taken of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pytestqt.qtbot import QtBot

from tests.gui.pictures import arrive
from turbulence_app.gui.places.workflow.walking import Wanted
from turbulence_app.gui.window import MainWindow

State = Callable[[QtBot, Any], None]


def form_of_a_request(_qtbot: QtBot, place: Any) -> None:
    place.view.go_to_step("browse")


def form_of_a_decision(_qtbot: QtBot, place: Any) -> None:
    place.view.go_to_step("after_browse")


def problems(qtbot: QtBot, place: Any) -> None:
    editor = place.view.editor
    text = editor.toPlainText().replace("service: payments", "service: paiments")
    editor.replace_all(text.replace("browse_next == 'leave'", "browse_next == 'leav'"), "a mistake")
    qtbot.waitUntil(lambda: len(place.presenter.document.problems) > 1, timeout=30_000)
    place.view.go_to_step("not_today")


def unreadable(qtbot: QtBot, place: Any) -> None:
    place.view.editor.apply([(0, 0, "{\n")], "a mistake")
    qtbot.waitUntil(lambda: place.presenter.document.stale, timeout=30_000)


def walked(qtbot: QtBot, place: Any) -> None:
    walking = place.presenter.walking
    place.view.walk(Wanted(7, 42))
    qtbot.waitUntil(lambda: walking.walk is not None and not walking.busy, timeout=60_000)
    walking.go(3)


def as_opened(_qtbot: QtBot, _place: Any) -> None:
    """Nothing is chosen."""


def _clean(document: Any) -> bool:
    return not document.problems and not document.dirty


STATES: dict[str, State] = {
    "workflow": as_opened,
    "workflow-request": form_of_a_request,
    "workflow-decision": form_of_a_decision,
    "workflow-problems": problems,
    "workflow-unreadable": unreadable,
    "workflow-walk": walked,
}


@contextmanager
def shown(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    """The state, and afterwards the text as it was and nobody walked."""
    window.resize(1280, 800)  # where the views are scrolled to depends on the size they had
    arrive(qtbot, window, "workflow")
    place: Any = window.place("workflow")
    qtbot.waitUntil(lambda: place.presenter.document.checked and bool(place.view.graph.nodes()), timeout=30_000)
    place.view.editor.go_to_line(1)
    place.view.graph.select("")
    place.view.graph.first_look()
    try:
        STATES[name](qtbot, place)
        yield
    finally:
        place.presenter.walking.end()
        place.view.side.show_page("step")
        while place.undo_stack.canUndo():
            place.undo_stack.undo()
        qtbot.waitUntil(lambda: _clean(place.presenter.document), timeout=30_000)
        place.view.go_to_step("browse")
