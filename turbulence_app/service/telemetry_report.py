"""What the telemetry of the last minutes says, as plain data: for the window, ``models stats`` and ``--json``."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from turbulence_app.llm.telemetry import names
from turbulence_app.llm.telemetry.document import Document, merged
from turbulence_app.llm.telemetry.histogram import Histogram
from turbulence_app.llm.telemetry.minutes import Minute
from turbulence_app.llm.telemetry.thresholds import MEASURES, MINUTES
from turbulence_app.llm.telemetry.windows import Alarms, Windows
from turbulence_app.service.telemetry import thresholds
from turbulence_app.store.database import Database
from turbulence_app.store.telemetry import KEPT_DAYS, TelemetryStore

FRESH_S = 90.0
"""How long the state of breakers and queues is believed after it was told."""


def report(database: Database, minutes: int = 60, now: float | None = None) -> dict[str, Any]:
    """Everything about the last ``minutes``, whole minutes up to ``now`` (seconds since 1970).

    - ``from``, ``to``: first and last minute, in minutes since 1970 (UTC).
    - ``series``: one row per minute with traffic: ``minute``, and the fields of ``total`` that are numbers.
    - ``total``: ``requests``, ``answered``, ``hits`` and ``hit_rate`` (0..1), ``fallback_requests``,
      ``fallback_share``, ``error_requests``, ``error_share``, ``stopped``, ``retries``, ``repairs``,
      ``breaker_openings``, ``tokens_in``, ``tokens_out``, ``saved_ms``, ``saved_tokens``, ``p50_ms``, ``p95_ms``,
      ``p99_ms``, ``mean_ms``, ``max_ms``; counts by code: ``sources`` (see ``llm.telemetry.names.SOURCES``),
      ``operations``, ``fallbacks``, ``errors``, ``retried``.
    - ``by_source``: per source ``requests`` and the five ``*_ms``.
    - ``models``: per provider and model ``calls``, ``failed``, the five ``*_ms``, ``tokens_in``, ``tokens_out`` and
      ``tokens_per_s`` (written tokens over the time of good calls).
    - ``queue``: ``waited`` (requests) and the five ``*_ms`` of waiting for a place at a model.
    - ``windows``: for ``"1"``, ``"5"`` and ``"60"`` minutes ``requests`` and each measure of ``measures``.
    - ``alerts``, ``past_alerts``: see :meth:`turbulence_app.llm.telemetry.windows.Alarm.to_plain`; past ones have
      ``until`` too. Both look at the last hour, whatever ``minutes`` is.
    - ``thresholds``, ``measures``: what is watched, and what can be (name to words).
    - ``breakers``, ``queues``: how they stood within the last 90 s, in any process that uses this project.
    - ``kept``: ``rows``, ``bytes``, ``oldest`` (minute), ``days`` of what is stored.
    """
    moment = time.time() if now is None else now
    last = int(moment) // 60
    store = TelemetryStore(database)
    hour = _read(store, last - MINUTES[-1] - MINUTES[1], last)
    wanted = hour if minutes <= MINUTES[-1] else _read(store, last - minutes + 1, last)
    rows = _by_minute(row for row in wanted if row[0] > last - minutes)
    alarms = Alarms(thresholds(database))
    windows = alarms.replay([(min(m.at, moment), m.counted) for _, m in sorted(hour, key=lambda r: r[1].at)], moment)
    fresh = [minute for _, minute in hour if moment - minute.at < FRESH_S]
    return {
        "from": last - minutes + 1,
        "to": last,
        "series": [{"minute": minute, **_numbers(counted)} for minute, counted in sorted(rows.items())],
        **summary(merged(rows.values())),
        "windows": {str(length): _window(windows, length, moment) for length in MINUTES},
        "alerts": [alarm.to_plain() for alarm in alarms.on.values()],
        "past_alerts": list(alarms.past),
        "thresholds": [threshold.to_plain() for threshold in alarms.thresholds],
        "measures": {name: words for name, (words, _) in MEASURES.items()},
        "breakers": _states(fresh, "breakers"),
        "queues": _states(fresh, "queues"),
        "kept": {**store.stats(), "days": KEPT_DAYS},
    }


def summary(counted: Document) -> dict[str, Any]:
    """``total``, ``by_source``, ``models`` and ``queue`` of one document; see :func:`report`."""
    sources = counted.by(names.REQUEST_NS, names.SOURCE)
    waiting = counted.histogram(names.QUEUE_NS)
    return {
        "total": {
            **_numbers(counted),
            "sources": sources,
            "operations": counted.by(names.REQUEST_NS, names.OPERATION),
            "fallbacks": counted.by(names.FALLBACKS, names.REASON),
            "errors": counted.by(names.ERRORS, names.ERROR),
            "retried": counted.by(names.RETRIES, names.ERROR),
        },
        "by_source": {
            source: {"requests": number, **latency(counted.histogram(names.REQUEST_NS, {names.SOURCE: source}))}
            for source, number in sources.items()
        },
        "models": _models(counted),
        "queue": {"waited": waiting.count, **latency(waiting)},
    }


def latency(histogram: Histogram) -> dict[str, float]:
    """Quantiles in milliseconds of a histogram of nanoseconds."""
    quantiles = {f"p{share}_ms": histogram.quantile(share / 100) / 1e6 for share in (50, 95, 99)}
    return {**quantiles, "mean_ms": histogram.mean / 1e6, "max_ms": histogram.highest / 1e6}


def _numbers(counted: Document) -> dict[str, float]:
    sources = counted.by(names.REQUEST_NS, names.SOURCE)
    requests = sum(sources.values())
    hits = sum(sources.get(source, 0) for source in names.CACHED)
    fallbacks, failed = counted.total(names.FALLBACKS), counted.total(names.ERRORS)
    return {
        "requests": requests,
        "answered": requests - sum(sources.get(source, 0) for source in names.UNANSWERED),
        "hits": hits,
        "hit_rate": hits / requests if requests else 0.0,
        "fallback_requests": fallbacks,
        "fallback_share": fallbacks / requests if requests else 0.0,
        "error_requests": failed,
        "error_share": failed / requests if requests else 0.0,
        "stopped": sources.get("stopped", 0),
        "retries": counted.total(names.RETRIES),
        "repairs": counted.total(names.REPAIRS),
        "breaker_openings": counted.total(names.OPENED),
        "tokens_in": counted.histogram(names.TOKENS, {names.TOKEN_TYPE: "input"}).total,
        "tokens_out": counted.histogram(names.TOKENS, {names.TOKEN_TYPE: "output"}).total,
        "saved_ms": counted.total(names.SAVED_NS) / 1e6,
        "saved_tokens": counted.total(names.SAVED_TOKENS),
        **latency(counted.histogram(names.REQUEST_NS)),
    }


def _models(counted: Document) -> list[dict[str, Any]]:
    asked = {
        (parts.get(names.PROVIDER, ""), parts.get(names.MODEL, ""))
        for name, parts in map(names.parts, counted.histograms)
        if name == names.CALL_NS
    }
    return [_model(counted, provider, model) for provider, model in sorted(asked)]


def _model(counted: Document, provider: str, model: str) -> dict[str, Any]:
    which: Mapping[str, str] = {names.PROVIDER: provider, **({names.MODEL: model} if model else {})}
    calls, good = counted.histogram(names.CALL_NS, which), Histogram()
    for key, histogram in counted.histograms.items():
        name, attributes = names.parts(key)
        if name == names.CALL_NS and which.items() <= attributes.items() and names.ERROR not in attributes:
            good.merge(histogram)
    written = counted.histogram(names.TOKENS, {**which, names.TOKEN_TYPE: "output"}).total
    return {
        "provider": provider,
        "model": model,
        "calls": calls.count,
        "failed": calls.count - good.count,
        **latency(calls),
        "tokens_in": counted.histogram(names.TOKENS, {**which, names.TOKEN_TYPE: "input"}).total,
        "tokens_out": written,
        "tokens_per_s": written / (good.total / 1e9) if good.total else 0.0,
    }


def _read(store: TelemetryStore, first: int, last: int) -> list[tuple[int, Minute]]:
    read = ((row.minute, Minute.from_json(row.document)) for row in store.rows(first, last))
    return [(minute, found) for minute, found in read if found is not None]


def _by_minute(rows: Any) -> dict[int, Document]:
    found: dict[int, Document] = {}
    for minute, row in rows:
        found.setdefault(minute, Document()).merge(row.counted)
    return found


def _window(windows: Windows, minutes: int, now: float) -> dict[str, float]:
    document = windows.over(minutes, now)
    measured = {name: measure(document) for name, (_, measure) in MEASURES.items()}
    return {"requests": document.total(names.REQUEST_NS), **measured}


def _states(fresh: Sequence[Minute], what: str) -> list[dict[str, Any]]:
    """The latest word on each breaker or queue; the worse one where processes differ in the same moment."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for minute in sorted(fresh, key=lambda one: one.at):
        rows = minute.state.get(what)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                found[str(row.get("backend", "")), str(row.get("digest", ""))] = {**row, "at": minute.at}
    return [found[key] for key in sorted(found)]
