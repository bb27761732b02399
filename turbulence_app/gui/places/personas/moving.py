"""What moves completion, asked of the live worker while nothing else is: given up as soon as anything changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed, Progress
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.policy import Policy
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.moving_state import Key, Swings, effects_of, key_of, swings_of

USERS = 10_000
REST_MS = 500
"""How long nothing changes before it is asked: a hand that still drags has the worker for itself."""
KEPT = 64
"""Answers that are remembered."""

What = Literal["sensitivity", "effects"]


class Moving(QObject):
    """One question at a time, of one kind. ``progressed`` and ``failed`` are about the question under way."""

    known = Signal(object)
    """:class:`~turbulence_app.gui.places.personas.moving_state.Swings`, or effects by part."""
    progressed = Signal(int, int)
    failed = Signal(str)

    def __init__(self, context: Context, what: What, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._what = context, what
        self._answers: dict[Key, Any] = {}
        self._job: Job | None = None
        self._wanted: tuple[Key, dict[str, Any]] | None = None
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self._ask)

    @property
    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._job is not None or self._timer.isActive()

    def want(self, inputs: RunInputs | None, before: Policy | None = None) -> None:
        """Find it out for this persona; what is known is told at once."""
        self.stop()
        if inputs is None or (self._what == "effects" and before is None):
            return
        key = key_of(inputs, before)
        if key in self._answers:
            self.known.emit(self._answers[key])
            return
        params: dict[str, Any] = {"inputs": inputs.model_dump(mode="json", by_alias=True), "users": USERS}
        if before is not None:
            params["before"] = before.model_dump(mode="json", by_alias=True)
        self._wanted = (key, params)
        self._timer.start()

    def stop(self) -> None:
        """Whatever is under way does not matter any more; the worker gives it up between two numbers."""
        self._timer.stop()
        self._wanted = None
        if self._job is not None:
            self._context.bridge.cancel(self._job)
            self._job.forget()
            self._job = None

    def _ask(self) -> None:
        if self._wanted is None:
            return
        key, params = self._wanted
        self.progressed.emit(0, 0)
        self._job = self._context.bridge.request(
            "live", self._what, params,
            on_events=self._events, on_result=lambda reply: self._answered(key, reply), on_error=self._failed,
        )  # fmt: skip

    def _events(self, events: list[Any]) -> None:
        progress = [event for event in events if isinstance(event, Progress)]
        if progress:
            self.progressed.emit(progress[-1].done, progress[-1].total)

    def _answered(self, key: Key, reply: Mapping[str, Any]) -> None:
        self._job = self._wanted = None
        answer: Swings | dict[str, Any] = swings_of(reply) if self._what == "sensitivity" else effects_of(reply)
        if len(self._answers) >= KEPT:
            self._answers.pop(next(iter(self._answers)))
        self._answers[key] = answer
        self.known.emit(answer)

    def _failed(self, error: JobFailed) -> None:
        self._job = self._wanted = None
        if error.exit_status != 130:
            self.failed.emit(error.message + (f" ({error.mend})" if error.mend else ""))
