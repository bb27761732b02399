"""Faults in words, and which fields each kind has. Qt-free; a fault here is the plain data of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.domain.faults import FaultKind

Plain = Mapping[str, Any]

SAYS: dict[FaultKind, str] = {
    "latency": "The answer comes later.",
    "timeout": "No answer comes within this time, whatever the service does.",
    "error_status": "The service answers with an error and does not act.",
    "request_lost": "The request never arrives: the service does not act, no answer comes.",
    "response_lost": "The service acts, and its answer never arrives.",
    "duplicate": "The request arrives twice: the service acts twice.",
    "reorder": "The request arrives after one that was sent later.",
    "truncated_body": "Only the first part of the answer's body arrives.",
    "corrupt_body": "Bytes of the answer's body are changed on the way.",
    "stale_read": "A read answers with what was true before.",
    "connection_reset": "The connection breaks off before the answer is complete.",
    "partition": "For a while nothing gets through in either direction.",
    "crash": "The application stops and starts again; what is not durable is lost.",
    "gray": "Slow at times, failing at times: half broken, as real services are.",
    "clock_skew": "The application's clock goes wrong.",
    "quiet": "No fault strikes in this window: everything must recover.",
}

EXTRA: dict[FaultKind, tuple[str, ...]] = {
    "latency": ("add_ms",),
    "timeout": ("timeout_after_ms",),
    "error_status": ("status",),
    "truncated_body": ("keep_bytes",),
    "crash": ("at_seconds", "down_seconds"),
    "partition": ("at_seconds", "down_seconds"),
    "gray": ("add_ms",),
    "clock_skew": ("skew_seconds", "at_seconds", "down_seconds"),
}
"""Fields that only this kind has."""
WHERE = ("step", "service", "persona")
LIKELY = ("probability", "nth", "when")
WINDOW = ("from_seconds", "to_seconds")
TIMELY: frozenset[FaultKind] = frozenset({"quiet", "crash", "clock_skew"})
"""Kinds that happen at a time, not to a request."""
FRESH: dict[FaultKind, dict[str, Any]] = {
    "latency": {"add_ms": 1000},
    "timeout": {"timeout_after_ms": 5000},
    "error_status": {"status": 500},
    "gray": {"add_ms": 2000},
    "crash": {"at_seconds": 30, "down_seconds": 2},
    "partition": {"at_seconds": 30, "down_seconds": 5},
    "clock_skew": {"skew_seconds": 3600, "at_seconds": 30},
    "quiet": {"from_seconds": 60, "to_seconds": 90},
}
"""What a new fault of a kind starts with."""
ALL_FIELDS = (
    "name", *WHERE, *LIKELY, *WINDOW, "at_seconds", "down_seconds", "add_ms", "latency_ms", "timeout_after_ms",
    "status", "skew_seconds", "keep_bytes",
)  # fmt: skip


def fields_of(kind: FaultKind) -> tuple[str, ...]:
    """The fields that a kind has, in the order of the form."""
    if kind in TIMELY:
        return ("name", *EXTRA.get(kind, ()), *(WINDOW if kind == "quiet" else ("probability",)))
    return ("name", *EXTRA.get(kind, ()), *WHERE, *LIKELY, *WINDOW)


def for_kind(data: Plain, kind: FaultKind) -> dict[str, Any]:
    """The data of a fault that becomes another kind: what the new kind has stays, what it lacks goes."""
    made: dict[str, Any] = {"kind": kind, **{key: data[key] for key in data if key in fields_of(kind)}}
    return {**FRESH.get(kind, {}), **made}


def fresh(kind: FaultKind) -> dict[str, Any]:
    """A new fault of a kind; one that strikes requests strikes one in a hundred."""
    return for_kind({} if kind in TIMELY or kind == "partition" else {"probability": 0.01}, kind)


def in_order(data: Plain) -> dict[str, Any]:
    """The data as a file likes it: kind and name first, and nothing that is empty."""
    given = {key: data[key] for key in ("kind", *ALL_FIELDS) if data.get(key) not in (None, "")}
    if given.get("probability") == 1:
        del given["probability"]
    return given


def label(data: Plain) -> str:
    """The fault's name, else kind and place, as everywhere."""
    place = data.get("step") or data.get("service") or "every step"
    return str(data.get("name") or f"{data.get('kind')} on {place}")


def where_words(data: Plain) -> str:
    """Where it strikes."""
    place = data.get("step") or data.get("service") or ("all" if data.get("kind") in TIMELY else "any step")
    return f"{place}, {data['persona']} only" if data.get("persona") else str(place)


def percent(share: float) -> str:
    """``3 %``, ``0.6 %``."""
    return f"{share * 100:.4g} %"


def likely_words(data: Plain) -> str:
    """How likely it is where it may strike."""
    share = float(data.get("probability", 1.0))
    if data.get("kind") == "quiet":
        return ""
    said = [percent(share)]
    if data.get("nth"):
        said.append(f"request {data['nth']} of a user")
    if data.get("when"):
        said.append(f"if {data['when']}")
    return ", ".join(said)


def window_words(data: Plain, always: str = "throughout") -> str:
    """When it may strike, in seconds of the run."""
    said: list[str] = []
    at = data.get("at_seconds")
    if at is not None:
        moments = at if isinstance(at, list | tuple) else [at]
        said.append("at " + ", ".join(f"{float(moment):g} s" for moment in moments))
    if data.get("down_seconds") is not None:
        said.append(f"for {float(data['down_seconds']):g} s")
    low, high = data.get("from_seconds"), data.get("to_seconds")
    if low is not None or high is not None:
        said.append(f"{float(low or 0):g} s to {'the end' if high is None else f'{float(high):g} s'}")
    return ", ".join(said) or always


def strength_words(data: Plain) -> str:
    """What it does, in numbers, where the kind has any."""
    said: list[str] = []
    amount = data.get("add_ms", data.get("latency_ms"))
    if amount is not None:
        said.append(f"+{quantity_words(amount)} ms")
    if data.get("timeout_after_ms") is not None:
        said.append(f"{data['timeout_after_ms']} ms")
    if data.get("status") is not None:
        said.append(f"status {data['status']}")
    if data.get("keep_bytes") is not None:
        said.append(f"{data['keep_bytes']} bytes kept")
    if data.get("skew_seconds") is not None:
        said.append(f"{float(data['skew_seconds']):+g} s")
    return ", ".join(said)


def quantity_words(value: Any) -> str:
    """A quantity in short: ``900``, ``100…400`` from lowest to highest, or from median to 95th percentile."""
    if isinstance(value, Mapping):
        if "min" in value:
            return f"{value['min']:g}…{value['max']:g}"
        if "p50" in value:
            return f"{value['p50']:g}…{value['p95']:g}"
        middle = value.get("mean", value.get("median"))
        return f"{middle:g} ({value.get('kind')})" if middle is not None else str(value.get("kind", "?"))
    return f"{float(value):g}"
