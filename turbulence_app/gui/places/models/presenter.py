"""What the Models place does: reads the catalogue, adds, checks and routes models. Nothing of it blocks the window."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context, Field
from turbulence_app.gui.places.exporting import CANCELLED
from turbulence_app.gui.places.models.fetching import Fetching
from turbulence_app.gui.places.models.state import Catalogue, ModelRow, read_catalogue

FILTERS = "GGUF models (*.gguf);;All files (*)"


class ModelsPresenter(QObject):
    """``listed``: another catalogue; ``chosen``: another model is looked at."""

    listed = Signal()
    chosen = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.catalogue = Catalogue()
        self.loaded = False
        self.error = ""
        self.key = ""
        self.fetching = Fetching(context, self)
        self._job: Job | None = None
        self._again = False
        self.fetching.ended.connect(self.refresh)
        context.project.changed.connect(self._project_changed)

    # -- reading ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again; a request that comes while one is answered is made after it."""
        if self._job is not None:
            self._again = True
            return
        self._job = self._context.bridge.request(
            "model", "catalogue", {"project": self.project()}, on_result=self._read, on_error=self._not_read
        )

    def project(self) -> str | None:
        """The project's folder, as operations want it."""
        return str(self._context.project.data.root) if self._context.project.loaded else None

    def _project_changed(self) -> None:
        if self.loaded:
            self.refresh()

    def _read(self, reply: Any) -> None:
        self.show(read_catalogue(reply))

    def show(self, catalogue: Catalogue) -> None:
        """Take a catalogue."""
        self._done()
        self.catalogue, self.loaded, self.error = catalogue, True, ""
        if catalogue.row(self.key) is None:
            rows = [row for row in catalogue.rows if row.there]
            self.key = next((row.key for row in rows if row.tasks), rows[0].key if rows else "")
        self.listed.emit()
        self.chosen.emit()

    def _not_read(self, failure: JobFailed) -> None:
        self._done()
        self.error = failure.message + (f" ({failure.mend})" if failure.mend else "")
        self.listed.emit()

    def _done(self) -> None:
        self._job = None
        if self._again:
            self._again = False
            self.refresh()

    # -- one of them ------------------------------------------------------------------------------

    def choose(self, key: str) -> None:
        """Look at a model."""
        if key != self.key:
            self.key = key
            self.chosen.emit()

    @property
    def row(self) -> ModelRow | None:
        """The model that is looked at."""
        return self.catalogue.row(self.key)

    def ask_add(self) -> None:
        """Ask for a file, then for its name and digest."""
        path = self._context.dialogs.open_file("Add a GGUF model", FILTERS)
        if path is not None:
            self.add(path)

    def add(self, path: Path) -> None:
        """A file that was chosen or dropped: what to call it, and the digest that its publisher gives."""
        if path.suffix.lower() != ".gguf":
            self._context.notices.show(f"{path.name} is not a GGUF file: models end in .gguf", "warn")
            return
        said = self._context.dialogs.ask_form(
            f"Add {path.name}",
            "The file stays where it is. It is read once, for its SHA-256; where the publisher gives one, paste it here"
            " and any other content is refused.",
            (Field("name", "Name", path.stem, needed=True), Field("expected", "SHA-256 (optional)", hint="64 digits")),
            "Add model",
        )
        if said is not None:
            params = {"path": str(path), "name": said["name"], "expected": said["expected"]}
            self.fetching.start("add_model", params, f"Reading {path.name}", self._added)

    def _added(self, reply: Any) -> None:
        self.key = f"llamacpp/{reply['name']}"
        self._context.notices.show(f"Added {reply['name']}.", "good")

    def verify(self) -> None:
        """Read the file again."""
        row = self.row
        if row is not None and row.is_file:
            self.fetching.start("verify_model", {"name": row.name}, f"Reading {row.name}", self._verified)

    def _verified(self, reply: Any) -> None:
        if reply["same"]:
            self._context.notices.show(f"{reply['name']} is still what was added.", "good")
        else:
            self._context.notices.show(f"{reply['name']} is gone or another file now. Add it again.", "bad")

    def trust(self) -> None:
        """Vouch for the content, by its digest."""
        row = self.row
        if row is None or not row.is_file:
            return
        text = (
            "The whole file is read again; then its digest goes on your own list of trusted contents, and any other"
            f" content under this name is refused.\n\nsha256 {row.digest}"
        )
        if self._context.dialogs.confirm(f"Trust {row.name}?", text, "Trust it"):
            self.fetching.start("trust_model", {"name": row.name}, f"Reading {row.name}", self._trusted)

    def _trusted(self, reply: Any) -> None:
        self._context.notices.show(f"{reply['name']} is trusted now.", "good")

    def make_default(self) -> None:
        """Use the chosen one where none is named."""
        row = self.row
        if row is not None and row.is_file and not row.default:
            self._do("default_model", {"name": row.name}, f"{row.name} is used where none is named.")

    def remove(self) -> None:
        """Take the chosen one off the list, after a question."""
        row = self.row
        if row is None or not row.is_file:
            return
        text = f"It goes off the list; the file stays at {row.path}. What the bench measured is kept."
        if self._context.dialogs.confirm(f"Remove {row.name}?", text, "Remove", danger=True):
            self._do("remove_model", {"name": row.name}, f"{row.name} is off the list; its file stays.")

    # -- routes -----------------------------------------------------------------------------------

    def route(self, task: str, backend: str, model: str, mode: str = "") -> None:
        """Let a model answer a task in this project; no backend: as usual."""
        if not self._context.project.loaded:
            return
        route = {"backend": backend, "model": model or None, "mode": mode or None} if backend else None
        params = {"project": self.project(), "task": task, "route": route}
        self._do("set_route", params, "Written into turbulence.yaml.", lane="live")

    def _do(self, op: str, params: Mapping[str, Any], said: str, lane: str = "model") -> None:
        def done(_reply: Any) -> None:
            self._context.notices.show(said, "good")
            self.refresh()

        self._context.bridge.request(lane, op, params, on_result=done, on_error=self.complain)  # type: ignore[arg-type]

    def complain(self, failure: JobFailed) -> None:
        """Say what went wrong, unless somebody stopped it."""
        if failure.exit_status != CANCELLED:
            words = failure.message + (f" ({failure.mend})" if failure.mend else "")
            self._context.notices.show(words, "warn" if failure.known else "bad")
        self.refresh()

    def close(self) -> None:
        """Nothing more is awaited."""
        if self._job is not None:
            self._job.forget()
            self._job = None
        self.fetching.close()
