"""Failures seen from other sides: people side by side, where two visits part, causes of campaigns."""

import pytest
from pytestqt.qtbot import QtBot

from tests.gui import reports
from turbulence_app.domain.failure import Choice, Failure, NearestPassing, Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.failures.reading import beside_words, why_rows
from turbulence_app.gui.places.failures.sides import parting_words, parts_at, side_by_side, world_lanes
from turbulence_app.gui.places.failures.sources import campaign_sources, cluster_groups, run_sources
from turbulence_app.gui.places.failures.state import (
    address_of,
    file_stem,
    headline,
    kept_faults,
    sizes_of,
)

FAILURE = Failure(run_id="r-1", failure_id="f-2", user=1, persona="p", invariant="once", step="pay")


def visit(user, *steps):
    events = tuple(TraceEvent(at_us=at, kind=kind, step=step, detail=told) for at, kind, step, told in steps)
    return UserTrace(user=user, persona="p", arrived_us=0, ended_us=9, outcome="completed", events=events)


GOES = ((0, "arrive", "", ""), (1, "request", "pay", ""), (2, "think", "pay", ""))
FAILS = visit(1, *GOES, (3, "fault", "pay", "lost"), (9, "violation", "pay", "once"))
PASSES = visit(2, *GOES, (4, "answer", "pay", "ok"), (8, "end", "done", "completed"))


def test_two_visits_are_together_until_they_part():
    rows = side_by_side(FAILS, PASSES)
    assert [bool(row.mark) for row in rows] == [False, False, True, False, False]
    fork = rows[2]
    assert (fork.cells[0].words, fork.cells[1].words) == ("fault: lost", "answer: ok"), "both at their parting"
    assert all(cell is None or cell.kind != "think" for row in rows for cell in row.cells)
    assert parting_words(FAILS, PASSES) == "They part here: fails with “pay fault: lost”, passes with “pay answer: ok”."
    assert "only their times differ" in parting_words(FAILS, FAILS)
    assert parts_at(FAILS.events, FAILS.events) == len(FAILS.events)
    late = visit(3, *GOES, (3, "fault", "pay", "slow"))
    assert parts_at(FAILS.events, late.events) == 3, "another fault is another way"


def shrunk(**more):
    given = {
        "failure": FAILURE, "found_events": 40, "found_choices": 12, "events": 6, "candidates": 30, "minimal": True,
        "choices": (Choice(address="pay#0.0:fault0", word=1, meaning="the answer is lost"),), "trace": reports.BUYER,
        "faults": ("lost",), **more,
    }  # fmt: skip
    return Shrunk(**given)


def test_people_of_a_world_have_a_lane_each_on_one_clock():
    assert len(world_lanes(shrunk(others=(reports.RIVAL,), users=(1,)))[0]) == 1, "who is not needed has no lane"
    names, rows = world_lanes(shrunk(others=(reports.RIVAL,), users=(1, 3)))
    assert names == ["user 1 · impatient shopper", "user 3 · coupon hunter"]
    assert [row.at_us for row in rows] == sorted(row.at_us for row in rows)
    assert all(sum(cell is not None for cell in row.cells) == 1 for row in rows)
    assert rows[1].at_us == 20_000, "who comes later starts later"


def test_sizes_before_and_after():
    assert [(s.what, s.before, s.after) for s in sizes_of(shrunk(users=(1, 3)), 4, 5)] == [
        ("people", "5", "2"), ("faults", "4", "1"), ("events", "40", "6")
    ]  # fmt: skip
    assert [s.what for s in sizes_of(shrunk(), 0)] == ["events"]
    assert kept_faults(shrunk(), ["slow", "lost"]) == (["lost"], ["slow"])


def test_causes_are_groups_with_their_worlds():
    groups = cluster_groups(reports.report())
    assert [(g.size, g.cluster_id) for g in groups] == [(41, reports.TWICE), (3, reports.STOCK)]
    assert headline(groups) == "44 failing worlds · 2 causes"
    assert groups[0].where == "at pay · lost_receipt"
    assert groups[1].failures == ()


def test_sources_are_what_has_failures():
    manifest = {"run_id": "r-7", "created_at": "x", "workflow": "w", "scenario": "s", "users": 3, "seed": 1}
    runs = {"runs": [{"manifest": manifest, "failures": 2}, {"manifest": {**manifest, "run_id": "r-8"}, "failures": 0}]}
    assert [source.words for source in run_sources(runs)] == ["r-7 · s"]
    assert [source.key for source in campaign_sources(reports.headlines())] == ["c-0004", "c-0003", "c-0002"]


def test_why_puts_what_is_necessary_first():
    rows = why_rows(reports.why(FAILURE))
    assert [row.verdict for row in rows] == ["necessary", "contributes", "suppressor", "neutral"]
    assert rows[0].off == (0.9, 0.85, 0.94), "against all of it together"


def test_who_passes_is_said_with_what_it_took():
    found = NearestPassing(failure=FAILURE, failing=FAILS, passing=PASSES, same_user=False)
    assert beside_words(found).startswith("User 2 of the same run")
    assert "without one thing: the lost answer." in beside_words(
        found.model_copy(update={"left_out": "the lost answer"})
    )


def test_names_for_files_and_commands():
    assert address_of(FAILURE) == "r-1/f-2"
    assert file_stem(FAILURE) == "once_r_1_f_2"
    assert len({kind for kind, *_ in EXPORTS}) == len(EXPORTS)


@pytest.fixture
def place(window, qtbot: QtBot):
    return window.place("failures")


def test_a_cause_without_a_kept_failure_says_why(place, qtbot, window):
    window.go("failures", {})
    place.presenter._campaign_loaded(reports.report())
    second = place.presenter.groups[1]
    place.presenter.choose_group(second)
    assert place.presenter.failure is None
    assert place.presenter.group is second
    assert place.view.unkept.isVisible()
    assert "broke another invariant" in place.view.unkept.text.text()
    assert not place.enabled("failures.shrink")
    place.presenter.choose_group(place.presenter.groups[0])
    assert place.view.main.isVisible()
    assert place.view.main.name.full_text() == "charged_once"
