"""Starts, watches, stops, verifies and remembers runs. The runs themselves are in other processes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal

from turbulence_app.domain.events import EVENT, FailureFound, JobFailed, Log, RunFinished, RunProgress, RunStarted
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import CANCELLED, export
from turbulence_app.gui.places.run import log
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.state import (
    Live,
    PastRun,
    Phase,
    apply_switches,
    read_past,
)

MOST_FAILURES = 1000
"""Failures of a run that are kept and told one by one, as many as its end tells; all of them are counted."""


class RunPresenter(RunSettings):
    """``progressed`` at most 20 times a second; ``logged`` carries a batch of console lines."""

    progressed = Signal()
    logged = Signal(object)
    cleared = Signal()
    history_changed = Signal()
    ended = Signal()
    """A run is over and everything about it has been told."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.live = Live()
        self.history: list[PastRun] = []
        self.broken_at: Counter[str] = Counter()
        self.failures: list[Failure] = []
        self.broken: set[str] = set()
        """Invariants that broke in the run under way."""
        self.verifying = False
        self._struck: set[str] = set()
        self._job: Job | None = None
        self._verify: Job | None = None
        context.project.changed.connect(self.read_project)

    def read_project(self) -> None:
        """Another project, or the same one read again."""
        self.take_project()
        if not self.live.busy:
            self.live = Live()
            self.progressed.emit()
        self.refresh_history()

    # -- running ----------------------------------------------------------------------------------

    def start(self) -> None:
        """Build the inputs from the files, as the command line does, and run them."""
        workflow = self.workflow()
        if self.live.busy or workflow is None or not self.ready():
            return
        self.live = Live("starting", total=self.settings.users)
        self.failures = []
        self.broken.clear()
        self.broken_at.clear()
        self._struck.clear()
        self.cleared.emit()
        self.progressed.emit()
        self._job = self._context.bridge.request(
            "live", "build_inputs", self.asked(), on_result=self._built, on_error=self._refused
        )

    def _built(self, reply: Any) -> None:
        if self.live.phase == "stopping":
            self._refused(JobFailed(message="stopped", exit_status=CANCELLED))
            return
        data = reply.get("inputs", reply) if isinstance(reply, Mapping) else reply
        self.run(apply_switches(RunInputs.model_validate(data), self.settings))

    def run(self, inputs: RunInputs) -> None:
        """Run these inputs."""
        self._job = self._context.bridge.request(
            "run",
            "run",
            {
                "inputs": inputs.model_dump(mode="json", by_alias=True),
                "workers": self.settings.workers,
                "time_scale": self.settings.time_scale,
                "project": self.project(),
            },
            on_events=self._events,
            on_result=self._ended,
            on_error=self._refused,
        )

    def stop(self) -> None:
        """Ask the run to stop; what is done is kept."""
        if self.live.busy and self._job is not None:
            self.live = replace(self.live, phase="stopping")
            self.progressed.emit()
            self._context.bridge.cancel(self._job)

    def _events(self, events: Sequence[Any]) -> None:
        lines: list[log.ConsoleLine] = []
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, RunProgress):
                self._progress(event, lines)
            elif isinstance(event, FailureFound):
                self._found(event.failure, lines)
            elif isinstance(event, RunStarted):
                self._started(event.manifest, lines)
            elif isinstance(event, Log):
                lines.append(log.entry(event))
        if lines:
            self.logged.emit(lines)
        self.progressed.emit()

    def _started(self, manifest: RunManifest, lines: list[log.ConsoleLine]) -> None:
        phase: Phase = "stopping" if self.live.phase == "stopping" else "running"
        self.live = replace(self.live, phase=phase, manifest=manifest, total=manifest.users)
        where = f"{manifest.scenario or manifest.workflow}, {manifest.users:,} users, seed {manifest.seed}"
        lines.append(log.ConsoleLine("log", "run", f"{manifest.run_id} started: {where}"))
        self._context.hub.run_started.emit(manifest)

    def _progress(self, event: RunProgress, lines: list[log.ConsoleLine]) -> None:
        phase: Phase = "stopping" if self.live.phase == "stopping" else "running"
        self.live = replace(
            self.live,
            phase=phase,
            done=event.done,
            total=event.total,
            rate=event.rate,
            eta_s=event.eta_s,
            summary=event.summary or self.live.summary,
        )
        for stats in event.summary.faults if event.summary else ():
            if stats.struck and stats.label not in self._struck:
                self._struck.add(stats.label)
                lines.append(log.fault(stats, first=True))

    def _found(self, failure: Failure, lines: list[log.ConsoleLine]) -> None:
        self.broken_at[failure.step] += 1
        self.broken.add(failure.invariant)
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(failure)
            lines.append(log.violation(failure, self._says(failure.invariant)))

    def _says(self, name: str) -> str:
        return next((i.says for i in self.invariants() if i.name == name), "")

    def _ended(self, reply: Any) -> None:
        finished = RunFinished.model_validate(reply)
        lines: list[log.ConsoleLine] = []
        self._told_at_the_end(finished.failures, lines)
        lines += [log.fault(stats, first=False) for stats in finished.summary.faults if stats.struck]
        self._show_result(finished.manifest, finished.summary)
        words = (
            f"{finished.manifest.run_id} {finished.manifest.status}, digest {finished.manifest.digest[:16] or 'none'}"
        )
        lines.append(log.ConsoleLine("log", "run", words))
        self.logged.emit(lines)
        self.ended.emit()
        self._context.hub.run_finished.emit(finished)
        self.refresh_history()

    def _told_at_the_end(self, failures: Sequence[Failure], lines: list[log.ConsoleLine]) -> None:
        """Whom the end names and nobody told of before; where more were told than are kept, all were counted."""
        known = {failure.user for failure in self.failures}
        for failure in failures if len(self.failures) < MOST_FAILURES else ():
            if failure.user not in known:
                self._found(failure, lines)

    def _show_result(self, manifest: RunManifest, summary: Summary) -> None:
        done = summary.users or manifest.users
        self._job = None
        self.live = Live("ended", manifest, done, manifest.users, 0.0, None, summary)
        self.progressed.emit()

    def _refused(self, failure: JobFailed) -> None:
        self._job = None
        stopped = failure.exit_status == CANCELLED
        words = failure.message + (f" ({failure.mend})" if failure.mend else "")
        phase: Phase = "ended" if stopped and self.live.summary is not None else "idle" if stopped else "error"
        self.live = replace(self.live, phase=phase, message=words, eta_s=None, rate=0.0)
        self.logged.emit([log.ConsoleLine("log", "run", words, None, "info" if stopped else "error")])
        self.progressed.emit()
        if not stopped:
            self._context.notices.show(words, "bad")
        self.refresh_history()

    # -- history ----------------------------------------------------------------------------------

    def refresh_history(self) -> None:
        """Read the list of runs again."""
        if self._context.project.loaded:
            self._context.bridge.request(
                "live", "list_runs", {"project": self.project()}, on_result=self._listed, on_error=self._no_list
            )

    def _listed(self, reply: Any) -> None:
        data = reply.get("runs", reply) if isinstance(reply, Mapping) else reply
        self.history = [read_past(item) for item in data]
        self.history_changed.emit()

    def _no_list(self, failure: JobFailed) -> None:
        self.history = []
        self.history_changed.emit()
        self._context.notices.show(f"The list of runs could not be read: {failure.message}", "warn")

    def show_run(self, run_id: str, *, quiet: bool = False) -> None:
        """Load a past run's numbers into the place; ``quiet`` says nothing where it is gone."""
        if self.live.busy:
            return
        self._context.bridge.request(
            "live",
            "run_summary",
            {"run_id": run_id, "project": self.project()},
            on_result=self._summary_read,
            on_error=(lambda _: None) if quiet else None,
        )

    def _summary_read(self, reply: Any) -> None:
        data = dict(reply)
        summary = Summary.model_validate(data.get("summary") or {})
        manifest = RunManifest.model_validate(data["manifest"])
        self.broken_at = Counter()
        self.failures = []
        self.broken = set()
        self._show_result(manifest, summary)

    def verify(self) -> None:
        """Run the shown run again and compare digests."""
        manifest = self.live.manifest
        if manifest is None or self.live.busy or self.verifying:
            return
        self.verifying = True
        self.progressed.emit()
        params = {"run_id": manifest.run_id, "workers": self.settings.workers, "project": self.project()}
        self._verify = self._context.bridge.request(
            "run", "verify", params, on_result=self._verified, on_error=self._not_verified
        )

    def export(self, kind: str) -> None:
        """The shown run as a file; ``kind`` is one of the service's exports."""
        manifest = self.live.manifest
        if manifest is not None and not self.live.busy:
            export(self._context, kind, manifest.run_id, manifest.run_id)

    def _verified(self, reply: Any) -> None:
        self.verifying = False
        same = bool(reply["same"])
        words = "Verified: the run gives the same digest again, bit for bit."
        if not same:
            words = f"The run differs: {(reply.get('difference') or {}).get('text', 'digest')}"
        self.logged.emit([log.ConsoleLine("log", "verify", words, None, "info" if same else "error")])
        self._context.notices.show(words, "good" if same else "bad")
        self.progressed.emit()

    def _not_verified(self, failure: JobFailed) -> None:
        self.verifying = False
        self.progressed.emit()
        self._context.notices.show(f"Not verified: {failure.message}", "bad")

    def close(self) -> None:
        """The window closes: a run under way is asked to stop, late answers are dropped."""
        if self._job is not None:
            self._job.forget()
            self._context.bridge.cancel(self._job)
