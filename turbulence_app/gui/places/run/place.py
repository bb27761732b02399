"""The Run place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

from turbulence_app.domain.analysis import Among
from turbulence_app.domain.invariants import Target
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.exporting import EXPORTS
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.campaign.presenter import CampaignPresenter
from turbulence_app.gui.places.run.faults.presenter import FaultsPresenter
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.presenter import RunPresenter
from turbulence_app.gui.places.run.view import RunView

if TYPE_CHECKING:
    from turbulence_app.service.drafts import Draft


class Place(BasePlace):
    """Let the crowd loose and watch."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = RunPresenter(context)
        self.faults = FaultsPresenter(context, self.presenter)
        self.undo_stack = self.faults.undo
        self.campaign = CampaignPresenter(context, self.presenter)
        self.history = HistoryPresenter(context)
        self.analysis = AnalysisPresenter(context, self.presenter)
        self.view = RunView(context, self.presenter, self.faults, self.campaign, self.analysis, self.history)
        self.widget = self.view

    def fill(self) -> Iterator[None]:
        """One page after another: all of it at once would hold the window for a second."""
        yield from self.view.fill()
        yield
        if self.context.project.loaded:
            self.presenter.read_project()
            yield
            self.campaign.refresh()

    def give_up(self) -> None:
        """Without the view, which is not whole."""
        for part in (self.presenter, self.faults, self.campaign, self.history, self.analysis):
            part.close()

    def actions(self) -> Mapping[str, Handler]:
        """Start, stop, verify, export."""
        return {
            "run.start": self._start,
            "run.stop": self.presenter.stop,
            "run.verify": self.presenter.verify,
            **{f"run.{kind}": partial(self.presenter.export, kind) for kind, *_ in EXPORTS},
            "run.faults": lambda: self.view.edit_faults(True),
            "run.page": lambda: self.view.turn("run"),
            "analysis.page": lambda: self.view.turn("analysis"),
            "analysis.stop": self.analysis.stop,
            "analysis.everybody": lambda: self.analysis.filter(Among()),
            "analysis.close": self.analysis.hide_people,
            "campaign.page": lambda: self.view.turn("campaign"),
            "history.page": lambda: self.view.turn("history"),
            "history.find": self._find,
            "history.before": self._before,
            "history.delete": lambda: self.history.remove(self.history.selected),
            "history.undo": self.history.bring_back,
            "campaign.start": self._start_campaign,
            "campaign.stop": self.campaign.stop,
            "campaign.resume": self.campaign.resume,
        }

    def target(self) -> Mapping[str, Any]:
        """The run that is looked at, and what the next one is set to."""
        manifest, now = self.presenter.live.manifest, self.presenter.settings
        numbers = {"users": now.users, "seed": now.seed, "workers": now.workers}
        run = manifest.run_id if manifest is not None and not self.presenter.live.busy else ""
        return {"scenario": now.scenario, "target": now.target, "numbers": numbers, "run_id": run, "recalled": True}

    def restore(self, draft: Draft) -> None:
        """Faults that were not written."""
        faults = json.loads(draft.data)
        if not isinstance(faults, list) or not all(isinstance(one, dict) and "kind" in one for one in faults):
            raise ValueError("no list of faults")
        self.faults.restore(draft.key, faults)
        self.view.edit_faults(True)

    def _start_campaign(self) -> None:
        self.view.turn("campaign")
        self.view.numbers.take()
        self.campaign.start()

    def _find(self) -> None:
        self.view.turn("history")
        self.view.history.search()

    def _before(self) -> None:
        manifest = self.presenter.live.manifest
        if self.view.strip.pages.key() == "history" and self.history.selected:
            self.history.compare(self.history.selected)
        elif manifest is not None:
            self.view.turn("history")
            self.history.compare_wanted.emit("before", manifest.run_id)

    def _start(self) -> None:
        self.view.turn("run")
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
        if action in ("run.page", "analysis.page", "campaign.page", "history.page", "history.find"):
            return True
        if action == "history.undo":
            return bool(self.history.aside)
        if action in ("history.delete", "history.before") and self.view.strip.pages.key() == "history":
            return bool(self.history.selected)
        if action == "history.delete":
            return False
        if action.startswith("analysis."):
            return self._can_analyse(action)
        if action == "campaign.start":
            return self.campaign.ready()
        if action in ("campaign.stop", "campaign.resume"):
            return self.campaign.live.busy if action == "campaign.stop" else self.campaign.live.resumable
        return live.phase == "ended" and live.manifest is not None

    def _can_analyse(self, action: str) -> bool:
        """Stop what is being counted, take away filters and people that are there."""
        if action == "analysis.stop":
            return self.analysis.counting.phase == "counting"
        return self.analysis.among != Among() if action == "analysis.everybody" else self.analysis.behind is not None

    def breadcrumb(self) -> str:
        """The scenario or workflow."""
        workflow = self.presenter.workflow()
        return self.presenter.settings.scenario or (workflow.id if workflow else "")

    def opened(self, target: Mapping[str, Any]) -> None:
        """``run_id`` loads a past run, ``campaign_id`` an earlier campaign; ``page`` turns there."""
        if campaign_id := target.get("campaign_id"):
            self.view.turn("campaign")
            self.campaign.open(str(campaign_id))
        if target.get("recalled"):
            self._recall(target)
        if run_id := target.get("run_id"):
            self.view.turn("run")
            self.presenter.show_run(str(run_id), quiet=bool(target.get("recalled")))
        if page := target.get("page"):
            self.view.turn(str(page))

    def _recall(self, target: Mapping[str, Any]) -> None:
        """Settings of the next run as they were left, as far as they still make sense."""
        presenter, numbers = self.presenter, target.get("numbers")
        if target.get("scenario") in (*presenter.scenario_ids(), ""):
            presenter.choose_scenario(str(target["scenario"]))
        if target.get("target") in get_args(Target):
            presenter.choose_target(target["target"])
        if isinstance(numbers, Mapping):
            known = {key: value for key, value in numbers.items() if isinstance(value, int) and value >= 0}
            presenter.set_numbers(**{key: known.get(key) for key in ("users", "seed", "workers")})
            presenter.settings_changed.emit()

    def close(self) -> bool:
        """A run under way is asked to stop."""
        self.presenter.close()
        self.faults.close()
        self.campaign.close()
        self.view.history.detail.save_notes()
        self.view.history.comparing.close()
        self.history.close()
        self.analysis.close()
        return True
