"""Rolling windows of 1, 5 and 60 minutes over documents, and the alarms that thresholds raise in them.

Documents come with the moment at which they were taken, from this process or from the store; the same documents give
the same alarms. Times are seconds of the wall clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.llm.telemetry.document import Document, merged
from turbulence_app.llm.telemetry.names import REQUEST_NS, parts
from turbulence_app.llm.telemetry.thresholds import MEASURES, MINUTES, USUAL, Threshold

SLICE_S = 10
"""Resolution of the windows."""


class Windows:
    """The last hour in slices of ten seconds, without attributes."""

    def __init__(self) -> None:
        self._slices: deque[tuple[int, Document]] = deque()

    def add(self, at: float, document: Document) -> None:
        """Takes what was counted until ``at``. Moments only grow (an earlier one counts as the latest)."""
        moment = int(at) // SLICE_S * SLICE_S
        if self._slices and moment <= self._slices[-1][0]:
            self._slices[-1][1].merge(_condensed(document))
        elif document:
            self._slices.append((moment, _condensed(document)))
        while self._slices and self._slices[0][0] + SLICE_S <= at - 60 * MINUTES[-1]:
            self._slices.popleft()

    def over(self, minutes: int, now: float) -> Document:
        """The sums of the last so many minutes; to the next ten seconds."""
        return merged(document for at, document in self._slices if now - 60 * minutes < at + SLICE_S <= now + SLICE_S)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A threshold that is exceeded since ``since``; ``value`` is the measure now, ``worst`` its highest so far."""

    threshold: Threshold
    since: float
    value: float
    worst: float

    def to_plain(self) -> dict[str, Any]:
        """For JSON: ``name``, ``measure``, ``minutes``, ``over``, ``value``, ``worst``, ``since``, ``says``."""
        limit = self.threshold
        what = {"name": limit.name, "measure": limit.measure, "minutes": limit.minutes, "over": limit.over}
        return {**what, "value": self.value, "worst": self.worst, "since": self.since, "says": self.says()}

    def says(self) -> str:
        """One line for people."""
        words, _ = MEASURES[self.threshold.measure]
        words = words.replace("times ", "time ", 1) if self.value == 1 else words
        number = f"{100 * self.value:.1f} %" if "share" in self.threshold.measure else f"{self.value:.4g}"
        limit = f"{100 * self.threshold.over:g} %" if "share" in self.threshold.measure else f"{self.threshold.over:g}"
        return f"{number} {words} in {self.threshold.minutes} min (limit {limit})"


@dataclass
class Alarms:
    """Looks at windows now and then; remembers what is on and what was (the last 50)."""

    thresholds: tuple[Threshold, ...] = USUAL
    on: dict[str, Alarm] = field(default_factory=dict)
    past: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=50))

    def look(self, windows: Windows, now: float) -> list[tuple[str, Alarm]]:
        """What changed: ``("raised" | "cleared", alarm)``."""
        documents = {minutes: windows.over(minutes, now) for minutes in {t.minutes for t in self.thresholds if t.on}}
        changes = []
        for threshold in self.thresholds:
            before = self.on.get(threshold.name)
            after = self._judge(threshold, documents.get(threshold.minutes), before, now)
            if after is not None:
                self.on[threshold.name] = after
            elif before is not None:
                del self.on[threshold.name]
                self.past.append({**before.to_plain(), "until": now})
                changes.append(("cleared", before))
            if after is not None and before is None:
                changes.append(("raised", after))
        return changes

    def replay(self, documents: Iterable[tuple[float, Document]], now: float) -> Windows:
        """Lives through documents again, in the order of their moments, up to ``now``."""
        windows = Windows()
        for at, document in documents:
            windows.add(at, document)
            self.look(windows, at)
        self.look(windows, now)
        return windows

    @staticmethod
    def _judge(limit: Threshold, document: Document | None, before: Alarm | None, now: float) -> Alarm | None:
        if document is None or not limit.on or document.total(REQUEST_NS) < limit.least:
            return None
        value = MEASURES[limit.measure][1](document)
        if before is None:
            return Alarm(limit, now, value, value) if value > limit.over else None
        return Alarm(limit, before.since, value, max(value, before.worst)) if value > limit.clear else None


def _condensed(document: Document) -> Document:
    """Sums over all attributes: what the measures need, small enough to be added up often."""
    found = Document()
    for key, number in document.counters.items():
        name = f"{parts(key)[0]}{{}}"
        found.counters[name] = found.counters.get(name, 0) + number
    found.histograms[f"{REQUEST_NS}{{}}"] = document.histogram(REQUEST_NS)
    return found
