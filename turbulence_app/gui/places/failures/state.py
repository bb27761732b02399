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
    """Failures of one kind: the same invariant, at the same step, by the same persona; or a campaign's cause."""

    invariant: str
    step: str
    persona: str
    failures: tuple[Failure, ...]
    faults: tuple[str, ...] = ()
    count: int | None = None
    """A cause: in how many worlds it broke."""
    cluster_id: str = ""
    note: str = ""

    @property
    def size(self) -> int:
        """How often it broke: worlds of a cause, users of a kind."""
        return len(self.failures) if self.count is None else self.count

    @property
    def key(self) -> Key:
        """What makes them one group."""
        return (self.invariant, self.step, self.persona)

    @property
    def where(self) -> str:
        """Step and persona in words; of a cause, step and faults."""
        if self.cluster_id:
            return f"at {self.step or 'the end'} · {', '.join(self.faults) or 'no fault'}"
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


def matches(failure: Failure, words: str) -> bool:
    """Whether all words occur in what is known of a failure; a number is the beginning of the user's."""
    text = f"{failure.failure_id} {failure.persona} {failure.step} {failure.message} {failure.invariant}".lower()
    asked = words.lower().replace("user", " ").split()
    return all(
        str(failure.user).startswith(word.replace(",", "")) if word[0].isdigit() else word in text for word in asked
    )


def headline(groups: Iterable[Group]) -> str:
    """``214 failures · 3 causes``"""
    listed = list(groups)
    total = sum(group.size for group in listed)
    if any(group.cluster_id for group in listed):
        return f"{total:,} failing worlds · {len(listed)} cause{'s' * (len(listed) != 1)}"
    return f"{total:,} failure{'s' * (total != 1)} · {len(listed)} kind{'s' * (len(listed) != 1)}"


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


@dataclass(frozen=True, slots=True)
class Sizes:
    """One line of what shrinking made smaller."""

    what: str
    before: str
    after: str


def sizes_of(shrunk: Shrunk, faults: int, people: int = 0) -> list[Sizes]:
    """Before and after, beside the choices. ``faults`` of the scenario and ``people`` of the world; 0 is not known."""
    lines: list[Sizes] = []
    if people > 1 and shrunk.users:
        lines.append(Sizes("people", f"{people:,}", f"{len(shrunk.users):,}"))
    if faults:
        lines.append(Sizes("faults", f"{faults:,}", f"{len(set(shrunk.faults)):,}"))
    if shrunk.found_events:
        lines.append(Sizes("events", f"{shrunk.found_events:,}", f"{shrunk.events:,}"))
    return lines


def kept_faults(shrunk: Shrunk, labels: Iterable[str]) -> tuple[list[str], list[str]]:
    """The faults that are needed, and those that were taken away."""
    needed = set(shrunk.faults)
    listed = list(dict.fromkeys(labels))
    return [name for name in listed if name in needed], [name for name in listed if name not in needed]


def address_of(failure: Failure) -> str:
    """What names the failure anywhere: ``r-0001/f-0003``."""
    return f"{failure.run_id}/{failure.failure_id or failure.user}"


def file_stem(failure: Failure) -> str:
    """A file name for a failure: letters, digits and underscores."""
    words = f"{failure.invariant}_{failure.run_id}_{failure.failure_id or failure.user}"
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in words)


def tries_words(shrunk: Shrunk) -> str:
    """How the reproduction was found."""
    time = f" in {shrunk.elapsed_ms:,.0f} ms" if shrunk.elapsed_ms else ""
    proof = "take any choice away, and it holds" if shrunk.minimal else "not proven minimal yet"
    return f"{shrunk.candidates:,} candidates re-run{time}; {proof}"
