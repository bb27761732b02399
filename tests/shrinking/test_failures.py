"""Why a failure is one, who did nearly the same and fared well, and the window's way to all of it."""

import json
import shutil
from pathlib import Path

import pytest

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import NearestPassing, Why
from turbulence_app.engine.shrinking import flips
from turbulence_app.engine.shrinking.candidate import Candidate
from turbulence_app.engine.shrinking.flips import Flip, Share, first_difference
from turbulence_app.service.failures import _verdict, nearest_passing, why
from turbulence_app.service.ops import Operations
from turbulence_app.service.projects import database_path
from turbulence_app.store.database import Database


@pytest.fixture(scope="module")
def database(ran: Path):
    with Database(database_path(ran)) as database:
        yield database


def test_the_nearest_passing_visit_parts_where_the_answer_is_not_lost(database, ran: Path) -> None:
    found = nearest_passing(database, "f-0001", project=ran)
    assert found.failing.violations == ("charged_once",)
    assert not found.passing.violations
    assert found.same_user
    assert [choice.address for choice in found.differs] == ["pay#0.0:fault1"]
    assert found.failing.events[: found.failing_at] == found.passing.events[: found.passing_at]
    assert found.failing.events[found.failing_at].kind == "fault"
    assert first_difference(found.failing.events, found.passing.events) == (found.failing_at, found.passing_at)


def test_why_names_what_is_necessary_with_intervals_that_hold_the_share(database, ran: Path) -> None:
    found = why(database, "f-0001", project=ran)
    rows = {row.what: row for row in found.rows}
    assert 0 < found.low < found.failed / found.of < found.high < 1
    assert rows["1"].verdict == "necessary"
    assert rows["pay#0.0:fault1"].verdict in ("necessary", "contributes")
    assert rows["0"].verdict == "neutral"
    for row in found.rows:
        assert row.low <= row.failed / row.of <= row.high
        assert row.of == found.of
    assert why(database, "f-0001", project=ran).rows == found.rows


@pytest.mark.parametrize(
    ("whole", "without", "verdict"),
    [
        (Share(90, 100), Share(0, 100), "necessary"),
        (Share(90, 100), Share(40, 100), "contributes"),
        (Share(50, 100), Share(55, 100), "neutral"),
        (Share(10, 100), Share(60, 100), "suppressor"),
        (Share(0, 100), Share(0, 100), "neutral"),
        (Share(1, 3), Share(0, 3), "neutral"),
    ],
)
def test_only_intervals_that_lie_apart_say_anything(whole: Share, without: Share, verdict: str) -> None:
    assert _verdict(whole, without) == verdict


def test_a_suppressor_is_found_on_the_same_seeds() -> None:
    """A failure that one fault hides: without it, it shows more often."""
    case = Candidate({"a#0.0:choice": 1}, (0,), frozenset({0, 1}))
    what = (Flip("choice", "a#0.0:choice", Candidate({}, (0,), case.faults)), Flip("fault", "1", case.without_fault(1)))

    def trial(seed: int, candidate: Candidate) -> bool:
        return bool(candidate.choices) and (1 not in candidate.faults or (seed >> 60) < 4)

    whole, (gone, off) = flips.shares(case, what, 42, trial, 900, lambda: False)
    assert gone == Share(0, 300)
    assert off == Share(300, 300)
    assert 50 < whole.failed < 100


def test_what_did_not_fail_is_refused(database, ran: Path) -> None:
    with pytest.raises(InputError, match="broke no invariant"):
        why(database, "r-0001/0", project=ran)


class Told:
    """A job that hears everything."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def emit(self, event: object) -> None:
        self.events.append(event)

    def should_stop(self) -> bool:
        return False


def test_the_window_asks_for_all_of_it(ran: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(ran, tmp_path / "shop"))
    ops, job = Operations(tmp_path / "home"), Told()

    def ask(op: str, **given: object) -> dict:
        return json.loads(json.dumps(ops.handle(op, {"project": str(root), **given}, job)))

    try:
        small = ask("shrink", failure_id="r-0001/f-0001")
        assert small["minimal"]
        assert {event.type for event in job.events} == {"shrink_improved"}
        path = ask("save_capsule", failure_id="r-0001/f-0001")["path"]
        checked = ask("check_capsules")
        assert checked["as_expected"]
        assert checked["capsules"][0]["file"] == path
        beside = ask("nearest_passing", failure_id="r-0001/f-0001")
        assert beside["trace"] == beside["passing"]
        assert beside["words"].startswith("without ")
        reasons = ask("why", failure_id="r-0001/f-0001")
        assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in reasons["rows"])
        written = ask("export", kind="html", name="r-0001/f-0001", path=str(tmp_path / "report.html"))
        assert Path(written["path"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    finally:
        ops.close()
    named = {"trace", "words"}
    NearestPassing.model_validate_json(json.dumps({k: v for k, v in beside.items() if k not in named}))
    extra = {"words", "share", "tried"}
    rows = [{k: v for k, v in row.items() if k not in extra} for row in reasons["rows"]]
    Why.model_validate_json(json.dumps({**{k: v for k, v in reasons.items() if k != "summary"}, "rows": rows}))
