"""What is installed and what works here, each with its mend. Nothing is changed and nothing is sent anywhere."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from turbulence_app import __version__
from turbulence_app.bundle import mend_for_qt
from turbulence_app.domain.errors import KnownError, MachineError
from turbulence_app.engine.preview import preview
from turbulence_app.formats.folder import read_folder
from turbulence_app.home import private_folder
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.worker.client import MEND
from turbulence_app.privacy import egress
from turbulence_app.service.home import pristine_sample
from turbulence_app.service.inputs import build_inputs
from turbulence_app.service.models import list_models
from turbulence_app.service.projects import database_path, is_project
from turbulence_app.store.database import opened

Status = Literal["ok", "warn", "fail"]
WINDOW = "from PySide6.QtWidgets import QApplication; QApplication([])"
"""The least that the window needs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``fail`` means that the main job cannot be done here."""

    name: str
    status: Status
    detail: str
    mend: str = ""


def examine(home: Path, project: Path | None = None) -> list[Check]:
    """Look at everything; never raises."""
    checks = [
        _guarded("python", _python),
        _guarded("packages", _packages),
        _guarded("data folder", lambda: _writable(home)),
        _guarded("database", lambda: _database(project)),
        _guarded("sample", _sample),
        _guarded("engine", _engine),
        _guarded("network lock", _lock),
        _guarded("window", _window),
    ]
    return [*checks, _guarded("model process", _model_process), *_models(home, project)]


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except KnownError as error:
        return Check(name, "fail", str(error.problem.message), error.problem.mend)
    except Exception as error:
        return Check(name, "fail", f"{type(error).__name__}: {error}", "report this")


def _python() -> Check:
    detail = f"Turbulence {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    old = sys.version_info < (3, 11)
    return Check("python", "fail" if old else "ok", detail, "use Python 3.11 or newer" if old else "")


def _packages() -> Check:
    names = ("numpy", "pydantic", "PyYAML", "sqlite-utils", "click")
    return Check("packages", "ok", ", ".join(f"{name} {metadata.version(name)}" for name in names))


def _writable(home: Path) -> Check:
    try:
        private_folder(home)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"x" * 4096)
    except OSError as error:
        return Check("data folder", "fail", f"{home}: {error.strerror}", "set TURBULENCE_HOME to a writable folder")
    return Check("data folder", "ok", str(home))


def _database(project: Path | None) -> Check:
    path = database_path(project) if project is not None else None
    if path is None or not path.exists():
        with tempfile.TemporaryDirectory() as folder, opened(Path(folder) / "probe.db") as database:
            return Check("database", "ok", f"SQLite {database.version()}: a new one works ({database.check()})")
    with opened(path) as database:
        verdict = database.check()
        version = database.version()
        noticed = "; ".join(database.notices)
    if verdict != "ok":
        raise MachineError(f"{path}: {verdict}", "move it away; a new one is made")
    return Check("database", "ok", f"SQLite {version}: {path}" + (f" ({noticed})" if noticed else ""))


def _sample() -> Check:
    folder = read_folder(pristine_sample())
    errors = [problem for problem in folder.problems if problem.severity == "error"]
    if errors or not is_project(folder.root):
        return Check("sample", "fail", str(errors[0] if errors else "it is empty"), "install Turbulence again")
    return Check("sample", "ok", f"{len(folder.personas)} personas, {len(folder.scenarios)} scenarios")


def _engine() -> Check:
    inputs = build_inputs(read_folder(pristine_sample()))
    summary = preview(inputs, users=1000)
    return Check("engine", "ok", f"1,000 people of the sample: {summary.completion:.0%} complete")


def _lock() -> Check:
    if egress.locked():
        return Check("network lock", "ok", f"on; refused so far: {egress.refused()}")
    return Check("network lock", "warn", "off in this process", "start the program with `turbulence`")


def _model_process() -> Check:
    """Started as for a model: what keeps it off the network, as its own native code finds."""
    if not llamacpp.installed():
        return Check("model process", "warn", "llama-cpp-python is not installed", MEND)
    found = llamacpp.confinement()
    detail = f"no network: {found.level}; tried from native code: {found.native}"
    if found.sealed:
        return Check("model process", "ok", detail)
    return Check("model process", "warn", detail, "this system's kernel offers no better; models run all the same")


def _window() -> Check:
    """Tried in a process of its own: the command line loads no Qt, and Qt aborts where something is missing."""
    if util.find_spec("PySide6") is None:
        return Check("window", "warn", "PySide6 is not installed", "pip install turbulence-app")
    version = f"PySide6 {metadata.version('PySide6-Essentials')}"
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    headless = sys.platform.startswith("linux") and not screen
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    if headless:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        tried = subprocess.run(
            [sys.executable, "-c", WINDOW], capture_output=True, env=environment, timeout=30, check=False
        )
    except subprocess.TimeoutExpired:
        return Check("window", "warn", f"{version}: it did not open within 30 s", "is the display reachable?")
    if tried.returncode:
        said = [line for line in tried.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
        why = next((line for line in reversed(said) if "rror" in line or "plugin" in line), "it aborts")
        return Check("window", "warn", f"{version}: {why.strip()}", mend_for_qt())
    if headless:
        return Check("window", "warn", f"{version} works, but there is no screen here", "the command line needs none")
    return Check("window", "ok", version)


def _models(home: Path, project: Path | None) -> list[Check]:
    try:
        found = list_models(home, project)
    except KnownError as error:
        return [Check("models", "warn", error.problem.message, error.problem.mend)]
    checks: list[Check] = []
    for model in found:
        bad: Status = "fail" if model.backend == "builtin" else "warn"
        detail = " ".join(part for part in (model.name, model.detail, model.state, model.why) if part)
        checks.append(Check(f"model: {model.backend}", "ok" if model.available else bad, detail, model.mend))
    return checks
