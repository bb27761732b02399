"""The model against the service: how far apart they are, step by step, on the same people with the same draws."""

from __future__ import annotations

from turbulence_app.domain.base import Noun
from turbulence_app.domain.invariants import Target


class StepDrift(Noun):
    """One step on both sides. Latencies in milliseconds over answers that came; shares are 0 to 1.

    ``*_floor`` is the same distance between two halves of the service's own people: what chance alone makes.
    """

    step: str
    model_answers: int = 0
    real_answers: int = 0
    model_p50: float | None = None
    model_p95: float | None = None
    real_p50: float | None = None
    real_p95: float | None = None
    ratio: float | None = None
    """Median of the service over median of the model."""
    ks: float | None = None
    """Largest distance between the two distributions of latency (Kolmogorov-Smirnov)."""
    ks_floor: float = 0.0
    outcomes: dict[str, tuple[float, float]] = {}
    """By answer: its share in the model and of the service."""
    outcome_distance: float | None = None
    """Half the sum of the differences of these shares (total variation)."""
    outcome_floor: float = 0.0
    model_reached: float = 0.0
    real_reached: float = 0.0
    """Share of the people who came to the step."""
    reach_floor: float = 0.0
    parted: int = 0
    """People whose two visits first went different ways here."""
    score: float = 0.0
    """The worst of the distances above its floor."""


class Parting(Noun):
    """Where one person's visits first went different ways."""

    user: int
    step: str
    what: str
    model: str
    real: str


class Drift(Noun):
    """The whole comparison, worst steps first."""

    run_id: str
    target: Target
    users: int
    steps: tuple[StepDrift, ...] = ()
    partings: tuple[Parting, ...] = ()
    """The first of them, by user."""
    parted: int = 0
    model_outcomes: dict[str, float] = {}
    real_outcomes: dict[str, float] = {}
    outcomes_floor: float = 0.0
    score: float = 0.0
    threshold: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no step is further away than allowed."""
        return self.score <= self.threshold
