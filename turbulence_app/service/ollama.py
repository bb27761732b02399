"""Use cases on an Ollama server: what it has in memory, unloading, and a download that the user agreed to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.domain.events import Event, Log, Progress
from turbulence_app.domain.project import ModelDefaults
from turbulence_app.llm import errors
from turbulence_app.llm.backends.ollama import (
    Consent,
    OllamaBackend,
    OllamaServer,
    Pulled,
    Running,
    check_host,
    server_url,
    source_of,
)
from turbulence_app.llm.backends.ollama import pull as fetched
from turbulence_app.privacy import egress, ledger
from turbulence_app.service.gateways import settings_of
from turbulence_app.service.person import filled_models
from turbulence_app.service.projects import model_defaults

GONE_S = 10.0
"""How long it is watched whether a model leaves the memory: it first finishes what it does."""
LOAD_S = 600.0
"""Time for loading a model."""
LOOK_S = 0.05
TOLD_S = 0.05
"""Seconds between two signs of progress."""

ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class InMemory:
    """What a server has loaded. ``cloud_off``: whether its own cloud features are off; None where it does not say."""

    url: str
    running: tuple[Running, ...]
    cloud_off: bool | None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is in memory now. ``load_ms``: what that took."""

    model: str
    load_ms: float


@dataclass(frozen=True, slots=True)
class Fetched:
    """A model that a server fetched."""

    model: str
    source: str
    bytes: int


@contextmanager
def reached(root: Path | None) -> Iterator[OllamaServer]:
    """The server that the environment names, if it is on this machine or on the list of the project in ``root``, and
    this process may talk to it meanwhile. Raises ``InputError`` and :class:`ModelRefusedError`."""
    settings = model_defaults(root) if root else filled_models(ModelDefaults())
    server = OllamaServer(allowed=settings.allow_hosts)
    before = set(egress.allowed())
    if not server.address.local:
        egress.lock((server.address.host,))
    try:
        yield server
    finally:
        if not server.address.local:
            egress.withdraw({server.address.host} - before)


def permit(allow_hosts: tuple[str, ...]) -> None:
    """Lets this process reach the server that the environment names, where it is on the project's list: both the user
    and the project must want it. Nothing happens for a server on this machine, or for one that is refused."""
    with contextlib.suppress(KnownError):
        address = check_host(server_url(), allow_hosts)
        if not address.local:
            egress.lock((address.host,))


def in_memory(root: Path | None) -> InMemory:
    """What the server has loaded now."""
    with reached(root) as server:
        return InMemory(str(server.address), server.running(), server.cloud_is_off())


def load(root: Path | None, model: str | None = None, should_stop: ShouldStop = lambda: False) -> Loaded:
    """Loads a model before it is needed, as the project says how long it stays. Raises
    :mod:`turbulence_app.llm.errors` types and ``CancelledError``."""
    said = settings_of(model_defaults(root) if root else filled_models(ModelDefaults())).ollama
    with reached(root) as server:
        backend = OllamaBackend(
            model, url=str(server.address), allowed=said.allow_hosts, keep_alive=said.keep, parallel=said.parallel
        )
        return Loaded(backend.look().name, backend.warm(LOAD_S, should_stop))


def unload(root: Path | None, model: str | None = None, should_stop: ShouldStop = lambda: False) -> tuple[str, ...]:
    """Takes a model (or all) out of the server's memory and waits until it is out. Returns what was there.

    Raises ``InputError`` for a model that is not loaded, and :class:`ModelBusyError` for one that does not leave.
    """
    with reached(root) as server:
        wanted = _loaded(server, model)
        for name in wanted:
            server.unload(name)
        until = time.monotonic() + GONE_S
        while (left := {one.name for one in server.running()} & set(wanted)) and not should_stop():
            if time.monotonic() > until:
                raise errors.ModelBusyError(f"{', '.join(sorted(left))} is still at work", "it is unloaded after that")
            time.sleep(LOOK_S)
        return wanted


def consent(model: str, source: str | None = None) -> Consent:
    """The user's word for one download. ``source``: the host that the user was told; it must be the one that counts.

    Raises ``InputError`` for what is no model's name or where the source is another, :class:`ModelRefusedError` for a
    model that runs in a cloud.
    """
    found = source_of(model)
    if source is not None and source != found:
        raise InputError(f"{model} would come from {found}, not from {source}", "ask again")
    return Consent(model, found)


def pull(
    root: Path | None, agreed: Consent, on_event: Callable[[Event], object], should_stop: ShouldStop = lambda: False
) -> Fetched:
    """Has the server fetch a model, over its own network. That it was asked stands in the ledger, and is told.

    Stopped, the server keeps what it has. A model that turns out to run elsewhere is refused (it stays unused).
    """

    def note(kind: str, detail: str) -> None:
        ledger.note(kind, detail)
        on_event(Log(level="info", source="ollama", message=detail))

    told = _Telling(agreed.model, on_event)
    with reached(root) as server:
        last = fetched(server, agreed, told, note, should_stop)
        told.last()
        if server.show(agreed.model).remote:
            raise errors.ModelRefusedError(f"{agreed.model} runs in a cloud", f"remove it: ollama rm {agreed.model}")
    return Fetched(agreed.model, agreed.source, last.done)


def _loaded(server: OllamaServer, model: str | None) -> tuple[str, ...]:
    there = tuple(one.name for one in server.running())
    if model is None:
        return there
    wanted = model if ":" in model.rpartition("/")[2] else f"{model}:latest"
    if wanted not in there:
        known = ", ".join(there) or "nothing is"
        raise InputError(f"{model} is not in the server's memory ({known})", "see: turbulence models ps")
    return (wanted,)


class _Telling:
    """Progress as events, not too many of them."""

    def __init__(self, model: str, on_event: Callable[[Event], object]) -> None:
        self._model, self._on_event = model, on_event
        self._told, self._status = 0.0, ""
        self._waiting: Progress | None = None

    def __call__(self, now: Pulled) -> None:
        what = f"Ollama fetches {self._model}" + (f": {now.status}" if not now.total else "")
        self._waiting = Progress(
            what=what, done=now.done, total=now.total, rate=now.rate, eta_s=now.eta_s, unit="bytes"
        )
        if time.monotonic() - self._told >= TOLD_S or now.status != self._status:
            self._status = now.status
            self.last()

    def last(self) -> None:
        if self._waiting is not None:
            self._on_event(self._waiting)
            self._told, self._waiting = time.monotonic(), None
