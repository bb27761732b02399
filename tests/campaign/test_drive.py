"""Batches in any order, from any number of processes: the same campaign."""

import random
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.campaign.toy import kiosk, small
from turbulence_app.domain.batch import Batch
from turbulence_app.domain.campaign import CampaignSettings, Expansion
from turbulence_app.domain.errors import MachineError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.crew import HereCrew, ProcessCrew
from turbulence_app.engine.campaign.drive import Crew, campaign_digest, drive
from turbulence_app.engine.campaign.model import batch_inputs
from turbulence_app.engine.campaign.seeds import Slice, slices
from turbulence_app.engine.execute import execute

INPUTS, SETTINGS = kiosk(), small(worlds=64 * 50)


class Shuffled:
    """Keeps several batches under way and gives them back in a random order."""

    def __init__(self, inputs: RunInputs, settings: CampaignSettings, seed: int, most: int) -> None:
        self._crew, self._random, self._most = HereCrew(inputs, settings, None), random.Random(seed), most
        self._waiting: list[Batch] = []
        self.started: list[int] = []

    def free(self) -> bool:
        return len(self._waiting) < self._most

    def start(self, part: Slice, expansion: Expansion | None) -> None:
        self.started.append(part.number)
        self._crew.start(part, expansion)
        self._waiting.extend(self._crew.finished(lambda: False))

    def finished(self, should_stop: Callable[[], bool]) -> Iterable[Batch]:
        self._random.shuffle(self._waiting)
        return [self._waiting.pop()] if self._waiting else []

    def close(self) -> None:
        self._crew.close()


def all_of(crew: Crew, **how: object) -> list[Batch]:
    try:
        return list(drive(INPUTS, SETTINGS, crew, **how))  # type: ignore[arg-type]
    finally:
        crew.close()


@cache
def one_after_the_other() -> list[Batch]:
    return all_of(HereCrew(INPUTS, SETTINGS, None))


@pytest.fixture(scope="module")
def plain() -> list[Batch]:
    return one_after_the_other()


def digest(batches: Iterable[Batch]) -> str:
    return campaign_digest((b.first_world, b.worlds, b.digest) for b in batches)


def test_processes_change_nothing(plain: list[Batch]) -> None:
    assert all_of(ProcessCrew(INPUTS, SETTINGS, None, 2)) == plain


@given(st.integers(0, 10**6), st.integers(1, 12))
@settings(max_examples=6)
def test_the_order_in_which_batches_come_back_changes_nothing(seed: int, most: int) -> None:
    assert all_of(Shuffled(INPUTS, SETTINGS, seed, most)) == one_after_the_other()


@given(st.sets(st.integers(0, 49)))
@settings(max_examples=6)
def test_what_is_known_is_not_done_again(known: set[int]) -> None:
    reference = one_after_the_other()
    crew = Shuffled(INPUTS, SETTINGS, 1, 3)
    assert all_of(crew, known={i: reference[i] for i in known}) == reference
    assert set(crew.started) == set(range(50)) - known


def test_over_stops_at_a_whole_beginning(plain: list[Batch]) -> None:
    crew = Shuffled(INPUTS, SETTINGS, 2, 4)
    found = all_of(crew, over=lambda: len(crew.started) >= 20)
    assert 20 <= len(found) < 30
    assert found == plain[: len(found)]
    assert digest(found) == digest(plain[: len(found)])


def test_should_stop_ends_at_once() -> None:
    assert all_of(HereCrew(INPUTS, SETTINGS, None), should_stop=lambda: True) == []


def test_some_batches_follow_near_misses_of_generations_before_the_last(plain: list[Batch]) -> None:
    followers = [b for b in plain if b.expansion is not None and b.expansion.follows is not None]
    assert followers
    for batch in followers:
        assert batch.number >= 32
        assert batch.expansion is not None
        assert batch.expansion.follows is not None
        source = next(b for b in plain if b.first_world <= batch.expansion.follows < b.first_world + b.worlds)
        assert source.number // 16 < batch.number // 16 - 1
        assert source.expansion is not None
        assert batch.expansion.on == source.expansion.on


def test_a_batch_is_the_run_that_repeats_it(plain: list[Batch]) -> None:
    for batch in plain[:6]:
        part = next(p for p in slices(SETTINGS, "model") if p.number == batch.number)
        again = execute(batch_inputs(INPUTS, SETTINGS, part, batch.expansion))
        assert again.digest == batch.digest
        found = {(f.user, f.invariant): f for f in again.failures}
        assert sum(hit.users for hit in batch.hits) == len(again.failures)
        for hit in batch.hits:
            failure = found[hit.user, hit.invariant]
            assert (failure.step, failure.at_us) == (hit.step, hit.at_us)
            assert hit.first_world == batch.first_world + hit.user // SETTINGS.users
        for invariant, step in {(hit.invariant, hit.step) for hit in batch.hits}:
            broken = [f.user for f in again.failures if (f.invariant, f.step) == (invariant, step)]
            assert min(broken) == min(h.user for h in batch.hits if (h.invariant, h.step) == (invariant, step))
        worlds = {f.user // SETTINGS.users for f in again.failures}
        assert batch.failing == len(worlds)


def test_without_swarm_batches_are_large_and_have_no_switches() -> None:
    settings = small(worlds=40_000, swarm=False)
    crew = HereCrew(INPUTS, settings, None)
    found = list(drive(INPUTS, settings, crew))
    assert [b.worlds for b in found] == [16_384, 16_384, 7232]
    assert all(b.expansion is None and not b.near for b in found)
    assert np.unique([b.seed for b in found]).size == 3


def test_a_killed_worker_is_one_clear_line() -> None:
    import os
    import signal

    crew = ProcessCrew(INPUTS, SETTINGS, None, 1)
    batches = drive(INPUTS, SETTINGS, crew)
    next(batches)
    os.kill(crew.pids[0], signal.SIGKILL)
    with pytest.raises(MachineError, match="killed by signal 9"):
        list(batches)
    crew.close()
