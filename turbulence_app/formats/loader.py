"""Files to nouns: every kind of project file, in every form in which it may be written.

``load_*`` take a path, ``parse_*`` a text and the name to show in messages; all raise :class:`InputError` with a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import Project
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.services import Sut
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import Key, Node, read_tree
from turbulence_app.formats.validate import validate

T = TypeVar("T")


def identifier_of(name: str) -> str:
    """The id that a name stands for: ``Impatient Shopper`` is ``impatient_shopper``."""
    words = re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_").lower()
    return ("_" + words if words[:1].isdigit() else words)[:100] or "unnamed"


def parse_workflow(text: str, file: str) -> Workflow:
    """A workflow (the original calls it a scenario)."""
    return workflow_of(_mapping(read_tree(text, file), file, "a workflow"), file)


def parse_scenario(text: str, file: str) -> Scenario:
    """A scenario: a workflow's name, a crowd, trouble and a workload."""
    return scenario_of(_mapping(read_tree(text, file), file, "a scenario"), file)


def parse_personas(text: str, file: str) -> tuple[Persona, ...]:
    """Personas: one, a list, a list under ``personas``, or the short form ``persona: {name, description}``."""
    return tuple(persona_of(node, file) for node in _entries(read_tree(text, file), file, "personas", "persona"))


def parse_policies(text: str, file: str) -> tuple[Policy, ...]:
    """Policies: one, a list, or a list under ``policies``."""
    return tuple(validate(Policy, node, file) for node in _entries(read_tree(text, file), file, "policies", "policy"))


def parse_project_file(text: str, file: str) -> Project:
    """``turbulence.yaml``."""
    return validate(Project, _mapping(read_tree(text, file), file, "project settings"), file)


def parse_sut(text: str, file: str) -> Sut:
    """The original's SUT file: services and profiles."""
    return validate(Sut, _mapping(read_tree(text, file), file, "a system under test"), file)


def load_workflow(path: Path | str) -> Workflow:
    """The workflow in a file."""
    return parse_workflow(read_text(path), str(path))


def load_scenario(path: Path | str) -> Scenario:
    """The scenario in a file."""
    return parse_scenario(read_text(path), str(path))


def load_personas(path: Path | str) -> tuple[Persona, ...]:
    """The personas in a file."""
    return parse_personas(read_text(path), str(path))


def load_policies(path: Path | str) -> tuple[Policy, ...]:
    """The policies in a file."""
    return parse_policies(read_text(path), str(path))


def load_project_file(path: Path | str) -> Project:
    """The project settings in a file."""
    return parse_project_file(read_text(path), str(path))


def load_sut(path: Path | str) -> Sut:
    """The system under test in a file."""
    return parse_sut(read_text(path), str(path))


PARSERS: dict[str, Callable[[str, str], Any]] = {
    "workflow": parse_workflow,
    "scenario": parse_scenario,
    "persona": parse_personas,
    "policy": parse_policies,
    "project": parse_project_file,
    "sut": parse_sut,
}
"""By kind of file: what reads its text."""


def kind_of(node: Node) -> str:
    """Which kind of file a tree is, told by its keys; ``""`` where it cannot be told."""
    value = node.value
    if isinstance(value, list):
        return kind_of(node.items[0]) if node.items else ""
    if not isinstance(value, dict):
        return ""
    for kind, keys in _SIGNS:
        if value.keys() & keys:
            return kind
    return "persona" if {"id", "name"} & value.keys() else ""


_SIGNS: tuple[tuple[str, set[str]], ...] = (
    ("workflow", {"flow"}),
    ("policy", {"policies", "persona_id"}),
    ("persona", {"personas", "persona"}),
    ("project", {"run", "models"}),
    ("scenario", {"faults", "target", "users", "arrivals", "stop"}),
    ("sut", {"profiles", "default_profile", "default_headers", "services"}),
    ("scenario", {"workflow"}),
)


def workflow_of(node: Node, file: str) -> Workflow:
    """The workflow that a tree describes; the original's assertions need no type."""
    if "flow" not in node.value and "workflow" in node.value:
        mend = "a workflow has 'flow'; put scenarios into the folder scenarios/"
        raise InputError("this is a scenario, not a workflow", mend, _at(node, "workflow", file))
    assertions = node.entries.get("assertions")
    for entry in assertions.items if assertions else []:
        if isinstance(entry.value, dict):
            entry.value.setdefault("type", "assert")
    return validate(Workflow, node, file)


def scenario_of(node: Node, file: str) -> Scenario:
    """The scenario that a tree describes."""
    if "flow" in node.value:
        mend = "a scenario names its workflow; put this file into the folder workflows/"
        raise InputError("this is a workflow, not a scenario", mend, _at(node, "flow", file))
    return validate(Scenario, node, file)


def persona_of(node: Node, file: str) -> Persona:
    """The persona that a tree describes; an absent id is made from the name."""
    name = node.value.get("name")
    if "id" not in node.value and isinstance(name, str) and name.strip():
        node.value = {"id": identifier_of(name), **node.value}
    return validate(Persona, node, file)


def _mapping(node: Node, file: str, what: str) -> Node:
    if not isinstance(node.value, dict):
        raise InputError(f"this is not {what}", "write 'key: value' lines", Location(file, node.line, node.column))
    return node


def _entries(node: Node, file: str, many: str, one: str) -> list[Node]:
    """The entries of a file that may hold one, a bare list, or a list under a key of its own."""
    if isinstance(node.value, dict):
        other = {"personas": "policies", "policies": "personas"}[many]
        for key in (many, one):
            if key in node.entries:
                _only(node, key, other, file)
                node = node.entries[key]
                break
    entries = node.items if isinstance(node.value, list) else [node]
    for entry in entries:
        if not isinstance(entry.value, dict):
            where = Location(file, entry.line, entry.column)
            raise InputError(f"this is not a {one}", f"write it as '{many}: [{{…}}]' or as 'key: value' lines", where)
    return entries


def _only(node: Node, key: str, other: str, file: str) -> None:
    extra = [name for name in node.keys if name not in (key, other)]
    if extra:
        mend = "beside it only " + repr(other) + " may stand"
        if extra[0] == "generated_policy":
            mend = "remove it; 'turbulence policy generate' writes a policy into policies/"
        raise InputError(f"unknown key {extra[0][:60]!r} beside {key!r}", mend, _at(node, extra[0], file))


def _at(node: Node, key: str, file: str) -> Location:
    place: Key | Node = node.keys.get(key, node)
    return Location(file, place.line, place.column)
