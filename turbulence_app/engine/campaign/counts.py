"""What a summary says about coverage, as counts by ``dimension/name``: whole numbers that add up over batches."""

from __future__ import annotations

from turbulence_app.domain.run import Summary
from turbulence_app.engine.campaign.swarm import fault_names
from turbulence_app.engine.nodes import Plan


def counts(plan: Plan, summary: Summary) -> dict[str, int]:
    """Steps, options, branch sides, faults, invariants and states of a summary of ``plan``; zeros are left out.

    Beside the dimensions of coverage: ``changed/FAULT`` (also where it is 0, if it was counted at all),
    ``exercised/RULE``, ``seen/RULE`` (a ``sometimes`` that was), ``violations/RULE``.
    """
    found: dict[str, int] = {f"states/visit: {name}": getattr(summary, name) for name in _ENDS}
    for step in summary.funnel:
        found[f"steps/{step.step}"] = step.reached
        dimension = "options" if step.type == "decide" else "branches"
        for option, taken in step.options.items():
            found[f"{dimension}/{step.step}={option}"] = taken
        for answer, times in step.answers.items():
            found[f"states/{step.step}: {answer}"] = times
    for name, fault in zip(fault_names(plan.inputs.faults), summary.faults, strict=True):
        found[f"faults/{name}"] = fault.struck
    for verdict in summary.verdicts:
        if verdict.kind != "gate":
            found[f"exercised/{verdict.name}"] = verdict.exercised
            found[f"violations/{verdict.name}"] = verdict.violations
        if verdict.kind == "sometimes" and verdict.status == "holds":
            found[f"seen/{verdict.name}"] = 1
    found = {key: count for key, count in found.items() if count}
    for name, fault in zip(fault_names(plan.inputs.faults), summary.faults, strict=True):
        if fault.changed is not None:
            found[f"changed/{name}"] = fault.changed
    return found


_ENDS = ("completed", "abandoned", "failed")
