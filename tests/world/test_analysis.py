"""The analysis of a run of an application: its world once more, with the same people in it."""

from tests.world.places import PLAIN, inputs
from turbulence_app.domain.analysis import Among, Wanted
from turbulence_app.service import analysis, runs
from turbulence_app.service.analysis import Analyst
from turbulence_app.store.database import Database

FLOW = [
    {"name": "buy", "type": "http", "service": "shop", "method": "POST", "path": "/buy", "json": {"user": 1}},
    {"name": "sold_out", "type": "branch", "condition": "buy.status == 409",
     "if_true": [{"name": "left", "type": "end", "outcome": "abandoned"}]},
    {"name": "bought", "type": "end", "outcome": "completed"},
]  # fmt: skip


def test_the_people_of_a_world_are_counted_and_found(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (project / "sut.py").write_text(PLAIN)
    with Database(tmp_path / "turbulence.db") as database:
        done = runs.run(inputs(FLOW, users=12), database, project=str(project))
        summary = done.summary
        assert 0 < summary.completed < 12
        assert analysis.for_report(database, "last", lambda: False) is None, "a report starts no application"
        board = Analyst().board(database, "last", Among())
        assert board.outcomes["completed"] == summary.completed
        assert board.outcomes["abandoned"] == summary.abandoned
        assert [bar.reached.people for bar in board.funnel] == [12, summary.completed]
        page = Analyst().people(database, "last", Wanted(place="buy"))
        assert len(page.people) == summary.abandoned
        trace = runs.replay(database, "last", page.people[0].user).trace
        assert (trace.ended_us - trace.arrived_us) / 1000 == page.people[0].took_ms
        ways = Wanted(ways=(("sold_out", "left"),))
        assert Analyst().people(database, "last", ways, sort="longest").total == summary.abandoned
        assert analysis.for_report(database, "last", lambda: False) == board
