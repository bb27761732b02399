"""Asks for the report while somebody looks, and now and then when nobody does, so that an alarm is heard."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Latest
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.telemetry.state import SPANS, Report, health

LOOKED_AT_MS = 2500
"""Between two reports while the place is in front."""
ASIDE_MS = 20_000
"""While it is not: only alarms matter then."""


class TelemetryPresenter(QObject):
    """``reported`` when there is a newer report, ``cached`` when the cache was counted anew."""

    reported = Signal()
    cached = Signal()
    failed = Signal()
    alarmed = Signal(int)
    """How many alarms are on."""

    def __init__(self, context: Context, clock: Callable[[], float] = time.time) -> None:
        super().__init__(context.hub)
        self._context, self.clock = context, clock
        self.span = SPANS[0][0]
        self.report: Report = {}
        self.cache: Mapping[str, Any] = {}
        self.error = ""
        self._alarms: set[str] = set()
        self._asked_span = self.span
        self._reports = Latest(context.bridge, "live", "telemetry", self._reported, self._refused)
        self._counts = Latest(context.bridge, "live", "cache_stats", self._counted, lambda _: None)
        self._timer = QTimer(self, interval=ASIDE_MS)
        self._timer.timeout.connect(self.refresh)
        context.project.changed.connect(self._project_changed)
        if context.project.loaded:
            self._timer.start()

    # -- looking ----------------------------------------------------------------------------------

    @property
    def minutes(self) -> int:
        """The length of time that is looked at."""
        return next(minutes for key, minutes, _ in SPANS if key == self.span)

    def watch(self, closely: bool) -> None:
        """The place comes to the front, or goes."""
        self._timer.setInterval(LOOKED_AT_MS if closely else ASIDE_MS)
        if closely:
            self.refresh()

    def choose_span(self, key: str) -> None:
        """Look at another length of time."""
        if key != self.span:
            self.span = key
            self.refresh()

    def refresh(self) -> None:
        """Ask again, unless an answer is awaited."""
        if not self._context.project.loaded:
            return
        if not self._reports.running or self._asked_span != self.span:
            self._asked_span = self.span
            self._reports.submit({**self._project(), "minutes": self.minutes})
        if not self._counts.running:
            self._counts.submit(self._project())

    def close(self) -> None:
        """Nothing more is asked."""
        self._timer.stop()
        self._reports.forget()
        self._counts.forget()

    def _project(self) -> dict[str, Any]:
        return {"project": str(self._context.project.data.root)}

    def _project_changed(self) -> None:
        self._reports.forget()
        self._counts.forget()
        self.report, self.cache, self.error = {}, {}, ""
        self._alarms = set()
        self._context.hub.health.emit(*health(self.report))
        self._context.hub.telemetry.emit(self.report)
        self.reported.emit()
        self._timer.start()

    def _reported(self, reply: Any) -> None:
        self.error = ""
        self.report = reply if isinstance(reply, Mapping) else {}
        self._tell_alarms()
        self._context.hub.health.emit(*health(self.report))
        self._context.hub.telemetry.emit(self.report)
        self.reported.emit()

    def _refused(self, failure: JobFailed) -> None:
        self.error = failure.message + (f" ({failure.mend})" if failure.mend else "")
        self.failed.emit()

    def _counted(self, reply: Any) -> None:
        self.cache = reply if isinstance(reply, Mapping) else {}
        self.cached.emit()

    def _tell_alarms(self) -> None:
        """Each alarm is told once, when it begins."""
        on = {str(alarm["name"]): str(alarm["says"]) for alarm in self.report.get("alerts", ())}
        for name in sorted(set(on) - self._alarms):
            self._context.notices.show(
                f"Models: {on[name]}", "warn", "Look", lambda: self._context.navigation.go("telemetry")
            )
        self._alarms = set(on)
        self.alarmed.emit(len(on))

    # -- changing ---------------------------------------------------------------------------------

    def set_limit(self, name: str, **changes: Any) -> None:
        """Another limit for an alarm, or switch it on or off."""
        self._set([{"name": name, **changes}])

    def usual_limits(self) -> None:
        """All limits as they came with the program."""
        self._set([])

    def _set(self, thresholds: list[dict[str, Any]]) -> None:
        # where the gateways live: they watch the limits themselves
        self._context.bridge.request(
            "model",
            "set_thresholds",
            {**self._project(), "thresholds": thresholds},
            on_result=lambda _: self.refresh(),
            on_error=self._not_set,
        )

    def _not_set(self, failure: JobFailed) -> None:
        words = failure.message + (f" ({failure.mend})" if failure.mend else "")
        self._context.notices.show(f"Not changed: {words}", "bad")
        self.reported.emit()  # the fields show what still holds

    def clear_cache(self) -> None:
        """Forget all answers, after a question."""
        entries = int(self.cache.get("entries", 0))
        text = f"{entries:,} kept answers are forgotten; models are asked again. Policies and runs stay as they are."
        if self._context.dialogs.confirm("Clear the cache?", text, "Clear", danger=True):
            self._context.bridge.request(
                "model", "cache_clear", self._project(), on_result=self._cleared, on_error=self._not_cleared
            )

    def _cleared(self, _reply: Any) -> None:
        self._context.notices.show("The cache is empty", "good")
        self.refresh()

    def _not_cleared(self, failure: JobFailed) -> None:
        self._context.notices.show(f"The cache was not cleared: {failure.message}", "bad")
