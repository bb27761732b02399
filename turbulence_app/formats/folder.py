"""A project folder as one value: everything that could be read, and a problem for everything that could not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location, Problem
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import Project
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.services import Sut
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.loader import (
    parse_personas,
    parse_policies,
    parse_project_file,
    parse_sut,
    scenario_of,
    workflow_of,
)
from turbulence_app.formats.source import read_text
from turbulence_app.formats.tree import read_tree

ENDINGS = (".yaml", ".yml", ".json")
PROJECT_FILE = "turbulence.yaml"
SUT_FILES = ("sut.yaml", "sut.yml")
MAX_FILES = 2000
"""Files read of one folder; what is beyond is reported, not read."""


@dataclass(frozen=True)
class Folder:
    """A project. ``policies`` are keyed by (workflow id, persona id), the former ``""`` where a policy names none.

    ``files`` tells where each noun stands, by (kind, id), with kind one of project, sut, workflow, persona, policy,
    scenario; a policy's id is ``workflow/persona`` (or the persona alone where it names no workflow).
    """

    root: Path
    project: Project = field(default_factory=Project)
    sut: Sut | None = None
    workflows: dict[str, Workflow] = field(default_factory=dict)
    personas: dict[str, Persona] = field(default_factory=dict)
    policies: dict[tuple[str, str], Policy] = field(default_factory=dict)
    scenarios: dict[str, Scenario] = field(default_factory=dict)
    files: dict[tuple[str, str], Path] = field(default_factory=dict)
    texts: dict[Path, str] = field(default_factory=dict)
    """Each file's text as it was read: checks find their lines in it without reading again."""
    problems: tuple[Problem, ...] = ()

    def policy(self, workflow: str, persona: str) -> Policy | None:
        """A persona's policy in a workflow, else its policy for any workflow."""
        return self.policies.get((workflow, persona)) or self.policies.get(("", persona))


def read_folder(root: Path | str) -> Folder:
    """Read a project folder. Never raises for what files hold: that is in ``problems``."""
    return _Scan(Path(root)).read()


class _Scan:
    def __init__(self, root: Path) -> None:
        self.root = Path.cwd() / root
        self.project = Project()
        self.sut: Sut | None = None
        self.workflows: dict[str, Workflow] = {}
        self.personas: dict[str, Persona] = {}
        self.policies: dict[tuple[str, str], Policy] = {}
        self.scenarios: dict[str, Scenario] = {}
        self.files: dict[tuple[str, str], Path] = {}
        self.texts: dict[Path, str] = {}
        self.problems: list[Problem] = []

    def read(self) -> Folder:
        self.settings()
        self.each("workflows", self.flow)
        self.each("personas", self.people)
        self.each("policies", self.behaviour)
        self.each("scenarios", self.flow)
        return Folder(
            self.root, self.project, self.sut, self.workflows, self.personas, self.policies, self.scenarios,
            self.files, self.texts, tuple(self.problems),
        )  # fmt: skip

    def settings(self) -> None:
        path = self.root / PROJECT_FILE
        if path.exists() or path.is_symlink():
            self.guarded(path, self.settings_file)
        for name in SUT_FILES:
            if (self.root / name).exists():
                self.guarded(self.root / name, self.sut_file)
                break

    def settings_file(self, text: str, path: Path) -> None:
        self.project = parse_project_file(text, str(path))
        self.files["project", ""] = path

    def sut_file(self, text: str, path: Path) -> None:
        self.sut = parse_sut(text, str(path))
        self.files["sut", ""] = path

    def flow(self, text: str, path: Path) -> None:
        """A workflow or a scenario: the original keeps workflows in a folder named scenarios."""
        node = read_tree(text, str(path))
        if isinstance(node.value, dict) and path.parent.name == "scenarios" and "flow" not in node.value:
            scenario = scenario_of(node, str(path))
            if self.fresh("scenario", scenario.id, path, node.keys["id"].line):
                self.scenarios[scenario.id] = scenario
        elif isinstance(node.value, dict):
            workflow = workflow_of(node, str(path))
            if self.fresh("workflow", workflow.id, path, node.keys["id"].line):
                self.workflows[workflow.id] = workflow
        else:
            where = Location(str(path), node.line, node.column)
            raise InputError("this is not a workflow or scenario", "write 'key: value' lines", where)

    def people(self, text: str, path: Path) -> None:
        for persona in parse_personas(text, str(path)):
            if self.fresh("persona", persona.id, path):
                self.personas[persona.id] = persona

    def behaviour(self, text: str, path: Path) -> None:
        for policy in parse_policies(text, str(path)):
            name = f"{policy.workflow}/{policy.persona_id}" if policy.workflow else policy.persona_id
            if self.fresh("policy", name, path):
                self.policies[policy.workflow or "", policy.persona_id] = policy

    def fresh(self, kind: str, name: str, path: Path, line: int = 0) -> bool:
        """Note where a noun stands; false (and a problem) where another file has defined it already."""
        if (kind, name) in self.files:
            first = self.files[kind, name].name
            message = f"{kind} {name!r} is defined twice (first in {first})"
            self.problems.append(Problem(message, "rename or remove one", Location(str(path), line)))
            return False
        self.files[kind, name] = path
        return True

    def each(self, folder: str, take: Callable[[str, Path], None]) -> None:
        for path in self.listed(self.root / folder):
            self.guarded(path, take)

    def listed(self, folder: Path) -> Iterable[Path]:
        try:
            names = sorted(entry.name for entry in os.scandir(folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = error.strerror or "not readable"
            self.problems.append(Problem(f"the folder cannot be read: {reason}", "mend it", Location(str(folder))))
            return []
        wanted = [folder / name for name in names if name.lower().endswith(ENDINGS) and not name.startswith(".")]
        if len(wanted) > MAX_FILES:
            message = f"the folder holds more than {MAX_FILES} files; the rest was not read"
            self.problems.append(Problem(message, "move some away", Location(str(folder))))
        return wanted[:MAX_FILES]

    def guarded(self, path: Path, take: Callable[[str, Path], None]) -> None:
        try:
            text = read_text(path)
            self.texts[path] = text
            take(text, path)
        except InputError as error:
            self.problems.extend(error.problems)
