"""States of the Models place that a picture is taken of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytestqt.qtbot import QtBot

from tests.gui.model_replies import catalogue, loaded, running
from tests.gui.pictures import arrive
from tests.gui.test_telemetry import report
from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.places.models.bench_state import BenchLive, merged
from turbulence_app.gui.places.models.fetching import Far
from turbulence_app.gui.places.models.place import Place
from turbulence_app.gui.places.models.state import Catalogue, read_catalogue
from turbulence_app.gui.window import MainWindow

WAIT = 60_000


def pictured(there: bool = True, bench: bool = True, page: str = "models", key: str = "", **more: Any) -> Any:
    def show(place: Place) -> None:
        place.view.turn(page)
        place.bench.live = more.get("live", BenchLive())
        place.bench.results = ()
        place.presenter.show(read_catalogue(catalogue(there, bench)))
        if key:
            place.presenter.choose(key)
        if more.get("running"):
            place.bench._take(merged(place.bench.results, running()))
        far = more.get("far")
        place.presenter.fetching._job = object() if far else None
        place.presenter.fetching.far = far or Far()
        place.presenter.fetching.progressed.emit()
        place.bench.progressed.emit()
        place.view.glance.show_report(report() if there else {})
        if there:
            place.ollama.show(loaded(), "http://127.0.0.1:11434", True)
        else:
            place.ollama._not_told(JobFailed(message="no Ollama server answers", mend="start it with: ollama serve"))

    return show


def loading(place: Place) -> None:
    place.presenter.loaded, place.presenter.error = False, ""
    place.presenter.listed.emit()


def broken(place: Place) -> None:
    place.presenter.loaded = False
    place.presenter._not_read(JobFailed(message="the model worker was ended by signal SIGKILL", mend="ask again"))


STATES = {
    "models-bare": pictured(there=False, bench=False),
    "models-filled": pictured(key="llamacpp/phi-3-mini-4k-q4"),
    "models-too-large": pictured(key="llamacpp/llama-3.1-8b-q8"),
    "models-changed": pictured(key="llamacpp/old-model"),
    "models-fetching": pictured(far=Far("Reading tiny.gguf", 13, 24, 4.1e8, 2.7)),
    "models-bench": pictured(page="bench"),
    "models-bench-empty": pictured(bench=False, page="bench"),
    "models-bench-running": pictured(
        page="bench", running=True, live=BenchLive("running", "phi-3 · logits: person 5 of 12", 6, 17, 0.11, 96.0, 2, 3)
    ),
    "models-loading": loading,
    "models-error": broken,
}


@contextmanager
def shown(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    """The place in a state, as long as the picture takes."""
    arrive(qtbot, window, "models")
    place = window.place("models")
    place.ollama.watch(False)
    place.opened = lambda _target: None  # a picture of these models, not of those that are here
    try:
        STATES[name](place)
        yield
    finally:
        place.presenter.fetching._job = None
        place.bench.live = BenchLive()
        place.presenter.show(Catalogue())
        place.view.turn("models")
        del place.opened
