"""Everything that was counted in some time, as a value that can be added to others and kept as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.names import COUNTERS, HISTOGRAMS, parts

EVERYWHERE: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Document:
    """Counters and histograms by series (see :func:`~turbulence_app.llm.telemetry.names.series`)."""

    counters: dict[str, int] = field(default_factory=dict)
    histograms: dict[str, Histogram] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counters or self.histograms)

    def merge(self, other: Document) -> None:
        """Adds what another one counted; in any order the result is the same."""
        for key, number in other.counters.items():
            self.counters[key] = self.counters.get(key, 0) + number
        for key, histogram in other.histograms.items():
            self.histograms.setdefault(key, Histogram()).merge(histogram)

    def total(self, name: str, where: Mapping[str, str] = EVERYWHERE) -> int:
        """A counter, or how often a histogram was recorded, over all series with the attributes of ``where``."""
        if name in HISTOGRAMS:
            return self.histogram(name, where).count
        return sum(number for key, number in self.counters.items() if _fits(key, name, where))

    def histogram(self, name: str, where: Mapping[str, str] = EVERYWHERE) -> Histogram:
        """A histogram over all series with the attributes of ``where``."""
        found = Histogram()
        for key, histogram in self.histograms.items():
            if _fits(key, name, where):
                found.merge(histogram)
        return found

    def by(self, name: str, attribute: str) -> dict[str, int]:
        """How often, by the value of one attribute; series without it are under ``""``."""
        found: dict[str, int] = {}
        numbers: Iterable[tuple[str, int]] = self.counters.items()
        if name in HISTOGRAMS:
            numbers = ((key, histogram.count) for key, histogram in self.histograms.items())
        for key, number in numbers:
            if _fits(key, name, EVERYWHERE):
                value = parts(key)[1].get(attribute, "")
                found[value] = found.get(value, 0) + number
        return dict(sorted(found.items()))

    def to_plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "counters": dict(sorted(self.counters.items())),
            "histograms": {key: histogram.to_plain() for key, histogram in sorted(self.histograms.items())},
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Document:
        """The other way. Raises ``ValueError`` for anything that we did not write."""
        counters, histograms = plain.get("counters"), plain.get("histograms")
        if not isinstance(counters, dict) or not isinstance(histograms, dict):
            raise ValueError("not a document of telemetry")
        for key, number in counters.items():
            if parts(key)[0] not in COUNTERS or not isinstance(number, int) or isinstance(number, bool) or number < 0:
                raise ValueError("not a counter")
        if any(parts(key)[0] not in HISTOGRAMS or not isinstance(h, dict) for key, h in histograms.items()):
            raise ValueError("not a histogram")
        return cls(dict(counters), {key: Histogram.from_plain(h) for key, h in histograms.items()})


def merged(documents: Iterable[Document]) -> Document:
    """All of them as one."""
    found = Document()
    for document in documents:
        found.merge(document)
    return found


def _fits(key: str, name: str, where: Mapping[str, str]) -> bool:
    return key.startswith(name + "{") and where.items() <= parts(key)[1].items()
