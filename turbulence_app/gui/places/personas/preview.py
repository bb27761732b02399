"""Numbers of the live preview, out of summaries."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.policy import Policy
from turbulence_app.domain.run import StepStats, Summary
from turbulence_app.domain.workflow import Workflow
from turbulence_app.gui.widgets.funnel import FunnelRow
from turbulence_app.insight.words import percent

SHOWN_TYPES = frozenset({"http", "wait", "form", "grpc", "think"})
REASONS = {
    "left": "by choice",
    "step_patience": "out of patience",
    "visit_patience": "out of time",
    "step_failed": "a step failed",
    "assertion_failed": "a check failed",
    "max_steps": "in circles",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One number, its change against the approved policy (in words) and whether that is good."""

    label: str
    value: str
    delta: str = ""
    good: bool | None = None


def funnel_rows(summary: Summary, baseline: Summary | None) -> list[FunnelRow]:
    """Steps that everybody passes who comes further, then those who complete; shares of all users."""
    before = {step.step: step for step in baseline.funnel} if baseline is not None else {}
    kept: list[StepStats] = []
    further, further_before = summary.completed, baseline.completed if baseline is not None else 0
    for step in reversed(summary.funnel):
        was = before[step.step].reached if step.step in before else further_before
        if step.type in SHOWN_TYPES and step.reached >= max(1, further) and was >= further_before:
            kept.append(step)
            further, further_before = step.reached, was
    rows = [
        FunnelRow(
            label=step.step.replace("_", " "),
            value=step.reached / max(1, summary.users),
            count=step.reached,
            baseline=_share(before.get(step.step), baseline),
            reason=_reasons(step),
        )
        for step in reversed(kept)
    ]
    done = FunnelRow(
        label="completed",
        value=summary.completion,
        count=summary.completed,
        baseline=baseline.completion if baseline is not None else None,
    )
    return [*rows, done]


def unfit(policy: Policy, workflow: Workflow) -> bool:
    """Whether a policy chooses what its workflow does not offer any more: it was made for an earlier one."""
    offered = {step.decision: set(step.options) for step in workflow.decisions().values()}
    return any(
        name in offered and not set(decision.options) <= offered[name] for name, decision in policy.decisions.items()
    )


def headlines(summary: Summary, baseline: Summary | None) -> list[Headline]:
    """Completion, median time, and where and why most leave."""
    change = "" if baseline is None else _points(summary.completion - baseline.completion)
    better = None if not change else summary.completion > (baseline.completion if baseline else 0)
    made = [Headline("complete", percent(summary.completion), change, better)]
    if summary.time_to_complete.n:
        made.append(_time(summary, baseline))
    where = main_exit(summary)
    if where is not None:
        step, share, reason = where
        made.append(Headline(f"leave {step}", percent(share), reason))
    return made


def main_exit(summary: Summary) -> tuple[str, float, str] | None:
    """Where most visits end without completing: "after" or "at" a step, the share of users, the main reason in words.

    What ends at an ``end`` step or a branch is counted for the request or form before it.
    """
    lost: dict[str, dict[str, int]] = {}
    place = "at the start"
    for step in summary.funnel:
        if step.type in SHOWN_TYPES:
            place = step.step.replace("_", " ")
        here = {name: count for name, count in step.reasons.items() if name in REASONS and count}
        if here:
            where = f"at {place}" if step.type in SHOWN_TYPES else f"after {place}"
            known = lost.setdefault(where, {})
            for name, count in here.items():
                known[name] = known.get(name, 0) + count
    if not lost or not summary.users:
        return None
    where, reasons = max(lost.items(), key=lambda item: sum(item[1].values()))
    return where, sum(reasons.values()) / summary.users, REASONS[max(reasons, key=lambda name: reasons[name])]


def milliseconds(value: float) -> str:
    """A time with the unit that suits it."""
    if value < 1000:
        return f"{value:.0f} ms"
    if value < 120_000:
        return f"{value / 1000:.1f} s" if value < 10_000 else f"{value / 1000:.0f} s"
    return f"{value / 60_000:.1f} min"


def _reasons(step: StepStats) -> str:
    said = [f"{count:,} {REASONS[name]}" for name, count in step.reasons.items() if name in REASONS and count]
    return ", ".join(said)


def _share(step: StepStats | None, summary: Summary | None) -> float | None:
    if summary is None or not summary.users:
        return None
    return (step.reached if step is not None else 0) / summary.users


def _points(difference: float) -> str:
    points = round(difference * 100)
    return f"{points:+d}".replace("-", "−") if points else ""


def _time(summary: Summary, baseline: Summary | None) -> Headline:
    median = summary.time_to_complete.p50
    if baseline is None or not baseline.time_to_complete.n:
        return Headline("median time", milliseconds(median))
    difference = median - baseline.time_to_complete.p50
    if abs(difference) < 500:
        return Headline("median time", milliseconds(median))
    sign = "+" if difference > 0 else "−"
    return Headline("median time", milliseconds(median), f"{sign}{milliseconds(abs(difference))}", difference < 0)
