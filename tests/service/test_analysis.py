"""The analysis of stored runs: counted once, the same on every target, never from another run's numbers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.shop import shop
from turbulence_app.domain.analysis import Among, Wanted
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.service import analysis, runs
from turbulence_app.service.analysis import VERSION, Analyst, open_run
from turbulence_app.store.analyses import KEPT, AnalysisStore
from turbulence_app.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "turbulence.db")
    yield made
    made.close()


def test_the_board_has_the_runs_own_counts_and_is_kept(database):
    summary = runs.run(shop(6000), database, workers=1).summary
    events = []
    board = Analyst().board(database, "last", Among(), workers=1, on_event=events.append)
    assert board.outcomes == {
        "completed": summary.completed, "abandoned": summary.abandoned, "failed": summary.failed,
    }  # fmt: skip
    reached = {step.step: step.reached for step in summary.funnel}
    assert {bar.step: bar.reached.people for bar in board.funnel} == {
        s: reached[s] for s in (b.step for b in board.funnel)
    }
    assert sum(bar.count.people for bar in board.reasons) == summary.abandoned + summary.failed
    assert events[-1].done == 6000
    again: list = []
    assert Analyst().board(database, "last", Among(), on_event=again.append) == board
    assert not again


def test_two_processes_count_the_same(database):
    runs.run(shop(140_000), database, workers=1)
    alone, together = Analyst(), Analyst()
    opened = open_run(database, "last")
    one = alone.census(opened, 1, lambda _: None, lambda: False)
    AnalysisStore(database).forget(opened.key)
    two = together.census(opened, 2, lambda _: None, lambda: False)
    assert one.pack() == two.pack()


def test_pages_of_people_follow_one_another(database):
    runs.run(shop(5000), database, workers=1)
    analyst, wanted = Analyst(), Wanted(place="browse")
    whole = analyst.people(database, "last", wanted, limit=1000).people
    pages = [analyst.people(database, "last", wanted, first=n, limit=50) for n in range(0, 200, 50)]
    assert [p for page in pages for p in page.people] == list(whole[:200])
    assert [p.user for p in whole] == sorted(p.user for p in whole)
    assert {p.place for p in whole} == {"browse"}
    longest = analyst.people(database, "last", wanted, sort="longest", limit=1000)
    assert longest.total == len(whole)
    assert [p.took_ms for p in longest.people] == sorted((p.took_ms for p in whole), reverse=True)
    person = longest.people[0]
    trace = runs.replay(database, "last", person.user).trace
    assert (trace.ended_us - trace.arrived_us) / 1000 == person.took_ms
    assert (trace.persona, trace.outcome) == (person.persona, person.outcome)


def test_a_run_that_gives_other_numbers_is_not_told_as_if_it_were_the_same(database):
    finished = runs.run(shop(300), database, workers=1)
    wrong = finished.summary.model_copy(update={"completed": finished.summary.completed + 1})
    database.writer.call(lambda c: c.execute("UPDATE runs SET summary = ?", (wrong.model_dump_json(),)))
    with pytest.raises(InputError, match="gives other numbers now"):
        Analyst().board(database, "last", Among())


def test_what_was_kept_and_is_damaged_is_counted_again(database):
    runs.run(shop(300), database, workers=1)
    board = Analyst().board(database, "last", Among())
    database.writer.call(lambda c: c.execute("UPDATE analyses SET document = ?", (b"nonsense",)))
    assert Analyst().board(database, "last", Among()) == board


def test_only_the_last_ones_are_kept(database):
    store = AnalysisStore(database)
    for number in range(KEPT + 5):
        store.put(f"d{number:03}", VERSION, b"x")
    assert database.value("SELECT count(*) FROM analyses") == KEPT
    assert store.get("d000", VERSION + 1) is None


def test_it_can_be_stopped_and_asked_of_runs_that_are_there(database):
    with pytest.raises(InputError, match="no run yet"):
        Analyst().board(database, "last", Among())
    runs.run(shop(300), database, workers=1)
    with pytest.raises(CancelledError):
        Analyst().board(database, "last", Among(), should_stop=lambda: True)
    with pytest.raises(InputError, match="nobody in run"):
        Analyst().board(database, "last", Among(personas=("someone",)))
    with pytest.raises(InputError, match="no step"):
        Analyst().people(database, "last", Wanted(place="nowhere"))


def test_a_stopped_run_is_about_those_who_were_done(database):
    seen = []

    def enough() -> bool:
        seen.append(1)
        return len(seen) > 8

    finished = runs.run(shop(800_000), database, workers=1, should_stop=enough)
    assert finished.manifest.status == "cancelled"
    board = Analyst().board(database, "last", Among(), workers=1)
    assert board.of == finished.summary.users
    assert any("not finished" in note for note in board.notes)


def test_the_report_tells_why_people_leave_and_how_long_it_takes(database, tmp_path):
    from turbulence_app.service.exports import export

    runs.run(shop(2000), database, workers=1)
    board = Analyst().board(database, "last", Among())
    text = export(database, tmp_path, "html", "last", tmp_path / "r.html").files[0].read_text()
    assert "Why people leave" in text
    assert "How long it takes" in text
    assert board.reasons[0].words in text
    database.writer.call(lambda c: c.execute("UPDATE runs SET status = 'running'"))
    assert analysis.for_report(database, "last", lambda: False) is None
