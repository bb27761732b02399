"""Who speaks of a step: conditions and invariants of its workflow, policies, scenarios; each in a few words."""

from __future__ import annotations

from collections.abc import Iterable

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.scenario import Scenario
from turbulence_app.formats.flow_names import sites, spans
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.tree import read_tree


def in_workflow(text: str, file: str, steps: Iterable[str]) -> list[str]:
    """Texts of a workflow that speak of steps, those of the steps themselves left out."""
    names = set(steps)
    found: list[str] = []
    for site in sites(read_tree(text, file)):
        if site.step in names:
            continue
        told = [name for name in names if spans(str(site.node.value), site.kind, name)]
        if told:
            found.append(site.owner)
    return list(dict.fromkeys(found))


def in_project(folder: Folder, workflow: str, step: str) -> list[str]:
    """Policies and scenarios of a project that name a step of a workflow."""
    found: list[str] = []
    for (flow, persona), policy in folder.policies.items():
        parts = _of_policy(policy, step) if flow in (workflow, "") else []
        if parts:
            found.append(f"policy of {persona} ({', '.join(parts)})")
    for name, scenario in folder.scenarios.items():
        parts = _of_scenario(scenario, step) if scenario.workflow == workflow else []
        if parts:
            found.append(f"scenario {name} ({', '.join(parts)})")
    return found


def _of_policy(policy: Policy, step: str) -> list[str]:
    parts = []
    if step in policy.retries.steps:
        parts.append("retries")
    if step in policy.pacing.steps:
        parts.append("pacing")
    cases = (case.when for decision in policy.decisions.values() for case in decision.cases)
    if any(spans(when, "expression", step) for when in cases):
        parts.append("a case")
    return parts


def _of_scenario(scenario: Scenario, step: str) -> list[str]:
    parts = [
        f"fault {number}"
        for number, fault in enumerate(scenario.faults, 1)
        if fault.step == step or (fault.when and spans(fault.when, "expression", step))
    ]
    for rule in scenario.invariants:
        named = rule.once_per is not None and rule.once_per.step == step
        if named or any(spans(source, "expression", step) for source in rule.sources):
            parts.append(f"invariant {rule.name}")
    return parts
