"""What moves completion, as rows of a chart and as effects by part. No Qt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.chart_rows import TornadoRow
from turbulence_app.gui.places.personas.changes_state import Points
from turbulence_app.gui.places.personas.doubts import label_of
from turbulence_app.insight.disagreement import is_share
from turbulence_app.insight.words import percent

Key = str
MOST = 9
"""Numbers that are shown; the rest moves less."""
LEAST = 0.05
"""Points below which a number moves nothing worth a row."""


@dataclass(frozen=True, slots=True)
class Swing:
    """One number, its two other values, and how completion moves with each, in points of a hundred."""

    path: str
    part: str
    low: float
    high: float
    below: Points
    above: Points
    guessed: bool

    @property
    def width(self) -> float:
        """Points between the lowest and the highest completion."""
        ends = (0.0, self.below.value, self.above.value)
        return max(ends) - min(ends)


@dataclass(frozen=True, slots=True)
class Swings:
    """All numbers of a policy, the one that moves most first; ``completion`` is the share as it is."""

    users: int
    completion: float
    all: tuple[Swing, ...] = ()

    def shown(self) -> tuple[Swing, ...]:
        """Those that are worth a row, at most one of every pair of numbers that only mirror each other."""
        return tuple(swing for swing in self.all if swing.width >= LEAST)[:MOST]


def swings_of(reply: Mapping[str, Any]) -> Swings:
    """Out of the service's answer to ``sensitivity``."""
    found = tuple(
        Swing(
            str(item["path"]), str(item["part"]), float(item["low"]), float(item["high"]),
            _points(item["below"]), _points(item["above"]), bool(item["guessed"]),
        )
        for item in reply["swings"]
    )  # fmt: skip
    return Swings(int(reply["users"]), float(reply["completion"]), found)


def effects_of(reply: Mapping[str, Any]) -> dict[str, Points]:
    """Out of the service's answer to ``effects``, by part."""
    return {str(item["part"]): _points(item["shift"]) for item in reply["effects"]}


def rows_of(swings: Swings) -> list[TornadoRow]:
    """The chart's rows."""
    return [
        TornadoRow(
            key=swing.path,
            label=label_of(swing.path),
            moved=moved_words(swing),
            below=(swing.below.value, swing.below.low, swing.below.high),
            above=(swing.above.value, swing.above.low, swing.above.high),
            guessed=swing.guessed,
        )
        for swing in swings.shown()
    ]


def moved_words(swing: Swing) -> str:
    """Between which values the number was moved."""
    if is_share(swing.path):
        return f"{percent(swing.low)} – {percent(swing.high)}"
    unit = {"patience": " s", "pacing": " ms", "forms": " ms", "retries": " ×"}.get(swing.path.split(".")[0], "")
    return f"{swing.low:,.3g} – {swing.high:,.3g}{unit}"


def told(swings: Swings) -> str:
    """How it was found out, in a line."""
    return f"{swings.users:,} of them, each with the same draws · shares ±10 points, times ÷ and × 1.5, counts ±1"


def key_of(inputs: RunInputs, before: Policy | None = None) -> Key:
    """Everything that the answer depends on, as one digest: where the numbers came from is left out."""
    digest = hashlib.sha256()
    plain = {"crowd": {"__all__": {"policy": {"provenance", "evidence"}}}}
    digest.update(inputs.model_dump_json(by_alias=True, exclude=plain).encode("utf-8"))
    if before is not None:
        digest.update(before.model_dump_json(by_alias=True, exclude={"provenance", "evidence"}).encode("utf-8"))
    return digest.hexdigest()


def _points(shift: Mapping[str, Any]) -> Points:
    return Points(100 * float(shift["difference"]), 100 * float(shift["low"]), 100 * float(shift["high"]))
