"""Fitted models into a workflow's file, in place: what a person wrote around them stays, comments and all."""

from __future__ import annotations

from collections.abc import Iterator

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.workflow import ServiceModel, Step, Workflow
from turbulence_app.formats.emit import flow
from turbulence_app.formats.eventlog import with_models
from turbulence_app.formats.loader import parse_workflow
from turbulence_app.formats.splice import Edit, apply, changes
from turbulence_app.formats.tree import Node, read_tree
from turbulence_app.formats.writer import dump


def refitted(text: str, file: str, models: dict[str, ServiceModel]) -> tuple[str, bool]:
    """The file's text with other models, and whether everything else in it stayed as it was.

    Three ways, from the gentlest on: only the numbers that differ; whole models in one line; the file written anew
    (comments are lost then). Each is read back, and only what reads as wanted is taken.
    """
    workflow = parse_workflow(text, file)
    wanted = with_models(workflow, models)
    for one in (_values, _blocks):
        try:
            tree = read_tree(text, file)
            edited = apply(
                text, [e for node, step in _pairs(tree, workflow.flow) for e in one(text, node, step, models)]
            )
            if parse_workflow(edited, file) == wanted:
                return edited, True
        except (InputError, ValueError):
            continue
    return dump(wanted), False


def _pairs(holder: Node, steps: tuple[Step, ...], key: str = "flow") -> Iterator[tuple[Node, Step]]:
    entry = holder.entries.get(key)
    for node, step in zip(entry.items if entry else (), steps, strict=True):
        yield node, step
        for inner in ("if_true", "if_false", "steps"):
            if inner in node.entries:
                yield from _pairs(node, getattr(step, inner), inner)


def _values(text: str, node: Node, step: Step, models: dict[str, ServiceModel]) -> list[Edit]:
    if step.name not in models:
        return []
    old = step.plain()
    new = with_models(_alone(step), models).flow[0].plain()
    return changes(text, node, {"model": old["model"]} if "model" in old else {}, {"model": new["model"]})


def _blocks(text: str, node: Node, step: Step, models: dict[str, ServiceModel]) -> list[Edit]:
    child = node.entries.get("model")
    if step.name not in models or child is None:
        return _values(text, node, step, models)
    if not child.flow:
        start, end = child.start, len(text[: child.end].rstrip())
        return [(start, end, flow(models[step.name].plain()))]
    return [(child.start, child.end, flow(models[step.name].plain()))]


def _alone(step: Step) -> Workflow:
    return Workflow(id="one", flow=(step,))
