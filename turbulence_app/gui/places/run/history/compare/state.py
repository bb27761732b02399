"""A comparison as charts and tables show it. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turbulence_app.domain.comparison import Comparison, Flip, KindChange, LatencyChange, ShareChange, VerdictChange
from turbulence_app.gui.widgets.funnel import FunnelRow
from turbulence_app.insight.words import percent

VERDICT_WORDS = {"holds": "holds", "broken": "broken", "never_exercised": "never exercised", "": "–"}
VERDICT_TOKEN = {"holds": "good", "broken": "bad", "never_exercised": "warn", "": "dim"}


@dataclass(frozen=True, slots=True)
class DeltaRow:
    """A difference with its interval, in shares; ``tone`` colours it where it is more than chance."""

    key: str
    label: str
    value: float
    low: float
    high: float
    tone: str
    tip: str


def points(value: float) -> str:
    """``+1.20``: a difference of shares in points of a hundred."""
    return f"{100 * value:+.2f}"


def interval_words(share: ShareChange) -> str:
    """``−0.10 to +0.90``."""
    return f"{points(share.low)} to {points(share.high)}"


def share_words(share: ShareChange) -> str:
    """Both sides."""
    return f"{percent(share.before, 1)} → {percent(share.after, 1)}"


def delta_rows(shares: Sequence[ShareChange], *, good_up: bool = True) -> list[DeltaRow]:
    """Differences as rows of a chart; ``good_up``: more is better."""
    return [
        DeltaRow(
            f"{share.persona}/{share.name}",
            share.persona.replace("_", " ") if share.persona and share.name == "completes" else
            " · ".join(part for part in (share.name, share.persona.replace("_", " ")) if part),
            share.difference,
            share.low,
            share.high,
            tone_of(share, good_up=good_up),
            f"{share_words(share)} of {share.after_of:,}; {points(share.difference)} points ({interval_words(share)})",
        )
        for share in shares
    ]  # fmt: skip


def tone_of(share: ShareChange, *, good_up: bool = True) -> str:
    """Good, bad, or nothing to tell."""
    if not share.moved:
        return "dim"
    return "good" if (share.difference > 0) == good_up else "bad"


def funnel_rows(found: Comparison) -> list[FunnelRow]:
    """The second run's funnel over the first one's."""
    return [FunnelRow(share.name, share.after, share.after_count, share.before) for share in found.funnel]


def pairing_words(found: Comparison) -> str:
    """How people were compared."""
    return "Same people, same draws" if found.paired else f"Two crowds: {found.unpaired_because}"


def flipped_words(found: Comparison) -> str:
    """``412 completed → abandoned · 38 abandoned → completed``."""
    parts = [
        f"{count:,} {key.replace('>', ' → ')}" for key, count in sorted(found.flipped.items(), key=lambda i: -i[1])
    ]
    return " · ".join(parts) or "Nobody fared differently."


def end_words(flip: Flip) -> tuple[str, str]:
    """How each visit ended, and where."""
    return (
        f"{flip.before} at {flip.before_step}" if flip.before_step else flip.before,
        f"{flip.after} at {flip.after_step}" if flip.after_step else flip.after,
    )


def flip_token(flip: Flip) -> str:
    """Better or worse."""
    return "good" if flip.after == "completed" else "bad" if flip.before == "completed" else "warn"


def verdict_words(change: VerdictChange, *, after: bool) -> str:
    """One side of an invariant."""
    status, count = (change.after, change.after_violations) if after else (change.before, change.before_violations)
    sign = {"holds": "✓ ", "broken": "✕ "}.get(status, "")
    return f"{sign}{VERDICT_WORDS[status]}" + (f" ({count:,})" if count else "")


def latency_words(change: LatencyChange, *, after: bool) -> str:
    """One side of a step's latencies."""
    side = change.after if after else change.before
    return f"{side.p50:,.0f} · {side.p95:,.0f} · {side.p99:,.0f}" if side else "–"


def latency_difference(change: LatencyChange) -> str:
    """How much longer the slow ones take."""
    if change.before is None or change.after is None or not change.before.p95:
        return ""
    return f"{100 * (change.after.p95 / change.before.p95 - 1):+.1f} %"


def kind_words(kind: KindChange) -> str:
    """New, gone, more, fewer, the same."""
    if not kind.before:
        return "new"
    if not kind.after:
        return "gone"
    return "as often" if kind.after == kind.before else "more" if kind.after > kind.before else "fewer"


def kind_token(kind: KindChange) -> str:
    """New ones matter most."""
    return {"new": "bad", "gone": "good", "more": "warn", "fewer": "good", "as often": "dim"}[kind_words(kind)]
