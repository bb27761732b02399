"""Two stored runs beside each other. Where both had the same people on the same draws, person by person."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from turbulence_app.domain.comparison import (
    MOST_FLIPS,
    Comparison,
    Flip,
    KindChange,
    LatencyChange,
    NewFailure,
    ShareChange,
    VerdictChange,
)
from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.inputs import RunInputs
from turbulence_app.domain.run import PersonaStats, RunManifest, StepStats, Summary, Verdict
from turbulence_app.engine import fates
from turbulence_app.engine.nodes import OUTCOMES
from turbulence_app.engine.plan import compile_plan
from turbulence_app.insight import funnel, proportions
from turbulence_app.insight.changes import input_changes
from turbulence_app.store.database import Database
from turbulence_app.store.runs import KEPT_FAILURES, RunStore

COMPLETED = OUTCOMES.index("completed")
End = tuple[str, str]
"""Persona and last step."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One stored run."""

    manifest: RunManifest
    inputs: RunInputs
    summary: Summary
    failures: tuple[Failure, ...]


@dataclass
class _Pairs:
    """What is known of people seen twice."""

    people: Counter[str] = field(default_factory=Counter)
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    before: Counter[str] = field(default_factory=Counter)
    flipped: Counter[str] = field(default_factory=Counter)
    ends: tuple[Counter[End], Counter[End]] = field(default_factory=lambda: (Counter(), Counter()))
    """Who ended without completing, on each side: by persona and last step."""
    came: Counter[End] = field(default_factory=Counter)
    """Of those of the second side, who did not end there on the first."""
    went: Counter[End] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)
    new: list[NewFailure] = field(default_factory=list)
    done: int = 0


def compare(
    database: Database,
    first: str,
    second: str,
    *,
    on_event: Callable[[Event], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Comparison:
    """The run ``second`` against ``first`` (ids, numbers, or ``last``).

    Runs of the model target with one seed and one crowd are computed once more, so that every person is compared with
    herself: the draws are the same. Raises ``InputError`` for a run that has no result, ``CancelledError``.
    """
    began = time.perf_counter()
    one, other = _side(database, first), _side(database, second)
    reason = _not_paired(one, other)
    pairs = None if reason else _paired(one, other, on_event, should_stop or (lambda: False))
    changes = input_changes(*(side.inputs.model_dump(mode="json", by_alias=True) for side in (one, other)))
    return Comparison(
        one=one.manifest,
        other=other.manifest,
        one_users=one.summary.users,
        other_users=other.summary.users,
        changes=changes,
        paired=pairs is not None,
        unpaired_because=reason,
        formula=proportions.UNPAIRED if pairs is None else proportions.PAIRED,
        completion=_completion(one.summary, other.summary, pairs),
        personas=tuple(_personas(one.summary, other.summary, pairs)),
        funnel=tuple(_funnel(one.summary, other.summary)),
        drop_offs=tuple(_drop_offs(one.summary, other.summary, pairs)),
        verdicts=tuple(_verdicts(one.summary.verdicts, other.summary.verdicts)),
        latencies=tuple(_latencies(one.summary, other.summary)),
        kinds=tuple(_kinds(one.failures, other.failures)),
        flips=tuple(pairs.flips) if pairs else (),
        flipped=dict(sorted(pairs.flipped.items())) if pairs else {},
        new_failures=tuple(pairs.new if pairs else _new(one, other)),
        notes=tuple(_notes(one, other)),
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )


def _side(database: Database, name: str) -> _Side:
    store = RunStore(database)
    run_id = store.resolve(name)
    summary = store.summary(run_id)
    manifest = store.manifest(run_id)
    if not summary.users:
        raise InputError(f"run {run_id} has no result ({manifest.status})", "compare runs that computed somebody")
    return _Side(manifest, store.inputs(run_id), summary, store.failures(run_id))


def _not_paired(one: _Side, other: _Side) -> str:
    """Why people cannot be compared one by one; '' where they can."""
    if one.inputs.target != "model" or other.inputs.target != "model":
        return "only the model target computes one person alone"
    if one.inputs.seed != other.inputs.seed:
        return "the seeds differ, so nobody had the same draws"
    weights = [[(member.persona, member.weight) for member in side.inputs.crowd] for side in (one, other)]
    if weights[0] != weights[1]:
        return "the crowds differ, so user 7 is not the same person in both"
    if one.summary.users != one.manifest.users or other.summary.users != other.manifest.users:
        return "one of them was stopped before its end"
    return ""


def _paired(
    one: _Side, other: _Side, on_event: Callable[[Event], None] | None, should_stop: Callable[[], bool]
) -> _Pairs:
    users = min(one.inputs.users, other.inputs.users)
    plans = [compile_plan(side.inputs) for side in (one, other)]
    found = _Pairs()
    names = [persona.name for persona in plans[0].personas]
    steps = [[node.name for node in plan.nodes] for plan in plans]
    for done, mine, theirs in fates.in_pairs(plans[0], plans[1], users, should_stop):
        _count(found, names, mine.fates, theirs.fates)
        _end(found, names, steps, mine.fates, theirs.fates)
        _flips(found, names, steps, mine.fates, theirs.fates)
        _broken(found, names, mine, theirs)
        found.done = done
        if on_event is not None:
            on_event(Progress(what="compare", done=done, total=users))
    if found.done < users:
        raise CancelledError("stopped", "nothing was compared")
    return found


def _count(found: _Pairs, names: list[str], mine: fates.Fates, theirs: fates.Fates) -> None:
    before, after = mine.outcome == COMPLETED, theirs.outcome == COMPLETED
    for number, name in enumerate(names):
        who = mine.persona == number
        found.people[name] += int(np.count_nonzero(who))
        found.before[name] += int(np.count_nonzero(who & before))
        found.gained[name] += int(np.count_nonzero(who & after & ~before))
        found.lost[name] += int(np.count_nonzero(who & before & ~after))


def _end(found: _Pairs, names: list[str], steps: list[list[str]], mine: fates.Fates, theirs: fates.Fates) -> None:
    """Who ended where, on both sides, and who of them did so on one side alone."""
    for number, persona in enumerate(names):
        who = mine.persona == number
        sides = [(part.last + 1) * (who & (part.outcome != COMPLETED)) for part in (mine, theirs)]
        for side, (last, other) in enumerate((sides, sides[::-1])):
            there = {name: place + 1 for place, name in enumerate(steps[1 - side])}
            for code, count in enumerate(np.bincount(last).tolist()):
                if code and count:
                    end = (persona, steps[side][code - 1])
                    found.ends[side][end] += count
                    apart = np.count_nonzero((last == code) & (other != there.get(end[1], -1)))
                    (found.came if side else found.went)[end] += int(apart)


def _flips(found: _Pairs, names: list[str], steps: list[list[str]], mine: fates.Fates, theirs: fates.Fates) -> None:
    places = fates.changed(mine, theirs)
    codes = mine.outcome[places].astype(np.int64) * len(OUTCOMES) + theirs.outcome[places]
    for code, number in enumerate(np.bincount(codes, minlength=len(OUTCOMES) ** 2).tolist()):
        if number:
            before, after = divmod(code, len(OUTCOMES))
            found.flipped[f"{OUTCOMES[before]}>{OUTCOMES[after]}"] += number
    for place in places[: max(0, MOST_FLIPS - len(found.flips))]:
        ends = [
            steps[side][last] if (last := int(part.last[place])) >= 0 else ""
            for side, part in enumerate((mine, theirs))
        ]
        found.flips.append(
            Flip(
                user=mine.first + place, persona=names[mine.persona[place]], before=OUTCOMES[mine.outcome[place]],
                after=OUTCOMES[theirs.outcome[place]], before_step=ends[0], after_step=ends[1],
            )
        )  # fmt: skip


def _broken(found: _Pairs, names: list[str], mine: fates.Part, theirs: fates.Part) -> None:
    known = {(user, rule) for user, rule, _ in mine.broken}
    for user, rule, step in theirs.broken:
        if (user, rule) not in known and len(found.new) < KEPT_FAILURES:
            persona = names[theirs.fates.persona[user - theirs.fates.first]]
            found.new.append(NewFailure(user=user, persona=persona, invariant=rule, step=step))


def _completion(one: Summary, other: Summary, pairs: _Pairs | None) -> ShareChange:
    if pairs is not None:
        return _of_pairs("completes", "", pairs, tuple(pairs.people))
    return _share("completes", "", one.completed, one.users, other.completed, other.users)


def _personas(one: Summary, other: Summary, pairs: _Pairs | None) -> Iterator[ShareChange]:
    mine, theirs = ({p.persona: p for p in side.personas} for side in (one, other))
    for name in dict.fromkeys((*mine, *theirs)):
        if pairs is not None:
            yield _of_pairs("completes", name, pairs, (name,))
            continue
        a, b = mine.get(name, PersonaStats(persona=name)), theirs.get(name, PersonaStats(persona=name))
        yield _share("completes", name, a.completed, a.users, b.completed, b.users)


def _of_pairs(what: str, persona: str, pairs: _Pairs, names: Iterable[str]) -> ShareChange:
    some = list(names)
    people, before, gained, lost = (
        sum(counts[name] for name in some) for counts in (pairs.people, pairs.before, pairs.gained, pairs.lost)
    )
    difference, low, high = proportions.paired(gained, lost, people)
    return ShareChange(
        name=what, persona=persona, before_count=before, before_of=people, after_count=before + gained - lost,
        after_of=people, difference=difference, low=low, high=high,
    )  # fmt: skip


def _share(what: str, persona: str, count: int, of: int, other_count: int, other_of: int) -> ShareChange:
    difference, low, high = proportions.independent(count, of, other_count, other_of)
    return ShareChange(
        name=what, persona=persona, before_count=count, before_of=of, after_count=other_count, after_of=other_of,
        difference=difference, low=low, high=high,
    )  # fmt: skip


def _funnel(one: Summary, other: Summary) -> Iterator[ShareChange]:
    mine, theirs = ({row.step: row for row in funnel.rows(side)} for side in (one, other))
    for step in merged(list(mine), list(theirs)):
        a, b = mine.get(step), theirs.get(step)
        yield _share(step, "", a.reached if a else 0, one.users, b.reached if b else 0, other.users)


def merged(one: list[str], other: list[str]) -> list[str]:
    """Both orders in one: what only the second has stands behind its neighbour there."""
    order = list(one)
    for before, name in pairwise(["", *other]):
        if name not in order:
            order.insert(order.index(before) + 1 if before in order else 0, name)
    return order


def _drop_offs(one: Summary, other: Summary, pairs: _Pairs | None) -> list[ShareChange]:
    """Who ended without completing, by the last step of the visit; by persona where people were computed again."""
    found: list[ShareChange] = []
    if pairs is not None:
        for persona, step in dict.fromkeys((*pairs.ends[0], *pairs.ends[1])):
            end, people = (persona, step), pairs.people[persona]
            difference, low, high = proportions.paired(pairs.came[end], pairs.went[end], people)
            found.append(
                ShareChange(
                    name=step, persona=persona, before_count=pairs.ends[0][end], before_of=people,
                    after_count=pairs.ends[1][end], after_of=people, difference=difference, low=low, high=high,
                )
            )  # fmt: skip
    else:
        mine, theirs = ({s.step: s.ended_here for s in side.funnel if not _goal(s)} for side in (one, other))
        for step in merged(list(mine), list(theirs)):
            if mine.get(step) or theirs.get(step):
                found.append(_share(step, "", mine.get(step, 0), one.users, theirs.get(step, 0), other.users))
    return sorted(found, key=lambda change: (not change.moved, -abs(change.difference)))


def _goal(step: StepStats) -> bool:
    """Whether visits that end here are completed."""
    return step.type == "end" and step.ended_here > 0 and not step.reasons.get("left")


def _verdicts(one: tuple[Verdict, ...], other: tuple[Verdict, ...]) -> Iterator[VerdictChange]:
    mine, theirs = ({v.name: v for v in side} for side in (one, other))
    for name in dict.fromkeys((*mine, *theirs)):
        a, b = mine.get(name), theirs.get(name)
        yield VerdictChange(
            name=name, before=a.status if a else "", after=b.status if b else "",
            before_violations=a.violations if a else 0, after_violations=b.violations if b else 0,
        )  # fmt: skip


def _latencies(one: Summary, other: Summary) -> Iterator[LatencyChange]:
    mine, theirs = ({s.step: s.latency for s in side.funnel if s.latency and s.latency.n} for side in (one, other))
    for step in merged(list(mine), list(theirs)):
        yield LatencyChange(step=step, before=mine.get(step), after=theirs.get(step))


def _kinds(one: Iterable[Failure], other: Iterable[Failure]) -> list[KindChange]:
    mine, theirs = (Counter((f.invariant, f.step, f.persona) for f in side) for side in (one, other))
    found = [
        KindChange(invariant=key[0], step=key[1], persona=key[2], before=mine[key], after=theirs[key])
        for key in mine.keys() | theirs.keys()
    ]
    return sorted(found, key=lambda kind: (kind.before > 0, -kind.after, kind.invariant, kind.step, kind.persona))


def _new(one: _Side, other: _Side) -> list[NewFailure]:
    """Unpaired, a person says nothing: whoever fails in a way that the first run did not have at all."""
    known = {(f.invariant, f.step) for f in one.failures}
    return [
        NewFailure(user=f.user, persona=f.persona, invariant=f.invariant, step=f.step)
        for f in other.failures
        if (f.invariant, f.step) not in known
    ]


def _notes(one: _Side, other: _Side) -> Iterator[str]:
    if one.inputs.workflow.id != other.inputs.workflow.id:
        yield "These runs are of two workflows: shares compare, people and steps hardly do."
    for side in (one, other):
        if side.summary.users < side.manifest.users:
            yield f"{side.manifest.run_id} computed {side.summary.users:,} of {side.manifest.users:,} people."
        if len(side.failures) >= KEPT_FAILURES:
            yield f"{side.manifest.run_id} kept its first {KEPT_FAILURES:,} failures; kinds count those."
