"""What a reader of a live run's numbers must know: troubles on the wire, shortened thinking, a driver that was late."""

from __future__ import annotations

from collections import Counter

from turbulence_app.domain.run import Percentile, Summary

SHARE = 0.1
"""A lag above this share of the median latency is worth a note."""
TOLD = 5
"""Different troubles that are told, the most frequent first."""


def notes_on(summary: Summary, troubles: Counter[str], scale: float) -> list[str]:
    """The notes of a run; ``troubles`` count why answers did not come, ``scale`` is that of think times."""
    notes = [f"{what} ({times} times)" for what, times in troubles.most_common(TOLD)]
    if scale != 1.0:
        notes.append(f"think times took {scale:g} of what they are; waits are as they were")
    lag, median = summary.driver_lag, median_latency(summary)
    if lag is not None and median > 0 and lag.p95 > SHARE * median:
        notes.append(
            f"the driver was late: p95 {lag.p95:.1f} ms beside a median latency of {median:.1f} ms, which counts it"
            " in; fewer people at once, or a faster machine, measure the service better"
        )
    return notes


def median_latency(summary: Summary) -> float:
    """The median of the steps' medians, weighed by requests (milliseconds); 0 where nothing was asked."""
    found: list[Percentile] = sorted((s.latency for s in summary.funnel if s.latency and s.latency.n), key=_p50)
    half, seen = sum(latency.n for latency in found) / 2, 0
    for latency in found:
        seen += latency.n
        if seen >= half:
            return latency.p50
    return 0.0


def _p50(latency: Percentile) -> float:
    return latency.p50
