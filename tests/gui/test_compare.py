"""Two runs beside each other in the window; the words and rows of a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.domain.comparison import Flip, KindChange, LatencyChange, ShareChange
from turbulence_app.domain.run import Percentile
from turbulence_app.gui.places.run.history.compare.deltas import LEAST, reach
from turbulence_app.gui.places.run.history.compare.page import PEOPLE
from turbulence_app.gui.places.run.history.compare.state import (
    delta_rows,
    end_words,
    flip_token,
    kind_words,
    latency_difference,
    tone_of,
)
from turbulence_app.gui.window import MainWindow


def share(low: float, high: float) -> ShareChange:
    return ShareChange(name="completes", persona="ada_b", difference=(low + high) / 2, low=low, high=high)


def test_only_what_is_more_than_chance_has_a_colour() -> None:
    assert tone_of(share(0.01, 0.02)) == "good"
    assert tone_of(share(-0.02, -0.01)) == "bad"
    assert tone_of(share(0.01, 0.02), good_up=False) == "bad"
    assert tone_of(share(-0.01, 0.01)) == "dim"
    (row,) = delta_rows([share(-0.01, 0.01)])
    assert row.label == "ada b"
    assert reach([row]) > 0.01
    assert reach(delta_rows([share(0, 0)])) >= LEAST


def test_words_of_a_comparison() -> None:
    flip = Flip(user=1, persona="ada", before="completed", after="abandoned", after_step="left")
    assert end_words(flip) == ("completed", "abandoned at left")
    assert flip_token(flip) == "bad"
    counts = ((0, 2, "new"), (2, 0, "gone"), (1, 2, "more"), (2, 1, "fewer"), (2, 2, "as often"))
    for before, after, words in counts:
        assert kind_words(KindChange(invariant="x", before=before, after=after)) == words
    slow = LatencyChange(step="pay", before=Percentile(n=1, p95=100), after=Percentile(n=1, p95=150))
    assert latency_difference(slow) == "+50.0 %"
    assert latency_difference(LatencyChange(step="pay")) == ""


def test_two_runs_beside_each_other(
    window: MainWindow, qtbot: QtBot, client: Any, answers: Answers, tmp_path: Path
) -> None:
    project = str(window.project.data.root)
    inputs = client.call("live", "build_inputs", {"project": project, "scenario": "lost-answers", "users": 3000})
    calm = {**inputs, "faults": []}
    for one in (inputs, calm):
        client.call("run", "run", {"project": project, "inputs": one, "workers": 1})
    window.go("run", {"page": "history"})
    place = window.place("run")
    qtbot.waitUntil(lambda: place.history.pages.total == 2 and len(place.history.chosen) == 1, timeout=30_000)
    window.commands.run("history.before")
    page = place.view.history.compare
    presenter = place.view.history.comparing
    qtbot.waitUntil(lambda: presenter.found is not None, timeout=30_000)
    found = presenter.found
    assert found is not None
    assert (found.one.run_id, found.other.run_id, found.paired) == ("r-0001", "r-0002", True)
    assert page.inputs.rows.rowCount() == len(found.changes) > 0
    assert found.flips
    page.tabs.setCurrentIndex(PEOPLE)
    page.people.words.setText(str(found.flips[0].user))
    page.people.list.chosen.emit(page.people.list.rows.item(0))
    qtbot.waitUntil(lambda: presenter.both is not None, timeout=30_000)
    one, other = presenter.both or (None, None)
    assert one is not None
    assert other is not None
    assert (one.outcome, other.outcome) == (found.flips[0].before, found.flips[0].after)
    assert page.people.lanes.lanes.rowCount() > 0
    answers.path = tmp_path / "compared.html"
    presenter.save("html")
    qtbot.waitUntil(answers.path.exists, timeout=30_000)
    assert "r-0002 against r-0001" in answers.path.read_text(encoding="utf-8")
    presenter.swap()
    qtbot.waitUntil(lambda: presenter.found is not None and presenter.found.one.run_id == "r-0002", timeout=30_000)
    presenter.compare("same-seed", "r-0001")
    qtbot.waitUntil(lambda: bool(presenter.error), timeout=30_000)
    assert "no earlier run" in presenter.error
    page.back.click()
    assert not page.isVisible()
