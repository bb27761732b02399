"""A tally as the summary that everybody else reads: funnel, edges, personas, faults, verdicts, percentiles."""

from __future__ import annotations

from turbulence_app.domain.run import (
    Edge,
    FaultStats,
    PersonaStats,
    StepStats,
    Summary,
    Timeline,
    Verdict,
    VerdictStatus,
)
from turbulence_app.engine.gates import evaluate
from turbulence_app.engine.histogram import Histogram
from turbulence_app.engine.nodes import REASONS, Plan, Request, Rule, ways
from turbulence_app.engine.tally import Tally


def summarise(plan: Plan, tally: Tally, *, final: bool = True) -> Summary:
    """The summary of what was counted so far. Gates are judged on it, too.

    ``final``: nothing more is coming, so what never happened is noted.
    """
    faults = _faults(plan, tally)
    outcomes = tally.outcomes.sum(axis=0)
    complete = Histogram()
    for histogram in tally.complete:
        complete.merge(histogram)
    bare = Summary(
        users=tally.users,
        completed=int(outcomes[0]),
        abandoned=int(outcomes[1]),
        failed=int(outcomes[2]),
        requests=int(tally.requests.sum()),
        funnel=_funnel(plan, tally),
        edges=_edges(plan, tally),
        personas=_personas(plan, tally),
        faults=faults,
        verdicts=tuple(_verdict(i, rule, tally) for i, rule in enumerate(plan.rules)),
        time_to_complete=complete.percentile(),
        time_to_leave=tally.leave.percentile(),
        timeline=_timeline(tally),
        notes=plan.notes + (fault_notes(faults) if final else ()),
    )
    judged = tuple(_gate(rule, verdict, bare) for rule, verdict in zip(plan.rules, bare.verdicts, strict=True))
    return bare.model_copy(update={"verdicts": judged})


def _faults(plan: Plan, tally: Tally) -> tuple[FaultStats, ...]:
    return tuple(
        FaultStats(
            label=f.label,
            kind=f.kind,
            struck=int(tally.struck[f.number]),
            users=int(tally.hit[f.number]),
            changed=int(tally.changed[f.number]) if tally.tells_changes and f.kind != "quiet" else None,
        )
        for f in plan.faults
    )


def fault_notes(faults: tuple[FaultStats, ...]) -> tuple[str, ...]:
    """Sentences on the faults that did nothing."""
    found = []
    for fault in faults:
        if fault.kind == "quiet":
            continue
        if not fault.struck:
            found.append(f"{fault.label} never struck")
        elif fault.changed == 0:
            times = "once" if fault.struck == 1 else f"{fault.struck} times"
            found.append(f"{fault.label} struck {times} and changed nothing")
    return tuple(found)


def _funnel(plan: Plan, tally: Tally) -> tuple[StepStats, ...]:
    answers = _answers(plan, tally)
    reached, ended = tally.reached.sum(axis=0).tolist(), tally.ended.tolist()
    passed, failed = tally.passed.tolist(), tally.failed.tolist()
    requests, retries = tally.requests.tolist(), tally.retries.tolist()
    return tuple(
        StepStats(
            step=node.name,
            type=node.type,
            reached=reached[i],
            passed=passed[i],
            failed=failed[i],
            ended_here=sum(ended[i]),
            reasons={r: n for r, n in zip(REASONS, ended[i], strict=True) if n},
            requests=requests[i],
            retries=retries[i],
            answers=answers.get(node.name, {}),
            latency=tally.histogram(i).percentile() if isinstance(node, Request) else None,
            options=dict(zip(ways(node), tally.options[i].tolist(), strict=True)) if ways(node) else {},
        )
        for i, node in enumerate(plan.nodes)
    )


def _answers(plan: Plan, tally: Tally) -> dict[str, dict[str, int]]:
    """Answers seen, by step and name."""
    found: dict[str, dict[str, int]] = {}
    for answer, users in zip(plan.answers, tally.answers.tolist(), strict=True):
        if users:
            mine = found.setdefault(answer.step, {})
            mine[answer.name] = mine.get(answer.name, 0) + users
    return found


def _edges(plan: Plan, tally: Tally) -> tuple[Edge, ...]:
    names = [*(n.name for n in plan.nodes), ""]
    return tuple(Edge(source=names[s], target=names[t], users=n) for (s, t), n in sorted(tally.edges.items()))


def _personas(plan: Plan, tally: Tally) -> tuple[PersonaStats, ...]:
    names, reached = [n.name for n in plan.nodes], tally.reached.tolist()
    return tuple(
        PersonaStats(
            persona=persona.name,
            users=int(tally.outcomes[i].sum()),
            completed=int(tally.outcomes[i, 0]),
            abandoned=int(tally.outcomes[i, 1]),
            failed=int(tally.outcomes[i, 2]),
            violations=int(tally.persona_violations[i]),
            time_to_complete=tally.complete[i].percentile(),
            reached=dict(zip(names, reached[i], strict=True)),
        )
        for i, persona in enumerate(plan.personas)
    )


def exercised(i: int, rule: Rule, tally: Tally) -> int:
    """Users on whom a rule was evaluated with the steps that it names really reached."""
    if len(rule.steps) == 1 and rule.kind not in ("within", "once_per"):
        return int(tally.reached[:, rule.steps[0]].sum())
    return int(tally.exercised[i])


def _verdict(i: int, rule: Rule, tally: Tally) -> Verdict:
    users = exercised(i, rule, tally) if rule.kind != "gate" else tally.users
    status: VerdictStatus = "holds"
    if tally.violations[i]:
        status = "broken"
    elif not users:
        status = "never_exercised"
    elif rule.kind == "sometimes" and not tally.seen[i]:
        status = "broken"
    first = next((user for user, number, *_ in tally.failures if number == i), None)
    return Verdict(
        name=rule.name,
        kind=rule.kind,
        expression=rule.expression,
        says=rule.says,
        status=status,
        violations=int(tally.violations[i]),
        exercised=users,
        first_user=first,
    )


def _gate(rule: Rule, verdict: Verdict, summary: Summary) -> Verdict:
    if rule.kind != "gate" or not summary.users:
        return verdict
    holds, value = evaluate(rule.expression, summary)
    return verdict.model_copy(update={"status": "holds" if holds else "broken", "value": value})


def _timeline(tally: Tally) -> Timeline:
    bins = tally.timeline.bins
    length = max((counts.size for counts in bins.values()), default=0)
    padded = {k: tuple(v.tolist()) + (0,) * (length - v.size) for k, v in bins.items()}
    return Timeline(
        bin_us=1 << tally.timeline.shift,
        **{name: padded.get(name, ()) for name in ("arrived", "completed", "abandoned", "failed", "violations")},
    )
