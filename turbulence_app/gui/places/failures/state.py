"""Failures in groups, and the words for one of them. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.failure import Choice, Failure, Shrunk

Key = tuple[str, str, str]
"""Invariant, step, persona."""


@dataclass(frozen=True, slots=True)
class Group:
    """Failures of one kind: the same invariant, at the same step, by the same persona."""

    invariant: str
    step: str
    persona: str
    failures: tuple[Failure, ...]

    @property
    def key(self) -> Key:
        """What makes them one group."""
        return (self.invariant, self.step, self.persona)

    @property
    def where(self) -> str:
        """Step and persona in words."""
        person = self.persona.replace("_", " ")
        return f"at {self.step} · {person}" if self.step else person


def grouped(failures: Iterable[Failure]) -> list[Group]:
    """Groups, the largest first; within one, the failures with the fewest events first."""
    found: dict[Key, list[Failure]] = {}
    for failure in failures:
        found.setdefault((failure.invariant, failure.step, failure.persona), []).append(failure)
    groups = [
        Group(*key, tuple(sorted(members, key=lambda f: (f.events or 10**9, f.user)))) for key, members in found.items()
    ]
    return sorted(groups, key=lambda group: (-len(group.failures), group.key))


def headline(groups: Iterable[Group]) -> str:
    """``214 failures · 3 causes``"""
    listed = list(groups)
    total = sum(len(group.failures) for group in listed)
    return f"{total:,} failure{'s' * (total != 1)} · {len(listed)} kind{'s' * (len(listed) != 1)}"


def plural(count: int, noun: str) -> str:
    """``1 event``, ``6 events``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def replay_command(failure: Failure) -> str:
    """What to type to see the same user again."""
    return f"turbulence replay {failure.run_id}/{failure.user}"


def shrink_command(failure: Failure) -> str:
    """What to type to shrink it."""
    return f"turbulence shrink {failure.run_id}/{failure.failure_id or failure.user}"


def choice_words(choice: Choice) -> tuple[str, str]:
    """A necessary choice: what it means, and its address."""
    value = (
        ""
        if choice.value is None or choice.value is True or str(choice.value) in choice.meaning
        else f" = {choice.value}"
    )
    return (choice.meaning or choice.address) + value, choice.address


def read_failures(data: Any) -> list[Failure]:
    """Failures as the service lists them."""
    items = data.get("failures", []) if isinstance(data, Mapping) else data
    return [Failure.model_validate(item) for item in items]


def tries_words(shrunk: Shrunk) -> str:
    """How the reproduction was found."""
    time = f" in {shrunk.elapsed_ms:,.0f} ms" if shrunk.elapsed_ms else ""
    proof = "each choice was taken away once, and it holds then" if shrunk.minimal else "not proven minimal yet"
    return f"{shrunk.candidates:,} candidates re-run{time}; {proof}"
