"""``models route``: which model of this project answers which task."""

from __future__ import annotations

import click

from turbulence_app.cli.console import Console, common
from turbulence_app.domain.errors import ExitStatus, InputError
from turbulence_app.domain.project import Route
from turbulence_app.service import projects, routing
from turbulence_app.service.inputs import refuse_settings


@click.command()
@click.argument("task", required=False)
@click.argument("backend", required=False)
@click.argument("model", required=False)
@click.option("--mode", type=click.Choice(("json", "logits")), help="How a language model is asked.")
@click.option("--clear", is_flag=True, help="Take the task's route out of the project.")
@common
def route(
    console: Console, *, task: str | None, backend: str | None, model: str | None, mode: str | None, clear: bool
) -> int:
    """Let BACKEND (and its MODEL) answer TASK in this project; without arguments: who answers what.

    Tasks: draft (while somebody types in the window), policy (when a policy is asked for).
    """
    folder = projects.open_project(console.root)
    if task is not None and backend is None and not clear:
        raise InputError("who shall answer it?", f"`turbulence models route {task} BACKEND [MODEL]`, or --clear")
    if task is not None:
        path = routing.set_route(folder.root, task, None if clear else routing.route_of(str(backend), model, mode))
        console.note(f"written: {path}")
        folder = projects.open_project(console.root)
    refuse_settings(folder)
    models = folder.project.models
    routed = {name: models.route(name) for name in routing.TASKS}
    console.document({"routes": {name: one.model_dump(mode="json") for name, one in routed.items()}})
    for name, one in routed.items():
        own = getattr(models.routes, name) is not None
        console.say(f"{name:<8} {_words(one)}  {console.style('' if own else '(default)', 'dim')}".rstrip())
    if console.quiet:
        console.result(", ".join(f"{name}={_words(one)}" for name, one in routed.items()))
    return ExitStatus.HOLDS


def _words(one: Route) -> str:
    return " ".join(part for part in (one.backend, one.model, f"({one.mode})" if one.mode else "") if part)
