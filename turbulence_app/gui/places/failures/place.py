"""The Failures place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.places.failures.view import FailuresView


class Place(BasePlace):
    """What broke, and the smallest way to break it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = FailuresPresenter(context)
        self.view = FailuresView(context, self.presenter)
        self.widget = self.view
        self._first = True

    def actions(self) -> Mapping[str, Handler]:
        """Shrink, stop, replay."""
        return {
            "failures.shrink": self.presenter.shrink,
            "failures.stop": self.presenter.stop,
            "failures.replay": self._replay,
        }

    def _replay(self) -> None:
        self.presenter.replay()
        self.view.show_visit()

    def enabled(self, action: str) -> bool:
        """Only with a failure in sight."""
        if action == "failures.stop":
            return self.presenter.shrinking
        if action == "failures.shrink":
            return self.presenter.failure is not None and not self.presenter.busy
        return self.presenter.failure is not None

    def breadcrumb(self) -> str:
        """Invariant and user."""
        failure = self.presenter.failure
        return f"{failure.invariant} · user {failure.user:,}" if failure else ""

    def opened(self, target: Mapping[str, Any]) -> None:
        """``failure_id``, ``user`` or ``invariant``, and ``run_id``."""
        first, self._first = self._first, False
        if first and not self.presenter.groups and not target.get("run_id"):
            self.presenter.load("last", target)
        else:
            self.presenter.open(target)

    def close(self) -> bool:
        """Shrinking stops."""
        self.presenter.close()
        return True
