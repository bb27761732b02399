"""Campaigns: many worlds, kept batch by batch; interrupted ones go on; failures by cause, each really run again."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import urlsplit

from turbulence_app import __version__
from turbulence_app.domain.campaign import CampaignManifest, CampaignReport, CampaignSettings
from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.events import CampaignFinished, CampaignProgress, CampaignStarted
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunStatus
from turbulence_app.engine.campaign.crew import HereCrew, ProcessCrew
from turbulence_app.engine.campaign.drive import Crew, campaign_digest, drive
from turbulence_app.engine.digests import inputs_digest
from turbulence_app.engine.place import AppPlace, HttpPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.insight.campaigns import Account
from turbulence_app.privacy import egress
from turbulence_app.service import live
from turbulence_app.service.clusters import STOPPED, keep_representatives
from turbulence_app.service.places import place_for
from turbulence_app.service.runs import ETA_AFTER_S, OnEvent, ShouldStop, nobody, processors
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database

TELL_S = 0.05
REPORT_S = 0.5
"""A report along with the progress no more often than this."""


@dataclass(frozen=True, slots=True)
class Ways:
    """How to compute, which changes no result: processes (0: one per processor) or a cluster, and for how long."""

    workers: int = 0
    minutes: float | None = None
    cluster: str = ""


def campaign(
    inputs: RunInputs,
    settings: CampaignSettings,
    database: Database,
    *,
    ways: Ways | None = None,
    project: str = "",
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> CampaignFinished:
    """Run worlds until all are done, the time is over, or somebody stops it; every finished batch is kept.

    Raises ``InputError`` before anything is stored if the inputs cannot run.
    """
    compile_plan(inputs)
    place, stop = place_for(inputs, project), should_stop or (lambda: False)
    store, how = CampaignStore(database), ways or Ways()
    build = _build(inputs, settings, place, stop)

    def describe(campaign_id: str, created_at: str) -> CampaignManifest:
        return CampaignManifest(
            campaign_id=campaign_id,
            created_at=created_at,
            project=project,
            workflow=inputs.workflow.id,
            scenario=inputs.scenario,
            target=inputs.target,
            settings=settings,
            inputs_digest=inputs_digest(inputs),
            reproducible=inputs.target != "http",
            version=__version__,
            build=build,
            **_said(how),
        )

    manifest = store.begin(inputs, describe)
    return _Campaign(database, manifest, inputs, place, how, on_event or nobody).run(stop)


def resume(
    name: str,
    database: Database,
    *,
    ways: Ways | None = None,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> CampaignFinished:
    """Go on with a campaign (an id, a number or ``last``) that was stopped, killed, or ran out of time.

    Raises ``InputError`` for one that is through or that runs in another process.
    """
    store, how = CampaignStore(database), ways or Ways()
    campaign_id = store.resolve(name)
    manifest, inputs = store.manifest(campaign_id), store.inputs(campaign_id)
    if manifest.status == "done" and manifest.worlds_done >= manifest.settings.worlds:
        raise InputError(f"campaign {campaign_id} is done", f"`turbulence campaign --show {campaign_id}` tells of it")
    manifest = manifest.model_copy(update={"status": "running", "digest": "", **_said(how)})
    place, stop = place_for(inputs, manifest.project), should_stop or (lambda: False)
    if _build(inputs, manifest.settings, place, stop) != manifest.build:
        raise InputError(f"the application is not the one that {campaign_id} began with", "start a new campaign")
    store.take_up(manifest)
    return _Campaign(database, manifest, inputs, place, how, on_event or nobody).run(stop)


def report(database: Database, name: str = "last") -> CampaignReport:
    """A campaign's report; for one that was interrupted, of what it did."""
    store = CampaignStore(database)
    campaign_id = store.resolve(name)
    found = store.report(campaign_id)
    manifest = store.manifest(campaign_id)
    if found is not None and manifest.status in ("done", "cancelled"):
        return found
    account = Account(store.inputs(campaign_id))
    for batch in store.batches(campaign_id):
        if batch.number == len(account.digests):
            account.add(batch)
    return account.report(manifest)


def _build(inputs: RunInputs, settings: CampaignSettings, place: Place | None, should_stop: ShouldStop) -> str:
    """Which build of the application this is, once it is seen that one seed is one world of it."""
    if isinstance(place, HttpPlace):
        live.check(inputs, place)
    if not isinstance(place, AppPlace):
        return ""
    from turbulence_app.engine.campaign.app import inspect

    return inspect(inputs, settings, place, should_stop)


def _said(how: Ways) -> dict[str, object]:
    return {"minutes": how.minutes, "workers": how.workers or processors(), "cluster": how.cluster}


class _Campaign:
    """One campaign at work: batches to the database, then to the account, then to whoever listens."""

    def __init__(
        self,
        database: Database,
        manifest: CampaignManifest,
        inputs: RunInputs,
        place: Place | None,
        ways: Ways,
        emit: OnEvent,
    ) -> None:
        self.database, self.store = database, CampaignStore(database)
        self.manifest, self.inputs, self.place, self.ways, self.emit = manifest, inputs, place, ways, emit
        self.settings = manifest.settings
        self.account = Account(inputs)
        self._began = self._told = self._reported = time.monotonic()
        self._before = manifest.elapsed_s
        self._kept = 0
        """Worlds that were done before this process took the campaign up."""

    def run(self, should_stop: ShouldStop) -> CampaignFinished:
        """To the end, or as far as it goes."""
        self.emit(CampaignStarted(manifest=self.manifest))
        try:
            with live.permitted(self.place) if isinstance(self.place, HttpPlace) else nullcontext():
                self._work(should_stop)
            finished = CampaignFinished(report=self._finish(should_stop))
        except BaseException as error:
            self._give_up("cancelled" if isinstance(error, KeyboardInterrupt) else "failed")
            raise
        self.emit(finished)
        return finished

    def _work(self, should_stop: ShouldStop) -> None:
        known = {batch.number: batch for batch in self.store.batches(self.manifest.campaign_id)}
        done = set(known)
        self._kept = sum(batch.worlds for batch in known.values())
        deadline = None if self.ways.minutes is None else self._began + 60 * self.ways.minutes

        def over() -> bool:
            return deadline is not None and time.monotonic() >= deadline

        crew = make_crew(self.inputs, self.settings, self.place, self.ways)
        try:
            batches = drive(self.inputs, self.settings, crew, known=known, should_stop=should_stop, over=over)
            for batch in batches:
                if batch.number not in done:
                    self.store.add(self.manifest.campaign_id, batch)
                self.account.add(batch)
                self._tell()
        finally:
            crew.close()
            self.database.flush()

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told < TELL_S:
            return
        self._told = now
        self.database.flush()
        report = None
        if now - self._reported >= REPORT_S:
            self._reported = now
            report = self.account.report(self.manifest.model_copy(update={"elapsed_s": self._elapsed()}))
        done, spent = self.account.worlds, now - self._began
        rate = max(0, done - self._kept) / spent if spent > 0 else 0.0
        self.emit(
            CampaignProgress(
                campaign_id=self.manifest.campaign_id,
                done=done,
                total=self.settings.worlds,
                rate=rate,
                eta_s=self._eta(done, rate, spent),
                failing_worlds=self.account.failing,
                clusters=self.account.clusters,
                report=report,
            )
        )

    def _eta(self, done: int, rate: float, spent: float) -> float | None:
        if rate <= 0 or spent < ETA_AFTER_S:
            return None
        left = (self.settings.worlds - done) / rate
        return left if self.ways.minutes is None else min(left, max(0.0, 60 * self.ways.minutes - spent))

    def _elapsed(self) -> float:
        return self._before + time.monotonic() - self._began

    def _finish(self, should_stop: ShouldStop) -> CampaignReport:
        stopped = should_stop() and self.account.worlds < self.settings.worlds
        manifest = self.manifest.model_copy(
            update={
                "status": "cancelled" if stopped else "done",
                "digest": campaign_digest(self.account.digests),
                "elapsed_s": self._elapsed(),
                "worlds_done": self.account.worlds,
            }
        )
        found = self.account.report(manifest)
        kept = keep_representatives(self.database, self.inputs, found, self.place, should_stop)
        if any(cluster.note == STOPPED for cluster in kept.clusters):  # whoever resumes it gets those, too
            kept = kept.model_copy(update={"manifest": manifest.model_copy(update={"status": "cancelled"})})
        self.store.finish(kept)
        return kept

    def _give_up(self, status: RunStatus) -> None:
        """The campaign ended without a report. If even that cannot be written, the next opening finds it."""
        try:
            self.store.fail(self.manifest.campaign_id, status)
        except KnownError:
            return


def make_crew(inputs: RunInputs, settings: CampaignSettings, place: Place | None, ways: Ways) -> Crew:
    """Who computes the batches. Raises ``InputError`` for inputs that cannot run, ``MachineError`` for no cluster."""
    if ways.cluster:
        from turbulence_app.engine.campaign.cluster import ClusterCrew

        egress.lock((urlsplit(ways.cluster).hostname or "",))  # whoever writes the address wants it spoken to
        return ClusterCrew(inputs, settings, place, ways.cluster)
    workers = ways.workers or processors()
    if inputs.target == "http" or workers == 1:
        return HereCrew(inputs, settings, place)
    return ProcessCrew(inputs, settings, place, workers)
