"""The worker's operations on telemetry: parameters and handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.service import telemetry
from turbulence_app.service.params import InProject
from turbulence_app.service.stress.run import stress as put_under_stress
from turbulence_app.service.stress.settings import StressSettings
from turbulence_app.service.telemetry_report import report

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job

USUAL = StressSettings()


class OfTelemetry(InProject):
    """``telemetry``: what was counted in the last so many minutes, at most two weeks."""

    minutes: Annotated[int, Field(ge=1, le=20_160)] = 60


class Limit(Noun):
    """One threshold: ``name``, and what is to change about it (see ``llm.telemetry.thresholds.Threshold``)."""

    name: str
    measure: str | None = None
    minutes: int | None = None
    over: float | None = None
    clear: float | None = None
    least: int | None = None
    on: bool | None = None


class SetThresholds(InProject):
    """``set_thresholds``: changes by name, or new ones; the others stay. None at all brings the usual ones back."""

    thresholds: tuple[Limit, ...]


class Stress(Noun):
    """``stress``: the gateway under load; fields as in ``service.stress.settings.StressSettings``."""

    seconds: float = USUAL.seconds
    hit_rate: float = USUAL.hit_rate
    budget_ms: int = USUAL.budget_ms
    agents: int = USUAL.agents
    seed: int = USUAL.seed
    faults: tuple[str, ...] = ()
    fault_rate: float = USUAL.fault_rate
    backend: str = USUAL.backend
    model: str | None = None
    latency_ms: float = USUAL.latency_ms
    parallel: int = USUAL.parallel
    late_ms: int | None = None


def stress(ops: Operations, given: Stress, job: Job) -> Any:
    """What :meth:`turbulence_app.service.stress.run.Stressed.plain` says; ``Progress`` events on the way."""
    settings = StressSettings(**given.model_dump())
    return put_under_stress(settings, ops.home, on_event=job.emit, should_stop=job.should_stop).plain()


def telemetry_of(ops: Operations, given: OfTelemetry, _: Job) -> Any:
    """What :func:`turbulence_app.service.telemetry_report.report` says, and ``recent``: the last requests of this
    process one by one (see :meth:`turbulence_app.llm.telemetry.telemetry.Telemetry.recent`)."""
    database = ops.database(given.project)
    keepers = ops.keepers(given.project)
    for keeper in keepers:
        keeper.keep()
    database.flush()
    recent = [row for keeper in keepers for row in keeper.telemetry.recent()]
    return {**report(database, given.minutes), "recent": recent}


def set_thresholds(ops: Operations, given: SetThresholds, _: Job) -> Any:
    """``thresholds``: all of them as they are now, each with ``name``, ``measure``, ``minutes``, ``over``, ``clear``,
    ``least`` and ``on``."""
    changes = [limit.model_dump(exclude_none=True) for limit in given.thresholds]
    found = telemetry.set_thresholds(ops.database(given.project), changes)
    for keeper in ops.keepers(given.project):
        keeper.watch(found)
    return {"thresholds": [threshold.to_plain() for threshold in found]}
