"""The Failures place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from turbulence_app.domain.failure import Failure
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.failures.main_card import BEFORE, BESIDE, REPORT, WHY
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

    def fill(self) -> Iterator[None]:
        """The cards, one after another."""
        yield from self.view.fill()

    def actions(self) -> Mapping[str, Handler]:
        """Shrink, stop, replay, look beside, keep."""
        return {
            "failures.shrink": self.presenter.shrink,
            "failures.stop": self.presenter.stop,
            "failures.replay": self._replay,
            "failures.walk": lambda: self._with(self._walk),
            "failures.before": lambda: self.view.main.tabs.setCurrentIndex(BEFORE),
            "failures.run": self._open_run,
            "failures.beside": lambda: self.view.main.tabs.setCurrentIndex(BESIDE),
            "failures.report": lambda: self.view.main.tabs.setCurrentIndex(REPORT),
            "failures.why": lambda: self.view.main.tabs.setCurrentIndex(WHY),
            "failures.capsule": lambda: self._with(self.presenter.extras.save_capsule),
            "failures.copy": lambda: self._with(self.presenter.extras.copy_address),
            **{f"failures.{kind}": partial(self._export, kind) for kind, *_ in EXPORTS},
        }

    def _with(self, act: Callable[[Failure], object]) -> None:
        if self.presenter.failure is not None:
            act(self.presenter.failure)

    def _export(self, kind: str) -> None:
        self._with(lambda failure: self.presenter.extras.export(failure, kind))

    def _open_run(self) -> None:
        self._with(lambda failure: self.context.navigation.go("run", run_id=failure.run_id))

    def _walk(self, failure: Failure) -> None:
        self.context.navigation.go("workflow", walk=f"{failure.run_id}/{failure.user}")

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
        """``failure_id``, ``user`` or ``invariant``, and ``run_id``; or ``campaign_id`` and ``cluster_id``."""
        first, self._first = self._first, False
        if first:
            self.presenter.refresh_sources()
        if first and not self.presenter.groups and not target.get("run_id"):
            self.presenter.load("last", target)
        else:
            self.presenter.open(target)

    def target(self) -> Mapping[str, Any]:
        """The failure that is looked at, and the run that it is of."""
        failure, presenter = self.presenter.failure, self.presenter
        if presenter.campaign_id:
            cluster = presenter.group.cluster_id if presenter.group is not None else ""
            return {"campaign_id": presenter.campaign_id, "cluster_id": cluster}
        if failure is None:
            return {}
        return {"run_id": presenter.run_id, "user": failure.user, "invariant": failure.invariant}

    def give_up(self) -> None:
        """Without the view, which is not whole."""
        self.presenter.close()

    def close(self) -> bool:
        """Shrinking stops."""
        self.view.main.report.reports.close()
        self.presenter.close()
        return True
