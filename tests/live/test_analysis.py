"""The analysis of a live run comes from its recording: the service is not asked again."""

from collections import Counter

import pytest

from tests.live.shops import inputs
from turbulence_app.domain.analysis import Among, Wanted
from turbulence_app.service import runs
from turbulence_app.service.analysis import Analyst
from turbulence_app.store.database import Database


@pytest.fixture(scope="module")
def stored(port, tmp_path_factory):
    with Database(tmp_path_factory.mktemp("analysis") / "turbulence.db") as database:
        yield database, runs.run(inputs(port, users=40), database).summary


def test_a_live_run_is_counted_from_what_was_recorded(stored):
    database, summary = stored
    board = Analyst().board(database, "last", Among())
    assert board.outcomes == {
        "completed": summary.completed, "abandoned": summary.abandoned, "failed": summary.failed,
    }  # fmt: skip
    assert {bar.step: bar.reached.people for bar in board.funnel} == {
        step.step: step.reached for step in summary.funnel if step.step in {"browse", "pay", "bought"} and step.reached
    }
    assert any("recording" in note for note in board.notes)
    page = Analyst().people(database, "last", Wanted(place="browse"), sort="longest")
    outcomes = Counter(somebody.outcome for somebody in page.people)
    assert outcomes["abandoned"] == page.total == summary.abandoned
