"""Before and after shrinking, what is decided about kinds of failure, and the filter of users."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.gui.places.failures.before_after import before_after, fold, quiet
from turbulence_app.gui.places.failures.state import matches

STEPS = st.lists(st.sampled_from("abcde"), max_size=12)


def visit(steps: list[str]) -> UserTrace:
    events = [TraceEvent(at_us=i, kind="request", step=step) for i, step in enumerate(steps)]
    events.append(TraceEvent(at_us=len(steps), kind="violation", step="z", detail="once"))
    events.append(TraceEvent(at_us=len(steps) + 1, kind="end", detail="completed"))
    return UserTrace(user=1, persona="p", arrived_us=0, ended_us=9, outcome="completed", events=tuple(events))


def shrunk(trace: UserTrace, told: int) -> Shrunk:
    failure = Failure(user=1, persona="p", invariant="once")
    story = (*trace.events[:told], trace.events[-2])
    return Shrunk(
        failure=failure, found_events=9, found_choices=3, events=len(trace.events) - 1, choices=(), candidates=1,
        minimal=True, trace=trace, story=story,
    )  # fmt: skip


@given(found=STEPS, small=STEPS, told=st.integers(0, 3))
def test_nothing_of_either_visit_is_lost(found: list[str], small: list[str], told: int) -> None:
    one, best = visit(found), shrunk(visit(small), told)
    rows = before_after(one, best, folded=False)
    assert [row.cells[0].step for row in rows if row.cells[0]] == [*found, "z"], "up to where it broke"
    assert [row.cells[1].step for row in rows if row.cells[1]] == [*small, "z"]
    loud = [row.cells[1] for row in rows if row.cells[1] and row.cells[1].decisive]
    assert len(loud) >= len({(e.at_us, e.step) for e in best.story} & {(c.at_us, c.step) for c in loud})
    folded = fold(rows)
    assert len(folded) <= len(rows)
    counted = sum(
        int(row.cells[0].words.split()[0]) if row.cells[0].kind == "fold" else 1 for row in folded if row.cells[0]
    )
    assert counted == len(found) + 1, "a folded line counts what it stands for"
    gone, every = quiet(rows)
    assert 0 <= gone < every == len(found) + 1


def test_what_is_the_same_and_tells_nothing_is_folded() -> None:
    rows = before_after(visit(list("abcde")), shrunk(visit(list("abcde")), 1))
    assert [row.cells[0].words if row.cells[0] else "" for row in rows][1] == "4 events not needed"
    assert rows[1].cells[1] is not None
    assert rows[1].cells[1].words == "4 events as usual"


def test_without_a_story_all_of_the_smallest_visit_is_needed() -> None:
    best = shrunk(visit(list("ab")), 0).model_copy(update={"story": ()})
    rows = before_after(visit(list("ab")), best)
    assert all(cell is not None and cell.decisive for row in rows for cell in row.cells)


def test_users_are_found_by_number_or_words() -> None:
    one = Failure(failure_id="f-0007", user=4711, persona="ada_l", invariant="once", step="pay", message="2 charges")
    assert matches(one, "47")
    assert matches(one, "user 4,711 pay")
    assert matches(one, "ADA charges")
    assert not matches(one, "711")
    assert not matches(one, "cart")
    assert matches(one, "")
