"""Shrinking: the smallest visit that still breaks the same invariant.

The failing user's draws are the choices (the idea of Hypothesis: reduce choices, not outcomes, and every candidate is a
valid world). A candidate is a set of draws over a neutral baseline in which nothing goes wrong; each one is really run
with the reference executor. Passes: delta debugging over the choices (Zeller and Hildebrandt, 2002), pairs, other
options at decisions, lower values; then a proof pass that tries to remove every single choice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.failure import Choice, Failure, Shrunk
from turbulence_app.domain.trace import TraceEvent, UserTrace
from turbulence_app.engine.nodes import Choose, Plan
from turbulence_app.engine.purposes import USER_SITE
from turbulence_app.engine.reference import execute_user
from turbulence_app.engine.story import meaning, tell
from turbulence_app.engine.visit import Visit

Choices = dict[str, int]
Cost = tuple[int, int, int]
MAX_CANDIDATES = 20_000
MAX_PAIRS = 40
FIXED = frozenset({f"{USER_SITE}#0.0:persona", f"{USER_SITE}#0.0:arrival"})
"""Who the user is: kept, and not counted as a choice."""


class _Stopped(Exception):  # noqa: N818 - asked for, not an error
    """The user has seen enough."""


def shrink(
    plan: Plan,
    failure: Failure,
    *,
    on_better: Callable[[Shrunk], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Shrunk:
    """The smallest reproduction of ``failure``; ``minimal`` is true where removing any one choice was seen to pass.

    Raises :class:`InputError` where the user does not break the invariant under this plan (other inputs or version).
    """
    shrinker = _Shrinker(plan, failure, on_better, should_stop or (lambda: False))
    return shrinker.run()


class _Shrinker:
    def __init__(
        self, plan: Plan, failure: Failure, on_better: Callable[[Shrunk], None] | None, should_stop: Callable[[], bool]
    ) -> None:
        self.plan, self.failure, self.on_better, self.should_stop = plan, failure, on_better, should_stop
        self.began = time.perf_counter()
        self.candidates = 0
        self._tried: dict[frozenset[tuple[str, int]], Visit | None] = {}
        found = execute_user(plan, failure.user)
        if failure.invariant not in found.broken:
            message = f"user {failure.user} does not break {failure.invariant} under these inputs"
            raise InputError(message, "shrink with the inputs of the run that found it")
        drawn = {_address(d): d for d in found.draws.made}
        self.fixed: Choices = {a: d[4] for a, d in drawn.items() if a in FIXED}
        self.best: Choices = {a: d[4] for a, d in drawn.items() if a not in FIXED and d[4] != d[6]}
        self.found_events = found.broken[failure.invariant][2]
        self.found_choices = len(self.best)
        self.visit = found

    def run(self) -> Shrunk:
        """All passes until none helps, then the proof."""
        minimal = False
        try:
            start = self._try(self.best)
            if start is not None:
                self._accept(self.best, start)
            while any([self._delete(), self._pairs(), self._other_options(), self._lower()]):
                continue
            minimal = self._proof()
        except _Stopped:
            minimal = False
        return self._result(minimal)

    # ---- candidates ---------------------------------------------------------------------------------------------

    def _try(self, choices: Choices) -> Visit | None:
        """Really run a candidate; the visit if it breaks the same invariant."""
        key = frozenset(choices.items())
        if key in self._tried:
            return self._tried[key]
        if self.should_stop() or self.candidates >= MAX_CANDIDATES:
            raise _Stopped
        self.candidates += 1
        visit = execute_user(self.plan, self.failure.user, choices={**self.fixed, **choices}, neutral=True)
        result = visit if self.failure.invariant in visit.broken else None
        self._tried[key] = result
        return result

    def _cost(self, choices: Choices, visit: Visit) -> Cost:
        return len(choices), visit.broken[self.failure.invariant][2], sum(choices.values())

    def _attempt(self, choices: Choices) -> bool:
        """Run a candidate and keep it where it is smaller."""
        visit = self._try(choices)
        if visit is None:
            return False
        return self._accept(choices, visit)

    def _accept(self, choices: Choices, visit: Visit) -> bool:
        """Keep a failing candidate, without the choices that its visit never drew."""
        drawn = {_address(d): d for d in visit.draws.made}
        needed = {a: w for a, w in choices.items() if a in drawn and drawn[a][6] != w}
        if needed != choices:
            again = self._try(needed)
            if again is None:
                needed = choices
            else:
                visit = again
        if needed != self.best and self._cost(needed, visit) >= self._cost(self.best, self.visit):
            return False
        changed = needed != self.best
        self.best, self.visit = needed, visit
        if changed and self.on_better is not None:
            self.on_better(self._result(False))
        return changed

    # ---- passes -------------------------------------------------------------------------------------------------

    def _delete(self) -> bool:
        """Delta debugging: remove blocks of falling size, down to single choices."""
        helped = False
        size = max(1, len(self.best) // 2)
        while size:
            order = list(self.best)
            for start in range(0, len(order), size):
                gone = set(order[start : start + size])
                smaller = {a: w for a, w in self.best.items() if a not in gone}
                if len(smaller) < len(self.best):
                    helped |= self._attempt(smaller)
            size //= 2
        return helped

    def _pairs(self) -> bool:
        """Remove two at once: what one hides, the other may hide too."""
        helped = False
        if len(self.best) > MAX_PAIRS:
            return False
        for one, two in combinations(list(self.best), 2):
            if one in self.best and two in self.best:
                helped |= self._attempt({a: w for a, w in self.best.items() if a not in (one, two)})
        return helped

    def _other_options(self) -> bool:
        """Another option at a decision may be a shorter way to the same place, at once or after more deletions."""
        helped = False
        for draw in list(self.visit.draws.made):
            address = _address(draw)
            if draw[3] != "choice" or address in FIXED:
                continue
            for word in self._words_of_options(draw[0]):
                other = {**self.best, address: word}
                visit = self._try(other)
                if visit is None:
                    continue
                if not self._accept(other, visit):
                    helped |= self._delete_from(other)
                else:
                    helped = True
        return helped

    def _delete_from(self, start: Choices) -> bool:
        """Single deletions from a failing world that is not smaller itself."""
        current = dict(start)
        for address in list(start):
            smaller = {a: w for a, w in current.items() if a != address}
            if self._try(smaller) is not None:
                current = smaller
        visit = self._try(current)
        return (
            visit is not None
            and self._cost(current, visit) < self._cost(self.best, self.visit)
            and self._accept(current, visit)
        )

    def _words_of_options(self, step: str) -> Iterator[int]:
        node = next(n for n in self.plan.nodes if n.name == step)
        if isinstance(node, Choose):
            cuts = node.cuts[self.visit.persona]
            for low, high in zip((0, *cuts[:-1]), cuts, strict=True):
                if high > low:
                    yield (low + high) // 2

    def _lower(self) -> bool:
        """Lower each word as far as the failure lasts: short waits and small values are easier to read."""
        helped = False
        for address in list(self.best):
            low, high = 0, self.best.get(address, 0)
            if high and self._attempt({**self.best, address: 0}):
                helped = True
                continue
            while address in self.best and high - low > 1 << 22:
                middle = (low + high) // 2
                if self._attempt({**self.best, address: middle}):
                    helped, high = True, middle
                else:
                    low = middle
        return helped

    def _proof(self) -> bool:
        """Whether each single choice is needed."""
        return all(
            self._try({a: w for a, w in self.best.items() if a != address}) is None for address in list(self.best)
        )

    # ---- result -------------------------------------------------------------------------------------------------

    def _result(self, minimal: bool) -> Shrunk:
        visit = self.visit
        trace: UserTrace = visit.trace()
        values: Mapping[str, Any] = {_address(d): d[5] for d in visit.draws.made}
        choices = tuple(
            Choice(address=a, word=w, meaning=meaning(self.plan, a, values.get(a)), value=values.get(a))
            for a, w in self.best.items()
        )
        events = visit.broken[self.failure.invariant][2]
        story: tuple[TraceEvent, ...] = tell(trace.events[:events])
        return Shrunk(
            failure=self.failure,
            found_events=self.found_events,
            found_choices=self.found_choices,
            events=events,
            choices=choices,
            candidates=self.candidates,
            minimal=minimal,
            trace=trace,
            story=story,
            elapsed_ms=(time.perf_counter() - self.began) * 1000,
        )


def _address(made: list[Any]) -> str:
    return f"{made[0]}#{made[1]}.{made[2]}:{made[3]}"
