"""The audit before a run: is one seed one world? If not: which event differs first, and why, as far as can be told.

Some worlds of the first few people are run twice in a row and once more after others in one process, and once in a
second process with another hash seed. If a run differs, fresh processes tell what it depends on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.errors import InputError, Location
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.engine.place import AppPlace
from turbulence_app.engine.plan import compile_plan
from turbulence_app.engine.world.host import Host
from turbulence_app.engine.world.leftovers import changed, snapshot
from turbulence_app.engine.world.link import Link
from turbulence_app.engine.world.spec import Heard, WorldResult, WorldSpec
from turbulence_app.engine.world.suspects import Suspect, suspects
from turbulence_app.engine.world.world import World

PEOPLE, WORLDS = 5, 3
STEP = 0x9E3779B97F4A7C15
LONGEST = 160
Entry = list[Any]
"""One thing that happened: time, user, step, words."""


@dataclass(frozen=True)
class Divergence:
    """The first event in which two runs of one world differ."""

    user: int | None
    step: str
    first: str
    second: str

    def __str__(self) -> str:
        who = f"user {self.user}" + (f", step {self.step}" if self.step else "") if self.user is not None else "the end"
        return f"{who}: first {self.first}, then {self.second}"


def audit(
    inputs: RunInputs, place: AppPlace, *, host: Host | None = None, should_stop: Callable[[], bool] | None = None
) -> None:
    """Raise :class:`InputError` where the application is not deterministic: the first event, the likely cause, advice.

    ``host``: an engine process to use, which has run nothing yet; without one, it makes its own.
    """
    from turbulence_app.engine.world.execute import pack

    if host is None:
        with Host() as own:
            audit(inputs, place, host=own, should_stop=should_stop)
        return
    payload = pack(inputs, place)
    with Host(hash_seed=1) as other:
        other.start(f"{__name__}:record_here", {**payload, "rounds": 1})
        here = host.call(f"{__name__}:record_here", {**payload, "rounds": 3}, should_stop=should_stop)
        there = other.finish(should_stop)
    once, twice, later = here["rounds"]
    away = there["rounds"][0]
    if once == twice == later == away:
        return
    differing = next(again for again in (twice, later, away) if again != once)
    found = first_difference(once, differing)
    raise _error(found, here["changed"], _cause(payload, once, twice, later, away), place)


def _cause(payload: dict[str, Any], once: Any, twice: Any, later: Any, away: Any) -> str:
    """What the worlds depend on: ``state`` of worlds before, ``order`` of hashes, or the ``machine``."""
    fresh = []
    for _ in range(2):
        with Host() as host:
            fresh.append(host.call(f"{__name__}:record_here", {**payload, "rounds": 1})["rounds"][0])
    if fresh[0] != fresh[1] or fresh[0][0] != once[0]:
        return "machine"
    if once != twice or once != later:
        return "state"
    return "order" if away != once else "machine"


_WORDS = {
    "state": (
        "something in the application survives a world",
        "keep state in what a factory makes (app: module:create_app), not in a module or in a library",
    ),
    "order": (
        "it depends on the order of a set or on hash()",
        "sort sets before going through them, and use hashlib instead of hash()",
    ),
    "machine": (
        "it sees real time, real randomness, memory addresses or another thread",
        "take time from time or datetime, random numbers from random, secrets or uuid",
    ),
}


def _error(found: Divergence, left: list[str], cause: str, place: AppPlace) -> InputError:
    why, advice = _WORDS[cause]
    seen: list[Suspect] = suspects(place, cause)
    where = Location(seen[0].file, seen[0].line) if seen else None
    if cause == "state" and left:
        why += f" ({', '.join(left[:3])})"
    if seen:
        why += f"; look at {', '.join(str(s) for s in seen[:3])}"
    return InputError(f"one seed is not one world: {found}; {why}", advice, where)


def first_difference(one: list[list[Entry]], two: list[list[Entry]]) -> Divergence:
    """Where two records of the same worlds part."""
    for first, second in zip(one, two, strict=True):
        for a, b in zip(first, second, strict=False):
            if a != b:
                early = min(a, b, key=lambda e: e[0])
                return Divergence(early[1], early[2], _told(a), _told(b))
        if len(first) != len(second):
            longer = max(first, second, key=len)[min(len(first), len(second))]
            return Divergence(
                longer[1], longer[2], *(("nothing", _told(longer))[:: 1 if len(first) < len(second) else -1])
            )
    return Divergence(None, "", "one thing", "another")


def _told(entry: Entry) -> str:
    words = entry[3] if len(entry[3]) <= LONGEST else entry[3][: LONGEST - 1] + "…"
    return f"{words} at {entry[0] / 1e6:.6f} s"


# ---- inside of the engine process ------------------------------------------------------------------------------------


def record_here(payload: dict[str, Any], link: Link) -> dict[str, Any]:
    """Run the audit's worlds, ``rounds`` times: each twice in a row, and once more after the others."""
    from turbulence_app.engine.world.execute import unpack

    inputs, place = unpack(payload)
    world = World(compile_plan(inputs), place)
    people = tuple(range(min(PEOPLE, inputs.users)))
    specs = [WorldSpec((inputs.seed + i * STEP) & ((1 << 64) - 1), people) for i in range(WORLDS)]
    rounds: list[list[list[Entry]]] = [[] for _ in range(min(payload["rounds"], 2))]
    left: list[str] = []
    with world:
        for spec in specs:
            for records in rounds:
                before = snapshot(world.application.modules())
                records.append(_record(world, spec, link))
                left = left or changed(before, snapshot(world.application.modules()))
        if payload["rounds"] > len(rounds):
            rounds.append([_record(world, spec, link) for spec in specs])
    return {"rounds": rounds, "changed": left}


def _record(world: World, spec: WorldSpec, link: Link) -> list[Entry]:
    heard: list[Heard] = []
    result = world.run(spec, should_stop=link.should_stop, heard=heard)
    return written(result, heard)


def written(result: WorldResult, heard: list[Heard]) -> list[Entry]:
    """All that happened in a world, in the order of its clock."""
    entries: list[Entry] = []
    for visit in (*result.visits, *result.fresh):
        for at, kind, step, _, _, detail, data in visit.events:
            words = f"{kind} {detail}".strip() + (f" {data['status']}" if data.get("status") else "")
            entries.append([visit.arrived + at, visit.user, step, words])
    for one in heard:
        text = one.body.decode("utf-8", "replace")
        entries.append([one.at_us, one.user, one.step, f"the application answered {one.status} {text}"])
    entries.sort(key=lambda e: e[:3])
    for broken in result.broken:
        entries.append([broken.at_us, broken.user, broken.step, f"{broken.invariant} broken: {broken.message}"])
    entries.append([result.ended_us, None, "", f"{len(result.made)} draws, {result.requests} requests"])
    return entries
