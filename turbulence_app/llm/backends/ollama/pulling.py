"""Having Ollama fetch a model, on the user's explicit word only.

It is Ollama that goes to the network, not this program; what the user agreed to, and that it was asked, is noted.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from turbulence_app.domain.errors import InputError
from turbulence_app.llm import errors
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.llm.backends.ollama import replies
from turbulence_app.llm.backends.ollama.server import OllamaServer, refuse_cloud
from turbulence_app.llm.backends.ollama.wire import Watch

REGISTRY = "registry.ollama.ai"
SILENT_S = 120.0
"""A download of which nothing is heard for this long has failed."""
MOST = 1_000_000_000
"""Bytes of progress lines; a day of them stays below."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(:\d{1,5}/[A-Za-z0-9._/-]+|/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?")
LONGEST_NAME = 250

Note = Callable[[str, str], object]
"""Writes a line into the ledger: the kind, and what happened."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """How far a download is: bytes so far and in all (0: not known yet), bytes a second, seconds left."""

    status: str
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's word that Ollama may fetch ``model`` from ``source``: there is no pull without one."""

    model: str
    source: str


def source_of(name: str) -> str:
    """The host from which Ollama would fetch a model. Raises ``InputError`` for what is no name of a model and
    :class:`ModelRefusedError` for a cloud one."""
    refuse_cloud(name)
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise InputError(f"{name[:80]!r} is not the name of a model", "for example: phi3:mini")
    first, *rest = name.split("/")
    return first if len(rest) >= 2 or (rest and ("." in first or ":" in first)) else REGISTRY


def pull(
    server: OllamaServer,
    consent: Consent,
    on_progress: Callable[[Pulled], object],
    note: Note,
    should_stop: ShouldStop | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Pulled:
    """Has the server fetch a model and follows it. Stopping closes the connection, at which the server stops; what it
    has stays for the next time. Raises :mod:`turbulence_app.llm.errors` types and ``CancelledError``."""
    if consent.source != source_of(consent.model):
        raise InputError(f"{consent.model} comes from {source_of(consent.model)}, not from {consent.source}")
    note(
        "ollama pull", f"{server.address} was asked to fetch {consent.model} from {consent.source}, by its own network"
    )
    watch = Watch(SILENT_S, should_stop)
    counting, last = _Counting(clock), Pulled("")
    with closing(server.stream("/api/pull", {"model": consent.model, "stream": True}, watch, most=MOST)) as parts:
        for part in parts:
            watch.renew(SILENT_S)
            last = counting.take(part)
            on_progress(last)
            if last.status == "success":
                return last
    raise errors.ModelBrokenError(f"Ollama did not finish fetching {consent.model}", "try again: what it has is kept")


class _Counting:
    """Sums the layers of a model and measures how fast they come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._began = clock, clock()
        self._layers: dict[str, tuple[int, int]] = {}
        self._first: int | None = None

    def take(self, part: dict[str, object]) -> Pulled:
        digest, total = replies.text(part.get("digest")), replies.number(part.get("total"))
        if digest and total and len(self._layers) < 10_000:
            self._layers[digest] = min(total, replies.number(part.get("completed"))), total
        done, whole = (sum(column) for column in zip(*self._layers.values(), strict=True)) if self._layers else (0, 0)
        if self._first is None and whole:
            self._first, self._began = done, self._clock()  # what was there from an earlier try is not speed
        seconds = self._clock() - self._began
        rate = (done - (self._first or 0)) / seconds if seconds > 0 else 0.0
        left = (whole - done) / rate if rate > 0 else None
        return Pulled(replies.text(part.get("status")), done, whole, rate, left)
