"""Verdicts and faults as tables."""

from __future__ import annotations

from turbulence_app.domain.run import FaultStats, Verdict
from turbulence_app.gui.widgets.rows import Column, RowsView

STATUS_TOKEN = {"done": "good", "failed": "bad", "interrupted": "warn", "cancelled": "warn"}
VERDICT_TOKEN = {"holds": "good", "broken": "bad", "never_exercised": "warn"}
VERDICT_WORDS = {"holds": "holds", "broken": "broken", "never_exercised": "never exercised"}


def _exercised(verdict: Verdict) -> str:
    if verdict.kind == "gate":
        return verdict.value
    return f"{verdict.exercised:,} user{'s' * (verdict.exercised != 1)}" if verdict.exercised else "nobody"


def verdict_view() -> RowsView[Verdict]:
    """Invariants and what they came to."""
    return RowsView(
        "Invariants",
        "What must hold, and whether it did. Never exercised means: nobody came where it could have broken.",
        [
            Column("invariant", lambda v: v.name),
            Column("verdict", lambda v: VERDICT_WORDS[v.status], lambda v: VERDICT_TOKEN[v.status]),
            Column("violations", lambda v: f"{v.violations:,}" if v.kind not in ("sometimes", "gate") else ""),
            Column("exercised by", _exercised, lambda v: "warn" if v.status == "never_exercised" else ""),
            Column("kind", lambda v: v.kind.replace("_", " ")),
            Column("rule", lambda v: v.says or v.expression, stretch=True),
        ],
    )


def effect_words(stats: FaultStats) -> str:
    """What a fault did: how often it struck, and whether that changed anything for anybody."""
    if stats.kind == "quiet":
        return ""
    if not stats.struck:
        return "never struck"
    struck = f"struck {stats.struck:,}"
    if stats.changed is None:
        return struck
    return f"{struck}, changed {stats.changed:,}" if stats.changed else f"{struck}, changed nothing"


def effect_token(stats: FaultStats) -> str:
    """Amber for a fault that made no difference."""
    return "warn" if stats.kind != "quiet" and (not stats.struck or stats.changed == 0) else ""


def fault_view() -> RowsView[FaultStats]:
    """Faults and what they did."""
    return RowsView(
        "Faults of the run",
        "How often each fault struck, and for how many users that made a difference.",
        [
            Column("fault", lambda f: f.label),
            Column("kind", lambda f: f.kind.replace("_", " ")),
            Column("struck", _times, effect_token),
            Column("users", lambda f: f"{f.users:,}" if f.users else ""),
            Column("changed something for", _changed, effect_token),
            Column("", _fault_remark, effect_token, stretch=True, spoken="remark"),
        ],
    )


def _times(stats: FaultStats) -> str:
    return "" if stats.kind == "quiet" else f"{stats.struck:,} times" if stats.struck else "never"


def _changed(stats: FaultStats) -> str:
    if stats.kind == "quiet" or not stats.struck:
        return ""
    return "not counted" if stats.changed is None else f"{stats.changed:,} users" if stats.changed else "nobody"


def _fault_remark(stats: FaultStats) -> str:
    if stats.kind == "quiet":
        return "No fault strikes in its window."
    if not stats.struck:
        return "Nobody came where and when it could have struck."
    return "It struck and changed nothing: it tests nothing here." if stats.changed == 0 else ""
