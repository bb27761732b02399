"""The worker's operations on models: the list with all that belongs to it, adding, routing, and the bench."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.project import ModelTask, Route
from turbulence_app.service import hardware, model_bench, model_files, models, routing
from turbulence_app.service.bench_row import SECONDS
from turbulence_app.service.params import InProject

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


class AddModel(Noun):
    """``add_model``: a GGUF file. ``expected`` is the SHA-256 that its publisher gives."""

    path: str
    name: str | None = None
    expected: str = ""


class NamedModel(Noun):
    """``remove_model``, ``default_model``, ``verify_model``, ``trust_model``: one of the models on the list."""

    name: str


class SetRoute(InProject):
    """``set_route``: who answers a task; no ``route`` takes it out of the project."""

    task: ModelTask
    route: Route | None = None


class Bench(Noun):
    """``bench``: see :class:`turbulence_app.service.model_bench.Wanted`."""

    models: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    backend: str | None = None
    mode: str | None = None
    personas: Annotated[int, Field(ge=1, le=10_000)] | None = None
    full: bool = False
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 42
    seconds: Annotated[float, Field(ge=1, le=3600)] = SECONDS


def catalogue(ops: Operations, given: InProject, _: Job) -> Any:
    """Models, the machine's memory, the project's routes, and what the bench measured: all that the place shows."""
    total, free = hardware.memory()
    defaults = ops.folder(given.project).project.models
    return {
        "models": [asdict(model) for model in models.list_models(ops.home, ops.root(given.project))],
        "memory": {"total": total, "available": free},
        "machine": hardware.processor(),
        "routes": {
            task: {
                **defaults.route(task).model_dump(mode="json"),
                "own": getattr(defaults.routes, task) is not None,
            }
            for task in routing.TASKS
        },
        "bench": [row.model_dump(mode="json") for row in model_bench.results(ops.home)],
    }


def add_model(ops: Operations, given: AddModel, job: Job) -> Any:
    """The new entry; reading the whole file tells how far it is."""
    entry = model_files.add(
        ops.home, Path(given.path), given.name or None, given.expected, on_event=job.emit, should_stop=job.should_stop
    )
    return asdict(entry)


def remove_model(ops: Operations, given: NamedModel, _: Job) -> Any:
    """The entry that is off the list now."""
    return asdict(models.remove_model(ops.home, given.name))


def default_model(ops: Operations, given: NamedModel, _: Job) -> Any:
    """The entry that is used from now on."""
    return asdict(models.default_model(ops.home, given.name))


def verify_model(ops: Operations, given: NamedModel, job: Job) -> Any:
    """``same``: whether the file is still what was added."""
    return {
        "name": given.name,
        "same": model_files.verify(ops.home, given.name, on_event=job.emit, should_stop=job.should_stop),
    }


def trust_model(ops: Operations, given: NamedModel, job: Job) -> Any:
    """The entry that is trusted now."""
    return asdict(model_files.trust(ops.home, given.name, on_event=job.emit, should_stop=job.should_stop))


def set_route(ops: Operations, given: SetRoute, _: Job) -> Any:
    """The file that says it now."""
    return {"file": str(routing.set_route(ops.root(given.project), given.task, given.route))}


def bench(ops: Operations, given: Bench, job: Job) -> Any:
    """The rows; each was an event as well. Stopped: those that are done."""
    if given.mode not in (None, "json", "logits"):
        raise InputError(f"no mode is called {given.mode!r}", "use json or logits")
    wanted = model_bench.Wanted(**given.model_dump())
    rows = model_bench.bench(ops.home, wanted, on_event=job.emit, should_stop=job.should_stop)
    return {"bench": [row.model_dump(mode="json") for row in rows]}
