"""Counters and histograms that several threads write; what they counted is taken out as one document at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from turbulence_app.llm.telemetry.document import Document
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.names import COUNTERS, HISTOGRAMS, MODEL, OTHER, series

MAX_SERIES = 512
"""More names of models than this are counted together."""


class Counter:
    """One series of a counter, to be kept by whoever counts often."""

    __slots__ = ("_lock", "value")

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self.value = 0

    def add(self, number: int = 1) -> None:
        """Counts."""
        with self._lock:
            self.value += number


class Recorder:
    """One series of a histogram, to be kept by whoever records often."""

    __slots__ = ("_lock", "histogram")

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self.histogram = Histogram()

    def record(self, value: int) -> None:
        """Records: nanoseconds for durations, else a number."""
        with self._lock:
            self.histogram.record(value)


class Metrics:
    """All series of a process. Names and attributes are those of :mod:`.names`; others raise ``ValueError``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made = threading.Lock()
        self._counters: dict[str, Counter] = {}
        self._recorders: dict[str, Recorder] = {}

    def counter(self, name: str, attributes: Mapping[str, str]) -> Counter:
        """The series of a counter, made if need be."""
        if name not in COUNTERS:
            raise ValueError(f"{name!r} is not a counter")
        with self._made:
            key = self._key(name, attributes)
            if key not in self._counters:
                self._counters[key] = Counter(self._lock)
            return self._counters[key]

    def recorder(self, name: str, attributes: Mapping[str, str]) -> Recorder:
        """The series of a histogram, made if need be."""
        if name not in HISTOGRAMS:
            raise ValueError(f"{name!r} is not a histogram")
        with self._made:
            key = self._key(name, attributes)
            if key not in self._recorders:
                self._recorders[key] = Recorder(self._lock)
            return self._recorders[key]

    def add(self, name: str, attributes: Mapping[str, str], number: int = 1) -> None:
        """Counts once; who does it often keeps the :meth:`counter`."""
        (self._counters.get(series(name, attributes)) or self.counter(name, attributes)).add(number)

    def record(self, name: str, attributes: Mapping[str, str], value: int) -> None:
        """Records once; who does it often keeps the :meth:`recorder`."""
        (self._recorders.get(series(name, attributes)) or self.recorder(name, attributes)).record(value)

    def drain(self) -> Document:
        """What was counted since the last time; nothing is counted twice or lost."""
        found = Document()
        with self._made, self._lock:
            for key, counter in self._counters.items():
                if counter.value:
                    found.counters[key], counter.value = counter.value, 0
            for key, recorder in self._recorders.items():
                if recorder.histogram.lowest <= recorder.histogram.highest:
                    found.histograms[key], recorder.histogram = recorder.histogram, Histogram()
        return found

    def _key(self, name: str, attributes: Mapping[str, str]) -> str:
        key = series(name, attributes)
        known = key in self._counters or key in self._recorders
        if not known and len(self._counters) + len(self._recorders) >= MAX_SERIES and attributes.get(MODEL):
            return series(name, {**attributes, MODEL: OTHER})
        return key
