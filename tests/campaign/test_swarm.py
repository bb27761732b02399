"""Subsets: never everything off in a group, what is off does nothing, and nothing else moves."""

from hypothesis import given
from hypothesis import strategies as st

from tests.campaign.toy import CROWD, FAULTS, kiosk, small
from turbulence_app.domain.campaign import Expansion
from turbulence_app.engine.campaign.model import ModelRunner, batch_inputs
from turbulence_app.engine.campaign.seeds import Slice, slices
from turbulence_app.engine.campaign.swarm import expand, features, switched
from turbulence_app.engine.execute import execute
from turbulence_app.engine.plan import compile_plan

INPUTS = kiosk()
EVERY = [feature.key for feature in features(INPUTS)]


def test_everything_that_can_be_switched_is_named_once() -> None:
    assert EVERY == [
        "fault:lost", "fault:slow", "fault:down", "fault:down (2)", "persona:stubborn", "persona:shy",
        "option:next=buy", "option:next=hesitate", "option:next=leave",
    ]  # fmt: skip
    quiet = kiosk(faults=[*FAULTS, {"kind": "quiet", "from_seconds": 1, "to_seconds": 2}], crowd=CROWD[:1])
    assert [f.key for f in features(quiet) if f.kind != "option"] == EVERY[:4]


@given(st.integers(0, 2**64 - 1), st.integers(0, 10**6))
def test_a_subset_leaves_something_of_every_group_and_compiles(seed: int, batch: int) -> None:
    drawn = expand(INPUTS, seed, batch)
    assert sorted((*drawn.on, *drawn.off)) == sorted(EVERY)
    assert any(key.startswith("persona:") for key in drawn.on)
    assert any(key.startswith("option:next=") for key in drawn.on)
    assert drawn == expand(INPUTS, seed, batch)
    compile_plan(switched(INPUTS, drawn))


def test_subsets_differ_and_some_batches_have_everything() -> None:
    drawn = [expand(INPUTS, 7, batch) for batch in range(400)]
    everything = sum(not one.off for one in drawn)
    assert 20 < everything < 90  # one in eight
    assert len({one.on for one in drawn}) > 100
    for key in EVERY:
        assert 150 < sum(key in one.on for one in drawn) < 320  # a little more than half


@given(st.integers(0, 10**6))
def test_what_is_off_never_happens(batch: int) -> None:
    drawn = expand(INPUTS, 3, batch)
    runner = ModelRunner(INPUTS, small())
    found = runner.run(Slice(batch, batch * 64, 64), drawn, lambda: False)
    assert found is not None
    for key in drawn.off:
        kind, _, name = key.partition(":")
        if kind == "fault":
            assert not found.counts.get(f"faults/{name}")
        elif kind == "option":
            assert not found.counts.get(f"options/{name}")


def test_switching_a_fault_off_moves_no_other_draw() -> None:
    part = Slice(0, 0, 64)
    whole = batch_inputs(INPUTS, small(), part, None)
    less = batch_inputs(INPUTS, small(), part, Expansion(off=("fault:down (2)",)))  # strikes nobody anyway
    assert execute(whole).digest == execute(less).digest
    changed = batch_inputs(INPUTS, small(), part, Expansion(off=("fault:slow",)))
    one, two = execute(whole).summary, execute(changed).summary
    assert one.faults[1].struck > 0 == two.faults[1].struck
    assert one.faults[2].struck == two.faults[2].struck


@given(st.integers(1, 200_000), st.booleans())
def test_slices_are_all_worlds_once(worlds: int, swarm: bool) -> None:
    parts = list(slices(small(worlds=worlds, swarm=swarm), "model"))
    assert sum(part.worlds for part in parts) == worlds
    assert [part.first for part in parts] == [sum(p.worlds for p in parts[:i]) for i in range(len(parts))]
