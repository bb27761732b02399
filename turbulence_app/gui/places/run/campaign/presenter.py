"""Starts, watches, stops and resumes campaigns, and remembers earlier ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from turbulence_app.domain.campaign import AuditReport, CampaignHeadline, CampaignReport, Cluster
from turbulence_app.domain.events import (
    EVENT,
    CampaignFinished,
    CampaignProgress,
    CampaignStarted,
    JobFailed,
    Log,
    Progress,
)
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.campaign.state import CampaignForm, CampaignLive, Phase, read_headlines
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.state import apply_switches

CANCELLED = 130


class CampaignPresenter(QObject):
    """``progressed`` at most 20 times a second; ``reported`` when the report is another one."""

    progressed = Signal()
    reported = Signal()
    listed = Signal()
    audited = Signal()
    form_changed = Signal()

    def __init__(self, context: Context, settings: RunSettings) -> None:
        super().__init__(context.hub)
        self._context, self._settings = context, settings
        self.form = CampaignForm()
        self.live = CampaignLive()
        self.headlines: list[CampaignHeadline] = []
        self.audit: AuditReport | None = None
        self.audit_error = ""
        self.auditing: Progress | None = None
        self._job: Job | None = None
        self._audit_job: Job | None = None
        context.project.changed.connect(self._project_changed)
        for news in (settings.settings_changed, settings.crowd_changed):
            news.connect(self.progressed)

    # -- settings ---------------------------------------------------------------------------------

    def set_form(self, **changes: Any) -> None:
        """Worlds, users, swarm, minutes, coverage, workers."""
        made = replace(self.form, **changes)
        if made != self.form:
            self.form = made
            self.form_changed.emit()

    def ready(self) -> bool:
        """Whether a campaign could start."""
        return self._settings.ready() and not self.live.busy and self._audit_job is None

    def _project_changed(self) -> None:
        if not self.live.busy:
            self.live = CampaignLive()
            self.audit, self.audit_error = None, ""
            self.progressed.emit()
            self.reported.emit()
            self.audited.emit()
        self.refresh()

    def _built(self, op: str, more: dict[str, Any], reply: Any) -> None:
        """The inputs are made from the files, without what is switched off; now the worlds can begin."""
        if self.live.phase == "stopping":
            self._refused(JobFailed(message="stopped", exit_status=CANCELLED))
            return
        inputs = apply_switches(RunInputs.model_validate(reply), self._settings.settings)
        form = self.form
        params = {
            "inputs": inputs.model_dump(mode="json", by_alias=True),
            "users": form.users, "seed": inputs.seed, "swarm": form.swarm, "worlds": form.worlds,
            "workers": form.workers, "project": self._settings.project(), **more,
        }  # fmt: skip
        if op == "audit":
            self._audit_job = self._context.bridge.request(
                "run", op, params,
                on_events=self._audit_events, on_result=self._audit_done, on_error=self._audit_failed,
            )  # fmt: skip
        else:
            self._request(params)

    def _build(self, op: str, more: dict[str, Any], on_error: Callable[[JobFailed], None]) -> Job:
        return self._context.bridge.request(
            "live",
            "build_inputs",
            self._settings.asked(),
            on_result=lambda reply: self._built(op, more, reply),
            on_error=on_error,
        )

    # -- a campaign -------------------------------------------------------------------------------

    def start(self) -> None:
        """A new campaign."""
        form = self.form
        if not self.ready():
            return
        self.live = CampaignLive("starting", total=form.worlds)
        self.reported.emit()
        self.progressed.emit()
        more = {"minutes": form.minutes, "coverage": form.coverage}
        self._job = self._build("campaign", more, self._refused)

    def resume(self) -> None:
        """Go on with the campaign that is shown, where it stopped."""
        report = self.live.report
        if not self.live.resumable or report is None:
            return
        manifest = report.manifest
        self.live = replace(self.live, phase="starting", total=manifest.settings.worlds, done=manifest.worlds_done)
        self._request(
            {
                "resume": manifest.campaign_id,
                "minutes": self.form.minutes,
                "workers": self.form.workers,
                "project": self._settings.project(),
            }
        )

    def _request(self, params: dict[str, Any]) -> None:
        self.progressed.emit()
        self._job = self._context.bridge.request(
            "run", "campaign", params, on_events=self._events, on_result=self._ended, on_error=self._refused
        )

    def stop(self) -> None:
        """Ask the campaign to stop; every world that is done is kept."""
        if self.live.busy and self._job is not None:
            self.live = replace(self.live, phase="stopping")
            self.progressed.emit()
            self._context.bridge.cancel(self._job)

    def _events(self, events: Sequence[Any]) -> None:
        report = self.live.report
        phase: Phase = "stopping" if self.live.phase == "stopping" else "running"
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, CampaignStarted):
                manifest = event.manifest
                self.live = replace(
                    self.live, phase=phase, done=manifest.worlds_done, total=manifest.settings.worlds,
                    report=report or CampaignReport(manifest=manifest),
                )  # fmt: skip
            elif isinstance(event, CampaignProgress):
                self.live = replace(
                    self.live, phase=phase, done=event.done, total=event.total, rate=event.rate, eta_s=event.eta_s,
                    failing=event.failing_worlds, report=event.report or self.live.report,
                )  # fmt: skip
            elif isinstance(event, CampaignFinished):
                self.live = replace(self.live, report=event.report)
            elif isinstance(event, Log) and event.level in ("warning", "error"):
                self._context.notices.show(event.message, "warn")
        self.progressed.emit()
        if self.live.report is not report:
            self.reported.emit()

    def _ended(self, reply: Any) -> None:
        self._job = None
        self._show(CampaignReport.model_validate(reply))
        self.refresh()

    def _show(self, report: CampaignReport) -> None:
        manifest = report.manifest
        self.live = CampaignLive(
            "ended", manifest.worlds_done, manifest.settings.worlds, failing=report.failing_worlds, report=report
        )
        self.progressed.emit()
        self.reported.emit()

    def _refused(self, failure: JobFailed) -> None:
        self._job = None
        stopped = failure.exit_status == CANCELLED
        words = failure.message + (f" ({failure.mend})" if failure.mend else "")
        phase: Phase = ("ended" if self.live.report is not None else "idle") if stopped else "error"
        self.live = replace(self.live, phase=phase, message=words, eta_s=None, rate=0.0)
        self.progressed.emit()
        if not stopped:
            self._context.notices.show(words, "bad")
        self.refresh()

    # -- earlier ones -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list of campaigns again."""
        if self._context.project.loaded:
            self._context.bridge.request(
                "live",
                "campaigns",
                {"project": self._settings.project()},
                on_result=self._listed,
                on_error=lambda _error: self._listed([]),
            )

    def _listed(self, reply: Any) -> None:
        self.headlines = read_headlines(reply)
        self.listed.emit()

    def open(self, campaign_id: str) -> None:
        """Show an earlier campaign."""
        if not self.live.busy:
            self._context.bridge.request(
                "live",
                "campaign_report",
                {"campaign_id": campaign_id, "project": self._settings.project()},
                on_result=lambda reply: self._show(CampaignReport.model_validate(reply)),
            )

    def look_at(self, cluster: Cluster) -> None:
        """Go to the failure that stands for a cause; one that is not kept yet is run again first."""
        report = self.live.report
        if report is None or self.live.busy:
            self._context.notices.show("Failures are run again and kept when the campaign ends or is stopped.", "info")
            return
        if cluster.representative is not None and cluster.representative.run_id:
            self._go(cluster)
            return
        self._context.notices.show(f"Running world {cluster.first_world:,} again, to keep its failure…", "info")
        self._context.bridge.request(
            "run",
            "keep_cause",
            {
                "campaign_id": report.manifest.campaign_id,
                "cluster_id": cluster.cluster_id,
                "project": self._settings.project(),
            },
            on_result=lambda reply: self._kept(cluster.cluster_id, reply),
        )

    def _kept(self, cluster_id: str, reply: Any) -> None:
        self._show(CampaignReport.model_validate(reply))
        report = self.live.report
        found = next((c for c in report.clusters if c.cluster_id == cluster_id), None) if report is not None else None
        if found is not None and found.representative is not None and found.representative.run_id:
            self._go(found)
        elif found is not None:
            self._context.notices.show(f"No failure of this cause could be kept: {found.note}.", "warn")

    def _go(self, cluster: Cluster) -> None:
        found, report = cluster.representative, self.live.report
        if found is not None and report is not None:
            self._context.navigation.go(
                "failures",
                failure_id=found.failure_id,
                run_id=found.run_id,
                campaign_id=report.manifest.campaign_id,
                cluster_id=cluster.cluster_id,
            )

    # -- audit ------------------------------------------------------------------------------------

    @property
    def audit_running(self) -> bool:
        """Whether planted bugs are being tried."""
        return self._audit_job is not None

    def start_audit(self) -> None:
        """Try each planted bug alone: which invariants notice it?"""
        if self.ready():
            self.audit_error, self.auditing = "", None
            self._audit_job = self._build("audit", {}, self._audit_failed)
            self.audited.emit()
            self.progressed.emit()

    def stop_audit(self) -> None:
        """Stop trying."""
        if self._audit_job is not None:
            self._context.bridge.cancel(self._audit_job)

    def _audit_events(self, events: Sequence[Any]) -> None:
        for raw in events:
            event = EVENT.validate_python(raw)
            if isinstance(event, Progress):
                self.auditing = event
        self.audited.emit()

    def _audit_done(self, reply: Any) -> None:
        self._audit_job = None
        self.audit = AuditReport.model_validate(reply)
        self.audited.emit()
        self.progressed.emit()

    def _audit_failed(self, failure: JobFailed) -> None:
        self._audit_job = None
        if failure.exit_status != CANCELLED:
            self.audit_error = failure.message + (f" ({failure.mend})" if failure.mend else "")
        self.audited.emit()
        self.progressed.emit()

    def close(self) -> None:
        """The window closes: what runs is asked to stop, late answers are dropped."""
        for job in (self._job, self._audit_job):
            if job is not None:
                job.forget()
                self._context.bridge.cancel(job)
