"""What a question is made of, beside its words: the variable parts of a template, and what each of them decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Slots:
    """``values`` is plain data (JSON). ``volatile`` names slots that say nothing about the answer (a time stamp, a
    request's id); ``free`` names texts in which a similar question may be worded otherwise."""

    values: Mapping[str, Any]
    volatile: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()

    def deciding(self) -> dict[str, Any]:
        """Every slot that is not volatile."""
        return {name: value for name, value in self.values.items() if name not in self.volatile}

    def strict(self) -> dict[str, Any]:
        """Every slot that must be equal, also for a similar answer."""
        return {name: value for name, value in self.deciding().items() if name not in self.free}

    def texts(self) -> dict[str, str]:
        """The free texts, by name."""
        return {name: str(value) for name, value in sorted(self.deciding().items()) if name in self.free}
