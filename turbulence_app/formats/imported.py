"""What an import gives, whatever it was read from, and the project files that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import Project
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.services import Sut
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.writer import dump, write_atomic


@dataclass(frozen=True)
class Imported:
    """What an import gave. ``workflow`` is the first of ``workflows``; ``notes`` are sentences for a person.

    Without ``scenarios`` each workflow gets a plain one. ``head`` is a comment for the top of each workflow file.
    """

    workflow: Workflow
    workflows: tuple[Workflow, ...]
    sut: Sut | None
    personas: tuple[Persona, ...]
    policies: tuple[Policy, ...]
    notes: tuple[str, ...]
    scenarios: tuple[Scenario, ...] = ()
    head: str = ""


def project_files(imported: Imported, root: Path) -> dict[Path, str]:
    """What a project of the import consists of: file to text; ``turbulence.yaml`` comes first."""
    first = imported.workflow.id
    plain = tuple(Scenario(id=w.id, description=w.description, workflow=w.id) for w in imported.workflows)
    scenarios = imported.scenarios or plain
    head = "".join(f"# {line}\n" for line in imported.head.splitlines())
    settings = Project(name=first, workflow=first, scenario=scenarios[0].id)
    files: dict[Path, str] = {root / "turbulence.yaml": dump(settings)}
    for workflow in imported.workflows:
        files[root / "workflows" / f"{workflow.id}.yaml"] = head + dump(workflow)
    for scenario in scenarios:
        files[root / "scenarios" / f"{scenario.id}.yaml"] = dump(scenario)
    for persona in imported.personas:
        files[root / "personas" / f"{persona.id}.yaml"] = dump([persona])
        mine = [p for p in imported.policies if p.persona_id == persona.id]
        if mine:
            files[root / "policies" / f"{persona.id}.yaml"] = dump(mine)
    return files


def write_imported(imported: Imported, root: Path) -> list[Path]:
    """Write an import into a folder, beside what is there; returns the files written, in order.

    The settings of a project that is there already stay as they are.

    Raises:
        InputError: another file of the import is there already; nothing is written then.
        MachineError: the place cannot be written.
    """
    files = project_files(imported, root)
    settings = root / "turbulence.yaml"
    if settings.exists():
        del files[settings]
    for file in files:
        if file.exists():
            raise InputError("this file is there already", "move it away, or name another folder", Location(str(file)))
    for file, text in files.items():
        write_atomic(file, text)
    return list(files)
