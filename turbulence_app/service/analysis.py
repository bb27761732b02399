"""The analysis of a stored run: counted once by computing the run again, kept, and asked as often as one likes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from turbulence_app.domain.analysis import Among, Board, PeoplePage, Somebody, Sort, Wanted
from turbulence_app.domain.errors import CancelledError, InputError, KnownError
from turbulence_app.domain.events import Progress
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import RunManifest, Summary
from turbulence_app.engine.census.census import Census
from turbulence_app.engine.census.find import LISTED, Found, find
from turbulence_app.engine.census.people import PLACES
from turbulence_app.engine.census.run import Part, Range, app_parts, model_census, model_parts, take_census, visit_parts
from turbulence_app.engine.census.select import choice_words, pairs
from turbulence_app.engine.histogram import BUCKETS, low_us, middle_us
from turbulence_app.engine.nodes import OUTCOMES, REASONS, Finish, Plan, ways
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.visit import Visit
from turbulence_app.insight.analysis import reasons
from turbulence_app.insight.analysis.board import board
from turbulence_app.insight.analysis.counted import Step, Words
from turbulence_app.service.places import place_for
from turbulence_app.service.runs import OnEvent, ShouldStop, nobody, processors
from turbulence_app.store.analyses import AnalysisStore
from turbulence_app.store.database import Database
from turbulence_app.store.recordings import RecordingStore
from turbulence_app.store.runs import RunStore

VERSION = 1
"""Raised whenever the same run would be counted otherwise."""
OPEN = 4
"""Runs whose counts stay in memory."""
PAGES = 16
"""Lists of people that stay in memory."""
TELL_S = 0.1


@dataclass
class Opened:
    """A stored run, ready to be asked."""

    database: Database
    manifest: RunManifest
    inputs: RunInputs
    summary: Summary
    plan: Plan
    ranges: tuple[Range, ...]
    """First and number of the people whose visits are part of the run."""
    key: str

    @property
    def users(self) -> int:
        """How many there are."""
        return sum(users for _, users in self.ranges) if self.inputs.target == "model" else self.summary.users


class Analyst:
    """Opens runs, counts them where nobody has yet, and remembers the last few. One job at a time."""

    def __init__(self) -> None:
        self._censuses: OrderedDict[tuple[Path, str], Census] = OrderedDict()
        self._lists: OrderedDict[tuple[Path, str, str], Found] = OrderedDict()

    def board(
        self,
        database: Database,
        run: str,
        among: Among,
        *,
        workers: int = 0,
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Board:
        """Everything that is known of these people of a run.

        Raises ``InputError`` for a run that is not there, is still running, or gives other numbers now, and
        ``CancelledError``.
        """
        opened = open_run(database, run)
        for name in among.personas:
            if all(persona.name != name for persona in opened.plan.personas):
                raise InputError(f"nobody in run {opened.manifest.run_id} is a {name!r}", "name a persona of the run")
        census = self.census(opened, workers, on_event or nobody, should_stop or _never)
        made = board(census, words_of(opened.plan), among)
        return made.model_copy(update={"run_id": opened.manifest.run_id, "notes": (*made.notes, *_notes(opened))})

    def people(
        self,
        database: Database,
        run: str,
        wanted: Wanted,
        *,
        sort: Sort = "user",
        first: int = 0,
        limit: int = 100,
        on_event: OnEvent | None = None,
        should_stop: ShouldStop | None = None,
    ) -> PeoplePage:
        """A page of the people behind a bar, from number ``first`` of their order on."""
        opened = open_run(database, run)
        # by number the search need not look at everybody: it goes on from where a page was asked for
        enough = min(LISTED, first + limit if first == 0 else LISTED)
        key = (database.path, opened.key, f"{sort} {wanted.model_dump_json()}")
        found = self._lists.get(key)
        if found is None or (found.total is None and len(found) < min(LISTED, first + limit)):
            tell = _Telling(on_event or nobody, opened.users)
            parts = _parts(opened, pairs(opened.plan, wanted), should_stop or _never)
            found = find(opened.plan, parts, wanted, sort, enough, tell, should_stop or _never)
            _remember(self._lists, key, found, PAGES)
        return _page(opened, found, first, limit)

    def census(self, opened: Opened, workers: int, emit: OnEvent, should_stop: ShouldStop) -> Census:
        """The counts of a run: remembered, stored, or counted now."""
        where = (opened.database.path, opened.key)
        known = self._censuses.get(where) or _stored(opened)
        if known is None:
            tell = _Telling(emit, opened.users)
            if opened.inputs.target == "model":
                known = model_census(
                    opened.inputs, opened.plan, opened.ranges, workers or processors(), tell, should_stop
                )
            else:
                known = take_census(opened.plan, _parts(opened, frozenset(), should_stop), tell, should_stop)
            _compare(opened, known)
            AnalysisStore(opened.database).put(opened.key, VERSION, known.pack())
        _remember(self._censuses, where, known, OPEN)
        return known


def for_report(database: Database, run_id: str, should_stop: ShouldStop) -> Board | None:
    """The analysis of everybody, for a report; None where it cannot be had, or only by starting an application."""
    try:
        opened = open_run(database, run_id)
        if opened.inputs.target == "app" and _stored(opened) is None:
            return None
        return Analyst().board(database, run_id, Among(), should_stop=should_stop)
    except CancelledError:
        raise
    except KnownError:
        return None


def open_run(database: Database, name: str) -> Opened:
    """A stored run with its plan. Raises ``InputError`` for one that has no result."""
    store = RunStore(database)
    run_id = store.resolve(name)
    manifest, inputs, summary = store.manifest(run_id), store.inputs(run_id), store.summary(run_id)
    if manifest.status == "running":
        raise InputError(f"run {run_id} is still running", "ask when it is done")
    if not summary.users:
        raise InputError(f"run {run_id} ended before its first result ({manifest.status})", "run it again")
    chunks = store.chunks(run_id)
    ranges = tuple(_together((chunk.first_user, chunk.users) for chunk in chunks))
    key = manifest.digest or f"{run_id}:{summary.users}"
    return Opened(database, manifest, inputs, summary, _plan(inputs), ranges, key)


def _plan(inputs: RunInputs) -> Plan:
    if inputs.target == "http":
        from turbulence_app.engine.live.replay import plan_of_recording

        return plan_of_recording(inputs)
    return compile_plan(inputs)


def _together(ranges: Iterator[Range] | Sequence[Range]) -> list[Range]:
    """Ranges that touch as one."""
    made: list[Range] = []
    for first, users in sorted(ranges):
        if made and made[-1][0] + made[-1][1] == first:
            made[-1] = (made[-1][0], made[-1][1] + users)
        else:
            made.append((first, users))
    return made


def _parts(opened: Opened, ways_asked: frozenset[tuple[int, int]], should_stop: ShouldStop) -> Iterator[Part]:
    """The run's people once more."""
    inputs = opened.inputs
    if inputs.target == "model":
        return model_parts(opened.plan, opened.ranges, ways_asked)
    if inputs.target == "app":
        place = place_for(inputs, opened.manifest.project)
        assert isinstance(place, AppPlace)
        return app_parts(inputs, place, opened.summary.users, ways_asked, should_stop)
    return visit_parts(opened.plan, _recorded(opened), ways_asked)


def _recorded(opened: Opened) -> Iterator[Visit]:
    """The visits of a live run, from what was recorded."""
    from turbulence_app.engine.live.replay import replay_recorded

    for recording in RecordingStore(opened.database).all(opened.manifest.run_id):
        again = replay_recorded(opened.plan, recording)
        if again.visit is not None:
            yield again.visit


def _stored(opened: Opened) -> Census | None:
    store = AnalysisStore(opened.database)
    held = store.get(opened.key, VERSION)
    if held is None:
        return None
    try:
        return Census.unpack(held)
    except ValueError:
        store.forget(opened.key)
        return None


def _compare(opened: Opened, census: Census) -> None:
    """The run's own counts are the same, or what was counted is not that run."""
    ends = [int(census.kinds.sums[0][census.kinds.keys[1] == number].sum()) for number in range(len(OUTCOMES))]
    summary = opened.summary
    kept = [summary.completed, summary.abandoned, summary.failed]
    if ends != kept and opened.inputs.target != "http":
        raise InputError(
            f"run {opened.manifest.run_id} gives other numbers now ({ends[0]:,} complete instead of {kept[0]:,})",
            "it was made by another version or of another application: run it again",
        )


def _notes(opened: Opened) -> tuple[str, ...]:
    found = []
    if opened.manifest.status != "done":
        found.append(f"The run was not finished: this is about the {opened.users:,} people whose visits ended.")
    if opened.inputs.target == "http":
        found.append("From the recording of a live run. People whose visits were cut off are not in it.")
    return tuple(found)


def words_of(plan: Plan) -> Words:
    """What the numbers of a census are called."""
    choices = {
        (node.number + 1 << 16) + option: choice_words(plan, (node.number + 1 << 16) + option)
        for node in plan.nodes
        if node.type == "decide"
        for option in range(len(ways(node)))
    }
    return Words(
        personas=tuple(persona.name for persona in plan.personas),
        steps=tuple(
            Step(n.name, n.type in PLACES, isinstance(n, Finish) and n.outcome == "completed") for n in plan.nodes
        ),
        outcomes=OUTCOMES,
        reasons=REASONS,
        choices=choices,
        lows=[low_us(bucket) for bucket in range(BUCKETS + 1)],
        middles=[middle_us(bucket) for bucket in range(BUCKETS)],
    )


def _page(opened: Opened, found: Found, first: int, limit: int) -> PeoplePage:
    names = words_of(opened.plan)
    rows = tuple(_somebody(opened.plan, names, found, at) for at in range(first, min(first + limit, len(found))))
    return PeoplePage(
        run_id=opened.manifest.run_id, first=first, people=rows, total=found.total, listed=min(LISTED, len(found))
    )


def _somebody(plan: Plan, names: Words, found: Found, at: int) -> Somebody:
    people, longest = found.people, found.longest
    assert people is not None
    assert longest is not None
    columns = (people.reason, people.choice, people.answer, people.last, people.outcome, people.place)
    reason, choice, answer, last, outcome, place = (int(column[at]) for column in columns)
    return Somebody(
        user=int(people.user[at]),
        persona=plan.personas[int(people.persona[at])].name,
        outcome=OUTCOMES[outcome],
        why=reasons.told(names, reason, choice, answer, last) if outcome else "",
        place=plan.nodes[place - 1].name if place else "",
        arrived_ms=int(people.arrived[at]) / 1000,
        took_ms=int(people.took[at]) / 1000,
        stayed_ms=int(people.took[at] - people.since[at]) / 1000,
        waited_ms=int(people.waited[at]) / 1000,
        slowest_ms=int(longest[at]) / 1000,
        retries=int(people.retries[at]),
    )


class _Telling:
    """Counts people and tells of it a few times a second."""

    def __init__(self, emit: Callable[[Progress], object], total: int) -> None:
        self._emit, self._total = emit, total
        self._done = 0
        self._began = self._told = time.monotonic()

    def __call__(self, people: int) -> None:
        self._done += people
        now = time.monotonic()
        if now - self._told < TELL_S and self._done < self._total:
            return
        self._told = now
        rate = self._done / max(1e-6, now - self._began)
        eta = (self._total - self._done) / rate if rate > 0 else None
        self._emit(Progress(what="analysis", done=self._done, total=self._total, rate=rate, eta_s=eta))


def _remember(kept: OrderedDict[Any, Any], key: Any, value: Any, most: int) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)


def _never() -> bool:
    return False
