"""Runs: doing one, doing it again, and one user of it alone."""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from turbulence_app import __version__
from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.events import Event, FailureFound, Progress, RunFinished, RunProgress, RunStarted
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import Difference, RunManifest, RunStatus
from turbulence_app.domain.trace import UserTrace
from turbulence_app.engine.execute import Execution, Snapshot, execute, inputs_digest
from turbulence_app.engine.place import AppPlace, HttpPlace, Place
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.reference import run_user
from turbulence_app.engine.verify import first_difference
from turbulence_app.engine.world.execute import trace_app
from turbulence_app.service import live
from turbulence_app.service.places import place_for
from turbulence_app.settings import preferences
from turbulence_app.store.campaigns import CampaignStore
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.retention import tidy
from turbulence_app.store.runs import LAST, RunStore

OnEvent = Callable[[Event], None]
ShouldStop = Callable[[], bool]
NEWEST = "newest"
"""The name of the newest failure."""
ETA_AFTER_S = 0.5
"""Before this a rate says nothing."""


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome of a repetition. ``difference`` None: the same bits. ``partial``: only what was done is compared.

    ``recording``: the run was live; its recording was replayed, and the service was not asked.
    """

    run_id: str
    digest: str
    difference: Difference | None
    partial: bool = False
    elapsed_s: float = 0.0
    recording: bool = False


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def run(
    inputs: RunInputs,
    database: Database,
    *,
    workers: int = 0,
    project: str = "",
    place: Place | None = None,
    campaign: str = "",
    executor: Callable[..., Execution] = execute,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> RunFinished:
    """Run the crowd and store everything; events come as they happen, the last one is also returned.

    What ``on_event`` saw of progress and failures is in the database already. A cancelled run ends with status
    ``cancelled`` and its partial results. ``place`` says where the services are (default: as the project's file does);
    ``campaign`` is the one whose failure the run represents, ``executor`` what computes instead of :func:`execute`.
    Raises ``InputError`` before anything is stored if the inputs cannot run.
    """
    compile_plan(inputs)
    place = place or place_for(inputs, project)
    if isinstance(place, HttpPlace):
        live.check(inputs, place)
    emit = on_event or nobody
    recorder = _Recorder(inputs, database, workers or processors(), project, emit, campaign)
    emit(RunStarted(manifest=recorder.manifest))
    try:
        with live.permitted(place) if isinstance(place, HttpPlace) else nullcontext():
            execution = executor(
                inputs,
                place=place,
                workers=recorder.manifest.workers,
                on_progress=recorder,
                should_stop=should_stop,
                record=recorder.exchanges,
            )
    except BaseException as error:
        recorder.give_up("cancelled" if isinstance(error, KeyboardInterrupt) else "failed")
        raise
    manifest = recorder.manifest.model_copy(
        update={
            "status": "cancelled" if execution.cancelled else "done",
            "digest": execution.digest,
            "inputs_digest": execution.inputs_digest,
            "elapsed_s": execution.elapsed_s,
            "build": execution.build,
        }
    )
    recorder.exchanges.settle()
    failures = recorder.store.finish(
        manifest, execution.summary, execution.chunks, execution.failures, execution.users_done
    )
    finished = RunFinished(manifest=manifest, summary=execution.summary, failures=failures)
    if not campaign:
        tidy(database, preferences().number("run.keep"))
    emit(finished)
    return finished


def nobody(_event: Event) -> None:
    """Hears events and keeps them to itself."""


class _Recorder:
    """Writes a running run down before it tells of it."""

    def __init__(
        self, inputs: RunInputs, database: Database, workers: int, project: str, emit: OnEvent, campaign: str
    ) -> None:
        self.store = RunStore(database)
        self._database, self._emit = database, emit
        self._started = time.monotonic()
        digest = inputs_digest(inputs)

        def describe(run_id: str, created_at: str) -> RunManifest:
            return RunManifest(
                run_id=run_id,
                created_at=created_at,
                project=project,
                workflow=inputs.workflow.id,
                scenario=inputs.scenario,
                target=inputs.target,
                users=inputs.users,
                seed=inputs.seed,
                workers=workers,
                inputs_digest=digest,
                version=__version__,
                campaign=campaign,
            )

        self.manifest = self.store.begin(inputs, describe)
        self.exchanges = RecordingStore(database).recorder(self.manifest.run_id)
        """Takes what live services answer."""

    def __call__(self, snapshot: Snapshot) -> None:
        run_id = self.manifest.run_id
        self.exchanges.settle()
        self.store.progress(run_id, snapshot.done, snapshot.chunks, snapshot.failures, snapshot.summary)
        self._database.flush()
        elapsed = time.monotonic() - self._started
        rate = snapshot.done / elapsed if elapsed > 0 else 0.0
        eta = (snapshot.total - snapshot.done) / rate if rate > 0 and elapsed >= ETA_AFTER_S else None
        for failure in snapshot.failures:
            self._emit(FailureFound(failure=failure.model_copy(update={"run_id": run_id})))
        self._emit(
            RunProgress(
                run_id=run_id, done=snapshot.done, total=snapshot.total, rate=rate, eta_s=eta, summary=snapshot.summary
            )
        )

    def give_up(self, status: RunStatus) -> None:
        """The run ended without a result. If even that cannot be written, the next opening finds it interrupted."""
        try:
            self.store.fail(self.manifest.run_id, status)
        except KnownError:
            return


def verify(
    database: Database,
    name: str,
    *,
    workers: int = 0,
    on_event: OnEvent | None = None,
    should_stop: ShouldStop | None = None,
) -> Verified:
    """Compute a stored run again and compare digests; raises ``InputError`` for a run that has none yet.

    Of a live run the recording is verified: every visit again from what the service answered then.
    """
    store = RunStore(database)
    run_id = store.resolve(name)
    manifest, chunks = store.manifest(run_id), store.chunks(run_id)
    if manifest.status == "running":
        raise InputError(f"run {run_id} is still running", "verify it when it is done")
    if not chunks:
        raise InputError(f"run {run_id} ended before its first result ({manifest.status})", "run it again")
    started = time.monotonic()
    emit = on_event or nobody

    def tell(snapshot: Snapshot) -> None:
        elapsed = time.monotonic() - started
        rate = snapshot.done / elapsed if elapsed > 0 else 0.0
        eta = (snapshot.total - snapshot.done) / rate if rate > 0 else None
        emit(Progress(what="verify", done=snapshot.done, total=snapshot.total, rate=rate, eta_s=eta))

    inputs = store.inputs(run_id)
    difference: Difference | None = None
    if manifest.inputs_digest and (digest := inputs_digest(inputs)) != manifest.inputs_digest:
        difference = Difference(what="inputs", recorded=manifest.inputs_digest, recomputed=digest)
    if difference is None and manifest.target == "http":
        difference = live.first_difference(database, run_id, on_event=emit, should_stop=should_stop)
    elif difference is None:
        difference = first_difference(
            inputs,
            manifest.digest,
            chunks,
            place=place_for(inputs, manifest.project),
            workers=workers or processors(),
            on_progress=tell,
            should_stop=should_stop,
        )
    elapsed = time.monotonic() - started
    recording = manifest.target == "http"
    return Verified(run_id, manifest.digest, difference, manifest.status != "done", elapsed, recording)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One user again, alone. ``same``: it is that user of the run, bit for bit (None: the run kept no digest of it)."""

    run_id: str
    trace: UserTrace
    same: bool | None


def replay(database: Database, name: str, user: int) -> Replayed:
    """Compute one user of a run again, with every event, decision and draw; of a live run from its recording."""
    store = RunStore(database)
    run_id = store.resolve(name)
    inputs = store.inputs(run_id)
    if not 0 <= user < inputs.users:
        raise InputError(f"run {run_id} has no user {user}", f"users are 0 to {inputs.users - 1}")
    if inputs.target == "http":
        trace = live.replay(database, run_id, user)
    elif inputs.target == "app":
        trace = _replay_app(inputs, store.manifest(run_id).project, user)
    else:
        trace = run_user(compile_plan(inputs), user)
    return Replayed(run_id, trace, _same(store, run_id, trace))


def _replay_app(inputs: RunInputs, project: str, user: int) -> UserTrace:
    """One user of a world that everybody is in again."""
    place = place_for(inputs, project)
    assert isinstance(place, AppPlace)
    found = trace_app(inputs, place, (user,))
    if not found:
        raise InputError(f"user {user} never came in this world", "name one who arrived before it ended")
    return found[0]


def find_failure(database: Database, name: str) -> Failure:
    """``f-0001`` (of the last run), ``RUN/f-0001`` or ``RUN/USER``, also for users beyond those that were kept.

    ``CAMPAIGN/CAUSE`` is the failure that represents the cause; a ``RUN`` or ``CAMPAIGN`` alone its first one, and
    :data:`NEWEST` the newest that there is.
    """
    store = RunStore(database)
    if name == NEWEST:
        return store.newest_failure()
    run_name, _, last = name.rpartition("/")
    if run_name.startswith("c-"):
        return CampaignStore(database).representative(run_name, last)
    if not run_name and last.startswith("c-"):
        return CampaignStore(database).first_failure(last)
    if not run_name and (last == LAST or last.startswith("r-")):
        return store.first_failure(store.resolve(last))
    run_id = store.resolve(run_name or "last")
    if not last:
        raise InputError(f"{name!r} names no failure", "write f-0001, RUN/f-0001 or RUN/USER")
    try:
        return store.failure(run_id, last)
    except InputError:
        if not (run_name and last.isascii() and last.isdigit()):
            raise
    trace = replay(database, run_id, int(last)).trace
    if not trace.violations:
        raise InputError(f"user {last} of run {run_id} broke no invariant", f"`turbulence replay {run_id}/{last}`")
    broken = next((event for event in trace.events if event.kind == "violation"), None)
    return Failure(
        run_id=run_id,
        user=trace.user,
        persona=trace.persona,
        invariant=trace.violations[0],
        step=broken.step if broken else trace.last_step,
        at_us=broken.at_us if broken else trace.ended_us,
        events=len(trace.events),
        message=str(broken.data.get("seen", "")) if broken else "",
    )


def address(database: Database, name: str) -> tuple[str, int]:
    """The run and the user that ``RUN/USER`` or the name of a failure stand for."""
    run_name, _, user = name.rpartition("/")
    if run_name and user.isascii() and user.isdigit() and not run_name.startswith("c-"):
        return run_name, int(user)
    if not (user.startswith(("f-", "r-", "c-")) or user in (LAST, NEWEST) or run_name.startswith("c-")):
        raise InputError(f"{name!r} names no user", "write RUN/USER, for example last/17, or a failure: f-0001")
    failure = find_failure(database, name)
    return failure.run_id, failure.user


def _same(store: RunStore, run_id: str, trace: UserTrace) -> bool | None:
    for chunk in store.chunks(run_id):
        if chunk.first_user <= trace.user < chunk.first_user + chunk.users:
            prints = base64.b64decode(chunk.fingerprints)
            place = 2 * (trace.user - chunk.first_user)
            return int.from_bytes(prints[place : place + 2], "little") == trace.fingerprint & 0xFFFF
    return None
