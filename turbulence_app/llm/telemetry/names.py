"""The closed list of what may be counted. Names are OpenTelemetry's (GenAI semantic conventions) where it has one.

A value is a code, a model's name or a number. Whatever looks like anything else becomes ``other``: neither a prompt
nor a path nor a name of a person can get into telemetry through an attribute.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

OPERATION = "gen_ai.operation.name"
MODEL = "gen_ai.request.model"
PROVIDER = "gen_ai.provider.name"
TOKEN_TYPE = "gen_ai.token.type"
ERROR = "error.type"
SOURCE = "turbulence.source"
"""Where an answer came from: one of :data:`SOURCES`."""
REASON = "turbulence.reason"
"""Why there was a fallback: a code of :mod:`turbulence_app.llm.errors`, or ``invalid``."""
ATTRIBUTES = frozenset({OPERATION, MODEL, PROVIDER, TOKEN_TYPE, ERROR, SOURCE, REASON})

CALL_NS = "gen_ai.client.operation.duration"
"""One call to a model."""
TOKENS = "gen_ai.client.token.usage"
REQUEST_NS = "turbulence.request.duration"
"""One request to the gateway, whoever answered it."""
QUEUE_NS = "turbulence.queue.duration"
"""Waiting for a place at the model."""
FALLBACKS = "turbulence.fallbacks"
ERRORS = "turbulence.errors"
"""Requests that ended without an answer; those that the user stopped are not among them."""
RETRIES = "turbulence.retries"
REPAIRS = "turbulence.repairs"
OPENED = "turbulence.breaker.opened"
SAVED_NS = "turbulence.saved.duration"
"""What the same answers took when a model made them."""
SAVED_TOKENS = "turbulence.saved.tokens"
HISTOGRAMS = frozenset({CALL_NS, TOKENS, REQUEST_NS, QUEUE_NS})
COUNTERS = frozenset({FALLBACKS, ERRORS, RETRIES, REPAIRS, OPENED, SAVED_NS, SAVED_TOKENS})

CACHED = ("cache_l0", "cache_l1", "cache_l2", "cache_similar", "joined")
"""Sources for which no model was asked: three levels of the cache, a similar question, somebody else's flight."""
UNANSWERED = ("none", "stopped")
"""Requests that ended with an error, and those that the user stopped."""
SOURCES = (*CACHED, "model", "repaired", "mended", "builtin", "rules", *UNANSWERED)

OTHER = "other"
_CODE = re.compile(r"[a-z][a-z0-9_.]{0,31}")
_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,79}(/[A-Za-z0-9._:+-]{1,80}){0,2}")
_SERIES = re.compile(r"([a-z_.]+)\{(.*)\}")


def clean(attribute: str, value: str) -> str:
    """The value, if it is one that this attribute may have; else ``other``. Raises ``ValueError`` for the name."""
    if attribute not in ATTRIBUTES:
        raise ValueError(f"{attribute!r} is not an attribute of telemetry")
    allowed = _MODEL if attribute == MODEL else _CODE
    return value if allowed.fullmatch(value) else OTHER


def series(name: str, attributes: Mapping[str, str]) -> str:
    """The key of one series: ``name{attribute=value,...}``, attributes in order; empty values are left out."""
    return _series(name, tuple(attributes.items()))


@functools.lru_cache(1024)
def _series(name: str, attributes: tuple[tuple[str, str], ...]) -> str:
    if name not in HISTOGRAMS and name not in COUNTERS:
        raise ValueError(f"{name!r} is not a name of telemetry")
    inner = ",".join(f"{key}={clean(key, value)}" for key, value in sorted(attributes) if value)
    return f"{name}{{{inner}}}"


@functools.lru_cache(4096)
def parts(key: str) -> tuple[str, dict[str, str]]:
    """Name and attributes of a key. Raises ``ValueError`` for what :func:`series` cannot have made."""
    found = _SERIES.fullmatch(key)
    if found is None:
        raise ValueError("not a series")
    pairs = [pair.partition("=") for pair in found[2].split(",") if pair]
    attributes = {name: value for name, _, value in pairs}
    if series(found[1], attributes) != key:
        raise ValueError("not a series of ours")
    return found[1], attributes
