"""The breakers of a process: one per backend and model digest, alive as long as the gateway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from turbulence_app.llm.resilience.breaker import USUAL, Breaker, BreakerSettings, State
from turbulence_app.llm.resilience.deadline import Clock

Changed = Callable[[str, str, State], object]
"""Told of a change: backend, model's name, new state."""


class Breakers:
    """Finds or makes the breaker of a model. Safe for several threads."""

    def __init__(
        self,
        settings: BreakerSettings = USUAL,
        clock: Clock = time.monotonic,
        on_change: Changed | None = None,
    ) -> None:
        self._settings, self._clock, self._on_change = settings, clock, on_change
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[str, Breaker]] = {}

    def of(self, backend: str, digest: str, model: str = "") -> Breaker:
        """The breaker of one model; ``model`` is its name for people."""
        key = (backend, digest)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = (model, self._new(backend, model))
            return self._kept[key][1]

    def states(self) -> list[dict[str, Any]]:
        """All breakers as plain data: ``backend``, ``model``, ``digest`` and the fields of ``BreakerView``."""
        with self._lock:
            kept = list(self._kept.items())
        return [
            {"backend": backend, "model": model, "digest": digest, **asdict(breaker.view())}
            for (backend, digest), (model, breaker) in sorted(kept, key=lambda item: item[0])
        ]

    def _new(self, backend: str, model: str) -> Breaker:
        def tell(state: State) -> None:
            if self._on_change:
                self._on_change(backend, model, state)

        return Breaker(self._settings, self._clock, tell)
