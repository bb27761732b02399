"""Long work on model files: reading one whole, or having Ollama fetch one. One at a time, with progress and a stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.events import JobFailed, Progress
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import CANCELLED
from turbulence_app.insight import words

OnReply = Callable[[Any], object]


@dataclass(frozen=True, slots=True)
class Far:
    """How far it is, in bytes; ``total`` 0: not known."""

    what: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None
    stopping: bool = False

    @property
    def words(self) -> str:
        """``1.2 GB of 2.4 GB · 310 MB/s · 4 s left``"""
        if self.stopping:
            return "stopping…"
        parts = [f"{words.bytes_(self.done)} of {words.bytes_(self.total)}" if self.total else ""]
        parts.append(f"{words.bytes_(round(self.rate))}/s" if self.rate else "")
        parts.append(f"{words.milliseconds(1000 * self.eta_s)} left" if self.eta_s else "")
        return " · ".join(part for part in parts if part)


class Fetching(QObject):
    """``progressed`` while it goes on; ``ended`` when there may be something new to list."""

    progressed = Signal()
    ended = Signal()

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self.far = Far()
        self._job: Job | None = None

    @property
    def busy(self) -> bool:
        """Whether something is read or fetched."""
        return self._job is not None

    def start(self, op: str, params: Mapping[str, Any], what: str, done: OnReply) -> None:
        """Begin; while something else is under way the person is told so."""
        if self._job is not None:
            self._context.notices.show(f"{self.far.what} first: one at a time.", "info")
            return
        self.far = Far(what)

        def finished(reply: Any) -> None:
            self._job = None
            done(reply)
            self.progressed.emit()
            self.ended.emit()

        self._job = self._context.bridge.request(
            "fetch", op, params, on_events=self._events, on_result=finished, on_error=self._failed
        )
        self.progressed.emit()

    def stop(self) -> None:
        """Ask it to stop."""
        if self._job is not None:
            self.far = Far(self.far.what, self.far.done, self.far.total, stopping=True)
            self.progressed.emit()
            self._context.bridge.cancel(self._job)

    def close(self) -> None:
        """Nothing more is awaited."""
        if self._job is not None:
            self._job.forget()
            self._job = None

    def _events(self, events: Sequence[Any]) -> None:
        for event in events:
            if isinstance(event, Progress) and not self.far.stopping:
                self.far = Far(self.far.what, event.done, event.total, event.rate, event.eta_s)
        self.progressed.emit()

    def _failed(self, failure: JobFailed) -> None:
        self._job = None
        if failure.exit_status == CANCELLED:
            self._context.notices.show(f"{self.far.what}: stopped.", "info")
        else:
            told = failure.message + (f" ({failure.mend})" if failure.mend else "")
            self._context.notices.show(told, "warn" if failure.known else "bad")
        self.progressed.emit()
        self.ended.emit()
