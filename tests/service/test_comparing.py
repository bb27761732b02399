"""Two runs beside each other: on the same draws person by person, otherwise as two crowds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.formats.exports.comparison import comparison_csv, comparison_html
from turbulence_app.insight.changes import in_short, input_changes
from turbulence_app.service.comparing import compare, merged
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.projects import init_project, open_project
from turbulence_app.service.runs import run
from turbulence_app.store.database import Database

USERS = 1500


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> RunInputs:
    root = tmp_path_factory.mktemp("shop") / "shop"
    init_project(root)
    return build_inputs(open_project(root, root), "lost-answers", None, Overrides(users=USERS))


@pytest.fixture(scope="module")
def hasty(inputs: RunInputs) -> RunInputs:
    """The same, but nobody in the first part of the crowd waits as long."""
    member = inputs.crowd[0]
    plain = member.policy.model_dump(mode="json", by_alias=True)
    plain["patience"]["step_wait_seconds"] = {"min": 0.05, "max": 0.2}
    policy = type(member.policy).model_validate(plain)
    crowd = (member.model_copy(update={"policy": policy}), *inputs.crowd[1:])
    return inputs.model_copy(update={"crowd": crowd})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory, inputs: RunInputs, hasty: RunInputs):
    with Database(tmp_path_factory.mktemp("db") / "turbulence.db") as opened:
        for one in (inputs, hasty, inputs.model_copy(update={"seed": 7}), inputs.model_copy(update={"faults": ()})):
            run(one, opened, workers=1)
        yield opened


def test_pairs_are_the_visits_themselves(database: Database, inputs: RunInputs, hasty: RunInputs) -> None:
    found = compare(database, "r-0001", "r-0002")
    assert found.paired
    plans = compile_plan(inputs), compile_plan(hasty)
    traces = [[run_user(plan, user) for user in range(200)] for plan in plans]
    mine = [
        (a.user, a.persona, a.outcome, b.outcome, a.last_step, b.last_step)
        for a, b in zip(*traces, strict=True)
        if a.outcome != b.outcome
    ]
    assert mine
    listed = [(f.user, f.persona, f.before, f.after, f.before_step, f.after_step) for f in found.flips if f.user < 200]
    assert listed == mine
    ends = Counter((b.persona, b.last_step) for b in traces[1] if b.outcome != "completed")
    told = {(share.persona, share.name): share.after_count for share in found.drop_offs}
    assert all(told[end] >= count for end, count in ends.items())
    assert sum(told.values()) == USERS - found.completion.after_count
    counts = Counter(f"{flip.before}>{flip.after}" for flip in found.flips)
    assert counts == found.flipped


def test_counts_are_those_of_the_runs(database: Database) -> None:
    found = compare(database, "r-0001", "r-0002")
    completion = found.completion
    assert completion.before_of == completion.after_of == USERS
    assert sum(p.before_count for p in found.personas) == completion.before_count
    assert completion.after_count - completion.before_count == round(completion.difference * USERS)
    unpaired = compare(database, "r-0001", "r-0003")
    assert unpaired.completion.before_count == completion.before_count
    assert not unpaired.paired
    assert "seed" in unpaired.unpaired_because
    assert unpaired.flips == ()


def test_what_was_changed_moved_and_nobody_else(database: Database, inputs: RunInputs) -> None:
    found = compare(database, "r-0001", "r-0002")
    first = inputs.crowd[0].persona
    assert {flip.persona for flip in found.flips} == {first}
    moved = {share.persona for share in found.personas if share.moved}
    assert moved == {first}
    assert {change.area for change in found.changes} == {"policy"}
    assert all(change.what.startswith(f"{first} · patience.step_wait_seconds") for change in found.changes)


def test_a_run_against_itself_is_the_same(database: Database) -> None:
    found = compare(database, "r-0001", "r-0001")
    assert (found.changes, found.flips, found.new_failures) == ((), (), ())
    assert found.completion.difference == 0
    assert not found.completion.moved
    assert all(share.difference == 0 for share in (*found.funnel, *found.drop_offs))


def test_faults_make_failures_that_are_new(database: Database) -> None:
    found = compare(database, "r-0004", "r-0001")
    assert {change.area for change in found.changes} == {"fault"}
    assert found.new_failures
    assert {new.invariant for new in found.new_failures} == {"charged_once"}
    assert all(kind.before == 0 for kind in found.kinds)
    assert compare(database, "r-0001", "r-0004").new_failures == ()


def test_stopped_or_not_there(database: Database) -> None:
    with pytest.raises(CancelledError):
        compare(database, "r-0001", "r-0002", should_stop=lambda: True)
    with pytest.raises(InputError, match="no run"):
        compare(database, "r-0001", "r-0099")


def test_files_say_the_same(database: Database) -> None:
    found = compare(database, "r-0001", "r-0002")
    page, table = comparison_html(found), comparison_csv(found)
    assert "r-0002 against r-0001" in page
    assert "<script" not in page
    assert len([line for line in table.splitlines() if line.startswith("flipped,")]) == len(found.flips)


def test_changes_are_named_number_by_number(inputs: RunInputs, hasty: RunInputs) -> None:
    before, after = (side.model_dump(mode="json", by_alias=True) for side in (inputs, hasty))
    assert input_changes(before, before) == ()
    changes = input_changes(before, {**after, "seed": 43})
    assert changes[0].what == "seed"
    assert (changes[0].before, changes[0].after) == ("42", "43")
    back = input_changes({**after, "seed": 43}, before)
    assert [(c.what, c.after, c.before) for c in back] == [(c.what, c.before, c.after) for c in changes]
    assert in_short(changes) == ("seed 42 → 43", f"policy {inputs.crowd[0].persona}: {len(changes) - 1} values")
    gone = input_changes(before, {**before, "faults": before["faults"][1:], "crowd": before["crowd"][1:]})
    assert {(c.area, c.after) for c in gone} == {("fault", ""), ("crowd", "")}


def test_both_orders_in_one() -> None:
    assert merged(["a", "b", "d"], ["a", "c", "d", "e"]) == ["a", "c", "b", "d", "e"]
    assert merged([], ["x", "y"]) == ["x", "y"]


def test_a_project_moves_on(tmp_path: Path) -> None:
    with Database(tmp_path / "t.db") as empty, pytest.raises(InputError, match="no run yet"):
        compare(empty, "last", "last")
