"""Loads failures, replays their users, shrinks them. All of it happens in other processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.campaign import CampaignReport
from turbulence_app.domain.events import EVENT, JobFailed, Progress, RunFinished, ShrinkImproved
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.invariants import Target
from turbulence_app.domain.run import RunManifest
from turbulence_app.domain.trace import UserTrace
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.lately import PEOPLE, Lately
from turbulence_app.gui.places.failures.extras import FailureExtras
from turbulence_app.gui.places.failures.kinds import Kinds
from turbulence_app.gui.places.failures.sources import Source, campaign_sources, cluster_groups, run_sources
from turbulence_app.gui.places.failures.state import Group, grouped, read_failures
from turbulence_app.gui.places.run.campaign.state import read_headlines

CANCELLED = 130
KEPT_SHRUNK = 200
"""Smallest reproductions that are remembered; loading a run reads its own again."""
Of = tuple[tuple[str, ...], int, Target]
NO_INPUTS: Of = ((), 0, "model")


class FailuresPresenter(QObject):
    """``listed``: other failures; ``selected``: another one is looked at; ``updated``: more is known of it."""

    listed = Signal()
    sourced = Signal()
    """Other runs and campaigns can be looked through."""
    selected = Signal()
    updated = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__(context.hub)
        self._context = context
        self.run_id = ""
        self.groups: list[Group] = []
        self.group: Group | None = None
        self.failure: Failure | None = None
        self.trace: UserTrace | None = None
        self.trace_error = ""
        self.same: bool | None = None
        self.loading = False
        self.progress: Progress | None = None
        self._shrunk: dict[tuple[str, int], Shrunk] = Lately(KEPT_SHRUNK)
        self._traces: dict[tuple[str, int], UserTrace] = Lately(PEOPLE)
        self._shrinking: Job | None = None
        self._shrinking_for: tuple[str, int] | None = None
        self._wanted: Mapping[str, Any] = {}
        self.extras = FailureExtras(context)
        self.kinds = Kinds(context)
        self.error = ""
        """Why the failures could not be read."""
        self.campaign_id = ""
        """The campaign whose causes are listed; '' where they are a run's."""
        self.keeping = False
        self._runs: list[Source] = []
        self._campaigns: list[Source] = []
        self._inputs: dict[str, Of] = Lately(PEOPLE)
        """Of a run: labels of its faults, how many people lived in its world, its target."""
        context.hub.run_started.connect(self._run_started)
        context.hub.run_finished.connect(self._run_finished)
        context.project.changed.connect(self._project_changed)

    # -- list -------------------------------------------------------------------------------------

    def _project(self) -> str:
        return str(self._context.project.data.root)

    def _project_changed(self) -> None:
        self.kinds.forget()
        self.load("last")
        self.refresh_sources()

    def refresh_sources(self) -> None:
        """Which runs and campaigns have failures?"""
        if not self._context.project.loaded:
            return
        params, request = {"project": self._project()}, self._context.bridge.request
        request("live", "list_runs", params, on_result=self._runs_listed, on_error=lambda _: None)
        request("live", "campaigns", params, on_result=self._campaigns_listed, on_error=lambda _: None)

    def _runs_listed(self, reply: Any) -> None:
        self._runs = run_sources(reply)
        self.sourced.emit()

    def _campaigns_listed(self, reply: Any) -> None:
        self._campaigns = campaign_sources(read_headlines(reply))
        self.sourced.emit()

    @property
    def sources(self) -> list[Source]:
        """Runs and campaigns that have something to show."""
        return [*self._runs, *self._campaigns]

    @property
    def source_key(self) -> str:
        """What is listed now."""
        return self.campaign_id or self.run_id

    def choose_source(self, key: str, wanted: Mapping[str, Any] | None = None) -> None:
        """Look through another run, or through a campaign's causes."""
        if any(source.key == key for source in self._campaigns) or key.startswith("c-"):
            self._wanted = wanted or {}
            self._context.bridge.request(
                "live",
                "campaign_report",
                {"campaign_id": key, "project": self._project()},
                on_result=self._campaign_loaded,
                on_error=self._not_loaded,
            )
        else:
            self.load(key, wanted)

    def _campaign_loaded(self, reply: Any) -> None:
        report = CampaignReport.model_validate(reply)
        self.campaign_id = report.manifest.campaign_id
        self.loading, self.error = False, ""
        self.kinds.load(report.manifest.workflow)
        self.groups = cluster_groups(report)
        self.listed.emit()
        wanted = self._wanted.get("cluster_id")
        group = next((g for g in self.groups if g.cluster_id == wanted), self.groups[0] if self.groups else None)
        self.choose_group(group)

    def keep_cause(self) -> None:
        """Run the first world of the cause again that is looked at, and keep its failure."""
        group = self.group
        if group is None or not group.cluster_id or self.keeping:
            return
        self.keeping = True
        self.selected.emit()
        self._wanted = {"cluster_id": group.cluster_id}
        params = {"campaign_id": self.campaign_id, "cluster_id": group.cluster_id, "project": self._project()}
        self._context.bridge.request(
            "run", "keep_cause", params, on_result=self._cause_kept, on_error=self._cause_not_kept
        )

    def _cause_kept(self, reply: Any) -> None:
        self.keeping = False
        self._campaign_loaded(reply)

    def _cause_not_kept(self, error: JobFailed) -> None:
        self.keeping = False
        self.selected.emit()
        self._context.notices.show(f"Not run again: {error.message}", "bad")

    def load(self, run_id: str = "last", wanted: Mapping[str, Any] | None = None) -> None:
        """Read the failures of a run; ``wanted`` (failure_id, user or invariant) is looked at first."""
        self._wanted = wanted or {}
        if not self._context.project.loaded:
            return
        self.loading = True
        self.listed.emit()
        self._context.bridge.request(
            "live",
            "failures",
            {"run_id": run_id or "last", "project": self._project()},
            on_result=lambda reply: self._loaded(run_id, reply),
            on_error=self._not_loaded,
        )

    def _loaded(self, run_id: str, reply: Any) -> None:
        failures, self.error = read_failures(reply), ""
        for name, best in (reply.get("shrunk") or {}).items() if isinstance(reply, Mapping) else ():
            owner = next((f for f in failures if f.failure_id == name), None)
            if owner is not None:
                self._shrunk[(owner.run_id, owner.user)] = Shrunk.model_validate(best)
        named = reply.get("run_id", "") if isinstance(reply, Mapping) else ""
        self._take(named or (failures[0].run_id if failures else "" if run_id == "last" else run_id), failures)

    def _not_loaded(self, failure: JobFailed) -> None:
        none = "no run" in failure.message.lower()
        self.error = "" if none else failure.message + (f" ({failure.mend})" if failure.mend else "")
        self._take("", [])

    def _run_started(self, _manifest: RunManifest) -> None:
        self._wanted = {}

    def _run_finished(self, finished: RunFinished) -> None:
        self._take(finished.manifest.run_id, list(finished.failures))
        self.refresh_sources()

    def _take(self, run_id: str, failures: list[Failure]) -> None:
        self.loading = False
        self.run_id, self.campaign_id = run_id, ""
        self.groups = grouped(failures)
        self.listed.emit()
        self.choose(self._first_wanted())

    def _first_wanted(self) -> Failure | None:
        wanted, everything = self._wanted, [f for g in self.groups for f in g.failures]
        for key in ("failure_id", "user", "invariant"):
            if wanted.get(key) not in (None, ""):
                found = next((f for f in everything if getattr(f, key) == wanted[key]), None)
                if found is not None:
                    return found
        return everything[0] if everything else None

    def open(self, target: Mapping[str, Any]) -> None:
        """Show what navigation asks for: a failure of this run, or of another."""
        run_id = str(target.get("run_id") or "")
        if campaign_id := str(target.get("campaign_id") or ""):
            self.choose_source(campaign_id, target)
            self.refresh_sources()
        elif run_id and run_id != self.run_id:
            self.load(run_id, target)
        elif target:
            self._wanted = target
            if (found := self._first_wanted()) is not None:
                self.choose(found)

    # -- one failure ------------------------------------------------------------------------------

    def choose_group(self, group: Group | None) -> None:
        """Look at the group's shortest failure; a cause may have none that is kept."""
        if group is None or not group.failures:
            self.choose(None)
            self.group = group
            self.selected.emit()
        elif group is not self.group:
            self.choose(group.failures[0], group)

    def choose(self, failure: Failure | None, group: Group | None = None) -> None:
        """Look at a failure, and replay its user."""
        self.failure = failure
        self.group = group or (next((g for g in self.groups if failure in g.failures), None) if failure else None)
        self.trace = self._traces.get(self._key()) if failure else None
        self.trace_error = ""
        self.selected.emit()
        if failure is not None:
            self._ask_inputs(failure.run_id or self.run_id)
            if self.trace is None:
                self.replay()

    def _ask_inputs(self, run_id: str) -> None:
        """What the run was made from: its faults and how many people it had."""
        if run_id and run_id not in self._inputs:
            params = {"run_id": run_id, "project": self._project()}
            self._inputs[run_id] = NO_INPUTS
            self._context.bridge.request(
                "live", "run_inputs", params,
                on_result=lambda reply: self._inputs_read(run_id, reply), on_error=lambda _: None,
            )  # fmt: skip

    def _inputs_read(self, run_id: str, reply: Any) -> None:
        inputs = RunInputs.model_validate(reply)
        people = inputs.users if inputs.target == "app" else 0
        self._inputs[run_id] = (tuple(fault.label for fault in inputs.faults), people, inputs.target)
        self.kinds.load(inputs.workflow.id)
        self.updated.emit()

    @property
    def faults(self) -> tuple[str, ...]:
        """Labels of the faults of the run in which it broke."""
        return self._of[0]

    @property
    def people(self) -> int:
        """How many people lived in the world in which it broke; 0 where each is alone."""
        return self._of[1]

    @property
    def target(self) -> Target:
        """On which target it broke."""
        return self._of[2]

    @property
    def _of(self) -> Of:
        return self._inputs.get(self._key()[0], NO_INPUTS)

    def _key(self, failure: Failure | None = None) -> tuple[str, int]:
        one = failure or self.failure
        return (one.run_id or self.run_id, one.user) if one else ("", -1)

    @property
    def shrunk(self) -> Shrunk | None:
        """The smallest reproduction so far of the failure looked at."""
        return self._shrunk.get(self._key())

    @property
    def shrinking(self) -> bool:
        """Whether the failure looked at is being shrunk."""
        return self._shrinking is not None and self._shrinking_for == self._key()

    @property
    def busy(self) -> bool:
        """Whether any failure is being shrunk."""
        return self._shrinking is not None

    def says(self) -> str:
        """What the broken invariant means, in the workflow's own words."""
        if self.failure is None:
            return ""
        data = self._context.project.data
        rules = [i for w in data.workflows.values() for i in w.invariants]
        rules += [i for s in data.scenarios.values() for i in s.invariants]
        rule = next((i for i in rules if i.name == self.failure.invariant), None)
        return (rule.says or rule.expression) if rule else ""

    def replay(self) -> None:
        """Run the user again, alone."""
        failure = self.failure
        if failure is None:
            return
        key = self._key()
        self.trace_error = ""
        self._context.bridge.request(
            "live",
            "replay",
            {"run_id": key[0] or "last", "user": failure.user, "project": self._project()},
            on_result=lambda reply: self._replayed(key, reply),
            on_error=lambda error: self._not_replayed(key, error),
        )

    def _replayed(self, key: tuple[str, int], reply: Any) -> None:
        data = reply.get("trace", reply) if isinstance(reply, Mapping) else reply
        self.same = reply.get("same") if isinstance(reply, Mapping) else None
        self._traces[key] = UserTrace.model_validate(data)
        if key == self._key():
            self.trace = self._traces[key]
            self.updated.emit()

    def _not_replayed(self, key: tuple[str, int], error: JobFailed) -> None:
        if key == self._key():
            self.trace_error = error.message
            self.updated.emit()

    # -- shrinking --------------------------------------------------------------------------------

    def shrink(self) -> None:
        """Look for the smallest visit that still breaks; the best so far is shown all the time."""
        failure = self.failure
        if failure is None or self.busy:
            return
        key = self._shrinking_for = self._key()
        self.progress = None
        name = f"{key[0]}/{failure.failure_id or failure.user}" if key[0] else failure.failure_id
        self._shrinking = self._context.bridge.request(
            "run",
            "shrink",
            {"failure_id": name, "project": self._project()},
            on_events=lambda events: self._shrink_events(key, events),
            on_result=lambda reply: self._shrink_done(key, reply),
            on_error=self._shrink_failed,
        )
        self.updated.emit()

    def _shrink_events(self, key: tuple[str, int], events: Sequence[Any]) -> None:
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, ShrinkImproved):
                self._shrunk[key] = event.best
            elif isinstance(event, Progress):
                self.progress = event
        self.updated.emit()

    def _shrink_done(self, key: tuple[str, int], reply: Any) -> None:
        data = reply.get("shrunk", reply) if isinstance(reply, Mapping) else reply
        self._shrunk[key] = Shrunk.model_validate(data)
        self._shrinking = self._shrinking_for = None
        self.updated.emit()

    def _shrink_failed(self, error: JobFailed) -> None:
        self._shrinking = self._shrinking_for = None
        self.updated.emit()
        if error.exit_status != CANCELLED:
            self._context.notices.show(f"Not shrunk: {error.message}", "bad")

    def stop(self) -> None:
        """Stop shrinking; the best so far stays."""
        if self._shrinking is not None:
            self._context.bridge.cancel(self._shrinking)

    def close(self) -> None:
        """The window closes."""
        self.extras.close()
        self.kinds.close()
        if self._shrinking is not None:
            self._shrinking.forget()
            self._context.bridge.cancel(self._shrinking)
