"""The worker's operations on campaigns: parameters in, plain JSON data out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, model_validator

from turbulence_app.domain.campaign import CampaignSettings, CoverageLevel, Worlds, WorldUsers
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.scenario import Seed
from turbulence_app.service import audits, campaigns, causes, plain
from turbulence_app.service.inputs import Overrides, build_inputs
from turbulence_app.service.params import InProject, Workers
from turbulence_app.service.trend import headlines

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


class _OfWorlds(InProject):
    """What worlds are made of: inputs, or a scenario (or workflow) of the project. ``seed`` absent: the inputs' own."""

    inputs: RunInputs | None = None
    scenario: str | None = None
    workflow: str | None = None
    target: Target | None = None
    users: WorldUsers = 5
    seed: Seed | None = None
    workers: Workers = 0
    swarm: bool = False


class Campaign(_OfWorlds):
    """``campaign``: worlds over seeds, stored. ``resume`` names one to go on with; only time and processes count then.

    ``cluster`` is ``dask://HOST:PORT``, or ``""`` for processes here.
    """

    worlds: Worlds = 1000
    coverage: CoverageLevel = "default"
    minutes: Annotated[float, Field(gt=0, le=100_000)] | None = None
    cluster: str = ""
    resume: str | None = None

    @model_validator(mode="after")
    def _one_subject(self) -> Campaign:
        if self.resume and (self.inputs is not None or self.scenario or self.workflow):
            raise ValueError("a resumed campaign has its inputs already")
        return self


class Audit(_OfWorlds):
    """``audit``: planted mistakes, one at a time; nothing is stored. ``worlds`` is the budget for each."""

    worlds: Worlds = 2000


class Campaigns(InProject):
    """``campaigns``: headlines, newest first."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 50


class OfCampaign(InProject):
    """``campaign_report``: a campaign's id, its number, or ``last``."""

    campaign_id: str = "last"


class OfCause(OfCampaign):
    """``keep_cause``: one cause of a campaign that was stopped before its failures were run again."""

    cluster_id: str


def keep_cause(ops: Operations, given: OfCause, job: Job) -> Any:
    """The campaign's report, with the failure that stands for the cause."""
    return plain.noun(causes.keep(ops.database(given.project), given.campaign_id, given.cluster_id, job.should_stop))


def campaign(ops: Operations, given: Campaign, job: Job) -> Any:
    """Run or go on with a campaign; its report."""
    database, ways = ops.database(given.project), campaigns.Ways(given.workers, given.minutes, given.cluster)
    if given.resume:
        done = campaigns.resume(given.resume, database, ways=ways, on_event=job.emit, should_stop=job.should_stop)
        return plain.noun(done.report)
    inputs = _inputs(ops, given)
    settings = _settings(given, inputs, given.coverage)
    done = campaigns.campaign(
        inputs,
        settings,
        database,
        ways=ways,
        project=str(ops.root(given.project)),
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.noun(done.report)


def audit(ops: Operations, given: Audit, job: Job) -> Any:
    """Which invariants notice which planted mistake."""
    inputs = _inputs(ops, given)
    report = audits.audit(
        inputs,
        _settings(given, inputs, "default"),
        project=str(ops.root(given.project)),
        ways=campaigns.Ways(given.workers),
        on_event=job.emit,
        should_stop=job.should_stop,
    )
    return plain.noun(report)


def list_campaigns(ops: Operations, given: Campaigns, _: Job) -> Any:
    """The trend."""
    found = headlines(ops.database(given.project), given.limit)
    return {"campaigns": [plain.noun(headline) for headline in found]}


def campaign_report(ops: Operations, given: OfCampaign, _: Job) -> Any:
    """A stored campaign."""
    return plain.noun(campaigns.report(ops.database(given.project), given.campaign_id))


def _inputs(ops: Operations, given: _OfWorlds) -> RunInputs:
    if given.inputs is not None:
        return given.inputs
    said = Overrides(target=given.target)
    return build_inputs(ops.folder(given.project), given.scenario, given.workflow, said)


def _settings(given: Campaign | Audit, inputs: RunInputs, level: CoverageLevel) -> CampaignSettings:
    return CampaignSettings(
        worlds=given.worlds,
        users=given.users,
        seed=inputs.seed if given.seed is None else given.seed,
        swarm=given.swarm,
        coverage=level,
    )
