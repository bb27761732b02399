"""A project's workflow files: another name for one with everything that speaks of it, and taking one away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from turbulence_app.domain.base import Identifier
from turbulence_app.domain.errors import InputError
from turbulence_app.formats.emit import flow
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.source import read_text
from turbulence_app.formats.splice import apply
from turbulence_app.formats.tree import Node, read_tree
from turbulence_app.formats.writer import write_atomic
from turbulence_app.service import params

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


class RenameWorkflow(params.InProject):
    """``rename_workflow``: another id, in its file and in every policy, scenario and setting that names it."""

    workflow: str
    name: Identifier


class DeleteWorkflow(params.InProject):
    """``delete_workflow``: the file goes; what still names the workflow is told."""

    workflow: str


def rename_workflow(ops: Operations, given: RenameWorkflow, _: Job) -> Any:
    """Write the new id everywhere; the file takes its name where it had the old one's."""
    folder = ops.folder(given.project)
    path = workflow_path(folder, given.workflow)
    if given.name in folder.workflows:
        raise InputError(f"there is a workflow {given.name!r} already", "choose another name")
    target = path.with_name(f"{given.name}{path.suffix}") if path.stem == given.workflow else path
    if target != path and target.exists():
        raise InputError(f"there is a file {target.name} already", "choose another name")
    changed = []
    for file in _files(folder):
        text = read_text(file)
        edited = _renamed(text, str(file), given.workflow, given.name, own=file == path)
        if edited != text:
            write_atomic(file, edited)
            changed.append(file.name)
    if target != path:
        path.rename(target)
    return {"file": str(target), "changed": changed}


def delete_workflow(ops: Operations, given: DeleteWorkflow, _: Job) -> Any:
    """Take the file away."""
    folder = ops.folder(given.project)
    path = workflow_path(folder, given.workflow)
    told = [f"policy of {persona}" for flow_id, persona in folder.policies if flow_id == given.workflow]
    told += [f"scenario {name}" for name, one in folder.scenarios.items() if one.workflow == given.workflow]
    path.unlink()
    return {"file": str(path), "told": told}


def workflow_path(folder: Folder, workflow: str) -> Path:
    """The file of a workflow. Raises ``InputError`` for one that the project does not have."""
    known = folder.files.get(("workflow", workflow))
    if known is None:
        raise InputError(f"no workflow {workflow!r}", f"this project has: {', '.join(sorted(folder.workflows))}")
    return folder.root / known


def _files(folder: Folder) -> list[Path]:
    kinds = ("workflow", "policy", "scenario", "project")
    found = (folder.root / path for (kind, _), path in folder.files.items() if kind in kinds)
    return list(dict.fromkeys(found))


def _renamed(text: str, file: str, old: str, new: str, *, own: bool) -> str:
    root = read_tree(text, file)
    nodes = list(_naming(root, old))
    if own and "id" in root.entries:
        nodes.append(root.entries["id"])
    return apply(text, [(node.start, node.end, flow(new)) for node in nodes])


def _naming(root: Node, workflow: str) -> Iterator[Node]:
    """The values of ``workflow:`` that mean this workflow: of a scenario, a setting, or a policy."""
    listed = root.entries.get("policies") or root.entries.get("policy")
    holders = [root, *root.items, *((listed, *listed.items) if listed is not None else ())]
    for holder in holders:
        node = holder.entries.get("workflow")
        if node is not None and node.value == workflow and not holder.shared:
            yield node
