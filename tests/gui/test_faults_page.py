"""The editor of faults: what is typed is tried by the service, written with the comments, and undone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.domain.faults import FAULT_KINDS, Fault
from turbulence_app.domain.project import HttpDefaults, Project
from turbulence_app.domain.run import FaultStats
from turbulence_app.domain.scenario import Arrivals
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.places.run.arrivals import ArrivalsPanel
from turbulence_app.gui.places.run.faults.form import FaultForm
from turbulence_app.gui.places.run.faults.words import (
    SAYS,
    for_kind,
    fresh,
    likely_words,
    strength_words,
    where_words,
    window_words,
)
from turbulence_app.gui.places.run.tables import effect_token, effect_words
from turbulence_app.gui.places.run.target import arrivals_words, impossible, needs

FLOW = [{"name": "pay", "type": "http", "service": "api"}]


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_new_fault_of_any_kind_is_one_that_the_reader_takes(kind):
    assert Fault.model_validate(fresh(kind)).kind == kind
    assert SAYS[kind]


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_the_form_gives_back_what_it_was_given(kind, qapp):
    form = FaultForm()
    form.set_names(["pay"], ["api"], ["p"])
    data = {**fresh(kind), "name": "trouble"}
    form.set_data(data)
    assert form._value() == data
    form.deleteLater()


def test_fields_that_a_form_does_not_have_are_kept(qapp):
    form = FaultForm()
    form.set_names(["pay"], [], [])
    data = {"kind": "crash", "at_seconds": [3, 9], "step": "pay"}
    form.set_data(data)
    assert form._value() == data
    form.deleteLater()


def test_another_kind_keeps_what_both_have():
    data = {"kind": "latency", "step": "pay", "probability": 0.2, "add_ms": 900}
    assert for_kind(data, "error_status") == {"kind": "error_status", "step": "pay", "probability": 0.2, "status": 500}


def test_words_of_a_fault():
    data = {"kind": "latency", "service": "api", "persona": "p", "probability": 0.006, "nth": 2, "from_seconds": 5,
            "add_ms": {"p50": 900, "p95": 3500}}  # fmt: skip
    assert where_words(data) == "api, p only"
    assert likely_words(data) == "0.6 %, request 2 of a user"
    assert window_words(data) == "5 s to the end"
    assert strength_words(data) == "+900…3500 ms"
    assert window_words({"kind": "crash", "at_seconds": [30, 90], "down_seconds": 2}) == "at 30 s, 90 s, for 2 s"


def test_what_a_target_lacks_is_said_with_the_mend():
    flow = Workflow(id="w", flow=FLOW, services={"api": {"base_url": "http://shop.example:8080"}})
    assert needs("model", flow, Project()) == []
    assert "names no application" in needs("app", flow, Project())[0].missing
    assert needs("http", flow, Project())[0].file == "project"
    assert needs("http", flow, Project(http=HttpDefaults(allow_hosts=("shop.example",)))) == []
    bare = Workflow(id="w", flow=FLOW)
    assert [need.missing for need in needs("http", bare, Project())] == ["service api has no address"]
    assert impossible("clock_skew", "model")
    assert impossible("crash", "http")
    assert not any(impossible(kind, "app") for kind in FAULT_KINDS)


def test_arrivals_in_words():
    assert arrivals_words(Arrivals(rate_per_second=12.5)) == "open, 12.5/s"
    assert arrivals_words(Arrivals(kind="closed", concurrent=200)) == "closed, 200 inside"
    assert arrivals_words(Arrivals(kind="bursts", size=30, every_seconds=60)) == "30 every 60 s"
    assert arrivals_words(Arrivals(kind="curve", points=((0, 1), (60, 20)))) == "curve, up to 20/s"


def test_a_fault_without_effect_is_amber():
    assert (
        effect_words(FaultStats(label="f", kind="latency", struck=9, users=3, changed=0)) == "struck 9, changed nothing"
    )
    assert effect_token(FaultStats(label="f", kind="latency", struck=9, changed=0)) == "warn"
    assert effect_token(FaultStats(label="f", kind="latency", struck=9, changed=2)) == ""
    assert effect_token(FaultStats(label="q", kind="quiet")) == ""


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("run", {})
    made = window.place("run")
    qtbot.waitUntil(lambda: made.presenter.workflow() is not None, timeout=30_000)
    made.presenter.choose_scenario("lost-answers")
    made.actions()["run.faults"]()
    return made


def scenario_text(window):
    return (window.project.data.root / "scenarios" / "lost-answers.yaml").read_text("utf-8")


def settled(place, qtbot):
    qtbot.waitUntil(lambda: place.faults.saved and place.faults._job is None, timeout=20_000)


def test_typing_is_written_when_it_is_right_and_undone_in_one_step(place, qtbot, window):
    page, before = place.view.faults, scenario_text(window)
    assert page.isVisible()
    assert page.table.rows.rowCount() == 3
    place.faults.choose(1)
    assert page.form.name.text() == "lost_receipt"
    field = page.form.numbers["probability"]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "250")
    qtbot.waitUntil(lambda: bool(place.faults.errors), timeout=20_000)
    assert "probability" in page.problems.text()
    assert page.status.text() == "not saved"
    assert scenario_text(window) == before
    field.selectAll()
    qtbot.keyClicks(field, "2.5")
    settled(place, qtbot)
    text = scenario_text(window)
    assert "probability: 0.025" in text
    assert "# the effect happened, the answer did not" in text
    assert place.presenter.faults()[1][1].probability == 0.025
    assert place.undo_stack.canUndo()
    window.commands.run("edit.undo")
    qtbot.waitUntil(lambda: scenario_text(window) == before, timeout=20_000)
    qtbot.waitUntil(lambda: place.presenter.faults()[1][1].probability == 0.006, timeout=20_000)
    window.commands.run("edit.redo")
    qtbot.waitUntil(lambda: "0.025" in scenario_text(window), timeout=20_000)


def test_faults_come_go_and_move(place, qtbot, window):
    page, presenter = place.view.faults, place.faults
    presenter.choose(0)
    presenter.add("error_status")
    settled(place, qtbot)
    assert [fault.kind for _, fault in place.presenter.faults()] == [
        "latency",
        "error_status",
        "response_lost",
        "quiet",
    ]
    presenter.move(1)
    settled(place, qtbot)

    def focused() -> bool:
        window.activateWindow()  # again: a window of another test may just be going away
        page.table.setFocus()
        return bool(page.table.hasFocus())

    qtbot.waitUntil(focused, timeout=20_000)
    qtbot.keyClick(page.table, Qt.Key.Key_Delete)
    settled(place, qtbot)
    assert [fault.kind for _, fault in place.presenter.faults()] == ["latency", "response_lost", "quiet"]
    presenter.duplicate()
    settled(place, qtbot)
    assert len(place.presenter.faults()) == 4
    assert "# the effect happened" in scenario_text(window)
    assert page.table.rows.rowCount() == 4


def test_a_fault_that_the_target_cannot_do_is_shown_as_such(place, qtbot, window):
    page = place.view.faults
    place.presenter.choose_target("model")
    names = [page.form.kind.itemText(n) for n in range(page.form.kind.count())]
    assert "clock skew  (not on Model)" in names
    assert not page.form.kind.model().item(names.index("clock skew  (not on Model)")).isEnabled()
    place.presenter.choose_target("app")
    assert "Missing" in place.view.strip.says.text()
    assert place.view.strip.mend.isVisible()
    assert not place.enabled("run.start")
    place.faults.add("clock_skew")
    qtbot.waitUntil(lambda: bool(place.faults.errors), timeout=20_000)
    assert "application" in page.problems.text(), "the reader's own words"
    place.faults.remove()
    settled(place, qtbot)


@pytest.mark.parametrize(
    "arrivals",
    [
        Arrivals(rate_per_second=0.125),
        Arrivals(kind="closed", concurrent=12_345),
        Arrivals(kind="bursts", size=30, every_seconds=0.0),
        Arrivals(kind="bursts", size=2_500, every_seconds=86_400.25),
        Arrivals(kind="curve", points=((0, 0), (43_200.125, 20.5), (1_234_567.5, 1.25))),
    ],
)
def test_looking_at_how_people_come_changes_nothing(qtbot, arrivals):
    class Kept:
        chosen: list[Arrivals] = []

        def arrivals(self) -> Arrivals:
            return arrivals

        def choose_arrivals(self, made: Arrivals) -> None:
            self.chosen.append(made)

    kept, parent = Kept(), QWidget()
    qtbot.addWidget(parent)
    panel = ArrivalsPanel(parent, kept)
    panel.show_arrivals(arrivals)
    assert panel.kind.key() == arrivals.kind
    panel.points.editingFinished.emit()
    assert kept.chosen == []
