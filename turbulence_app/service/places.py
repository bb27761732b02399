"""Where a project's services are: its own application, or the hosts that it may ask."""

from __future__ import annotations

import sys
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.project import AppDefaults, Project
from turbulence_app.engine.place import AppPlace, HttpPlace, Place
from turbulence_app.formats.folder import PROJECT_FILE
from turbulence_app.formats.loader import load_project_file


def place_for(inputs: RunInputs, project: Path | str) -> Place | None:
    """The place of a run in the project's folder; None on the model target, which needs none.

    Raises ``InputError`` where something is missing: no application, a folder or an environment that is not there.
    """
    if inputs.target == "model":
        return None
    settings = project_settings(project)
    if inputs.target == "http":
        return HttpPlace(
            Path(project).absolute() if str(project) else None, settings.http.allow_hosts, settings.http.profile
        )
    if inputs.workflow.app is None:
        mend = f"add 'app: module:create_app' to workflow {inputs.workflow.id!r}"
        raise InputError("the app target needs an application", mend)
    if not str(project):
        raise InputError("the app target imports the application from a project's folder", "run it in a project")
    return _application(Path(project).absolute(), settings.app)


def project_settings(project: Path | str) -> Project:
    """What the project's own file says; defaults where there is none."""
    file = Path(project) / PROJECT_FILE
    return load_project_file(file) if str(project) and file.is_file() else Project()


def _application(root: Path, app: AppDefaults) -> AppPlace:
    here = Location(str(root / PROJECT_FILE))
    paths = tuple((root / path).resolve() for path in app.paths)
    for path, given in zip(paths, app.paths, strict=True):
        if not path.is_dir():
            raise InputError(f"app.paths names {given!r}, which is no folder", "correct it", here)
    venv = None if app.venv is None else (root / app.venv).resolve()
    if venv is not None and not (venv / "pyvenv.cfg").is_file():
        mend = f"make it: python{sys.version_info.major}.{sys.version_info.minor} -m venv {app.venv}"
        raise InputError(f"app.venv names {app.venv!r}, which is no virtual environment", mend, here)
    return AppPlace(root, paths, venv, dict(app.env))
