"""The state of one search: what was tried, and the best so far."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from turbulence_app.engine.shrinking.addresses import parse
from turbulence_app.engine.shrinking.candidate import Candidate, Cost, Minimal, Outcome, Run


class Stopped(Exception):  # noqa: N818 - asked for, not an error
    """Somebody has seen enough, or the bound on candidates is reached."""


class Search:
    """Runs candidates, remembers them by what they are, and keeps the best."""

    def __init__(
        self,
        run: Run,
        max_candidates: int,
        on_better: Callable[[Minimal], None] | None,
        should_stop: Callable[[], bool],
    ) -> None:
        self._run, self._most, self._on_better, self._should_stop = run, max_candidates, on_better, should_stop
        self._tried: dict[Hashable, Outcome | None] = {}
        self.candidates = 0
        self.best: Candidate | None = None
        self.outcome: Outcome | None = None
        self._cost: Cost = ()

    def start(self, candidate: Candidate) -> bool:
        """Begin from a failing world, forgetting the best so far; False where it does not fail."""
        outcome = self.fails(candidate)
        if outcome is None:
            return False
        self._keep(normal(candidate, outcome), outcome)
        return True

    def fails(self, candidate: Candidate) -> Outcome | None:
        """How a candidate fails, None if it does not; really run unless the same world was run before."""
        key = candidate.key
        if key in self._tried:
            return self._tried[key]
        if self.candidates >= self._most or self._should_stop():
            raise Stopped
        self.candidates += 1
        outcome = self._run(candidate)
        self._tried[key] = outcome
        if outcome is not None:
            # A choice that is never drawn, or is the neutral word, changes no draw: the same world by definition.
            self._tried[normal(candidate, outcome).key] = outcome
        return outcome

    def allow(self, more: int) -> None:
        """Let so many more candidates be run than were run until now."""
        self._most = max(self._most, self.candidates + more)

    def smaller(self, candidate: Candidate) -> bool:
        """Run a candidate and keep it where it fails and is simpler than the best."""
        assert self.best is not None
        if candidate.size > self.best.size:
            return False
        outcome = self.fails(candidate)
        return outcome is not None and self.accept(candidate, outcome)

    def any_smaller(self, candidates: Iterable[Candidate]) -> bool:
        """Try all of them, one after the other, each made when it is its turn; whether any helped."""
        helped = False
        for candidate in candidates:
            helped |= self.smaller(candidate)
        return helped

    def accept(self, candidate: Candidate, outcome: Outcome) -> bool:
        """Keep a failing candidate where it is simpler than the best."""
        candidate = normal(candidate, outcome)
        if cost(candidate, outcome) >= self._cost:
            return False
        self._keep(candidate, outcome)
        return True

    def snapshot(self) -> Minimal:
        """The best so far."""
        assert self.best is not None
        assert self.outcome is not None
        return Minimal(self.best, self.outcome, self.candidates)

    @property
    def now(self) -> Candidate:
        """The best so far; there is one once :meth:`start` succeeded."""
        assert self.best is not None
        return self.best

    @property
    def drawn(self) -> Outcome:
        """How the best fails."""
        assert self.outcome is not None
        return self.outcome

    def _keep(self, candidate: Candidate, outcome: Outcome) -> None:
        self.best, self.outcome, self._cost = candidate, outcome, cost(candidate, outcome)
        if self._on_better is not None:
            self._on_better(self.snapshot())


def normal(candidate: Candidate, outcome: Outcome) -> Candidate:
    """The candidate with the choices that were really drawn and are not neutral, in the order of drawing."""
    choices, used = candidate.choices, outcome.used
    kept = {a: w for a, neutral in used.items() if (w := choices.get(a)) is not None and w != neutral}
    return candidate.with_choices(kept)


def cost(candidate: Candidate, outcome: Outcome) -> Cost:
    """Smaller is simpler: fewer things, then what the adapter says, then earlier, then lower words."""
    late = sum(parse(address).visit for address in candidate.choices)
    return candidate.size, *outcome.cost, late, sum(candidate.choices.values())
