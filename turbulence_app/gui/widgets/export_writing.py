"""A table of any length that the worker writes into a file, while the window says how far it is and can stop it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed, Progress
from turbulence_app.gui.bridge import Job, Lane
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import not_written, written
from turbulence_app.gui.widgets.toast import Toast

SOON_MS = 400
"""What is written faster needs no word about how far it is."""


@dataclass(frozen=True, slots=True)
class Whole:
    """Who writes the whole table: a lane's operation, and what it is asked (the path comes to that)."""

    lane: Lane
    op: str
    params: Callable[[], Mapping[str, Any]]


class Writing(QObject):
    """One file. ``ended`` when it is there, or will not be."""

    ended = Signal()

    def __init__(self, context: Context, whole: Whole, name: str, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._name, self._path = context, name, path
        self._words = f"Writing {path.name}…"
        self._toast: Toast | None = None
        self._late = QTimer(self, singleShot=True, interval=SOON_MS)
        self._late.timeout.connect(self._say)
        self._late.start()
        self._job: Job = context.bridge.request(
            whole.lane,
            whole.op,
            {**whole.params(), "path": str(path)},
            on_events=self._events,
            on_result=self._done,
            on_error=self._failed,
        )

    def stop(self) -> None:
        """No file, then."""
        self._context.bridge.cancel(self._job)

    def _say(self) -> None:
        shown = self._context.notices.show(self._words, "info", "Stop", self.stop)
        if isinstance(shown, Toast):
            self._toast = shown
            shown.stay()
            shown.closed.connect(self._closed)

    def _closed(self, _toast: object) -> None:
        self._toast = None

    def _events(self, events: Sequence[Any]) -> None:
        last = next((event for event in reversed(events) if isinstance(event, Progress)), None)
        if last is not None:
            left = f", {last.eta_s:,.0f} s left" if last.eta_s is not None and last.eta_s >= 1 else ""
            self._words = f"Writing {self._path.name}: {last.done:,} of {last.total:,} {last.what}{left}"
            if self._toast is not None:
                self._toast.say(self._words)

    def _done(self, reply: Any) -> None:
        self._end()
        written(self._context, f"Exported {reply['lines']:,} lines", reply, self._path)

    def _failed(self, error: JobFailed) -> None:
        self._end()
        not_written(self._context, "Not exported", error)

    def _end(self) -> None:
        self._late.stop()
        if self._toast is not None:
            self._toast.close()
        self.ended.emit()
        self.deleteLater()
