"""The Run place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.run.faults.presenter import FaultsPresenter
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.view import RunView


class Place(BasePlace):
    """Let the crowd loose and watch."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = RunPresenter(context)
        self.faults = FaultsPresenter(context, self.presenter)
        self.undo_stack = self.faults.undo
        self.view = RunView(context, self.presenter, self.faults)
        self.widget = self.view
        if context.project.loaded:
            self.presenter.read_project()

    def actions(self) -> Mapping[str, Handler]:
        """Start, stop, verify."""
        return {
            "run.start": self._start,
            "run.stop": self.presenter.stop,
            "run.verify": self.presenter.verify,
            "run.faults": lambda: self.view.edit_faults(True),
        }

    def _start(self) -> None:
        self.view.strip.take_pending()
        self.presenter.start()

    def enabled(self, action: str) -> bool:
        """Start what can run, stop what runs, verify what has ended."""
        live = self.presenter.live
        if action == "run.start":
            return not live.busy and self.presenter.ready()
        if action == "run.stop":
            return live.busy
        if action == "run.faults":
            return self.presenter.scenario() is not None
        return live.phase == "ended" and live.manifest is not None

    def breadcrumb(self) -> str:
        """The scenario or workflow."""
        workflow = self.presenter.workflow()
        return self.presenter.settings.scenario or (workflow.id if workflow else "")

    def opened(self, target: Mapping[str, Any]) -> None:
        """``run_id`` loads a past run."""
        if run_id := target.get("run_id"):
            self.presenter.show_run(str(run_id))

    def close(self) -> bool:
        """A run under way is asked to stop."""
        self.presenter.close()
        self.faults.close()
        return True
