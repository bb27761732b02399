"""Compiling a persona: one job on the model's lane, with progress and a stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed, Log, Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context


class Compiling(QObject):
    """At most one compilation at a time."""

    started = Signal(str)
    progressed = Signal(int, int, str)
    finished = Signal(object, float)
    """The new :class:`Policy` and milliseconds."""
    failed = Signal(str, bool)
    """What went wrong (empty when it was stopped), and whether it is a known error."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether a model is at work."""
        return self._job is not None

    def start(self, persona: Persona, workflow: Workflow, backend: str) -> None:
        """Ask a model; nothing happens while one is asked already."""
        if self._job is not None:
            return
        project = self._context.project.data
        params: dict[str, Any] = {
            "project": str(project.root),
            "persona": persona.model_dump(mode="json", by_alias=True),
            "workflow": workflow.model_dump(mode="json", by_alias=True),
            "backend": backend,
        }
        self._job = self._context.bridge.request(
            "model", "compile", params, on_events=self._events, on_result=self._done, on_error=self._error
        )
        self.started.emit(persona.id)

    def stop(self) -> None:
        """Ask it to stop; the model's process is ended if it does not."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)

    def close(self) -> None:
        """Nothing more is awaited."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _events(self, events: list[Any]) -> None:
        for event in events:
            if isinstance(event, Progress):
                self.progressed.emit(event.done, event.total, event.what)
            elif isinstance(event, Log):
                self.progressed.emit(0, 0, event.message)

    def _done(self, reply: Any) -> None:
        took = self._took()
        document = reply["policy"] if isinstance(reply, Mapping) and "policy" in reply else reply
        self.finished.emit(Policy.model_validate(document), took)

    def _error(self, error: JobFailed) -> None:
        self._took()
        stopped = error.exit_status == 130
        text = "" if stopped else error.message + (f" ({error.mend})" if error.mend else "")
        self.failed.emit(text, error.known)

    def _took(self) -> float:
        took = self._job.clock.nsecsElapsed() / 1e6 if self._job is not None else 0.0
        self._job = None
        return took
