"""The Telemetry place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.telemetry import export
from turbulence_app.gui.places.telemetry.presenter import TelemetryPresenter
from turbulence_app.gui.places.telemetry.state import calm
from turbulence_app.gui.places.telemetry.view import ALARMS, LIMITS, TelemetryView


class Place(BasePlace):
    """What models did, in numbers."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = TelemetryPresenter(context)
        self.presenter.alarmed.connect(lambda on: context.hub.badge.emit("telemetry", str(on) if on else ""))
        self.view = TelemetryView(context, self.presenter)
        self.widget = self.view

    def fill(self) -> Iterator[None]:
        """The cards, one after another."""
        yield from self.view.fill()

    def actions(self) -> Mapping[str, Handler]:
        """Look again, change limits, clear the cache, export."""
        return {
            "telemetry.refresh": self.presenter.refresh,
            "telemetry.limits": self._limits,
            "telemetry.cache": self.presenter.clear_cache,
            "telemetry.csv": lambda: export.csv(self.context, self.presenter),
            "telemetry.png": lambda: export.png(self.context, self.view),
        }

    def _limits(self) -> None:
        self.context.navigation.go("telemetry")
        self.view.show_tab(LIMITS)
        self.view.show_report()

    def enabled(self, action: str) -> bool:
        """Exports need something to export, and a cache that is empty needs no clearing."""
        if action in ("telemetry.csv", "telemetry.png"):
            return not calm(self.presenter.report)
        if action == "telemetry.cache":
            return bool(self.presenter.cache.get("entries"))
        return True

    def breadcrumb(self) -> str:
        """Nothing: the place is always about the whole project."""
        return ""

    def opened(self, target: Mapping[str, Any]) -> None:  # noqa: ARG002
        """It comes to the front; with alarms on, on their tab."""
        self.presenter.watch(closely=True)
        if self.presenter.report.get("alerts"):
            self.view.show_tab(ALARMS)

    def left(self) -> None:
        """From now on only alarms matter."""
        self.presenter.watch(closely=False)

    def close(self) -> bool:
        """Nothing more is asked."""
        self.presenter.close()
        return True
