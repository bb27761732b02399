"""The compiled generator gives NumPy's bits; without numba everything works as well."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.shop import shop
from turbulence_app.engine import fast, rng
from turbulence_app.engine.execute import execute

words = st.integers(0, 2**32 - 1)


@pytest.fixture
def compiled():
    """An accelerator of its own, loaded, in the generator's place."""
    pytest.importorskip("numba")
    made = fast.Accelerator()
    assert made.load()
    return made


def test_the_compiled_loop_gives_the_same_words(compiled):
    @settings(max_examples=100, deadline=None)
    @given(st.lists(words, min_size=1, max_size=40), st.integers(0, 2**64 - 1), words, words, st.integers(0, 60))
    def same(users, seed, site, visit_attempt, block):
        array = np.array(users, np.uint64)
        found = compiled.lanes(array, seed, (site, visit_attempt, block))
        wanted = [rng.words(seed, user, site, visit_attempt >> 16, visit_attempt & 0xFFFF, block) for user in users]
        assert list(zip(*(lane.tolist() for lane in found), strict=True)) == wanted

    same()


def test_a_run_has_the_same_digest_with_it_and_without(compiled, monkeypatch):
    without = execute(shop(20_000))
    monkeypatch.setattr(rng, "accelerator", compiled)
    assert execute(shop(20_000)).digest == without.digest


@pytest.mark.parametrize("users", [1, 6, 7, 8191, 8192, 8193, 20_000])
def test_slices_give_the_words_of_single_users(users):
    array = np.arange(users, dtype=np.uint64)
    found = rng.lanes(array, 2**63 + 5, 77, 3, 1, 2, 15)
    for user in {0, users // 2, users - 1}:
        assert tuple(int(lane[user]) for lane in found) == rng.words(2**63 + 5, user, 77, 3, 1, 2)


def test_without_numba_nothing_is_loaded(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    made = fast.Accelerator()
    assert not made.load()
    assert made.kernel is None


def test_short_runs_do_not_load_it(monkeypatch):
    made = fast.Accelerator()
    monkeypatch.setattr(made, "load", lambda: pytest.fail("loaded"))
    made.prepare(fast.WORTH - 1)
