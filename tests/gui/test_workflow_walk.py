"""One user walked: found by the engine, shown on graph, text and panel; forward, back, by itself."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from turbulence_app.domain.trace import TraceEvent
from turbulence_app.domain.walk import Stop, Walk
from turbulence_app.gui.places.workflow.walk_words import duration, happenings, headline, visits, ways
from turbulence_app.gui.places.workflow.walking import Wanted, wanted_of


@pytest.fixture
def place(window, qtbot: QtBot):
    window.go("workflow", {})
    made = window.place("workflow")
    qtbot.waitUntil(lambda: made.presenter.document.checked and bool(made.view.graph.nodes()), timeout=30_000)
    return made


def walked(place, qtbot):
    qtbot.waitUntil(lambda: not place.presenter.walking.busy, timeout=60_000)
    walking = place.presenter.walking
    assert not walking.error
    return walking


def test_the_card_the_line_and_the_panel_follow_the_user(place, qtbot, window):
    window.navigation.go("workflow", walk=7)
    walking = walked(place, qtbot)
    view = place.view
    assert view.side.walking()
    assert walking.walk.user == 7
    walking.go(3)
    step = walking.stop.step
    assert view.graph.current() == step
    assert view.graph.items_[step].mark.here
    assert f"name: {step}" in view.editor.textCursor().block().text()
    lit = [way for way, line in view.graph.lines.items() if line.walked]
    assert len(lit) == 2
    panel = view.side.pages.currentWidget()
    panel.setFocus()
    qtbot.keyClick(panel, Qt.Key.Key_Right)
    assert walking.index == 4
    qtbot.keyClick(panel, Qt.Key.Key_Home)
    assert walking.index == 0
    window.commands.run("workflow.walk_on")
    assert walking.index == 1
    window.commands.run("workflow.walk_back")
    assert walking.index == 0
    walking.play()
    assert walking.playing
    walking._tick()
    assert walking.index == 1
    walking.play()
    assert not walking.playing
    walking.end()
    assert not any(line.walked for line in view.graph.lines.values())
    assert not any(item.mark.visits for item in view.graph.items_.values())


def test_the_next_who_breaks_a_rule_is_found_with_the_faults_of_a_scenario(place, qtbot, window):
    walking = place.presenter.walking
    walking.wanted = Wanted(scenario="lost-answers", seed=42)
    walking.next("breaks", place.presenter.document.workflow)
    walked(place, qtbot)
    first = walking.walk
    assert first.violations
    walking.next("breaks", place.presenter.document.workflow)
    walked(place, qtbot)
    assert walking.walk.user > first.user
    walking.next("leaves", place.presenter.document.workflow)
    walked(place, qtbot)
    assert walking.walk.outcome != "completed"
    walking.start(Wanted(), None)
    assert "no persona has a policy" in walking.error


def test_a_persona_that_is_chosen_is_the_one_that_walks(place, qtbot, window):
    persona = next(iter(window.project.data.personas))
    walking = place.presenter.walking
    walking.start(Wanted(persona=persona), place.presenter.document.workflow)
    walked(place, qtbot)
    assert walking.walk.persona == persona


def test_the_walk_follows_the_text_that_is_not_saved(place, qtbot):
    place.view.go_to_step("browse")
    place.view.acting.duplicate()
    qtbot.waitUntil(lambda: "browse_2" in place.view.graph.nodes(), timeout=30_000)
    place.view.walk(Wanted(7))
    walking = walked(place, qtbot)
    assert [stop.step for stop in walking.walk.stops[1:3]] == ["browse", "browse_2"]


# ---- without a window ------------------------------------------------------------------------------------------------


def test_a_target_of_navigation_names_a_user_of_the_crowd_or_of_a_run():
    before = Wanted(seed=9)
    assert wanted_of({"walk": 17}, before) == Wanted(17, 9)
    assert wanted_of({"walk": "r-1/17"}, before) == Wanted(17, 9, run_id="r-1")
    assert wanted_of({"walk": 3, "run_id": "r-2", "find": "leaves"}, before) == Wanted(
        3, 9, run_id="r-2", find="leaves"
    )
    assert wanted_of({"walk": True}, before) is None
    assert wanted_of({"walk": ""}, before) is None


@pytest.mark.parametrize(
    ("us", "words"), [(0, "0 ms"), (812_400, "812 ms"), (1_400_000, "1.4 s"), (125_000_000, "2 min 05 s")]
)
def test_durations_are_read_at_a_glance(us, words):
    assert duration(us) == words


def test_what_happens_is_told_in_words():
    events = (
        TraceEvent(at_us=0, kind="think", step="pay", data={"took_us": 1_200_000}),
        TraceEvent(at_us=1, kind="answer", step="pay", detail="ok", data={"status": 201, "waited_us": 812_000}),
        TraceEvent(at_us=2, kind="fault", step="pay", detail="answer lost", data={"changed": False}),
        TraceEvent(at_us=3, kind="end", detail="abandoned", data={"reason": "visit_patience"}),
    )
    assert [line.words for line in happenings(Stop(step="pay", events=events))] == [
        "thinks for 1.2 s",
        "answer ok 201 after 812 ms",
        "fault: answer lost, which changed nothing",
        "leaves, out of patience for the visit",
    ]


def test_visits_and_ways_are_counted_up_to_the_stop():
    stops = (Stop(step=""), Stop(step="a"), Stop(step="b"), Stop(step="a", nth=2), Stop(step="c"))
    walk = Walk(user=1, persona="p", users=10, seed=1, outcome="completed", ended_us=5_000_000, stops=stops)
    assert visits(walk, 3) == {"a": 2, "b": 1}
    assert ways(walk, 4) == {("a", "b"): 1, ("b", "a"): 1, ("a", "c"): 1}
    assert headline(walk) == "completes after 5.0 s"
