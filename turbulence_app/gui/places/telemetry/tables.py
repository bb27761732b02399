"""The Telemetry place's tables: columns as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from turbulence_app.gui.places.telemetry.state import (
    SOURCE_WORDS,
    AlarmRow,
    ReasonRow,
    SourceRow,
    breaker_opened,
    breaker_words,
    count,
    duration,
    moment,
    share,
    who,
)
from turbulence_app.gui.widgets.rows import Column, RowsView

Row = Mapping[str, Any]


def source_view() -> RowsView[SourceRow]:
    """Who answered."""
    return RowsView(
        "Who answered",
        "Where answers came from in this time, and how long each kind took.",
        [
            Column("answered by", lambda r: r.words, stretch=True),
            Column("requests", lambda r: count(r.requests), mono=True),
            Column("share", lambda r: share(r.share), mono=True),
            Column("p50", lambda r: duration(r.p50_ms), mono=True),
            Column("p95", lambda r: duration(r.p95_ms), mono=True),
        ],
    )


def breaker_view() -> RowsView[Row]:
    """Breakers of the last minute and a half."""
    return RowsView(
        "Breakers",
        "A model that fails five times in a row, or half of the time, is left alone for a while and then tried again.",
        [
            Column("model", lambda r: who(str(r.get("backend", "")), str(r.get("model", ""))), stretch=True),
            Column("breaker", lambda r: breaker_words(r)[0], lambda r: breaker_words(r)[1], tip=_breaker_tip),
            Column("opened", breaker_opened, lambda _r: "dim", mono=True),
        ],
    )


def _breaker_tip(row: Row) -> str:
    """Open: nobody asks this model; half-open: one question tests it."""
    meaning = {
        "open": "Nobody asks this model until the time is over; the next best answers meanwhile.",
        "half_open": "One question is let through; if it is answered, the model is asked again as usual.",
        "closed": "The model is asked as usual.",
    }.get(str(row.get("state")), "")
    counted = f"{row.get('failures', 0)} of {row.get('calls', 0)} calls failed within 30 s"
    return f"{meaning}\n{counted}, {row.get('consecutive', 0)} in a row"


def alarm_view(now: Callable[[], float]) -> RowsView[AlarmRow]:
    """Alarms of the last hour."""
    return RowsView(
        "Alarms",
        "What exceeded a limit within the last hour; those that still do come first.",
        [
            Column("since", lambda r: moment(r.since, now()), mono=True),
            Column("until", lambda r: moment(r.until, now()) if r.until else "now", lambda r: "" if r.until else "bad"),
            Column("alarm", lambda r: r.name.replace("_", " "), lambda r: "dim" if r.until else "bad"),
            Column("what was seen", lambda r: r.says, stretch=True),
        ],
    )


def request_view() -> RowsView[Row]:
    """The last requests, one by one."""
    return RowsView(
        "Latest requests",
        "The last requests of this window, newest first. What was asked is not kept anywhere.",
        [
            Column("request", lambda r: str(r.get("id", ""))[:12], mono=True, tip=lambda r: str(r.get("id", ""))),
            Column("for", lambda r: str(r.get("operation", ""))),
            Column("answered by", _answered, _answered_token, stretch=True),
            Column("time", lambda r: duration(float(r.get("ms", 0))), mono=True),
            Column("waited", lambda r: duration(float(r.get("waited_ms", 0))), mono=True),
            Column("calls", lambda r: str(r.get("calls", 0)), mono=True),
            Column("tokens in", lambda r: count(float(r.get("tokens_in", 0))), mono=True),
            Column("out", lambda r: count(float(r.get("tokens_out", 0))), mono=True),
        ],
    )


def _answered(row: Row) -> str:
    if row.get("error"):
        return str(row["error"]).replace("_", " ")
    named = who(str(row.get("provider", "")), str(row.get("model", "")))
    source = str(row.get("source", ""))
    words = SOURCE_WORDS.get(source, source)
    fallen = [str(code).replace("_", " ") for code in row.get("fallbacks", ())]
    via = f" after {', '.join(fallen)}" if fallen else ""
    return f"{words}: {named}{via}" if row.get("provider") and source not in ("builtin", "rules") else f"{words}{via}"


def _answered_token(row: Row) -> str:
    return "bad" if row.get("error") else "warn" if row.get("fallbacks") else ""


def model_view() -> RowsView[Row]:
    """Calls by model."""
    return RowsView(
        "Models",
        "Questions that were really put to a model: how many, how many failed, how fast it read and wrote.",
        [
            Column("model", lambda r: who(str(r["provider"]), str(r["model"])), stretch=True),
            Column("calls", lambda r: count(r["calls"]), mono=True),
            Column("failed", lambda r: count(r["failed"]), lambda r: "bad" if r["failed"] else "", mono=True),
            Column("p50", lambda r: duration(r["p50_ms"]), mono=True),
            Column("p95", lambda r: duration(r["p95_ms"]), mono=True),
            Column("p99", lambda r: duration(r["p99_ms"]), mono=True),
            Column("tokens in", lambda r: count(r["tokens_in"]), mono=True),
            Column("out", lambda r: count(r["tokens_out"]), mono=True),
            Column("tokens/s", lambda r: f"{r['tokens_per_s']:.1f}" if r["tokens_per_s"] else "", mono=True),
        ],
    )


def reason_view() -> RowsView[ReasonRow]:
    """Why there were fallbacks, errors and further tries."""
    return RowsView(
        "Reasons",
        "Why somebody else answered, nobody did, or a model was asked again.",
        [
            Column("what happened", lambda r: r.what, lambda r: "bad" if r.what == "no answer" else ""),
            Column("because", lambda r: r.words, stretch=True),
            Column("code", lambda r: r.code, mono=True),
            Column("times", lambda r: count(r.times), mono=True),
        ],
    )
