"""What a stress run is asked to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from turbulence_app.domain.errors import InputError

FAULTS: dict[str, str] = {
    "slow": "answers twenty times later",
    "dying": "its process or connection ends in the middle of the answer",
    "garbage": "says something that is no answer",
    "endless": "does not stop",
    "oversized": "sends far more than an answer can be",
    "refusing": "says that it is busy",
}
"""How a model can misbehave; a closed list."""
BACKENDS = ("mock", "builtin", "llamacpp", "ollama")
SLOWER = 20
TOLERANCE_MS = 250
"""How late an answer may be: threads wait for each other and for the processor."""
PROCESS_TOLERANCE_MS = 1500
"""The same where a process has to be ended: a worker is given a second to end by itself."""


@dataclass(frozen=True, slots=True)
class StressSettings:
    """``late_ms`` is how much later than its budget a request may end (None: what the kind of backend needs).
    ``hit_rate`` is the share of questions that were answered before; ``fault_rate`` that of a model's answers which
    are spoilt; ``latency_ms`` what the mock model takes, ``parallel`` how many questions it takes at a time."""

    seconds: float = 10.0
    hit_rate: float = 0.7
    budget_ms: int = 2000
    agents: int = 4
    seed: int = 42
    faults: tuple[str, ...] = ()
    fault_rate: float = 0.1
    backend: str = "mock"
    model: str | None = None
    latency_ms: float = 20.0
    parallel: int = 4
    late_ms: int | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("seconds", 0.1, 86_400), ("hit_rate", 0, 1), ("budget_ms", 1, 3_600_000), ("agents", 1, 256),
            ("fault_rate", 0, 1), ("latency_ms", 0, 60_000), ("parallel", 1, 64),
            ("tolerance_ms", 0, 3_600_000),
        ):  # fmt: skip
            value = getattr(self, name)
            if not math.isfinite(value) or not low <= value <= high:
                raise InputError(f"{name} is {value:g}", f"use a number from {low:g} to {high:g}")
        if self.backend not in BACKENDS:
            raise InputError(f"no backend is called {self.backend!r}", f"use one of {', '.join(BACKENDS)}")
        if unknown := [fault for fault in self.faults if fault not in FAULTS]:
            raise InputError(f"no fault is called {unknown[0]!r}", f"use some of {','.join(FAULTS)}")
        if self.faults and self.backend == "builtin":
            raise InputError("the built-in model has no faults to inject", "use --backend mock, llamacpp or ollama")

    @property
    def tolerance_ms(self) -> int:
        """How much later than the budget a request may end."""
        if self.late_ms is not None:
            return self.late_ms
        return TOLERANCE_MS if self.backend == "mock" else PROCESS_TOLERANCE_MS

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "faults": list(self.faults)}


def faults_of(text: str) -> tuple[str, ...]:
    """``slow,dying`` as a tuple; ``all`` is every one."""
    return tuple(FAULTS) if text == "all" else tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def spoilt(settings_faults: Sequence[str], fault_rate: float, draw: float, which: float) -> str:
    """The fault of one answer, or "": both draws are uniform from 0 to 1."""
    if not settings_faults or draw >= fault_rate:
        return ""
    return settings_faults[min(int(which * len(settings_faults)), len(settings_faults) - 1)]
