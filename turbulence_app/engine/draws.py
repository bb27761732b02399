"""The draws of one user: addressed words, with overrides and neutral values for shrinking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.engine.purposes import PURPOSES
from turbulence_app.engine.quantiles import MIDDLE, Sampler
from turbulence_app.engine.rng import words


class Draws:
    """Gives words and keeps what was drawn: ``(step, visit, attempt, purpose, word, value, neutral)``."""

    def __init__(self, seed: int, user: int, choices: Mapping[str, int], neutral: bool) -> None:
        self._seed, self._user, self._choices, self._neutral = seed, user, choices, neutral
        self._blocks: dict[tuple[int, int, int, int], tuple[int, int, int, int]] = {}
        self.made: list[list[Any]] = []

    def word(self, name: str, site: int, visit: int, attempt: int, purpose: str, *, neutral: int = MIDDLE) -> int:
        """The 32-bit word of one draw."""
        found = self._choices.get(f"{name}#{visit}.{attempt}:{purpose}") if self._choices else None
        if found is None:
            if self._neutral:
                found = neutral
            else:
                block, lane = PURPOSES[purpose]
                counter = (site, visit, attempt, block)
                drawn = self._blocks.get(counter)
                if drawn is None:
                    drawn = self._blocks[counter] = words(self._seed, self._user, site, visit, attempt, block)
                found = drawn[lane]
        self.made.append([name, visit, attempt, purpose, found, None, neutral])
        return found

    def meant(self, value: Any) -> None:
        """Record what the last draw came to mean."""
        self.made[-1][5] = value

    def forget(self) -> None:
        """Forget what was drawn, where nobody will ask any more; words stay what they are."""
        self._blocks.clear()
        self.made.clear()

    def sample(self, sampler: Sampler, name: str, site: int, visit: int, attempt: int, purpose: str) -> int:
        """A duration in microseconds; a constant draws nothing."""
        if sampler.constant:
            return sampler.low
        value = sampler.value(self.word(name, site, visit, attempt, purpose))
        self.made[-1][5] = value
        return value
