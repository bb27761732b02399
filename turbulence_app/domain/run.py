"""A run and what is known of it: aggregates, verdicts and digests, not events."""

from __future__ import annotations

from typing import Literal

from turbulence_app.domain.base import Noun
from turbulence_app.domain.invariants import InvariantKind, Target

RunStatus = Literal["running", "done", "cancelled", "interrupted", "failed"]
VerdictStatus = Literal["holds", "broken", "never_exercised"]


class Percentile(Noun):
    """A distribution in short; all in milliseconds. ``n`` is how many values it was made from."""

    n: int = 0
    mean: float = 0.0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    max: float = 0.0


class StepStats(Noun):
    """One step of the funnel. ``reached``, ``passed``, ``failed``, ``ended_here`` count users (not visits)."""

    step: str
    type: str
    reached: int = 0
    passed: int = 0
    failed: int = 0
    ended_here: int = 0
    reasons: dict[str, int] = {}
    """Why visits ended at this step, by :data:`turbulence_app.domain.trace.Reason`."""
    requests: int = 0
    retries: int = 0
    answers: dict[str, int] = {}
    """Answers seen by outcome name; ``gave_up`` and ``timeout`` are answers that never came."""
    latency: Percentile | None = None
    """What users waited for one request of this step."""
    options: dict[str, int] = {}
    """For a decision: how often each option was taken; for a branch: each side (``true``, ``false``)."""


class Edge(Noun):
    """Users who went from one step straight to another; ``target`` is ``""`` where the visit ended."""

    source: str
    target: str
    users: int


class PersonaStats(Noun):
    """The crowd, persona by persona."""

    persona: str
    users: int = 0
    completed: int = 0
    abandoned: int = 0
    failed: int = 0
    violations: int = 0
    time_to_complete: Percentile = Percentile()
    reached: dict[str, int] = {}
    """Users of this persona who reached each step."""


class FaultStats(Noun):
    """How often a fault struck, and how often that made a difference to somebody (None: not counted there)."""

    label: str
    kind: str
    struck: int = 0
    users: int = 0
    changed: int | None = None


class Verdict(Noun):
    """What an invariant came to. ``exercised`` counts the users on whom it was really evaluated."""

    name: str
    kind: InvariantKind
    expression: str
    says: str = ""
    status: VerdictStatus
    violations: int = 0
    exercised: int = 0
    value: str = ""
    """For a gate: the measured left side in words."""
    first_user: int | None = None


class Timeline(Noun):
    """Counts over virtual time: bin ``i`` covers ``[i*bin_us, (i+1)*bin_us)`` microseconds of the run."""

    bin_us: int = 1_000_000
    arrived: tuple[int, ...] = ()
    completed: tuple[int, ...] = ()
    abandoned: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    violations: tuple[int, ...] = ()


class Summary(Noun):
    """Everything a run measured so far; the same shape while it runs and when it is done."""

    users: int = 0
    completed: int = 0
    abandoned: int = 0
    failed: int = 0
    requests: int = 0
    funnel: tuple[StepStats, ...] = ()
    edges: tuple[Edge, ...] = ()
    personas: tuple[PersonaStats, ...] = ()
    faults: tuple[FaultStats, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    time_to_complete: Percentile = Percentile()
    time_to_leave: Percentile = Percentile()
    timeline: Timeline = Timeline()
    driver_lag: Percentile | None = None
    """Live runs: how late requests left after the moment at which they were due."""
    notes: tuple[str, ...] = ()
    """What a reader of the numbers must know: work that ran in line, what was not deterministic, what was left out."""

    @property
    def completion(self) -> float:
        """Share of the users who completed."""
        return self.completed / self.users if self.users else 0.0

    @property
    def holds(self) -> bool:
        """Whether no invariant is broken."""
        return all(v.status != "broken" for v in self.verdicts)


class ChunkDigest(Noun):
    """Digest of one block of users (fixed size, whatever the processing chunk was).

    ``steps`` are order-free 64-bit sums per ``step:purpose``, so that ``verify`` can name the draw that differs;
    ``fingerprints`` are 16 bits per user, base64, so that it can name the user.
    """

    first_user: int
    users: int
    digest: str
    steps: dict[str, int] = {}
    fingerprints: str = ""


class RunManifest(Noun):
    """What a run was made from; with the stored inputs this is all that is needed to run it again."""

    run_id: str
    created_at: str
    status: RunStatus = "running"
    project: str = ""
    workflow: str
    scenario: str = ""
    target: Target = "model"
    users: int
    seed: int
    workers: int = 1
    inputs_digest: str = ""
    digest: str = ""
    version: str = ""
    engine_version: int = 1
    build: str = ""
    """Live targets: digest of the application's source files, or what the service says of itself."""
    elapsed_s: float = 0.0
    campaign: str = ""
    """The campaign whose failure this run represents."""


class Difference(Noun):
    """The first place where a run and its repetition part."""

    what: Literal["inputs", "digest", "chunk", "user", "summary"]
    chunk: int | None = None
    user: int | None = None
    draw: str | None = None
    recorded: str = ""
    recomputed: str = ""

    def __str__(self) -> str:
        place = self.what + (f" {self.chunk}" if self.what == "chunk" else "")
        who = f", user {self.user}" if self.user is not None else ""
        draw = f", draw {self.draw}" if self.draw else ""
        return f"{place}{who}{draw}: recorded {self.recorded}, recomputed {self.recomputed}"
