"""The way of one request through the cascade: rules, cache, model, repair, fallback; each stage with its outcome."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Stage = Literal["rules", "cache", "similar", "joined", "model", "repair", "fallback"]
Outcome = Literal["hit", "miss", "answered", "invalid", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Step:
    """One stage. ``code`` is stable and says why: a reason of :mod:`turbulence_app.llm.errors`, or a cache level."""

    stage: Stage
    backend: str
    milliseconds: float
    outcome: Outcome
    code: str = ""

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    def __str__(self) -> str:
        why = f" ({self.code})" if self.code else ""
        return f"{self.stage} {self.backend}: {self.outcome}{why}, {self.milliseconds:.1f} ms"
