"""Charts of the analysis and the verdict of a run as plain data."""

import pytest

from turbulence_app.domain.analysis import (
    Among,
    Board,
    ByPersona,
    Distribution,
    Latencies,
    LatencyLine,
    PeoplePage,
    ReasonBar,
    Somebody,
    Spread,
    StepBar,
    TimeBar,
    TimeShare,
    Wanted,
)
from turbulence_app.domain.run import RunManifest, Summary, Verdict
from turbulence_app.gui.places.run.analysis import state
from turbulence_app.gui.places.run.state import Live
from turbulence_app.gui.places.run.summary import counted
from turbulence_app.gui.places.run.verdict import told


def both(one, two):
    return ByPersona(people=one + two, personas=(one, two))


def board(**changed):
    made = {
        "run_id": "r-0001", "personas": ("ann", "bob"), "sizes": (60, 40), "steps": ("browse", "pay", "bought"),
        "people": 100, "of": 100, "outcomes": {"completed": 70, "abandoned": 30, "failed": 0},
        "funnel": (
            StepBar(step="browse", goal=False, reached=both(60, 40), left=both(10, 15)),
            StepBar(step="pay", goal=False, reached=both(50, 25), left=both(5, 0)),
            StepBar(step="bought", goal=True, reached=both(45, 25), left=both(0, 0)),
        ),
        "reasons": (
            ReasonBar(key="1.2.3.0", words="chose leave at next", reason="left", place="browse", count=both(10, 15)),
            ReasonBar(key="3.0.0.2", words="out of patience", reason="visit_patience", place="pay", count=both(5, 0)),
        ),
    }  # fmt: skip
    return Board(**{**made, **changed})


def test_bars_say_who_left_of_those_who_came():
    everybody = board()
    browse, pay = state.leaving_rows(everybody, everybody)
    assert (browse.key, browse.value, browse.track) == ("browse", 25, 100)
    assert browse.numbers == "25 of 100 · 25.0 %"
    assert [(piece.name, piece.value) for piece in browse.pieces] == [("ann", 10), ("bob", 15)]
    assert browse.mark is None
    assert "25 of 100 leave here" in browse.says
    assert pay.numbers == "5 of 75 · 6.7 %"


def test_a_filtered_bar_is_held_against_everybody():
    everybody = board()
    few = board(
        among=Among(personas=("bob",)), people=40,
        funnel=(StepBar(step="browse", goal=False, reached=both(0, 40), left=both(0, 15)),),
    )  # fmt: skip
    (browse,) = state.leaving_rows(few, everybody)
    assert browse.mark == pytest.approx(0.25 * 40)
    assert "of everybody 25.0 %" in browse.says


def test_rare_reasons_share_a_row_until_somebody_asks():
    many = board(
        reasons=tuple(
            ReasonBar(key=f"1.{n}.0.0", words=f"reason {n}", reason="left", place="", count=both(1, n))
            for n in range(14)
        )
    )
    rows = state.reason_rows(many)
    assert len(rows) == state.FEW_REASONS + 1
    assert rows[-1].key == state.REST
    assert rows[-1].label == "6 rarer reasons…"
    assert sum(row.value for row in rows) == sum(bar.count.people for bar in many.reasons)
    assert len(state.reason_rows(many, all_of_them=True)) == 14


def distribution(*counts):
    bars = tuple(
        TimeBar(low_ms=10.0 * n, high_ms=10.0 * (n + 1), buckets=(n, n + 1), count=both(count, 0))
        for n, count in enumerate(counts)
    )
    return Distribution(bars=bars, whole=Spread(n=sum(counts), p50=12.0, p95=18.0, p99=19.0))


def test_columns_of_a_part_stand_before_those_of_everybody():
    rows = state.bin_rows(distribution(1, 3), board(), distribution(50, 50), held=True)
    assert [row.value for row in rows] == [1, 3]
    assert [row.mark for row in rows] == [2.0, 2.0]
    assert all(row.mark is None for row in state.bin_rows(distribution(1, 3), board(), distribution(1, 3), held=False))
    assert state.spread_words(distribution(1, 3).whole) == "p50 12 ms · p95 18 ms · p99 19 ms"
    assert state.marks(Spread()) == []


def test_a_percentile_of_too_few_waits_is_no_percentile():
    line = LatencyLine(persona="ann", n=(500, 19, 0), p50=(1.0, 2.0, None), p95=(5.0, 9.0, None), p99=(9.0, 9.0, None))
    nobody = LatencyLine(persona="bob", n=(0, 0, 0), p50=(None,) * 3, p95=(None,) * 3, p99=(None,) * 3)
    made = board(latency=Latencies(span_s=2.0, whole=line, personas=(line, nobody)))
    (ann,) = state.latency_lines(made, "p95")
    assert ann.values == (5.0, None, None)
    assert state.latency_lines(made, "p50")[0].values == (1.0, 2.0, None)


def test_where_the_time_goes():
    shares = (TimeShare(persona="ann", people=60, waited_ms=250.0, own_ms=750.0, requests=3.0, retries=0.5),)
    (row,) = state.share_rows(board(shares=shares))
    assert row.numbers == "25.0 % waiting · 0.50 retries"
    assert [piece.faint for piece in row.pieces] == [False, True]


def person(user):
    return Somebody(
        user=user, persona="ann", outcome="abandoned", why="", place="", arrived_ms=0, took_ms=1, stayed_ms=1,
        waited_ms=0, slowest_ms=0, retries=0,
    )  # fmt: skip


def test_pages_of_people_are_put_behind_one_another():
    behind = state.Behind(Wanted(place="browse"), "Left at browse", 250)
    first = behind.added(PeoplePage(run_id="r", first=0, people=tuple(person(n) for n in range(state.PAGE))))
    assert not first.whole
    assert first.count == 250
    second = first.added(PeoplePage(run_id="r", first=state.PAGE, people=(person(900),), total=101))
    assert second.whole
    assert second.count == 101
    assert [p.user for p in second.people] == [*range(state.PAGE), 900]


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [(0, 0, "–"), (0, 10, "0.0 %"), (1, 3, "33.3 %"), (1, 2000, "0.05 %"), (5, 5, "100.0 %")],
)
def test_shares_in_words(part, whole, words):
    assert state.percent(part, whole) == words


@pytest.mark.parametrize(
    ("ms", "words"),
    [(0, "0"), (840, "840 ms"), (1300, "1.3 s"), (45_000, "45 s"), (160_000, "2.67 min")],
)
def test_times_in_words(ms, words):
    assert state.seconds(ms) == words


def live(phase, *verdicts, status="done", users=100, message=""):
    manifest = RunManifest(run_id="r-0001", created_at="now", status=status, workflow="w", users=100, seed=1)
    return Live(phase, manifest, users, 100, summary=Summary(users=users, verdicts=verdicts), message=message)


def verdict(name, status, violations=0, kind="always", value=""):
    return Verdict(name=name, kind=kind, expression="x", status=status, violations=violations, value=value)


def test_what_is_broken_comes_first():
    gate = verdict("g", "broken", kind="gate", value="4,210 ms")
    said = told(live("ended", verdict("a", "broken", 21), verdict("b", "holds"), gate))
    assert (said.tone, said.headline) == ("bad", "2 of 3 invariants broken")
    assert said.detail == "a: 21 people  ·  g: 4,210 ms"
    assert said.first[0] == "failures"
    assert said.second[0] == "analysis"
    assert told(live("ended", gate)).first[0] == "invariants"


def test_what_holds_what_sleeps_and_what_was_stopped():
    assert told(live("ended", verdict("a", "holds"), verdict("b", "holds"))).headline == "All 2 invariants hold"
    asleep = told(live("ended", verdict("a", "holds"), verdict("b", "never_exercised")))
    assert (asleep.tone, asleep.headline) == ("warn", "1 of 2 invariants hold, 1 never exercised")
    stopped = told(live("ended", verdict("a", "holds"), status="cancelled", users=40))
    assert stopped.headline == "Stopped after 40 of 100 users"
    assert told(live("ended")).headline == "Nothing had to hold"


def test_while_a_run_lasts_and_when_it_breaks_off():
    assert told(live("running", verdict("a", "holds"))).headline == "Nothing broken so far"
    assert told(live("running", verdict("a", "holds")), 2).headline == "2 invariants broken so far"
    assert told(Live()) is None
    broke = told(live("error", message="the disk is full"))
    assert (broke.headline, broke.detail, broke.first[0]) == ("The run broke off", "the disk is full", "start")
    assert told(Live("error", message="no")).headline == "The run did not start"


@pytest.mark.parametrize(
    ("on", "total", "words"), [(0, 0, "no faults"), (1, 1, "1 fault"), (3, 3, "3 faults"), (2, 3, "2 of 3 faults")]
)
def test_switches_are_counted(on, total, words):
    assert counted(on, total, "fault") == words
