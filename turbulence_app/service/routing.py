"""Which model answers which task of a project: reading the routes, and writing them into ``turbulence.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import ValidationError

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.project import Backend, ModelDefaults, ModelTask, Project, Route
from turbulence_app.formats import writer
from turbulence_app.formats.folder import PROJECT_FILE, Folder
from turbulence_app.formats.loader import parse_project_file
from turbulence_app.formats.source import read_text
from turbulence_app.formats.splice import apply, changes
from turbulence_app.formats.tree import read_tree
from turbulence_app.service.person import filled_models

TASKS: tuple[ModelTask, ...] = get_args(ModelTask)
SAYS: dict[ModelTask, str] = {
    "draft": "while somebody types",
    "policy": "when a policy is asked for",
}
"""When each task is done."""


class Chosen(NamedTuple):
    """Whom to ask, as the gateway wants it."""

    backend: str
    model: str | None
    mode: str | None


def chosen(folder: Folder | None, task: ModelTask, backend: str | None, model: str | None, mode: str | None) -> Chosen:
    """What was said wins over the project's route, that over the person's settings; a route's model and mode only count
    for its own backend."""
    route = (folder.project.models if folder is not None else filled_models(ModelDefaults())).route(task)
    if backend is not None and backend != route.backend:
        return Chosen(backend, model, mode)
    return Chosen(route.backend, model or route.model, mode or route.mode)


def route_of(backend: str, model: str | None = None, mode: str | None = None) -> Route:
    """A route out of words. Raises ``InputError`` for a backend or a mode that there is not."""
    if backend not in get_args(Backend):
        raise InputError(f"no backend is called {backend!r}", f"use one of {', '.join(get_args(Backend))}")
    try:
        return Route.model_validate({"backend": backend, "model": model, "mode": mode})
    except ValidationError as error:
        raise InputError(str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")) from None


def set_route(root: Path, task: str, route: Route | None) -> Path:
    """Write a task's route into the project's settings (None takes it out); comments stay. Returns the file.

    Raises ``InputError`` for a task that does not exist, and for settings that cannot be read.
    """
    if task not in TASKS:
        raise InputError(f"there is no task {task!r}", f"tasks: {', '.join(TASKS)}")
    path = root / PROJECT_FILE
    text = read_text(path) if path.exists() else ""
    before = Project() if _blank(text) else parse_project_file(text, str(path))
    routes = before.models.routes.model_copy(update={task: route})
    after = before.model_copy(update={"models": before.models.model_copy(update={"routes": routes})})
    if after != before:
        writer.write_atomic(path, _edited(text, str(path), before, after))
    return path


def _edited(text: str, file: str, before: Project, after: Project) -> str:
    """In place where the layout allows it, else written anew."""
    if _blank(text):
        return text + writer.dump(after)
    try:
        root = read_tree(text, file)
        edited = apply(text, changes(text, root, before.plain(), after.plain()))
        if parse_project_file(edited, file) == after:
            return edited
    except (InputError, ValueError):
        pass
    return writer.dump(after)


def _blank(text: str) -> bool:
    """Whether nothing stands there but remarks."""
    return all(line.lstrip().startswith("#") or not line.strip() for line in text.splitlines())
