"""What a summary says about coverage, as counts by ``dimension/name``: whole numbers that add up over batches."""

from __future__ import annotations

from turbulence_app.domain.faults import fault_names
from turbulence_app.domain.run import Summary
from turbulence_app.engine.nodes import Plan


def counts(plan: Plan, summary: Summary) -> dict[str, int]:
    """Steps, options, branch sides, faults, invariants and states of a summary of ``plan``; zeros are left out.

    Beside the dimensions of coverage: ``changed/FAULT`` (also where it is 0, if it was counted at all),
    ``struck/FAULT`` (users), ``exercised/RULE`` (also where it is 0, if the rule is asked on this target),
    ``seen/RULE`` (a ``sometimes`` that was), ``violations/RULE``.
    """
    found: dict[str, int] = {f"states/visit: {name}": getattr(summary, name) for name in _ENDS}
    for step in summary.funnel:
        found[f"steps/{step.step}"] = step.reached
        dimension = "options" if step.type == "decide" else "branches"
        for option, taken in step.options.items():
            found[f"{dimension}/{step.step}={option}"] = taken
        for answer, times in step.answers.items():
            found[f"states/{step.step}: {answer}"] = times
    names = fault_names(plan.inputs.faults)
    for name, fault in zip(names, summary.faults, strict=True):
        found[f"faults/{name}"] = fault.struck
        found[f"struck/{name}"] = fault.users
    for verdict in summary.verdicts:
        found[f"violations/{verdict.name}"] = verdict.violations
        found[f"seen/{verdict.name}"] = int(verdict.kind == "sometimes" and verdict.status == "holds")
    told = {key: count for key, count in found.items() if count}
    asleep = {rule.name for rule in plan.rules if rule.asleep}
    asked = [v for v in summary.verdicts if v.kind != "gate" and v.name not in asleep]
    told |= {f"exercised/{verdict.name}": verdict.exercised for verdict in asked}
    changed = zip(names, summary.faults, strict=True)
    return told | {f"changed/{name}": fault.changed for name, fault in changed if fault.changed is not None}


_ENDS = ("completed", "abandoned", "failed")
