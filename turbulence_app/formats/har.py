"""HAR recordings as a workflow that runs, with the real pauses of a real person.

One recording is one visit. Several of the same journey become distributions: of latencies, of pauses, of where people
left and what they left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.invariants import Invariant
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Pacing, Patience, Policy, Provenance
from turbulence_app.domain.scenario import Scenario
from turbulence_app.domain.services import Service
from turbulence_app.domain.workflow import RangeParameter, Workflow
from turbulence_app.formats.documents import load_document
from turbulence_app.formats.har_align import Aligned, align
from turbulence_app.formats.har_flow import Flow
from turbulence_app.formats.har_read import Recorded, read_har
from turbulence_app.formats.har_sift import Sifted, sift
from turbulence_app.formats.har_values import PERSON, Travel
from turbulence_app.formats.imported import Imported
from turbulence_app.formats.loader import identifier_of
from turbulence_app.formats.names import Taken, snake

MAX_STEPS = 500
MAX_FILES = 500


def import_har(paths: Sequence[Path | str], name: str | None = None, hosts: Sequence[str] = ()) -> Imported:
    """Recordings of one journey. ``hosts``: where the service is (default: the first page's host and its relatives).

    Raises:
        InputError: not a HAR, or nothing is left of it when pictures, trackers and polls are gone.
    """
    if len(paths) > MAX_FILES:
        raise InputError(f"more than {MAX_FILES} recordings", "name fewer", Location(str(paths[MAX_FILES])))
    recordings = [read_har(load_document(path, yaml=False)) for path in paths]
    return of_recordings(recordings, [str(p) for p in paths], name, hosts)


def of_recordings(
    recordings: Sequence[Recorded], files: Sequence[str], name: str | None = None, hosts: Sequence[str] = ()
) -> Imported:
    """As :func:`import_har`, of recordings that are read already."""
    sifted = [sift(recorded, hosts) for recorded in recordings]
    for one, file in zip(sifted, files, strict=True):
        if not one.calls:
            mend = "name the service's host with --host" if one.hosts else "record a visit of the pages themselves"
            raise InputError("no request of a person is left in the recording", mend, Location(file))
        if len(one.calls) > MAX_STEPS:
            mend = f"a journey has at most {MAX_STEPS}; record a shorter visit"
            raise InputError(f"{len(one.calls)} requests", mend, Location(file))
    aligned = align([one.calls for one in sifted])
    wanted = name or identifier_of(Path(files[aligned.base]).stem)
    exchanges = [stage.call.exchange for stage in aligned.stages]
    travel = Travel(snake(wanted, "app")[:30])
    sent = [travel.take(exchange) for exchange in exchanges]
    travel.answers(exchanges)
    services = _services([e.origin for e in exchanges])
    flow = Flow(aligned, travel, services, recordings[aligned.base].pages)
    steps = flow.steps(sent)
    workflow = Workflow(
        id=wanted,
        description=f"A visit as it was recorded{_browser(recordings[aligned.base])}.",
        services={service: Service(base_url=origin, timeout_seconds=30) for origin, service in services.items()},
        parameters={PERSON: RangeParameter(type="range", min=1, max=10**9)} if travel.needs_person else {},
        flow=tuple(steps),
        invariants=(Invariant(name="somebody_completes", sometimes="outcome == 'completed'",
                              says="It is possible to get through."),),
        max_steps=max(100, 2 * len(steps) + 20),
    )  # fmt: skip
    person = f"{wanted[:80]}_visitor"
    policy = _policy(person, workflow, flow)
    return Imported(
        workflow, (workflow,), None,
        (Persona(id=person, name="Visitor", description="Whoever made the recording, with the pauses of that visit."),),
        (policy,), tuple(_notes(sifted, aligned, travel, flow, workflow)),
        (Scenario(id=wanted, description=workflow.description, workflow=wanted, crowd={person: 1}, users=1000),),
        f"Imported from {len(files)} {'recording' if len(files) == 1 else 'recordings'} of a browser (HAR).",
    )  # fmt: skip


def _browser(recorded: Recorded) -> str:
    return f" in {recorded.browser}" if recorded.browser else ""


def _services(origins: list[str]) -> dict[str, str]:
    """A service for each origin, named after its host."""
    taken = Taken()
    found: dict[str, str] = {}
    for origin in origins:
        if origin not in found:
            host = urlsplit(origin).hostname or ""
            word = host.split(".")[0] if not host.replace(".", "").isdigit() and host != "localhost" else "web"
            found[origin] = taken.free(snake("web" if word in ("www", "") else word, "web"))
    return found


def _policy(person: str, workflow: Workflow, flow: Flow) -> Policy:
    notes = ("fitted to the recording: pauses and ways",)
    return Policy(
        persona_id=person,
        workflow=workflow.id,
        decisions=flow.decisions,
        patience=Patience(step_wait_seconds=30),
        pacing=Pacing(think_ms=0.0, steps=flow.think),
        provenance=Provenance(backend="rules", source="rules", notes=notes),
    )


def _notes(sifted: list[Sifted], aligned: Aligned, travel: Travel, flow: Flow, workflow: Workflow) -> list[str]:
    notes: list[str] = []
    dropped: Counter[str] = sum((s.dropped for s in sifted), Counter())
    others: Counter[str] = sum((s.hosts for s in sifted), Counter())
    polls: Counter[str] = sum((s.polls for s in sifted), Counter())
    if dropped:
        notes.append(f"{_requests(dropped.total())} left out that load parts of pages: {_listed(dropped)}.")
    if others:
        notes.append(f"{_requests(others.total())} to other hosts left out ({_listed(others)}); --host keeps one.")
    if polls:
        notes.append(f"{polls.total()} repetitions of the same question left out: {_listed(polls)}.")
    if travel.secrets:
        names = ", ".join(f"{key} from {name}" for key, name in sorted(travel.secrets.items()))
        notes.append(f"Secrets are not in the files; a live run reads them from the environment: {names}.")
    if travel.personal:
        notes.append(f"Personal data was replaced by stand-ins: {', '.join(sorted(travel.personal)[:20])}.")
    forms = sum(s.call.exchange.body_kind == "form" for s in aligned.stages)
    if forms:
        notes.append(
            f"{forms} {'step sends' if forms == 1 else 'steps send'} a form in the recording; steps send JSON."
        )
    other = sum(s.call.exchange.body_kind == "other" for s in aligned.stages)
    if other:
        notes.append(f"{_requests(other)} sent a body that is neither JSON nor a form; it was left out.")
    if aligned.strange:
        notes.append(f"{_requests(aligned.strange)} of other visits left out, which the longest visit has not.")
    if aligned.visits == 1:
        notes.append(
            "One recording is one measurement: latencies and pauses are the numbers of this visit. Import several "
            "recordings of the journey at once, or fit the model with `turbulence import log`."
        )
    elif flow.single:
        notes.append(f"{flow.single} steps were seen in one recording only, so their times are single numbers.")
    hosts = {urlsplit(s.base_url or "").hostname for s in workflow.services.values()}
    far = sorted(h for h in hosts if h and h not in ("localhost", "127.0.0.1", "::1"))
    if far:
        notes.append(
            f"The recording is of {', '.join(far)}; the http target only talks to this computer until a host stands "
            "under http: allow_hosts in turbulence.yaml."
        )
    return notes


def _requests(count: int) -> str:
    return f"{count} request" if count == 1 else f"{count} requests"


def _listed(counts: Counter[str], most: int = 6) -> str:
    words = [f"{count} {what}" for what, count in sorted(counts.items(), key=lambda i: (-i[1], i[0]))]
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")
