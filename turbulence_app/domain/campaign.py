"""Campaigns: many worlds over seeds, what broke in them, what made it break, and what was never tried."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.run import FaultStats, RunStatus, Verdict
from turbulence_app.domain.scenario import Seed

MAX_WORLDS = 10**9
Worlds = Annotated[int, Field(ge=1, le=MAX_WORLDS)]
WorldUsers = Annotated[int, Field(ge=1, le=1000)]

CoverageLevel = Literal["smoke", "default", "nightly"]
THRESHOLDS: dict[CoverageLevel, float] = {"smoke": 0.5, "default": 0.8, "nightly": 0.9}
"""Share of each dimension that must have been covered."""

Dimension = Literal["steps", "options", "branches", "faults", "invariants", "states"]
FeatureKind = Literal["fault", "persona", "option"]
Direction = Literal["trigger", "suppressor", "neutral"]


class CampaignSettings(Noun):
    """What a campaign was asked to do, apart from the inputs of its worlds."""

    worlds: Worlds = 1000
    users: WorldUsers = 5
    """People in each world."""
    seed: Seed = 42
    swarm: bool = False
    """Draw a subset of faults, personas and options for each batch (model target) or world."""
    coverage: CoverageLevel = "default"


class CampaignManifest(Noun):
    """What a campaign was made from and how far it is."""

    campaign_id: str
    created_at: str
    status: RunStatus = "running"
    project: str = ""
    workflow: str
    scenario: str = ""
    target: Target = "model"
    settings: CampaignSettings = CampaignSettings()
    minutes: float | None = None
    """The time budget, where one was given; ``worlds_done`` says how far it went."""
    workers: int = 1
    cluster: str = ""
    """``dask://HOST:PORT`` where the worlds ran on a cluster."""
    worlds_done: int = 0
    inputs_digest: str = ""
    digest: str = ""
    """Over the digests of all batches that were done, in order."""
    reproducible: bool = True
    """False for live services: their worlds cannot be run again bit for bit."""
    version: str = ""
    engine_version: int = 1
    build: str = ""
    elapsed_s: float = 0.0
    """Computing time on the clock, added up over interruptions."""


class Expansion(Noun):
    """Everything that a seed came to: what was switched on and off in one batch or world."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    """``fault:NAME``, ``persona:NAME``, ``option:STEP=NAME``."""
    follows: int | None = None
    """The first world of the near miss whose switches were used again; None: drawn."""


class Cluster(Noun):
    """Failures with one cause: the same invariant at the same step under the same faults with the same message."""

    cluster_id: str
    """Ten hexadecimal digits, the same in every campaign that finds this cause."""
    invariant: str
    step: str = ""
    faults: tuple[str, ...] = ()
    """Labels of the faults that struck the user (or, where the rule is about a world, that world)."""
    message: str = ""
    """What was seen; numbers, ids and times are replaced, so that equal causes read the same."""
    worlds: int
    users: int
    first_world: int
    """Counted from 0; the seed of that world is ``seed``."""
    seed: Seed = 0
    expansion: Expansion | None = None
    representative: Failure | None = None
    """A failure of a stored run that holds everything: ``RUN/f-0001`` for shrink, replay and capsules."""
    verified: bool = False
    """The representative was run again, alone, and broke the same invariant at the same step."""
    note: str = ""
    """Why it is not verified, where it is not."""


class Interval(Noun):
    """A share with its Wilson score interval (Wilson, JASA 22, 1927) at 95 %."""

    failing: int = 0
    worlds: int = 0
    share: float = 0.0
    low: float = 0.0
    high: float = 1.0


class Influence(Noun):
    """What switching one feature on or off did to the share of failing worlds.

    ``trigger``: the interval with the feature lies above the one without it; ``suppressor``: below it (Groce et al.,
    *Help, help, I'm being suppressed*, ISSRE 2013).
    """

    kind: FeatureKind
    feature: str
    cluster_id: str = ""
    """Which failures; ``""`` for any."""
    on: Interval
    off: Interval
    direction: Direction = "neutral"


class CoverageItem(Noun):
    """One dimension: how much of what there is was tried, and what sleeps."""

    dimension: Dimension
    covered: int
    total: int
    share: float
    """1.0 where there is nothing to cover."""
    threshold: float
    passed: bool
    asleep: tuple[str, ...] = ()


class Coverage(Noun):
    """All dimensions against one level's threshold."""

    level: CoverageLevel = "default"
    items: tuple[CoverageItem, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every dimension reached the threshold."""
        return all(item.passed for item in self.items)


class NearMiss(Noun):
    """How close an invariant came to breaking in a world in which it held: ``|left - right|`` of its comparison."""

    invariant: str
    distance: float
    world: int
    worlds: int = 1
    """Worlds that came as close."""


class CampaignReport(Noun):
    """A campaign so far; the same shape while it runs and when it is done."""

    manifest: CampaignManifest
    failing_worlds: int = 0
    users: int = 0
    requests: int = 0
    clusters: tuple[Cluster, ...] = ()
    """The most frequent first."""
    coverage: Coverage = Coverage()
    influences: tuple[Influence, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    faults: tuple[FaultStats, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether no invariant is broken."""
        return not self.clusters and all(v.status != "broken" for v in self.verdicts)

    @property
    def passed(self) -> bool:
        """Whether everything holds and the coverage reached its threshold."""
        return self.holds and self.coverage.passed


class CampaignHeadline(Noun):
    """One campaign in the trend."""

    campaign_id: str
    created_at: str
    status: RunStatus
    scenario: str = ""
    workflow: str = ""
    target: Target = "model"
    worlds: int = 0
    failing_worlds: int = 0
    clusters: int = 0
    new_clusters: int = 0
    """Causes that the campaign of the same scenario before this one did not have."""
    gone_clusters: int = 0
    worlds_per_second: float = 0.0
    coverage: dict[Dimension, float] = {}
    passed: bool = False
    digest: str = ""


class AuditRow(Noun):
    """One planted bug, alone, and who noticed it."""

    bug: str
    says: str = ""
    found: bool = False
    worlds: int = 0
    """Worlds run."""
    first_world: int | None = None
    """The first world in which an invariant broke, counted from 0."""
    failing: int = 0
    invariants: dict[str, int] = {}
    """Which invariants broke, and in how many worlds each."""
    note: str = ""


class AuditReport(Noun):
    """Which of the planted bugs the invariants notice. ``baseline`` ran with all bugs off and should find nothing."""

    scenario: str = ""
    workflow: str
    target: Target = "model"
    seed: Seed = 42
    users: WorldUsers = 5
    worlds: int = 0
    """The budget for each bug."""
    baseline: AuditRow
    rows: tuple[AuditRow, ...] = ()
    elapsed_s: float = 0.0

    @property
    def caught(self) -> int:
        """How many were noticed by an invariant that is silent without the bug."""
        return sum(row.found for row in self.rows)
