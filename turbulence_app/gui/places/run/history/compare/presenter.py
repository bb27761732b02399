"""Has two runs compared in another process, and two visits of one person replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.comparison import Comparison
from turbulence_app.domain.events import EVENT, JobFailed, Progress
from turbulence_app.domain.trace import UserTrace
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import CANCELLED, not_written, written

KINDS = (("html", "HTML report…", "HTML files (*.html)"), ("csv", "CSV table…", "CSV tables (*.csv)"))


class ComparePresenter(QObject):
    """``changed``: another comparison, its progress, or why there is none; ``people_changed``: two visits are here."""

    changed = Signal()
    people_changed = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.found: Comparison | None = None
        self.error = ""
        self.progress: Progress | None = None
        self.asked = ("", "")
        self.user: int | None = None
        self.traces: dict[str, UserTrace] = {}
        self.person_error = ""
        self._job: Job | None = None
        context.project.changed.connect(self.forget)

    @property
    def busy(self) -> bool:
        """Whether a comparison is under way."""
        return self._job is not None

    def compare(self, one: str, other: str) -> None:
        """The run ``other`` against ``one`` (an id, ``before`` or ``same-seed``)."""
        self.forget()
        self.asked = (one, other)
        self._job = self._context.bridge.request(
            "run",
            "compare_runs",
            {"project": self._project(), "one": one, "other": other},
            on_events=self._events,
            on_result=self._done,
            on_error=self._failed,
        )
        self.changed.emit()

    def again(self) -> None:
        """The same once more."""
        self.compare(*self.asked)

    def swap(self) -> None:
        """The first against the second."""
        if self.found is not None:
            self.compare(self.found.other.run_id, self.found.one.run_id)

    def stop(self) -> None:
        """Nobody wants to know any more."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)

    def forget(self) -> None:
        """Nothing is compared."""
        if self._job is not None:
            self._job.forget()
            self._context.bridge.cancel(self._job)
        self._job, self.found, self.error, self.progress, self.user = None, None, "", None, None
        self.traces = {}
        self.changed.emit()

    def _events(self, events: Sequence[Any]) -> None:
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, Progress):
                self.progress = event
        self.changed.emit()

    def _done(self, reply: Any) -> None:
        self._job, self.found = None, Comparison.model_validate(reply)
        self.changed.emit()

    def _failed(self, error: JobFailed) -> None:
        self._job = None
        stopped = error.exit_status == CANCELLED
        self.error = "Stopped." if stopped else error.message + (f" ({error.mend})" if error.mend else "")
        self.changed.emit()

    # -- people -----------------------------------------------------------------------------------

    def look_at(self, user: int) -> None:
        """Somebody's visit in both runs."""
        if self.found is None:
            return
        self.user, self.traces, self.person_error = user, {}, ""
        self.people_changed.emit()
        for run_id in {self.found.one.run_id, self.found.other.run_id}:
            self._context.bridge.request(
                "live",
                "replay",
                {"project": self._project(), "run_id": run_id, "user": user},
                on_result=partial(self._replayed, user, run_id),
                on_error=lambda error: self._not_replayed(user, error),
            )

    def _replayed(self, user: int, run_id: str, reply: Any) -> None:
        if user == self.user:
            data = reply.get("trace", reply) if isinstance(reply, Mapping) else reply
            self.traces[run_id] = UserTrace.model_validate(data)
            self.people_changed.emit()

    def _not_replayed(self, user: int, error: JobFailed) -> None:
        if user == self.user:
            self.person_error = error.message
            self.people_changed.emit()

    @property
    def both(self) -> tuple[UserTrace, UserTrace] | None:
        """The visit in the first and in the second run, when both are here."""
        if self.found is None:
            return None
        one, other = self.traces.get(self.found.one.run_id), self.traces.get(self.found.other.run_id)
        return (one, other) if one is not None and other is not None else None

    # -- files ------------------------------------------------------------------------------------

    def save(self, kind: str) -> None:
        """Ask for a file and have the comparison written into it."""
        if self.found is None:
            return
        _, words, filters = next(row for row in KINDS if row[0] == kind)
        one, other = self.found.one.run_id, self.found.other.run_id
        path = self._context.dialogs.save_file(f"Export: {words.rstrip('…')}", f"{one}_{other}.{kind}", filters)
        if path is not None:
            self._context.bridge.request(
                "run",
                "compare_runs",
                {"project": self._project(), "one": one, "other": other, "save": str(path), "kind": kind},
                on_result=lambda reply: written(self._context, "Exported", reply, Path(path)),
                on_error=lambda error: not_written(self._context, "Not exported", error),
            )

    def _project(self) -> str:
        return str(self._context.project.data.root)

    def close(self) -> None:
        """The window closes."""
        if self._job is not None:
            self._job.forget()
            self._context.bridge.cancel(self._job)
