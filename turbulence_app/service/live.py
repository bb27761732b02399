"""Live runs: which system they talk to, what they may touch, and how what was recorded is held against a repetition."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.project import HttpDefaults
from turbulence_app.domain.recording import Divergence
from turbulence_app.domain.run import Difference
from turbulence_app.domain.services import Sut
from turbulence_app.domain.trace import UserTrace
from turbulence_app.domain.workflow import Workflow
from turbulence_app.engine.digests import run_digest
from turbulence_app.engine.place import HttpPlace
from turbulence_app.formats import loader
from turbulence_app.formats.folder import Folder, read_folder
from turbulence_app.formats.original import with_sut
from turbulence_app.privacy import egress
from turbulence_app.service.places import place_for
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

TELL_EVERY = 100


@dataclass(frozen=True, slots=True)
class Live:
    """What is said of a live run on the command line or in the window; ``None`` leaves the project's word."""

    sut: Path | None = None
    profile: str | None = None
    allow_hosts: tuple[str, ...] = ()
    time_scale: float | None = None


NOTHING_SAID = Live()


@dataclass(frozen=True, slots=True)
class LiveAgain:
    """A user against the service as it is now; ``divergence``: where it first went another way than recorded."""

    run_id: str
    trace: UserTrace
    divergence: Divergence | None


def with_system(inputs: RunInputs, folder: Folder | None, said: Live) -> RunInputs:
    """The inputs with the services of the SUT file and profile that are said, else of the project's.

    A SUT file's services take the place of the workflow's own of the same name. Raises ``InputError`` for a file or a
    profile that is not there.
    """
    settings = folder.project.http if folder is not None else HttpDefaults()
    sut, place = _system(folder, settings, said)
    profile = said.profile or settings.profile
    if sut is None:
        if profile is not None:
            raise InputError(f"profile {profile!r} of which system?", "name a SUT file with --sut, or write sut.yaml")
        return inputs
    if profile is not None and profile not in sut.profiles:
        known = ", ".join(sorted(sut.profiles)) or "none"
        raise InputError(f"there is no profile {profile!r}", f"profiles: {known}", Location(place))
    chosen = sut if profile is None else sut.model_copy(update={"default_profile": profile})
    return inputs.model_copy(update={"workflow": _moved(inputs.workflow, chosen)})


def _system(folder: Folder | None, settings: HttpDefaults, said: Live) -> tuple[Sut | None, str]:
    if said.sut is not None:
        return loader.load_sut(said.sut), str(said.sut)
    if folder is None:
        return None, ""
    if settings.sut is not None:
        path = folder.root / settings.sut
        return loader.load_sut(path), str(path)
    return folder.sut, str(folder.files.get(("sut", ""), folder.root))


def _moved(workflow: Workflow, sut: Sut) -> Workflow:
    own = {name: service for name, service in workflow.services.items() if name not in sut.services}
    return with_sut(workflow.model_copy(update={"services": own}), sut)


def place_of(inputs: RunInputs, project: Path | str, said: Live) -> HttpPlace | None:
    """Where the services of a live run may be; None on the other targets."""
    if inputs.target != "http":
        return None
    place = place_for(inputs, project)
    assert isinstance(place, HttpPlace)
    scale = place.time_scale if said.time_scale is None else said.time_scale
    hosts = tuple(dict.fromkeys((*place.allow_hosts, *said.allow_hosts)))
    return replace(place, allow_hosts=hosts, profile=said.profile or place.profile, time_scale=scale)


@contextmanager
def permitted(place: HttpPlace) -> Iterator[None]:
    """Let this process reach the place's hosts, and nothing else beyond this machine."""
    before = set(egress.allowed())
    egress.lock(place.allow_hosts)
    try:
        yield
    finally:
        egress.withdraw({host.strip().lower() for host in place.allow_hosts} - before)


def check(inputs: RunInputs, place: HttpPlace) -> None:
    """Raise before anything is stored where a run cannot begin: a host not allowed, a service that is not there."""
    from turbulence_app.engine.live.execute import check_http

    with permitted(place):
        check_http(inputs, place)


def replay(database: Database, run_id: str, user: int) -> UserTrace:
    """One user of a live run again, exactly, from what was recorded. Raises ``InputError`` where nothing was."""
    from turbulence_app.engine.live.replay import plan_of_recording, replay_recorded

    plan = plan_of_recording(RunStore(database).inputs(run_id))
    again = replay_recorded(plan, RecordingStore(database).get(run_id, user))
    if again.visit is None:
        raise InputError(
            f"user {user} of run {run_id} cannot be replayed: {again.divergence}",
            "the recording is of another version of the engine, or it is damaged",
        )
    return again.visit.trace()


def replay_against_service(database: Database, name: str, user: int, project: Path | str, said: Live) -> LiveAgain:
    """One user of a live run against the service as it is now: best effort, with the first divergence."""
    from turbulence_app.engine.live.replay import replay_live

    store = RunStore(database)
    run_id = store.resolve(name)
    inputs = store.inputs(run_id)
    if said.sut is not None or said.profile is not None:
        inputs = with_system(inputs, read_folder(project), said)
    place = place_of(inputs, project, said)
    if place is None:
        mend = "leave --live out: runs of this target are recomputed exactly"
        raise InputError(f"run {run_id} is of the {inputs.target} target", mend)
    recording = RecordingStore(database).get(run_id, user)
    with permitted(place):
        visit, divergence = replay_live(inputs, place, recording)
    return LiveAgain(run_id, visit.trace(), divergence)


def first_difference(
    database: Database,
    run_id: str,
    *,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool] | None = None,
) -> Difference | None:
    """Replay every recorded visit of a live run and compare fingerprints; None where all are as they were.

    The service is not asked: only the recording of a live run can be verified.
    """
    from turbulence_app.engine.live.fingerprints import Fingerprints
    from turbulence_app.engine.live.replay import plan_of_recording, replay_recorded

    store, recordings = RunStore(database), RecordingStore(database)
    inputs, chunks = store.inputs(run_id), store.chunks(run_id)
    plan, prints = plan_of_recording(inputs), Fingerprints(inputs.users)
    total = recordings.users(run_id)
    for done, recording in enumerate(recordings.all(run_id)):
        if should_stop is not None and should_stop():
            return None
        again = replay_recorded(plan, recording)
        if again.visit is None:
            strayed = str(again.divergence)
            return Difference(what="user", user=recording.user, recorded="a whole visit", recomputed=strayed)
        prints.add(recording.user, again.visit.fingerprint)
        if done % TELL_EVERY == 0:
            on_event(Progress(what="verify", done=done, total=total))
    now = prints.blocks()
    for old, new in zip(chunks, now, strict=False):
        if old.digest != new.digest:
            user = old.first_user + _first(old.fingerprints, new.fingerprints)
            return Difference(what="user", user=user, recorded=old.digest[:16], recomputed=new.digest[:16])
    recorded = store.manifest(run_id).digest
    if recorded and recorded != run_digest(now):
        return Difference(what="digest", recorded=recorded[:16], recomputed=run_digest(now)[:16])
    return None


def _first(old: str, new: str) -> int:
    one, two = base64.b64decode(old), base64.b64decode(new)
    pairs = range(0, min(len(one), len(two)), 2)
    return next((i // 2 for i in pairs if one[i : i + 2] != two[i : i + 2]), 0)
