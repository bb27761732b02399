"""The cache from outside: what is in it and what it is good for, and throwing some of it away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.insight.influence import wilson
from turbulence_app.llm.cache.counters import ENDS
from turbulence_app.service.models import Model
from turbulence_app.store.cache_shelf import CacheShelves, Shelf
from turbulence_app.store.database import Database

_UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d{1,6})([mhdw])")
ListModels = Callable[[], Sequence[Model]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to clear: everything, or what fits all that is given. ``older_than`` is a span such as ``30d``."""

    model: str | None = None
    kind: str | None = None
    older_than: str | None = None
    stale: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing is spared."""
        return self == Wanted()


def statistics(database: Database, models: ListModels, memory: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Everything about the project's cache, as plain data.

    - ``entries``, ``bytes``, ``oldest``, ``newest`` of what is stored, and ``shelves``: the same with ``hits`` by
      ``kind``, ``backend``, ``model`` and ``digest``; ``stale`` is true where that model is gone, null where that
      cannot be known (its server does not answer). ``stale``: ``entries`` and ``bytes`` of all such.
    - ``memory``: ``entries``, ``bytes`` and ``capacity`` in this process; null for a command.
    - counted over all processes since ``since`` (ISO, or null): ``requests``, ``hits`` (``raw``, ``canonical``,
      ``store``), ``similar``, ``joined``, ``misses``, ``hit_rate`` (hits and similar of all requests), ``evictions``,
      ``expired``, ``invalid``, ``store_errors``, ``gate_refusals``, ``tokens_saved``, ``ms_saved``.
    - ``false_hits``: similar answers ``audited`` by asking, those that ``disagreed``, and the 95 % interval of their
      share, ``low`` to ``high`` (Wilson, JASA 22, 1927).
    """
    shelves = CacheShelves(database)
    kept, counted = shelves.shelves(), shelves.counters()
    known = _digests(models()) if kept else {}
    rows = [{**asdict(shelf), "stale": _stale(shelf, known)} for shelf in kept]
    gone = [row for row in rows if row["stale"]]
    return {
        "entries": sum(shelf.entries for shelf in kept),
        "bytes": sum(shelf.bytes for shelf in kept),
        "oldest": min((shelf.oldest for shelf in kept), default=None),
        "newest": max((shelf.newest for shelf in kept), default=None),
        "stale": {name: sum(row[name] for row in gone) for name in ("entries", "bytes")},
        "shelves": rows,
        "memory": None if memory is None else dict(memory),
        **_totals(counted),
    }


def clear(database: Database, wanted: Wanted, models: ListModels, now: datetime | None = None) -> dict[str, int]:
    """Throw answers away; ``removed`` says how many. Clearing everything starts the counters anew too.

    Raises ``InputError`` for a span that cannot be read.
    """
    shelves = CacheShelves(database)
    before = None if wanted.older_than is None else _before(wanted.older_than, now or datetime.now(UTC))
    gone = _gone(shelves.shelves(), models) if wanted.stale else None
    removed = shelves.clear(model=wanted.model, kind=wanted.kind, before=before, digests=gone)
    if wanted.everything:
        shelves.forget_counters()
    return {"removed": removed}


def _totals(counted: Mapping[str, int]) -> dict[str, Any]:
    """The counters of all processes, in the words of :func:`statistics`."""

    def of(name: str) -> int:
        return counted.get(name, 0)

    hits = {level: of(f"{level}_hits") for level in ("raw", "canonical", "store")}
    requests = sum(of(end) for end in ENDS)
    low, high = wilson(of("disagreed"), of("audited"))
    named = ("evictions", "expired", "invalid", "store_errors", "gate_refusals", "tokens_saved")
    return {
        "since": _moment(counted.get("since")),
        "requests": requests,
        "hits": hits,
        "similar": of("similar"),
        "joined": of("joined"),
        "misses": of("misses"),
        "hit_rate": (sum(hits.values()) + of("similar")) / requests if requests else 0.0,
        **{name: of(name) for name in named},
        "ms_saved": of("us_saved") / 1000,
        "false_hits": {"audited": of("audited"), "disagreed": of("disagreed"), "low": low, "high": high},
    }


def _moment(seconds: int | None) -> str | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):  # a row that nobody of ours has written
        return None


def _digests(models: Sequence[Model]) -> dict[str, set[str]]:
    """By backend, the models that are there; a backend that does not answer is not among them."""
    found: dict[str, set[str]] = {"llamacpp": set()}
    for model in models:
        if model.digest and (model.available or model.backend == "llamacpp"):
            found.setdefault(model.backend, set()).add(_bare(model.digest))
    return found


def _stale(shelf: Shelf, known: Mapping[str, set[str]]) -> bool | None:
    return _bare(shelf.digest) not in known[shelf.backend] if shelf.backend in known else None


def _gone(shelves: Sequence[Shelf], models: ListModels) -> list[tuple[str, str]]:
    known = _digests(models()) if shelves else {}
    return [(shelf.backend, shelf.digest) for shelf in shelves if _stale(shelf, known)]


def _bare(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _before(span: str, now: datetime) -> str:
    """The moment so long ago, as the database writes moments."""
    found = _SPAN.fullmatch(span.strip().lower())
    if found is None:
        raise InputError(f"{span!r} is no span of time", "a number and m, h, d or w: 30d")
    seconds = int(found[1]) * _UNITS[found[2]]
    try:
        moment = now - timedelta(seconds=seconds)
    except OverflowError:
        raise InputError(f"{span!r} is before there were clocks", "a shorter span: 30d") from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
