"""Bringing in what other tools wrote: tried in a folder of its own first, so that nothing is written unseen."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Context

Kind = Literal["openapi", "har", "log", "turbulence"]
NAMES: dict[Kind, str] = {
    "openapi": "OpenAPI document",
    "har": "browser recording",
    "log": "log of a service",
    "turbulence": "file of the original Turbulence",
}
FILTERS = "What can be imported (*.yaml *.yml *.json *.har *.csv *.log *.txt *.jsonl);;All files (*)"
HEAD = 8192
"""Bytes of a file that tell what it is."""
MOST_NOTES = 8


def kind_of(name: str, head: str) -> Kind:
    """What a file is, by its ending and its beginning."""
    ending = Path(name).suffix.lower()
    if ending == ".har" or ('"entries"' in head and '"log"' in head):
        return "har"
    if ending in (".yaml", ".yml", ".json"):
        return "openapi" if "openapi" in head else "turbulence"
    return "log"


def told(reply: Mapping[str, Any], root: Path) -> str:
    """What an import makes and what a reader must know, in lines."""
    files = [Path(str(file)) for file in reply.get("files", [])]
    names = [str(file.relative_to(root)) if file.is_relative_to(root) else file.name for file in files]
    notes = [str(note) for note in reply.get("notes", [])]
    more = [f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else []
    said = "\n".join(f"•  {note}" for note in (*notes[:MOST_NOTES], *more))
    what = f"It becomes {', '.join(names)}." if names else "It becomes nothing."
    return f"{what}\n\nWhat could not be carried over, or was guessed:\n{said}" if notes else what


class Importer:
    """One import at a time. ``done`` is called after the project's files changed; ``opened`` opens another project."""

    def __init__(self, context: Context, done: Callable[[], object], opened: Callable[[Path], object]) -> None:
        self._context, self._done, self._opened = context, done, opened
        self._trial: tempfile.TemporaryDirectory[str] | None = None

    def ask(self) -> None:
        """Ask for a file, try it, show what it becomes, and write it."""
        path = self._context.dialogs.open_file("Import OpenAPI, HAR, a log, or the original's files", FILTERS)
        if path is not None:
            self.bring(path)

    def bring(self, path: Path) -> None:
        """The same with a file that is known: dropped, or named at the start."""
        try:
            with path.open("rb") as file:
                head = file.read(HEAD).decode("utf-8", "replace")
        except OSError as error:
            self._context.notices.show(f"{path.name} cannot be read: {error.strerror}", "bad")
            return
        self._try(kind_of(path.name, head), path)

    def close(self) -> None:
        """The window closes."""
        self._forget()

    def _try(self, kind: Kind, path: Path) -> None:
        """Into a folder that is thrown away: nothing of the project is touched."""
        self._forget()
        self._trial = tempfile.TemporaryDirectory(prefix="turbulence-import-")
        root = Path(self._trial.name)
        params: dict[str, Any] = {"kind": kind, "path": str(path)}
        if kind == "log":
            workflow = self._workflow_file()
            if workflow is None:
                self._context.notices.show("A log is fitted to a workflow: open a project that has one.", "warn")
                return
            params["workflow"] = str(shutil.copy(workflow, root / workflow.name))
            params["project"] = self._project()
        else:
            params["out"] = str(root)
        self._context.bridge.request(
            "run",
            "import_file",
            params,
            on_result=lambda reply: self._tried(kind, path, root, reply),
            on_error=lambda error: self._refused(kind, path, error),
        )

    def _tried(self, kind: Kind, path: Path, root: Path, reply: Any) -> None:
        words = told(reply, root)
        self._forget()
        if kind == "log":
            words += "\n\nThe workflow's file is changed in place."
        if self._context.dialogs.confirm(f"Import {path.name}", f"A {NAMES[kind]}. {words}", "Import"):
            self._write(kind, path, None)

    def _write(self, kind: Kind, path: Path, out: Path | None) -> None:
        params: dict[str, Any] = {"kind": kind, "path": str(path), "project": self._project()}
        if out is not None:
            params["out"] = str(out)
        if kind == "log" and (file := self._workflow_file()) is not None:
            params["workflow"] = str(file)
        self._context.bridge.request(
            "run",
            "import_file",
            params,
            on_result=lambda reply: self._written(reply, out),
            on_error=lambda error: self._refused(kind, path, error),
        )

    def _written(self, reply: Any, out: Path | None) -> None:
        notes = len(reply.get("notes", []))
        files = len(reply.get("files", []))
        words = f"Imported: {files} file{'s' * (files != 1)}" + (f", {notes} notes." if notes else ".")
        self._context.notices.show(words, "good")
        if out is not None:
            self._opened(out)
        else:
            self._done()

    def _refused(self, kind: Kind, path: Path, error: JobFailed) -> None:
        self._forget()
        words = error.message + (f" ({error.mend})" if error.mend else "")
        if kind == "log":
            self._context.notices.show(f"Not imported: {words}", "bad")
        else:
            self._context.notices.show(
                f"Not imported: {words}", "bad", "Into a new folder…", lambda: self._elsewhere(kind, path)
            )

    def _elsewhere(self, kind: Kind, path: Path) -> None:
        out = self._context.dialogs.open_folder("A folder for the new project")
        if out is not None:
            self._write(kind, path, out)

    def _project(self) -> str:
        return str(self._context.project.data.root)

    def _workflow_file(self) -> Path | None:
        project = self._context.project
        if project.workflow is None:
            return None
        name = project.data.files.get(("workflow", project.workflow.id))
        return project.data.root / name if name else None

    def _forget(self) -> None:
        if self._trial is not None:
            self._trial.cleanup()
            self._trial = None
