"""Post-mortems as the place keeps them: asked for when somebody looks, a model only when somebody asks it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import EVENT, JobFailed, Progress
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.postmortem import PostMortem
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.lately import PEOPLE, Lately
from turbulence_app.gui.places.exporting import CANCELLED, not_written, to_clipboard, written
from turbulence_app.gui.places.failures.state import address_of, file_stem

SIGNS = {"confirmed": "✓", "refuted": "✕", "not_testable": "–"}
TOKENS = {"confirmed": "good", "refuted": "bad", "not_testable": "dim"}


class PostMortems(QObject):
    """``changed``: another one is here, or on its way. One is asked for at a time."""

    changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self._found: dict[str, PostMortem] = Lately(PEOPLE)
        self._texts: dict[str, str] = Lately(PEOPLE)
        self._sources: dict[str, str] = Lately(PEOPLE)
        self._errors: dict[str, str] = Lately(PEOPLE)
        self._job: Job | None = None
        self._job_for = ""
        self.asking_model = False
        self.told = ""
        """What the work is at, in words."""

    def of(self, failure: Failure) -> PostMortem | None:
        """The newest post-mortem; None while there is none."""
        return self._found.get(address_of(failure))

    def error(self, failure: Failure) -> str:
        """Why there is none."""
        return self._errors.get(address_of(failure), "")

    def source(self, failure: Failure) -> str:
        """Whose words they are."""
        return self._sources.get(address_of(failure), "")

    def running(self, failure: Failure) -> bool:
        """Whether one is on its way."""
        return self._job is not None and self._job_for == address_of(failure)

    @property
    def busy(self) -> bool:
        """Whether any is on its way."""
        return self._job is not None

    def look(self, failure: Failure) -> None:
        """Somebody looks: explain it from the simulation alone, unless it is explained already."""
        if address_of(failure) not in self._found and not self.busy:
            self._ask(failure, model=False)

    def ask_model(self, failure: Failure) -> None:
        """Somebody wants a model's words."""
        if not self.busy:
            self._ask(failure, model=True)

    def _ask(self, failure: Failure, *, model: bool) -> None:
        name = address_of(failure)
        self._errors.pop(name, None)
        self.asking_model, self.told, self._job_for = model, "", name
        params: dict[str, Any] = {"failure_id": name, "project": str(self._context.project.data.root)}
        if not model:
            params["backend"] = "rules"
        self._job = self._context.bridge.request(
            "model" if model else "run",
            "analyze",
            params,
            on_events=self._events,
            on_result=lambda reply: self._done(name, reply),
            on_error=lambda error: self._failed(name, error),
        )
        self.changed.emit()

    def _events(self, events: Sequence[Any]) -> None:
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, Progress):
                self.told = event.what + (f", {event.done:,} of {event.total:,}" if event.total and event.done else "")
        self.changed.emit()

    def _done(self, name: str, reply: Any) -> None:
        self._job = None
        self._found[name] = PostMortem.model_validate(
            {key: reply[key] for key in PostMortem.model_fields if key in reply}
        )
        self._texts[name], self._sources[name] = str(reply["markdown"]), str(reply["source_words"])
        self.changed.emit()

    def _failed(self, name: str, error: JobFailed) -> None:
        self._job = None
        words = error.message + (f" ({error.mend})" if error.mend else "")
        if error.exit_status != CANCELLED:
            if name in self._found:
                self._context.notices.show(f"No model's words: {words}", "warn")
            else:
                self._errors[name] = words
        self.changed.emit()

    def stop(self) -> None:
        """Nobody wants to know any more; what there was stays."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)

    def copy(self, failure: Failure) -> None:
        """As Markdown, to the clipboard."""
        if text := self._texts.get(address_of(failure)):
            to_clipboard(text)
            self._context.notices.show("Post-mortem copied as Markdown.", "good")

    def save(self, failure: Failure) -> None:
        """Ask for a file and have it written there, without personal data."""
        found = self.of(failure)
        if found is None:
            return
        path = self._context.dialogs.save_file(
            "Export the post-mortem", f"{file_stem(failure)}.md", "Markdown files (*.md)"
        )
        if path is None:
            return
        params: dict[str, Any] = {
            "failure_id": address_of(failure), "project": str(self._context.project.data.root), "save": str(path),
        }  # fmt: skip
        if found.source == "simulation":
            params["backend"] = "rules"
        self._context.bridge.request(
            "run" if found.source == "simulation" else "model",
            "analyze",
            params,
            on_result=lambda reply: written(self._context, "Exported", reply, Path(path)),
            on_error=lambda error: not_written(self._context, "Not exported", error),
        )

    def close(self) -> None:
        """The window closes."""
        if self._job is not None:
            self._job.forget()
            self._context.bridge.cancel(self._job)
