"""The audit of the oracle: known mistakes, one at a time; which invariants notice which, and how soon?

On the app target the mistakes are the application's own, behind switches that ``turbulence.yaml`` names under
``audit``; on the model target they are planted into the workflow. A mistake counts as noticed where an invariant
breaks that is silent without it, or breaks in clearly more worlds (intervals at 95 % that lie apart).
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from turbulence_app.domain.campaign import AuditReport, AuditRow, CampaignSettings
from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.events import Progress
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.campaign.drive import drive
from turbulence_app.engine.campaign.mutants import mutants
from turbulence_app.engine.place import AppPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.insight.influence import wilson
from turbulence_app.service.campaigns import Ways, make_crew
from turbulence_app.service.places import place_for, project_settings
from turbulence_app.service.runs import OnEvent, ShouldStop, nobody

BASELINE = "none"
"""The row without any mistake."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """Something to run worlds of: a mistake, or none."""

    bug: str
    says: str
    inputs: RunInputs
    place: Place | None


def audit(
    inputs: RunInputs,
    settings: CampaignSettings,
    *,
    project: str = "",
    ways: Ways | None = None,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> AuditReport:
    """Run worlds of every mistake until one is noticed or ``settings.worlds`` are done; nothing is stored.

    Raises ``InputError`` where there is no mistake to plant.
    """
    compile_plan(inputs)
    began, emit, stop = time.monotonic(), on_event or nobody, should_stop or (lambda: False)
    place = place_for(inputs, project)
    subjects = _subjects(inputs, place, project)
    rows: list[AuditRow] = []
    for number, subject in enumerate((_Subject(BASELINE, "", inputs, place), *subjects)):
        emit(Progress(what=f"audit: {subject.bug}", done=number, total=len(subjects) + 1))
        if stop():
            rows.append(AuditRow(bug=subject.bug, says=subject.says, note="stopped before it was tried"))
            continue
        rows.append(_row(subject, settings, ways or Ways(), rows[0] if rows else None, stop))
    return AuditReport(
        scenario=inputs.scenario,
        workflow=inputs.workflow.id,
        target=inputs.target,
        seed=settings.seed,
        users=settings.users,
        worlds=settings.worlds,
        baseline=rows[0],
        rows=tuple(rows[1:]),
        elapsed_s=time.monotonic() - began,
    )


def _subjects(inputs: RunInputs, place: Place | None, project: str) -> list[_Subject]:
    if inputs.target == "model":
        found = [_Subject(m.bug, m.says, m.inputs, None) for m in mutants(inputs)]
        if not found:
            raise InputError("nothing can be planted into this workflow", "it has no writing steps and no checks")
        return found
    if not isinstance(place, AppPlace):
        raise InputError("a live service's mistakes cannot be switched from here", "run the audit with --target app")
    planted = project_settings(Path(project)).audit
    if not planted:
        mend = "list them under 'audit:' in turbulence.yaml: {bug: NAME, says: ..., env: {VARIABLE: value}}"
        raise InputError("this project says nothing of planted mistakes", mend)
    return [_Subject(p.bug, p.says, inputs, replace(place, env={**place.env, **p.env})) for p in planted]


def _row(
    subject: _Subject, settings: CampaignSettings, ways: Ways, baseline: AuditRow | None, should_stop: ShouldStop
) -> AuditRow:
    """Worlds of one subject, until an invariant breaks that ``baseline`` (None: this is it) was silent about."""
    broken: Counter[str] = Counter()
    first: dict[str, int] = {}
    worlds = failing = 0
    note = ""
    silent = baseline.invariants if baseline is not None else {}
    try:
        crew = make_crew(subject.inputs, settings, subject.place, ways)
        try:
            for batch in drive(subject.inputs, settings, crew, should_stop=should_stop):
                worlds += batch.worlds
                failing += batch.failing
                broken.update(batch.broken)
                for hit in batch.hits:
                    first[hit.invariant] = min(hit.first_world, first.get(hit.invariant, hit.first_world))
                if baseline is not None and any(name not in silent for name in broken):
                    break
        finally:
            crew.close()
    except KnownError as error:
        note = str(error)
    telling = [name for name in broken if baseline is None or _more(broken[name], worlds, name, baseline)]
    return AuditRow(
        bug=subject.bug,
        says=subject.says,
        found=bool(telling),
        worlds=worlds,
        first_world=min((first[name] for name in telling if name in first), default=None),
        failing=failing,
        invariants={name: broken[name] for name in sorted(telling, key=lambda n: (-broken[n], n))},
        note=note,
    )


def _more(failing: int, worlds: int, name: str, baseline: AuditRow) -> bool:
    """Whether a rule broke in clearly more worlds than without the mistake."""
    before = baseline.invariants.get(name, 0)
    return not before or wilson(failing, worlds)[0] > wilson(before, baseline.worlds)[1]
