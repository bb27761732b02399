"""Static checks before any run: what reads well and still cannot work, or cannot mean what it says.

Errors are refused; warnings run, but deserve a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from turbulence_app.domain.errors import Problem
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.workflow import (
    AssertStep,
    BranchStep,
    ChoiceParameter,
    DecideStep,
    FormStep,
    GrpcStep,
    Parameter,
    RangeParameter,
    RepeatStep,
    Step,
    WaitStep,
    Workflow,
)
from turbulence_app.formats.check_expressions import Vocabulary, check_expression, check_templates
from turbulence_app.formats.check_faults import check_fault
from turbulence_app.formats.check_flow import FlowCheck
from turbulence_app.formats.check_places import Findings
from turbulence_app.formats.check_rules import REQUESTS, check_invariants
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import kind_of
from turbulence_app.formats.shape import Path, mend_name

_APPLICATION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z", re.ASCII)
_DURABLE = re.compile(r"state\.[A-Za-z_]\w*\Z", re.ASCII)


def check_workflow(
    workflow: Workflow, text: str | None = None, file: str = "", *, known: Iterable[str] = ()
) -> list[Problem]:
    """Everything wrong with a workflow by itself. ``known``: names that policies define (toggles, data)."""
    found = Findings(text, file)
    words = Vocabulary(workflow, known)
    _duplicates(workflow, found)
    for step, path in _placed(workflow):
        _check_step(step, path, workflow, words, found)
    flow = FlowCheck(workflow, found)
    check_invariants(workflow.invariants, words, flow.dead, found)
    _check_application(workflow, found)
    _check_pressure(workflow, words, found)
    return found.sorted()


def check_policy(policy: Policy, workflow: Workflow, text: str | None = None, file: str = "") -> list[Problem]:
    """Everything in a policy that its workflow does not define, or that cannot be drawn from."""
    found = Findings(text, file)
    base = _policy_path(policy, found)
    words = Vocabulary(workflow, {*policy.toggles, *policy.data})
    decisions = workflow.decisions()
    for name, decision in policy.decisions.items():
        path = (*base, "decisions", name)
        if name not in decisions:
            found.unknown(path, "decision", name, list(decisions))
            continue
        _check_weights(decision.options, decisions[name], (*path, "options"), found)
        for index, case in enumerate(decision.cases):
            check_expression(case.when, (*path, "cases", index, "when"), words, found)
            _check_weights(case.options, decisions[name], (*path, "cases", index, "options"), found)
    for name, step in decisions.items():
        if name not in policy.decisions and step.policy_ref is None:
            message = f"{policy.persona_id!r} has no weights for decision {name!r}"
            found.add((*base, "decisions"), message, f"add 'decisions: {{{name}: {{options: …}}}}'")
    for section, named in (("retries", policy.retries.steps), ("pacing", policy.pacing.steps)):
        for name in named:
            if name not in words.steps:
                found.unknown((*base, section, "steps", name), "step", name, list(words.steps))
            elif section == "retries" and not isinstance(words.steps[name], REQUESTS):
                message = f"step {name!r} makes no request, so there is nothing to retry"
                found.add((*base, section, "steps", name), message, "name an http step", "warning")
    _check_choices(policy, workflow, base, found)
    return found.sorted()


def check_scenario(scenario: Scenario, folder: Folder, text: str | None = None, file: str = "") -> list[Problem]:
    """Everything in a scenario that its project does not define, or that its target cannot do."""
    found = Findings(text, file)
    workflow = folder.workflows.get(scenario.workflow)
    if workflow is None:
        found.unknown(("workflow",), "workflow", scenario.workflow, list(folder.workflows))
    for persona in scenario.crowd:
        if persona not in folder.personas:
            found.unknown(("crowd", persona), "persona", persona, list(folder.personas))
    if scenario.crowd and not any(scenario.crowd.values()):
        found.add(("crowd",), "the weights of the crowd sum to nothing", "raise one of them above 0")
    if workflow is None:
        return found.sorted()
    crowd = [p for p, weight in scenario.crowd.items() if weight > 0] or list(folder.personas)
    for persona in crowd:
        if persona in folder.personas and folder.policy(workflow.id, persona) is None:
            mend = f"turbulence policy generate --workflow {workflow.id} makes it"
            found.add(("crowd",), f"{persona!r} has no policy for workflow {workflow.id!r}", mend, "warning")
    if scenario.target == "app" and workflow.app is None:
        found.add(("target",), "the app target needs an application", f"add 'app:' to workflow {workflow.id!r}")
    if scenario.liveness is not None and scenario.target == "model":
        mend = "use the app or the http target, or remove it"
        found.add(("liveness",), "nothing can recover on the model target: services there are numbers", mend, "warning")
    grpc = next((step.name for step in workflow.steps() if isinstance(step, GrpcStep)), None)
    if scenario.target != "model" and grpc is not None:
        message = f"the {scenario.target} target cannot call gRPC, as step {grpc!r} does"
        found.add(("target",), message, "use the model target, where a model answers for it")
    words = Vocabulary(workflow, _policy_names(folder, workflow.id), [i.name for i in scenario.invariants])
    words.services |= set(folder.sut.services if folder.sut else ())
    for index, fault in enumerate(scenario.faults):
        check_fault(fault, ("faults", index), words, found, scenario=scenario, folder=folder)
    dead = FlowCheck(workflow, Findings()).dead
    check_invariants(scenario.invariants, words, dead, found)
    return found.sorted()


def check_folder(folder: Folder) -> list[Problem]:
    """Everything: what could not be read, and every static check of what could."""
    problems = list(folder.problems)
    for name, workflow in folder.workflows.items():
        problems += check_workflow(workflow, *_source(folder, "workflow", name), known=_policy_names(folder, name))
    for (flow, persona), policy in folder.policies.items():
        place = _source(folder, "policy", f"{flow}/{persona}" if flow else persona)
        problems += _check_policy_in(folder, flow, persona, policy, place)
    for name, scenario in folder.scenarios.items():
        problems += check_scenario(scenario, folder, *_source(folder, "scenario", name))
    return problems + _check_project(folder)


def check_run(folder: Folder, workflow: Workflow, scenario: Scenario | None) -> list[Problem]:
    """What is wrong with one workflow of a project, and with the scenario that it is run in."""
    name = workflow.id
    source = _source(folder, "workflow", name) if folder.workflows.get(name) is workflow else (None, "")
    problems = check_workflow(workflow, *source, known=_policy_names(folder, name))
    if scenario is not None and scenario.workflow == name:
        problems += check_scenario(scenario, folder, *_source(folder, "scenario", scenario.id))
    return problems


def _check_policy_in(
    folder: Folder, flow: str, persona: str, policy: Policy, source: tuple[str | None, str]
) -> list[Problem]:
    found = Findings(*source)
    base = _policy_path(policy, found)
    if folder.personas and persona not in folder.personas:
        found.unknown((*base, "persona_id"), "persona", persona, list(folder.personas), "warning")
    if flow and flow not in folder.workflows:
        found.unknown((*base, "workflow"), "workflow", flow, list(folder.workflows))
    problems = found.sorted()
    if flow in folder.workflows:
        problems += check_policy(policy, folder.workflows[flow], *source)
    return problems


def _check_project(folder: Folder) -> list[Problem]:
    project, found = folder.project, Findings(*_source(folder, "project", ""))
    if project.workflow is not None and project.workflow not in folder.workflows:
        found.unknown(("workflow",), "workflow", project.workflow, list(folder.workflows))
    if project.scenario is not None and project.scenario not in folder.scenarios:
        found.unknown(("scenario",), "scenario", project.scenario, list(folder.scenarios))
    for persona in project.crowd:
        if persona not in folder.personas:
            found.unknown(("crowd", persona), "persona", persona, list(folder.personas))
    return found.sorted()


def _source(folder: Folder, kind: str, name: str) -> tuple[str | None, str]:
    path = folder.files.get((kind, name))
    return (folder.texts.get(path), str(path)) if path is not None else (None, "")


def _policy_names(folder: Folder, workflow: str) -> set[str]:
    """Toggles and data of the policies that may run in a workflow."""
    policies = [p for (flow, _), p in folder.policies.items() if flow in (workflow, "")]
    return {name for policy in policies for name in (*policy.toggles, *policy.data)}


def _placed(workflow: Workflow) -> Iterator[tuple[Step, Path]]:
    def walk(steps: tuple[Step, ...], path: Path) -> Iterator[tuple[Step, Path]]:
        for index, step in enumerate(steps):
            here = (*path, index)
            yield step, here
            if isinstance(step, BranchStep):
                yield from walk(step.if_true, (*here, "if_true"))
                yield from walk(step.if_false, (*here, "if_false"))
            elif isinstance(step, RepeatStep):
                yield from walk(step.steps, (*here, "steps"))

    yield from walk(workflow.flow, ("flow",))
    yield from walk(workflow.assertions, ("assertions",))


def _duplicates(workflow: Workflow, found: Findings) -> None:
    seen: set[str] = set()
    for step, path in _placed(workflow):
        if step.name in seen:
            found.add((*path, "name"), f"two steps are called {step.name!r}", "give each step a name of its own")
        seen.add(step.name)


def _check_step(step: Step, path: Path, workflow: Workflow, words: Vocabulary, found: Findings) -> None:
    for key in ("when", "condition"):
        source = getattr(step, key)
        if source is not None:
            check_expression(source, (*path, key), words, found)
    if isinstance(step, RepeatStep):
        check_expression(step.while_, (*path, "while"), words, found)
    elif isinstance(step, DecideStep):
        if not step.options:
            mend = "write 'options:' with a few words for each; models read them"
            found.add(path, f"decision {step.decision!r} has no options of its own", mend, "warning")
        elif len(step.options) == 1:
            message = f"decision {step.decision!r} has one option only"
            found.add((*path, "options"), message, "add another", "warning")
    elif isinstance(step, FormStep):
        names = [field.name for field in step.fields]
        for name in sorted({n for n in names if names.count(n) > 1}):
            found.add((*path, "fields"), f"two fields are called {name!r}", "give each field a name of its own")
    expect = step.expect if isinstance(step, AssertStep | WaitStep) else None
    if expect is not None and expect.expression is not None:
        check_expression(expect.expression, (*path, "expect", "expression"), words, found)
    if isinstance(step, REQUESTS):
        if workflow.services and step.service is not None and step.service not in workflow.services:
            found.unknown((*path, "service"), "service", step.service, list(workflow.services))
        for key in ("path", "headers", "query", "json", "message", "metadata"):
            check_templates(getattr(step, "json_" if key == "json" else key, None), (*path, key), words, found)


def _check_application(workflow: Workflow, found: Findings) -> None:
    if workflow.app is not None and not _APPLICATION.match(workflow.app):
        found.add(("app",), f"{workflow.app!r} names no application", "write module:attribute, as shop.main:create_app")
    if workflow.durable and workflow.app is None:
        found.add(("durable",), "nothing can be durable without an application", "add 'app: module:attribute'")
    for index, name in enumerate(workflow.durable):
        if not _DURABLE.match(name) and not _APPLICATION.match(name):
            found.add(("durable", index), f"{name!r} names nothing that could last", "write state.NAME or module:NAME")


def _check_pressure(workflow: Workflow, words: Vocabulary, found: Findings) -> None:
    if workflow.turbulence is None:
        return
    for name in workflow.turbulence.actions:
        if name not in words.steps:
            found.unknown(("turbulence", "actions", name), "step", name, list(words.steps))
    for name in workflow.turbulence.services:
        if workflow.services and name not in workflow.services:
            found.unknown(("turbulence", "services", name), "service", name, list(workflow.services))


def _check_weights(options: dict[str, float], step: DecideStep, path: Path, found: Findings) -> None:
    if not options:
        found.add(path, f"decision {step.decision!r} has no weights", "give each option a weight")
    elif not any(options.values()):
        found.add(path, f"the weights of decision {step.decision!r} sum to nothing", "raise one of them above 0")
    for name in options:
        if step.options and name not in step.options:
            mend = mend_name(name, list(step.options), "options")
            found.add((*path, name), f"decision {step.decision!r} has no option {name!r}", mend)


def _policy_path(policy: Policy, found: Findings) -> Path:
    """Where a policy stands in its file: alone, or an entry of a list."""
    root = found.root
    if root is None or kind_of(root) != "policy":
        return ()
    base: Path = ()
    for key in ("policies", "policy"):
        if key in root.entries:
            root, base = root.entries[key], (key,)
            break
    for index, entry in enumerate(root.items):
        value = entry.value if isinstance(entry.value, dict) else {}
        if (value.get("persona_id"), value.get("workflow")) == (policy.persona_id, policy.workflow):
            return (*base, index)
    return base


def _check_choices(policy: Policy, workflow: Workflow, base: Path, found: Findings) -> None:
    parameters = workflow.all_parameters()
    for name, parameter in policy.parameters.items():
        path = (*base, "parameters", name)
        if name not in parameters:
            found.unknown(path, "parameter", name, list(parameters))
        elif not _within(parameter, parameters[name]):
            message = f"parameter {name!r} goes beyond what the workflow allows"
            found.add(path, message, "a policy may narrow a parameter, not widen it")
    toggles = {t.name for t in (workflow.variation.toggles if workflow.variation else ())}
    for name in policy.toggles:
        if toggles and name not in toggles:
            found.unknown((*base, "toggles", name), "toggle", name, sorted(toggles))


def _within(inner: Parameter, outer: Parameter) -> bool:
    if isinstance(inner, RangeParameter) and isinstance(outer, RangeParameter):
        return outer.min <= inner.min and inner.max <= outer.max
    if isinstance(inner, ChoiceParameter) and isinstance(outer, ChoiceParameter):
        return all(value in outer.values for value in inner.values)
    if isinstance(inner, ChoiceParameter) and isinstance(outer, RangeParameter):
        return all(isinstance(v, int) and outer.min <= v <= outer.max for v in inner.values)
    return False
