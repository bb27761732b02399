"""The minimiser: the planted bug always comes to six steps, and what it says of a smallest world is true."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shrinking import planted
from turbulence_app.engine.shrinking.addresses import Loop, moved, parse, round_of
from turbulence_app.engine.shrinking.candidate import Candidate, Outcome
from turbulence_app.engine.shrinking.minimise import minimise
from turbulence_app.engine.shrinking.removing import without

ROOT = Path(__file__).resolve().parents[2]
SIX = [("add", 0), ("ship", 0), ("topay", 0), ("pay", 1), ("coupon", 0), ("pay", 0)]


def shrunk(start: Candidate, **options):
    return minimise([start], planted.run, loops=planted.LOOPS, alternatives=planted.alternatives, **options)


@pytest.mark.parametrize("block", range(4))
def test_the_planted_bug_is_always_six_steps(block: int) -> None:
    for seed in range(block * 60, block * 60 + 60):
        found = shrunk(planted.failing(seed)[0])
        assert planted.steps(found.candidate.choices) == SIX, seed
        assert found.minimal
        assert found.candidates < 2_000


def test_every_choice_left_out_alone_passes_and_is_named() -> None:
    found = shrunk(planted.failing(5)[0])
    assert [r.what for r in found.removals] == list(found.candidate.choices)
    for removal in found.removals:
        assert planted.run(without(found.candidate, (removal.what,))) is None


def test_stopped_at_any_moment_the_best_so_far_fails_and_is_no_larger() -> None:
    start = planted.failing(9)[0]
    for most in (1, 2, 5, 17, 60, 300):
        asked = iter(range(most))
        best = []
        found = shrunk(start, on_better=best.append, should_stop=lambda asked=asked: next(asked, None) is None)
        assert found.stopped
        assert planted.run(found.candidate) is not None
        if found.minimal:  # it was stopped later than that
            assert all(planted.run(without(found.candidate, (a,))) is None for a in found.candidate.choices)
        assert len(found.candidate.choices) <= len(start.choices)
        assert found.candidate is best[-1].candidate
        assert [b.candidate.size for b in best] == sorted((b.candidate.size for b in best), reverse=True)


def test_the_bound_on_candidates_holds_but_for_the_proof() -> None:
    found = shrunk(planted.failing(9)[0], max_candidates=200)
    assert found.stopped
    assert found.candidates <= 200 + found.candidate.size


def test_the_same_on_every_hash_seed() -> None:
    code = (
        "from tests.shrinking import planted\nfrom turbulence_app.engine.shrinking.minimise import minimise\n"
        "m = minimise([planted.failing(3)[0]], planted.run, loops=planted.LOOPS, alternatives=planted.alternatives)\n"
        "print(m.candidates, sorted(m.candidate.choices.items()))"
    )
    said = {
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("0", "1", "77")
    }  # fmt: skip
    assert len(said) == 1


# ---- laws, over failures of any shape -------------------------------------------------------------------------------

ADDRESSES = [f"{u}/s{s}#{v}.0:choice" for u in range(3) for s in range(3) for v in range(4)]
FAULTS = [f"{u}/s0#0.0:fault{n}" for u in range(3) for n in range(2)]


@st.composite
def troubles(draw):
    """Some combinations of choices, each of which makes it fail, and a world in which one of them is there."""
    every = [*ADDRESSES, *FAULTS]
    causes = draw(st.lists(st.frozensets(st.sampled_from(every), min_size=1, max_size=5), min_size=1, max_size=4))
    chosen = draw(st.sets(st.sampled_from(every), max_size=20)) | causes[0]
    words = draw(st.lists(st.integers(1, 2**32 - 1), min_size=len(chosen), max_size=len(chosen)))
    return causes, dict(zip(sorted(chosen), words, strict=True))


def failing_where(causes):
    """Fails where all choices of a cause are there; only people who are in and faults that are on draw."""

    def run(candidate: Candidate) -> Outcome | None:
        drawn = {
            a: 0 for a in (*ADDRESSES, *FAULTS)
            if int(parse(a).user) in candidate.users
            and (not (p := parse(a).purpose).startswith("fault") or int(p[5:]) in candidate.faults)
        }  # fmt: skip
        there = {a for a, w in candidate.choices.items() if a in drawn and w}
        return Outcome(drawn) if any(cause <= there for cause in causes) else None

    return run


@settings(max_examples=150, deadline=None)
@given(troubles())
def test_whatever_fails_ends_1_minimal_over_choices_users_and_faults(trouble) -> None:
    causes, choices = trouble
    run = failing_where(causes)
    loops = (Loop(4, {"s0": 1, "s1": 1, "s2": 1}),)
    found = minimise([Candidate(choices, (0, 1, 2), frozenset({0, 1}))], run, loops=loops)
    assert found is not None
    assert found.minimal
    best = found.candidate
    assert run(best) is not None
    assert all(run(without(best, (a,))) is None for a in best.choices)
    assert all(run(best.without_user(u)) is None for u in best.users if len(best.users) > 1)
    assert all(run(best.without_fault(n)) is None for n in best.faults)
    assert len(found.removals) == len(best.choices) + len(best.faults) + (len(best.users) if len(best.users) > 1 else 0)
    assert len(best.choices) <= max(len(cause) for cause in causes)


def test_restarts_keep_the_smallest_of_several_worlds() -> None:
    causes = [frozenset(ADDRESSES[:5]), frozenset(ADDRESSES[7:9])]
    worlds = [Candidate(dict.fromkeys(cause, 1), (0, 1, 2)) for cause in causes]
    one = minimise(worlds[:1], failing_where(causes))
    both = minimise(worlds, failing_where(causes))
    assert one is not None
    assert both is not None
    assert (len(one.candidate.choices), len(both.candidate.choices)) == (5, 2)


def test_what_does_not_fail_is_no_start() -> None:
    assert minimise([Candidate({})], lambda _: None) is None


def test_the_same_world_is_run_once() -> None:
    seen = []

    def run(candidate: Candidate) -> Outcome | None:
        seen.append(candidate.key)
        return planted.run(candidate)

    minimise([planted.failing(1)[0]], run, loops=planted.LOOPS, alternatives=planted.alternatives)
    assert len(seen) == len(set(seen))


# ---- addresses and rounds -------------------------------------------------------------------------------------------


@given(st.integers(0, 99), st.integers(0, 5), st.integers(0, 500), st.sampled_from(["choice", "fault1_add", "turn12"]))
def test_an_address_reads_back(user: int, attempt: int, visit: int, purpose: str) -> None:
    for text in (f"pay it#{visit}.{attempt}:{purpose}", f"{user}/pay it#{visit}.{attempt}:{purpose}"):
        assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["", "pay", "pay#0:x", "pay#a.0:x", "pay#0.0", "#0.0:", "pay#0.0.0:x", "pay#-1.0:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not step#visit"):
        parse(text)


def test_rounds_of_nested_loops_move_as_a_whole() -> None:
    outer, inner = Loop(5, {"pay": 3, "look": 1}), Loop(3, {"pay": 1})
    address = "7/pay#11.0:latency"  # round 3 of the outer loop, round 2 of the inner one
    assert round_of(outer, address) == ("7", 0, 3)
    assert round_of(inner, address) == ("7", 3, 2)
    assert moved(outer, address, -2) == "7/pay#5.0:latency"
    assert moved(inner, address, -1) == "7/pay#10.0:latency"
    assert round_of(inner, "7/look#3.0:latency") is None


def test_rounds_move_up_over_gaps() -> None:
    generator = random.Random(4)
    wanted = sorted(generator.sample(range(50), 3))
    loop = Loop(50, {"a": 1, "b": 1})

    def run(candidate: Candidate) -> Outcome | None:
        """Fails where three rounds have both, in whatever rounds."""
        there = {address for address, word in candidate.choices.items() if word}
        rounds = [i for i in range(50) if {f"a#{i}.0:choice", f"b#{i}.0:choice"} <= there]
        return Outcome({f"{s}#{i}.0:choice": 0 for i in range(50) for s in "ab"}) if len(rounds) >= 3 else None

    start = Candidate({f"{s}#{i}.0:choice": 5 for i in wanted for s in "ab"})
    found = minimise([start], run, loops=(loop,))
    assert sorted(found.candidate.choices) == [f"{s}#{i}.0:choice" for s in "ab" for i in range(3)]
