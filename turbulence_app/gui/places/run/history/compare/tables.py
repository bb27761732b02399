"""The tables of a comparison."""

from __future__ import annotations

from turbulence_app.domain.comparison import InputChange, KindChange, LatencyChange, VerdictChange
from turbulence_app.gui.places.run.history.compare.state import (
    VERDICT_TOKEN,
    kind_token,
    kind_words,
    latency_difference,
    latency_words,
    verdict_words,
)
from turbulence_app.gui.widgets.rows import Column, RowsView


def inputs_view() -> RowsView[InputChange]:
    """What went in differently."""
    view: RowsView[InputChange] = RowsView(
        "What went in differently",
        "Number by number; what is not listed was the same in both",
        [
            Column("part", lambda c: c.area),
            Column("what", lambda c: c.what, stretch=True),
            Column("before", lambda c: c.before or "–", mono=True),
            Column("after", lambda c: c.after or "–", mono=True),
        ],
    )
    view.set_empty("Nothing: both ran on the very same inputs.")
    return view


def verdicts_view() -> RowsView[VerdictChange]:
    """Invariants on both sides."""
    return RowsView(
        "Invariants in both runs",
        "What must hold, in the first run and in the second",
        [
            Column("invariant", lambda v: v.name, stretch=True),
            Column("before", lambda v: verdict_words(v, after=False), lambda v: VERDICT_TOKEN[v.before], stretch=True),
            Column("after", lambda v: verdict_words(v, after=True), lambda v: VERDICT_TOKEN[v.after], stretch=True),
        ],
    )


def latencies_view() -> RowsView[LatencyChange]:
    """Latencies on both sides."""
    return RowsView(
        "Latencies in both runs",
        "p50 · p95 · p99 of what people waited for one request, milliseconds",
        [
            Column("step", lambda c: c.step, stretch=True),
            Column("before p50 · p95 · p99, ms", lambda c: latency_words(c, after=False), mono=True),
            Column("after p50 · p95 · p99, ms", lambda c: latency_words(c, after=True), mono=True),
            Column("p95", latency_difference, mono=True),
        ],
    )


def kinds_view() -> RowsView[KindChange]:
    """Kinds of failure on both sides."""
    view: RowsView[KindChange] = RowsView(
        "Kinds of failure in both runs",
        "The same invariant, at the same step, by the same persona; a click shows it in Failures",
        [
            Column("", kind_words, kind_token, spoken="in which run"),
            Column("invariant", lambda k: k.invariant, stretch=True),
            Column("at", lambda k: k.step or "the end"),
            Column("persona", lambda k: k.persona.replace("_", " ")),
            Column("before", lambda k: f"{k.before:,}", mono=True),
            Column("after", lambda k: f"{k.after:,}", mono=True),
        ],
    )
    view.set_empty("Neither run broke anything.")
    return view
