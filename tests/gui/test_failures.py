"""The Failures place: groups, replay, shrink; the engine is real and elsewhere."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from turbulence_app.domain.failure import Choice, Failure
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.places.failures.lists import GroupsModel, UsersModel
from turbulence_app.gui.places.failures.state import choice_words, grouped, headline, replay_command
from turbulence_app.gui.trace_words import story_lines, trace_lines, virtual_time


def failure(user, persona="p", step="pay", events=10):
    return Failure(
        run_id="r-1", failure_id=f"f-{user}", user=user, persona=persona, invariant="once", step=step, events=events
    )


def test_groups_are_invariant_step_and_persona_the_largest_first():
    groups = grouped([failure(1, "q"), failure(2), failure(3, events=4), failure(4, step="cart")])
    assert [(g.step, g.persona, len(g.failures)) for g in groups] == [
        ("pay", "p", 2),
        ("cart", "p", 1),
        ("pay", "q", 1),
    ]
    assert groups[0].failures[0].user == 3, "the shortest visit first"
    assert headline(groups) == "4 failures · 3 kinds"
    assert headline([]) == "0 failures · 0 kinds"
    assert replay_command(failure(7)) == "turbulence replay r-1/7"


def test_models_follow_qt_rules(qtmodeltester, qapp):
    groups, users = GroupsModel(), UsersModel()
    groups.set_groups(grouped([failure(1), failure(2, "q")]))
    users.set_failures([failure(1), failure(2)])
    qtmodeltester.check(groups)
    qtmodeltester.check(users)
    assert users.row_of(failure(2)) == 1
    assert users.row_of(failure(9)) == -1


def test_a_choice_says_its_meaning_once():
    assert (
        choice_words(Choice(address="pay#0.0:fault", word=1, meaning="the answer is lost", value=True))[0]
        == "the answer is lost"
    )
    assert choice_words(Choice(address="a#0.0:p", word=1, meaning="waits", value=7))[0] == "waits = 7"


EVENTS = (
    TraceEvent(at_us=0, kind="arrive"),
    TraceEvent(at_us=61_001_000, kind="effect", step="pay", detail="1"),
    TraceEvent(at_us=61_002_000, kind="effect", step="cart", detail="1"),
    TraceEvent(at_us=62_000_000, kind="violation", step="pay", detail="once"),
)


def test_decisive_is_the_story_where_there_is_one():
    trace = UserTrace(user=1, persona="p", arrived_us=0, ended_us=1, outcome="completed", events=EVENTS)
    assert [line.decisive for line in trace_lines(trace, (), "pay")] == [False, True, False, True]
    assert [line.decisive for line in trace_lines(trace, EVENTS[:1], "pay")] == [True, False, False, False]
    assert all(line.decisive for line in story_lines(EVENTS))
    assert virtual_time(61_001_000) == "01:01.001"
    assert virtual_time(3_600_000_000) == "1:00:00.000"


@pytest.fixture
def place(window, qtbot: QtBot):
    return window.place("failures")


def test_with_no_run_it_says_what_to_do(place, qtbot, window):
    window.go("failures", {})
    qtbot.waitUntil(lambda: not place.presenter.loading, timeout=30_000)
    assert place.view.empty.isVisible()
    assert not place.enabled("failures.shrink")
    with qtbot.waitSignal(window.navigation.requested) as went:
        place.view.empty.button.click()
    assert went.args[0] == "run"


def test_what_broke_is_replayed_shrunk_and_told(place, qtbot, window):
    run = window.place("run").presenter
    run.choose_scenario("lost-answers")
    run.set_numbers(users=20_000, seed=42)
    with qtbot.waitSignal(window.hub.run_finished, timeout=120_000):
        run.start()
    window.go("failures", {})
    presenter, view = place.presenter, place.view
    assert presenter.groups[0].invariant == "charged_once"
    assert presenter.groups[0].persona == "impatient_shopper"
    qtbot.waitUntil(lambda: presenter.trace is not None, timeout=60_000)
    assert presenter.trace.user == presenter.failure.user
    assert "charged_once" in presenter.trace.violations
    assert view.main.visit.trace.rowCount() == len(presenter.trace.events)

    presenter.shrink()
    qtbot.waitUntil(lambda: presenter.shrunk is not None and not presenter.busy, timeout=120_000)
    shrunk = presenter.shrunk
    assert shrunk.minimal
    assert view.main.story.trace.rowCount() == len(shrunk.story or shrunk.trace.events)
    assert view.main.tabs.currentIndex() == 0
    assert view.main.sizes.small.text() == f"{len(shrunk.choices)} choice{'s' * (len(shrunk.choices) != 1)}"
    assert view.main.sizes.found.text() == f"{shrunk.found_choices} choices"
    assert view.choices.box.count() == len(shrunk.choices) >= 1

    view.replay_line._copy()
    assert QApplication.clipboard().text() == replay_command(presenter.failure)

    other = presenter.group.failures[-1]
    place.opened({"failure_id": other.failure_id, "run_id": presenter.run_id})
    assert presenter.failure == other
    presenter.load(presenter.run_id)
    qtbot.waitUntil(lambda: not presenter.loading, timeout=30_000)
    place.opened({"failure_id": shrunk.failure.failure_id, "run_id": presenter.run_id})
    assert presenter.shrunk is not None, "a reproduction that was found is still there"


def test_a_kind_is_known_from_then_on(place, qtbot, window, client):
    project = str(window.project.data.root)
    inputs = client.call("live", "build_inputs", {"project": project, "scenario": "lost-answers", "users": 12_000})
    for _ in range(2):
        client.call("run", "run", {"project": project, "inputs": inputs})
    window.go("failures", {"run_id": "r-0001"})
    presenter, view = place.presenter, place.view
    qtbot.waitUntil(lambda: presenter.trace is not None and presenter.run_id == "r-0001", timeout=60_000)
    qtbot.waitUntil(lambda: bool(presenter.faults), timeout=30_000)
    view.list.kind.states.chosen.emit("known")
    view.list.kind.note.setText("ticket 812")
    view.list.kind.note.textEdited.emit("ticket 812")
    presenter.kinds.save()
    presenter.load("r-0002")
    qtbot.waitUntil(lambda: presenter.run_id == "r-0002", timeout=30_000)
    assert view.list.kind.states.key() == "known"
    kept = client.call("live", "kind_notes", {"project": project, "workflow": "checkout"})["notes"]
    assert [(note["state"], note["note"]) for note in kept] == [("known", "ticket 812")]
    assert "known" in view.list.groups.data(view.list.groups.index(0, 0))
    number = presenter.group.failures[-1].user
    view.list.words.setText(str(number))
    assert [view.list.users.failure(row).user for row in range(view.list.users.rowCount())] == [number]
    with qtbot.waitSignal(window.navigation.requested) as went:
        window.commands.run("failures.run")
    assert went.args == ["run", {"run_id": "r-0002"}]


def test_a_failure_is_explained_and_every_claim_simulated(place, qtbot, window, client, answers, tmp_path):
    project = str(window.project.data.root)
    inputs = client.call("live", "build_inputs", {"project": project, "scenario": "lost-answers", "users": 12_000})
    client.call("run", "run", {"project": project, "inputs": inputs})
    window.go("failures", {"run_id": "r-0001"})
    presenter, page = place.presenter, place.view.main.report
    qtbot.waitUntil(lambda: presenter.trace is not None and presenter.run_id == "r-0001", timeout=60_000)
    window.commands.run("failures.report")
    qtbot.waitUntil(lambda: page.reports.of(presenter.failure) is not None, timeout=60_000)
    found = page.reports.of(presenter.failure)
    assert page.source.text() == "From the simulation alone"
    assert {claim.verdict for claim in found.claims} == {"confirmed", "refuted"}
    page.copy.click()
    assert QApplication.clipboard().text().startswith(f"# {found.headline}")
    answers.path = tmp_path / "why.md"
    page.save.click()
    qtbot.waitUntil(answers.path.exists, timeout=60_000)
    assert "re-simulated" in answers.path.read_text(encoding="utf-8")
    page.ask.click()
    qtbot.waitUntil(lambda: not page.reports.busy, timeout=60_000)
    assert page.reports.of(presenter.failure).source == "simulation", "no model is here"
