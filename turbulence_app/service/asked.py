"""What a command asks to run: names and files of the command line as inputs, and where the run is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import GrpcStep, Workflow
from turbulence_app.formats.loader import load_policies, load_workflow
from turbulence_app.formats.original import import_original
from turbulence_app.service.inputs import Overrides, build_inputs, loose_inputs, with_workflow
from turbulence_app.service.opening import loose_root
from turbulence_app.service.projects import is_project, open_project


@dataclass(frozen=True, slots=True)
class Asked:
    """A run's inputs, the folder that it is kept in, its processes, and what has to be said of how it was read."""

    inputs: RunInputs
    root: Path
    workers: int
    notes: tuple[str, ...] = ()


def policies_of(files: Sequence[Path]) -> tuple[Policy, ...]:
    """The policies of several files."""
    return tuple(policy for path in files for policy in load_policies(path))


def asked(
    root: Path,
    scenario: str | None,
    workflow: str | None,
    policy_files: Sequence[Path],
    said: Overrides,
    workers: int | None,
) -> Asked:
    """What to run: a scenario or a workflow of the project in ``root``, or a workflow file of its own.

    A file without a project runs without one; a scenario of the original Turbulence is read as such. The policies of
    ``policy_files`` stand in ``said`` already.
    """
    loose = scenario is None and workflow is not None and Path(workflow).is_file()
    notes: tuple[str, ...] = ()
    if loose and not is_project(root):
        flow, said, notes = _loose(Path(str(workflow)), policy_files, said)
        return Asked(loose_inputs(flow, said.policies, said), loose_root(), workers or 0, notes)
    folder = open_project(root)
    if loose:
        flow, said, notes = _loose(Path(str(workflow)), policy_files, said)
        folder = with_workflow(folder, flow)
        workflow = flow.id
    made = build_inputs(folder, scenario, workflow, said)
    return Asked(made, folder.root, folder.project.run.workers if workers is None else workers, notes)


def _loose(path: Path, policy_files: Sequence[Path], said: Overrides) -> tuple[Workflow, Overrides, tuple[str, ...]]:
    """A workflow file of ours; one that needs it is read as a scenario of the original Turbulence, with its notes."""
    try:
        flow = load_workflow(path)
        if not any(isinstance(step, GrpcStep) and step.model is None for step in flow.steps()):
            return flow, said, ()
        read = import_original(path, policy_files)
    except InputError as ours:
        try:
            read = import_original(path, policy_files)
        except InputError:
            raise ours from None
    return read.workflow, replace(said, policies=read.policies), read.notes
