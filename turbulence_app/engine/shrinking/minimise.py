"""Minimising a failing world: the order of the passes, restarts, and the proof.

The choices are reduced, not what comes of them (the idea of Hypothesis' reducer: MacIver and Donaldson, ECOOP 2020), so
every candidate is a valid world. Passes leave out, put something simpler in the place of, and move; they are repeated
until none helps. Then everything that is left is left out alone once more: that is the proof of 1-minimality.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from turbulence_app.engine.shrinking import changing, moving, removing
from turbulence_app.engine.shrinking.addresses import Loop
from turbulence_app.engine.shrinking.candidate import (
    Alternatives,
    Candidate,
    Minimal,
    Removal,
    Run,
    any_word,
)
from turbulence_app.engine.shrinking.removing import without_it
from turbulence_app.engine.shrinking.search import Search, Stopped, cost

MAX_CANDIDATES = 20_000


def minimise(
    starts: Sequence[Candidate],
    run: Run,
    *,
    loops: Sequence[Loop] = (),
    alternatives: Alternatives = any_word,
    max_candidates: int = MAX_CANDIDATES,
    on_better: Callable[[Minimal], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Minimal | None:
    """The smallest world that still fails, from any of ``starts``; None where none of them fails.

    ``run`` really runs a candidate and says how it fails, None where it does not fail in the same way. ``loops`` tell
    which choices belong to one round, ``alternatives`` which values a choice may take. ``on_better`` hears of every
    improvement over all starts; ``should_stop`` is asked before every candidate, and what was found so far is returned.
    """
    told: list[Minimal] = []

    def better(found: Minimal) -> None:
        if not told or _cost(found) < _cost(told[0]):
            told[:] = [found]
            if on_better is not None:
                on_better(found)

    search = Search(run, max_candidates, better, should_stop or (lambda: False))
    stopped = False
    try:
        for start in starts:
            if search.start(start):
                _reduce(search, loops, alternatives)
    except Stopped:
        stopped = True
    if not told:
        return None
    best = told[0]
    removals = _proof(search, best.candidate)
    return Minimal(
        best.candidate,
        best.outcome,
        search.candidates,
        minimal=removals is not None,
        removals=removals or (),
        stopped=stopped,
    )


def _reduce(search: Search, loops: Sequence[Loop], alternatives: Alternatives) -> None:
    """All passes, the cheap ones until they help no more before a dear one is tried."""
    while True:
        _cheap(search, loops)
        if changing.lower(search, alternatives) or moving.earlier(search):
            continue
        if changing.options(search, alternatives) or moving.reorder(search, loops):
            continue
        if removing.pairs(search) or changing.together(search, alternatives):
            continue
        return


def _cheap(search: Search, loops: Sequence[Loop]) -> None:
    removing.fresh(search)
    removing.users(search)
    removing.faults(search)
    removing.groups(search)
    while any([removing.blocks(search), moving.compact(search, loops), moving.drop_rounds(search, loops)]):
        continue


def _proof(search: Search, best: Candidate) -> tuple[Removal, ...] | None:
    """Everything that is left, left out alone: it must not fail any more. None: stopped, or something may go."""
    alone = [
        *(Removal("choice", address) for address in best.choices),
        *(Removal("fault", str(number)) for number in sorted(best.faults)),
        *(Removal("user", str(user)) for user in best.users if len(best.users) > 1),
        *(Removal("liveness", "") for _ in range(best.fresh)),
    ]
    search.allow(len(alone))
    try:
        if any(search.fails(without_it(best, removal)) is not None for removal in alone):
            return None
    except Stopped:
        return None
    return tuple(alone)


def _cost(found: Minimal) -> tuple[int, ...]:
    return cost(found.candidate, found.outcome)
