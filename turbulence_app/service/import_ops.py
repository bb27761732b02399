"""The worker's operations on imports and drift: parameters and handlers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from turbulence_app.domain.base import Identifier
from turbulence_app.domain.errors import InputError
from turbulence_app.service import drift as comparing
from turbulence_app.service import imports, plain
from turbulence_app.service.params import InProject

if TYPE_CHECKING:
    from turbulence_app.service.ops import Operations
    from turbulence_app.service.worker import Job


class ImportFile(InProject):
    """``import_file``: what another tool wrote, into the project (``out``: into a folder of its own instead).

    ``har`` takes several paths; ``log`` also takes a run, and fits ``workflow`` in place.
    """

    kind: Literal["openapi", "har", "log", "turbulence"]
    path: str = ""
    paths: tuple[str, ...] = ()
    out: str | None = None
    name: Identifier | None = None
    app: str | None = None
    only: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    workflow: str | None = None
    unit: Literal["s", "ms", "us"] | None = None


class Drift(InProject):
    """``drift``: the model against the service. ``name``: a run, or a scenario that is run first."""

    name: str = "last"
    workflow: str | None = None
    users: Annotated[int, Field(ge=1)] | None = None
    threshold: Annotated[float, Field(ge=0, le=1)] = comparing.THRESHOLD


def import_file(ops: Operations, given: ImportFile, job: Job) -> Any:
    """What was made, and what could not be carried over."""
    paths = given.paths or ((given.path,) if given.path else ())
    if not paths:
        raise InputError("nothing to import", "name a file")
    root = Path(given.out).expanduser().absolute() if given.out else ops.root(given.project)
    match given.kind:
        case "openapi":
            made = imports.openapi(root, paths[0], name=given.name, app=given.app, only=given.only)
        case "har":
            made = imports.har(root, [Path(p) for p in paths], name=given.name, hosts=given.hosts)
        case "log":
            made = imports.log(
                root, paths[0], workflow=given.workflow, unit=given.unit, on_event=job.emit, should_stop=job.should_stop
            )
        case "turbulence":
            made = imports.turbulence(root, Path(paths[0]))
    return plain.imported(made)


def drift(ops: Operations, given: Drift, job: Job) -> Any:
    """How far the model is from the service, worst steps first."""
    file = Path(given.workflow) if given.workflow else None
    wanted = comparing.Wanted(given.name, file, given.users, given.threshold)
    found = comparing.drift(
        ops.database(given.project), ops.root(given.project), wanted, on_event=job.emit, should_stop=job.should_stop
    )
    return {**plain.noun(found), "holds": found.holds}
