"""Numbers of the live preview, out of summaries."""

from __future__ import annotations

from dataclasses import dataclass

from turbulence_app.domain.run import StepStats, Summary
from turbulence_app.gui.widgets.funnel import FunnelRow

SHOWN_TYPES = frozenset({"http", "wait", "form", "grpc", "think"})
REASONS = {
    "left": "decided to leave",
    "step_patience": "lost patience with a step",
    "visit_patience": "ran out of time",
    "step_failed": "a step failed",
    "assertion_failed": "a check failed",
    "max_steps": "went in circles",
}


@dataclass(frozen=True, slots=True)
class Headline:
    """One number, its change against the approved policy (in words) and whether that is good."""

    label: str
    value: str
    delta: str = ""
    good: bool | None = None


def funnel_rows(summary: Summary, baseline: Summary | None) -> list[FunnelRow]:
    """Steps that everybody passes who completes, then those who complete; shares of all users."""
    before = {step.step: step for step in baseline.funnel} if baseline is not None else {}
    rows = [
        FunnelRow(
            label=step.step.replace("_", " "),
            value=step.reached / max(1, summary.users),
            count=step.reached,
            baseline=_share(before.get(step.step), baseline),
            reason=_reasons(step),
        )
        for step in summary.funnel
        if step.type in SHOWN_TYPES and _everybody_passes(step, summary, before.get(step.step), baseline)
    ]
    done = FunnelRow(
        label="completed",
        value=summary.completion,
        count=summary.completed,
        baseline=baseline.completion if baseline is not None else None,
    )
    return [*rows, done]


def headlines(summary: Summary, baseline: Summary | None) -> list[Headline]:
    """Completion, median time, and where and why most leave."""
    change = "" if baseline is None else _points(summary.completion - baseline.completion)
    better = None if not change else summary.completion > (baseline.completion if baseline else 0)
    made = [Headline("complete", f"{summary.completion:.0%}", change, better)]
    if summary.time_to_complete.n:
        made.append(_time(summary, baseline))
    where = main_exit(summary)
    if where is not None:
        step, share, reason = where
        made.append(Headline(f"leave at {step.replace('_', ' ')}", f"{share:.0%}", reason))
    return made


def main_exit(summary: Summary) -> tuple[str, float, str] | None:
    """The step at which most visits end without completing: its name, the share of users, the main reason in words."""
    lost = [(step, _lost(step)) for step in summary.funnel]
    lost = [(step, count) for step, count in lost if count > 0]
    if not lost or not summary.users:
        return None
    step, count = max(lost, key=lambda item: item[1])
    reasons = {name: n for name, n in step.reasons.items() if name in REASONS}
    reason = max(reasons, key=lambda name: reasons[name]) if reasons else ""
    return step.step, count / summary.users, REASONS.get(reason, "")


def milliseconds(value: float) -> str:
    """A time with the unit that suits it."""
    if value < 1000:
        return f"{value:.0f} ms"
    if value < 120_000:
        return f"{value / 1000:.1f} s" if value < 10_000 else f"{value / 1000:.0f} s"
    return f"{value / 60_000:.1f} min"


def _lost(step: StepStats) -> int:
    return sum(count for reason, count in step.reasons.items() if reason in REASONS)


def _reasons(step: StepStats) -> str:
    said = [f"{count:,} {REASONS[name]}" for name, count in step.reasons.items() if name in REASONS and count]
    return ", ".join(said)


def _share(step: StepStats | None, summary: Summary | None) -> float | None:
    if summary is None or not summary.users:
        return None
    return (step.reached if step is not None else 0) / summary.users


def _everybody_passes(step: StepStats, summary: Summary, before: StepStats | None, baseline: Summary | None) -> bool:
    if step.reached < summary.completed or not step.reached:
        return False
    return baseline is None or before is None or before.reached >= baseline.completed


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
