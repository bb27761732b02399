"""The Run place: settings, live numbers, console, history; the engine is real and elsewhere."""

import os
import shutil
import signal

import pytest
from pytestqt.qtbot import QtBot

from turbulence_app.domain.events import Log
from turbulence_app.domain.faults import Fault
from turbulence_app.domain.inputs import Member, RunInputs
from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import Edge, StepStats, Summary
from turbulence_app.domain.scenario import Arrivals
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.places.run import log
from turbulence_app.gui.places.run.console import ConsoleModel
from turbulence_app.gui.places.run.log import ConsoleLine, LogFilter
from turbulence_app.gui.places.run.state import Settings, apply_switches, duration, flow_of, weighty
from turbulence_app.insight.words import percent

WORKFLOW = Workflow(
    id="w",
    flow=[{"name": "pay", "type": "http"}],
    invariants=[Invariant(name="once", always="effects('pay') <= 1"), Invariant(name="some", sometimes="true")],
)
INPUTS = RunInputs(
    workflow=WORKFLOW,
    crowd=(Member(persona="p", weight=1, policy=Policy(persona_id="p")),),
    users=10,
    faults=(Fault(kind="response_lost", step="pay"), Fault(kind="response_lost", step="pay", probability=0.5)),
)


def test_nothing_switched_off_leaves_the_inputs_alone():
    assert apply_switches(INPUTS, Settings()) is INPUTS


def test_switches_take_out_exactly_what_they_name():
    off = Settings(off_faults=frozenset({"1:response_lost on pay"}), off_invariants=frozenset({"once"}))
    inputs = apply_switches(INPUTS, off)
    assert inputs.faults == INPUTS.faults[:1]
    assert [i.name for i in inputs.workflow.invariants] == ["some"]


def test_what_the_target_cannot_do_is_left_out_of_the_run():
    skew = Fault(kind="clock_skew", skew_seconds=5)
    mixed = INPUTS.model_copy(update={"faults": (*INPUTS.faults, skew)})
    assert apply_switches(mixed, Settings()).faults == INPUTS.faults
    on_app = mixed.model_copy(update={"target": "app"})
    assert apply_switches(on_app, Settings(target="app")) is on_app


def test_other_arrivals_are_in_the_inputs():
    closed = Arrivals(kind="closed", concurrent=5)
    assert apply_switches(INPUTS, Settings(arrivals=closed)).arrivals == closed
    assert apply_switches(INPUTS, Settings(arrivals=INPUTS.arrivals)) is INPUTS


def test_notes_that_cast_doubt_come_first():
    notes = ["x is a rule for app: not asked on http", "paused", "the driver was late: p95 22 ms"]
    assert weighty(notes) == [notes[2], notes[1], notes[0]]


def test_the_flow_counts_who_was_cut_short_and_why():
    summary = Summary(
        users=10,
        funnel=(
            StepStats(step="pay", type="http", reached=9, reasons={"visit_patience": 2, "end": 5}),
            StepStats(step="done", type="end", reached=5, reasons={"end": 5}),
        ),
        edges=(Edge(source="pay", target="done", users=5),),
    )
    flow = flow_of(summary, {"pay": 1})
    assert flow.gone == {"pay": (2, "too slow")}
    assert flow.ways == {("pay", "done"): 5}
    assert flow.reached == {"pay": 9, "done": 5}


@pytest.mark.parametrize(("ms", "words"), [(840, "840 ms"), (6200, "6.2 s"), (62_000, "62 s"), (200_000, "3 min 20 s")])
def test_durations_in_words(ms, words):
    assert duration(ms) == words


def lines(count):
    levels = ("violation", "fault", "log")
    return [ConsoleLine(levels[i % 3], f"name{i}", f"message {i}") for i in range(count)]


def test_the_console_filters_counts_and_forgets_the_oldest(qtmodeltester, qapp):
    model = ConsoleModel()
    qtmodeltester.check(model)
    model.append(lines(6))
    assert model.counts == {"violation": 2, "fault": 2, "log": 2}
    model.set_filter(level="violation")
    assert [model.line(r).source for r in range(model.rowCount())] == ["name0", "name3"]
    model.set_filter(words="message 3")
    assert model.rowCount() == 1
    model.append([ConsoleLine("violation", "n", "message 3 again")])
    assert model.rowCount() == 2
    model.set_filter(level="", words="")
    model.append(lines(log.MOST))
    assert model.rowCount() == log.MOST
    assert model.text().count("\n") == log.MOST - 1


def test_filter_words_must_all_occur():
    line = log.entry(Log(source="engine", message="two workers"))
    assert LogFilter(words="WORKERS engine").accepts(line)
    assert not LogFilter(words="workers three").accepts(line)


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("run", {})
    made = window.place("run")
    qtbot.waitUntil(lambda: made.presenter.workflow() is not None, timeout=30_000)
    made.presenter.choose_scenario("lost-answers")
    return made


def test_a_run_from_start_to_digest_and_verified(place, qtbot, window, answers, tmp_path):
    presenter, view = place.presenter, place.view
    presenter.set_numbers(users=20_000, seed=42)
    presenter.settings_changed.emit()
    assert view.strip.numbers.users.text() == "20,000"
    assert place.enabled("run.start")
    assert not place.enabled("run.stop")
    with qtbot.waitSignal(window.hub.run_finished, timeout=120_000) as told:
        place.actions()["run.start"]()
        assert place.enabled("run.stop")
    finished = told.args[0]
    assert finished.manifest.digest
    assert presenter.live.phase == "ended"
    assert view.run.completes.text() == percent(finished.summary.completion, 1)
    assert view.run.verdict.headline.full_text() == "1 of 4 invariants broken"
    assert view.run.verdict.isVisible()
    assert view.run.console.console.counts["violation"] == len(finished.failures) > 0
    qtbot.waitUntil(lambda: view.run.graph._nodes["browse"]._reached == 20_000, timeout=10_000)
    qtbot.waitUntil(lambda: bool(presenter.history), timeout=30_000)
    assert presenter.history[0].manifest.run_id == finished.manifest.run_id
    qtbot.waitUntil(lambda: view.run.verdicts.rows.rowCount() >= 3, timeout=10_000)

    presenter.verify()
    qtbot.waitUntil(lambda: not presenter.verifying, timeout=120_000)
    last = view.run.console.console.line(view.run.console.console.rowCount() - 1)
    assert last.message.startswith("Verified")

    presenter.show_run(finished.manifest.run_id)
    qtbot.waitUntil(lambda: presenter.live.summary == finished.summary, timeout=30_000)

    assert view.run.export.isVisibleTo(view.run)
    for kind, name in (("html", "run.html"), ("junit", "run.xml"), ("csv", "tables")):
        answers.path = tmp_path / name
        assert place.enabled(f"run.{kind}")
        place.actions()[f"run.{kind}"]()
        qtbot.waitUntil(answers.path.exists, timeout=60_000)

    with qtbot.waitSignal(window.navigation.requested) as went:
        line = next(
            view.run.console.console.line(r)
            for r in range(view.run.console.console.rowCount())
            if view.run.console.console.line(r).level == "violation"
        )
        view.run.console.replay_wanted.emit(line)
    assert went.args[0] == "failures"
    assert went.args[1]["run_id"] == finished.manifest.run_id


def test_a_stopped_run_keeps_what_is_done(place, qtbot):
    presenter = place.presenter
    presenter.set_numbers(users=50_000_000, seed=1)
    presenter.start()
    qtbot.waitUntil(lambda: presenter.live.phase == "running" and presenter.live.done > 0, timeout=120_000)
    presenter.stop()
    assert presenter.live.phase == "stopping"
    qtbot.waitUntil(lambda: not presenter.live.busy, timeout=60_000)
    assert presenter.live.phase == "ended"
    assert place.enabled("run.start")


@pytest.fixture
def run(window, qtbot: QtBot):
    window.go("run", {})
    made = window.place("run")
    qtbot.waitUntil(lambda: made.presenter.workflow() is not None, timeout=30_000)
    return made


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX only")
def test_a_killed_worker_is_told_and_the_next_run_runs(run, qtbot, window):
    presenter = run.presenter
    presenter.set_numbers(users=20_000_000)
    presenter.start()
    presenter.start()  # a second press changes nothing
    qtbot.waitUntil(lambda: presenter.live.phase == "running", timeout=30_000)
    os.kill(window.bridge._client.pids()["run"], signal.SIGKILL)
    qtbot.waitUntil(lambda: not presenter.live.busy, timeout=30_000)
    assert presenter.live.phase == "error"
    assert run.view.strip.numbers.far.eta.text() == "broke off"
    presenter.set_numbers(users=2000)
    presenter.start()
    qtbot.waitUntil(lambda: presenter.live.phase == "ended", timeout=60_000)
    assert presenter.live.manifest.users == 2000


def test_without_policies_run_says_who_has_none_and_does_not_start(run, qtbot, window, tmp_path):
    root = tmp_path / "bare"
    shutil.copytree(window.project.data.root, root)
    shutil.rmtree(root / "policies")
    window.session.open(root)
    qtbot.waitUntil(lambda: window.project.data.root == root, timeout=30_000)
    assert "Impatient Shopper" in run.presenter.missing()
    assert run.view.missing.isVisible()
    assert not run.enabled("run.start")
    run.presenter.start()
    assert run.presenter.live.phase == "idle"
    run.view.missing.button.click()
    assert window.nav.buttons["personas"].isChecked()
