"""The original Turbulence's files (scenario, SUT, personas, policies) as nouns, and what could not be carried over.

Its scenario files are our workflows and load unchanged; what differs is said in plain sentences, one note each.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import DecisionPolicy, Policy, Provenance
from turbulence_app.domain.services import GrpcService, KafkaService, Service, Sut
from turbulence_app.domain.workflow import (
    BranchStep,
    DecideStep,
    GrpcStep,
    RepeatStep,
    ServiceModel,
    Step,
    Workflow,
)
from turbulence_app.formats.folder import ENDINGS
from turbulence_app.formats.imported import Imported
from turbulence_app.formats.loader import kind_of, parse_personas, parse_policies, workflow_of
from turbulence_app.formats.original_names import rename_steps
from turbulence_app.formats.original_notes import notes_on
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import Node, read_tree
from turbulence_app.formats.validate import validate

MAX_FILES = 500
_SKIPPED = {"runs", "node_modules", "artifacts"}


class _Found:
    """Everything that the files of an import hold, by kind."""

    def __init__(self) -> None:
        self.workflows: list[Workflow] = []
        self.sut: Sut | None = None
        self.personas: list[Persona] = []
        self.policies: list[Policy] = []
        self.notes: list[str] = []


def import_original(path: Path | str, beside: Sequence[Path] = ()) -> Imported:
    """Read a file or a folder of the original's files, and those ``beside`` it.

    Raises:
        InputError: a file is broken, or there is no scenario among them.
    """
    path = Path(path)
    found = _Found()
    for file in [*(_files(path) if path.is_dir() else [path]), *beside]:
        _take(file, found, alone=not path.is_dir())
    if not found.workflows:
        mend = "name a scenario file (with 'flow'), or the folder that holds the scenarios"
        raise InputError("there is no scenario of the original here", mend, Location(str(path)))
    notes = list(dict.fromkeys(found.notes))
    sut = found.sut
    workflows = [_runnable(with_sut(w, sut), notes) for w in found.workflows]
    policies, personas = _crowd(workflows, found.personas, found.policies, notes)
    workflows = [_with_options(w, policies) for w in workflows]
    notes += notes_on(workflows, sut, found.policies)
    return Imported(workflows[0], tuple(workflows), sut, tuple(personas), tuple(policies), tuple(dict.fromkeys(notes)))


def with_sut(workflow: Workflow, sut: Sut | None) -> Workflow:
    """The workflow with the services of a SUT file (its default profile applied); its own services win."""
    if sut is None:
        return workflow
    services = dict(sut.services)
    headers = dict(sut.default_headers)
    profile = sut.profiles.get(sut.default_profile or "")
    if profile is not None:
        services.update(profile.services)
        headers.update(profile.default_headers)
    merged = {name: _with_headers(service, headers) for name, service in services.items()}
    return workflow.model_copy(update={"services": {**merged, **workflow.services}})


def _with_headers(service: Service, headers: dict[str, str]) -> Service:
    if not headers or service.protocol == "kafka":
        return service
    if service.http is not None:
        http = service.http.model_copy(update={"headers": {**headers, **service.http.headers}})
        return service.model_copy(update={"http": http})
    return service.model_copy(update={"headers": {**headers, **service.headers}})


def _files(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        found += [Path(folder) / name for name in sorted(names) if name.lower().endswith(ENDINGS)]
        if len(found) > MAX_FILES:
            mend = "name the folder with the scenarios"
            raise InputError(f"more than {MAX_FILES} files here", mend, Location(str(root)))
    return found


def _take(file: Path, found: _Found, *, alone: bool) -> None:
    text, name = read_text(file), str(file)
    node = read_tree(text, name)
    kind = kind_of(node)
    if kind == "workflow" and isinstance(node.value, dict):
        found.notes += rename_steps(node)
        found.workflows.append(workflow_of(node, name))
    elif kind == "sut":
        found.notes += _without_unknown(node)
        found.sut = found.sut or validate(Sut, node, name)
    elif kind in ("persona", "policy") and not (file.suffix == ".json" and not alone):
        value = node.value if isinstance(node.value, dict) else {}
        if kind == "persona" or "personas" in value:
            found.personas += parse_personas(text, name)
        if kind == "policy" or "policies" in value:
            found.policies += parse_policies(text, name)
    elif alone:
        mend = "it has scenarios (flow), SUT files (services), personas and policies"
        raise InputError("this is not a file of the original Turbulence", mend, Location(name))
    else:
        found.notes.append(f"{file.name} is none of the original's files and was left out.")


def _without_unknown(node: Node) -> list[str]:
    """Drop settings of gRPC and Kafka clients that nothing here uses, and say so."""
    notes: list[str] = []
    value = node.value if isinstance(node.value, dict) else {}
    profiles = value.get("profiles")
    groups = [value.get("services")]
    groups += (
        [p.get("services") for p in profiles.values() if isinstance(p, dict)] if isinstance(profiles, dict) else []
    )
    for group in groups:
        for name, service in group.items() if isinstance(group, dict) else ():
            for protocol, noun in (("grpc", GrpcService), ("kafka", KafkaService)):
                block = service.get(protocol) if isinstance(service, dict) else None
                if isinstance(block, dict):
                    notes += _drop(block, noun, f"Service {name!r}: the {protocol} setting")
    return notes


def _drop(block: dict[str, Any], noun: type[Noun], what: str) -> list[str]:
    extra = [key for key in block if key not in noun.model_fields]
    for key in extra:
        del block[key]
    return [f"{what} {key!r} is not kept, as nothing here uses it." for key in extra]


def _mapped(steps: tuple[Step, ...], change: Any) -> tuple[Step, ...]:
    """The steps with ``change`` applied to each, nested ones included."""
    found: list[Step] = []
    for step in steps:
        if isinstance(step, BranchStep):
            ways = {"if_true": _mapped(step.if_true, change), "if_false": _mapped(step.if_false, change)}
            found.append(step.model_copy(update=ways))
        elif isinstance(step, RepeatStep):
            found.append(step.model_copy(update={"steps": _mapped(step.steps, change)}))
        else:
            found.append(change(step))
    return tuple(found)


def _runnable(workflow: Workflow, notes: list[str]) -> Workflow:
    """gRPC steps get a model, so that the model target can run them."""

    def change(step: Step) -> Step:
        if isinstance(step, GrpcStep) and step.model is None:
            notes.append(
                f"Step {step.name!r} of {workflow.id!r} calls gRPC, which no target here can; it got a model that "
                "answers ok after 100 ms, so that the rest can run on the model target."
            )
            return step.model_copy(update={"model": ServiceModel()})
        return step

    return workflow.model_copy(update={"flow": _mapped(workflow.flow, change)})


def _with_options(workflow: Workflow, policies: list[Policy]) -> Workflow:
    """Decisions get the options that the policies weigh, so that they can be shown and compiled anew."""

    def change(step: Step) -> Step:
        if not isinstance(step, DecideStep) or step.options:
            return step
        named = [p.decisions[step.decision].options for p in policies if step.decision in p.decisions]
        options = {option: option.replace("_", " ") for weights in named for option in weights}
        return step.model_copy(update={"options": options})

    return workflow.model_copy(update={"flow": _mapped(workflow.flow, change)})


def _crowd(
    workflows: list[Workflow], personas: list[Persona], policies: list[Policy], notes: list[str]
) -> tuple[list[Policy], list[Persona]]:
    """A policy for each persona in each workflow, and a persona for each policy."""
    known = {p.id: p for p in personas}
    base = {p.persona_id: p for p in reversed(policies)}
    for name in reversed(list(base)):
        known.setdefault(name, Persona(id=name))
    if not known:
        known["everyone"] = Persona(id="everyone", name="Everyone", description="Any user of the original's scenarios.")
        notes.append("There were no personas, so one called 'everyone' stands for all users.")
    asked = {name for w in workflows for name in w.decisions()}
    for policy in base.values():
        extra = sorted(set(policy.decisions) - asked)
        if extra:
            notes.append(
                f"The policy of {policy.persona_id!r} weighs {', '.join(extra)}, which nothing asks; left out."
            )
    drafts = [_draft(persona, base.get(persona), w, policies, notes) for persona in known for w in workflows]
    return drafts, list(known.values())


def _draft(persona: str, given: Policy | None, workflow: Workflow, policies: list[Policy], notes: list[str]) -> Policy:
    """The persona's policy for one workflow: what it says of that workflow's decisions, the rest evenly weighed."""
    decisions: dict[str, DecisionPolicy] = {}
    steps = workflow.decisions()
    for name, step in steps.items():
        if given is not None and name in given.decisions:
            decisions[name] = given.decisions[name]
            continue
        others = [o for p in policies if name in p.decisions for o in p.decisions[name].options]
        options = list(step.options) or list(dict.fromkeys(others))
        if not options:
            notes.append(f"Nobody says which options the decision {name!r} has; write them into {workflow.id!r}.")
            options = ["go_on"]
        decisions[name] = DecisionPolicy(options=dict.fromkeys(options, 1.0))
        if step.policy_ref is None:
            notes.append(f"The policy of {persona!r} says nothing on {name!r}, so its options weigh the same there.")
    draft = given or Policy(persona_id=persona, provenance=Provenance(backend="rules", source="rules"))
    return draft.model_copy(update={"workflow": workflow.id, "decisions": decisions})
