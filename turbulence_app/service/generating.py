"""Personas to policies in one go: from files or from a project, into files or into the project."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.project import ModelDefaults
from turbulence_app.domain.workflow import Workflow
from turbulence_app.formats.folder import Folder
from turbulence_app.formats.loader import load_personas, load_workflow
from turbulence_app.formats.writer import dump, write_atomic
from turbulence_app.service import policies, routing
from turbulence_app.service.gateways import settings_of
from turbulence_app.service.home import data_home
from turbulence_app.service.inputs import choose, refuse_problems, refuse_settings
from turbulence_app.service.opening import kept
from turbulence_app.service.person import filled_models
from turbulence_app.service.projects import is_project, open_project
from turbulence_app.service.telemetry import keeping


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to compile, and how. ``persona`` and ``workflow`` are files or ids; ``out`` is a file beside the
    project, ``similar`` stands above the project's setting.

    ``times`` and ``models`` ask for a consensus (:func:`turbulence_app.service.consensus.voters`).
    """

    persona: str | None = None
    workflow: str | None = None
    backend: str | None = None
    model: str | None = None
    mode: str | None = None
    seed: int = 42
    times: int = 1
    models: tuple[str, ...] = ()
    out: Path | None = None
    fresh: bool = False
    force: bool = False
    similar: bool | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """Who was asked for, the policies that were made (fewer where it was stopped), and the files that hold them."""

    personas: tuple[Persona, ...]
    policies: tuple[Policy, ...]
    files: tuple[Path, ...]


def generate(
    root: Path, wanted: Wanted, *, on_event: Callable[[Event], None], should_stop: Callable[[], bool]
) -> Generated:
    """Compile the personas that are wanted; without a name, every one of the project that has no policy yet."""
    loose = _is_file(wanted.persona) and _is_file(wanted.workflow)
    folder = None if loose and not is_project(root) else open_project(root)
    if folder is not None:
        refuse_settings(folder)
    flow = _workflow(folder, wanted.workflow)
    personas = _personas(folder, flow, wanted.persona, everybody=wanted.force or wanted.out is not None)
    route = routing.chosen(folder, "policy", wanted.backend, wanted.model, wanted.mode)
    made: list[Policy] = []
    with ExitStack() as stack:
        database = stack.enter_context(kept(folder.root)) if folder is not None else None
        settings = settings_of(folder.project.models if folder else filled_models(ModelDefaults()), wanted.similar)
        fresh = None if wanted.fresh else database
        gateway = stack.enter_context(policies.gateway_for(data_home(), fresh, settings))
        stack.enter_context(keeping(gateway, database))
        for number, persona in enumerate(personas):
            if should_stop():
                break
            on_event(Progress(what=f"compiling {persona.title}", done=number, total=len(personas)))
            made.append(
                policies.generate(
                    persona,
                    flow,
                    gateway=gateway,
                    backend=route.backend,
                    model=route.model,
                    mode=route.mode,
                    seed=wanted.seed,
                    times=wanted.times,
                    models=wanted.models,
                    on_event=on_event,
                    should_stop=should_stop,
                )
            )
        written: list[Path] = []
        if wanted.out is not None and made:
            write_atomic(wanted.out, dump(made))
            written = [wanted.out]
        elif folder is not None and database is not None and made:
            written = policies.save(folder, made, database, "generated")
    return Generated(personas, tuple(made), tuple(written))


def _workflow(folder: Folder | None, name: str | None) -> Workflow:
    if name is not None and Path(name).is_file():
        return load_workflow(Path(name))
    if folder is None:
        raise InputError("which workflow?", "name a file with --workflow, or work in a project")
    return choose(folder, None, name)[0]


def _personas(folder: Folder | None, flow: Workflow, name: str | None, everybody: bool) -> tuple[Persona, ...]:
    if name is not None and Path(name).is_file():
        return load_personas(Path(name))
    if folder is None:
        raise InputError("which persona?", "name a file with --persona, or work in a project")
    if name is None:
        refuse_problems(folder)
        return tuple(p for p in folder.personas.values() if everybody or folder.policy(flow.id, p.id) is None)
    if name not in folder.personas:
        known = ", ".join(sorted(folder.personas)) or "none"
        raise InputError(f"no persona {name!r}", f"this project has: {known}")
    return (folder.personas[name],)


def _is_file(name: str | None) -> bool:
    return name is not None and Path(name).is_file()
