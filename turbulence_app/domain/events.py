"""One vocabulary of events: from worker to service, command line, window and database alike."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from turbulence_app.domain.base import Noun
from turbulence_app.domain.bench import BenchResult
from turbulence_app.domain.campaign import CampaignManifest, CampaignReport
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.run import RunManifest, Summary


class RunStarted(Noun):
    """A run began; its row is in the database."""

    type: Literal["run_started"] = "run_started"
    manifest: RunManifest


class RunProgress(Noun):
    """How far a run is, with everything measured so far; at most 20 a second."""

    type: Literal["run_progress"] = "run_progress"
    run_id: str
    done: int
    total: int
    rate: float
    eta_s: float | None = None
    summary: Summary | None = None


class FailureFound(Noun):
    """A user broke an invariant."""

    type: Literal["failure_found"] = "failure_found"
    failure: Failure


class RunFinished(Noun):
    """A run ended, one way or another (see the manifest's status)."""

    type: Literal["run_finished"] = "run_finished"
    manifest: RunManifest
    summary: Summary
    failures: tuple[Failure, ...] = ()


class Progress(Noun):
    """Progress of any other long work. ``total`` 0 means unknown; ``rate`` is per second."""

    type: Literal["progress"] = "progress"
    what: str
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None
    unit: Literal["", "bytes"] = ""


class ShrinkImproved(Noun):
    """A smaller reproduction was found; usable as it is."""

    type: Literal["shrink_improved"] = "shrink_improved"
    best: Shrunk


class CampaignStarted(Noun):
    """A campaign began, or goes on where it was interrupted; its row is in the database."""

    type: Literal["campaign_started"] = "campaign_started"
    manifest: CampaignManifest


class CampaignProgress(Noun):
    """How far a campaign is, in worlds; at most 20 a second. ``report`` comes when something in it changed."""

    type: Literal["campaign_progress"] = "campaign_progress"
    campaign_id: str
    done: int
    total: int
    rate: float
    """Worlds per second since it began or went on."""
    eta_s: float | None = None
    failing_worlds: int = 0
    clusters: int = 0
    report: CampaignReport | None = None
    """Clusters (not verified yet), coverage and influences so far."""


class CampaignFinished(Noun):
    """A campaign ended, one way or another (see the manifest's status)."""

    type: Literal["campaign_finished"] = "campaign_finished"
    report: CampaignReport


class BenchMeasured(Noun):
    """A model's row of the bench, as far as it is; ``row`` of ``rows`` counts from 1."""

    type: Literal["bench_measured"] = "bench_measured"
    result: BenchResult
    row: int = 1
    rows: int = 1


class Log(Noun):
    """A line for the console."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"] = "info"
    source: str = ""
    message: str
    data: dict[str, Any] = {}


class JobFailed(Noun):
    """A job stopped because of an error; ``known`` errors are the user's to mend, others are bugs."""

    type: Literal["job_failed"] = "job_failed"
    message: str
    mend: str = ""
    exit_status: int = 3
    known: bool = True
    traceback: str = ""


Event = Annotated[
    RunStarted
    | RunProgress
    | FailureFound
    | RunFinished
    | Progress
    | ShrinkImproved
    | CampaignStarted
    | CampaignProgress
    | CampaignFinished
    | BenchMeasured
    | Log
    | JobFailed,
    Field(discriminator="type"),
]
EVENT: TypeAdapter[Event] = TypeAdapter(Event)
"""Reads and writes any event."""
