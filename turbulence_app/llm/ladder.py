"""Which backends there are, best first, and which one a name means."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.llm import errors, gguf
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.backends.base import DocumentBackend, ShouldStop, TextBackend
from turbulence_app.llm.backends.llamacpp import LlamaCppBackend
from turbulence_app.llm.backends.ollama import OllamaBackend, OllamaSettings
from turbulence_app.llm.backends.ollama.server import ASK_S
from turbulence_app.llm.backends.ollama.wire import Watch
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.models import ModelEntry, ModelRegistry
from turbulence_app.llm.worker.client import MEND

BACKENDS = ("auto", "builtin", "llamacpp", "ollama", "rules")
MODES: dict[str, tuple[str, ...]] = {
    "builtin": ("embedding",),  # as the backend says, which is loaded only where it is used
    "llamacpp": LlamaCppBackend.modes,
    "ollama": OllamaBackend.modes,
    "rules": RulesBackend.modes,
}
"""The ways in which each backend can be asked; the first is the usual one."""
PROBE_S = 10.0
"""How long it is believed that an Ollama server is (or is not) there."""

_NEEDS_S = {"builtin": 0.2}

AUTO_SHARE = 0.25
"""Of the time that is left, for asking a server what it has: whoever comes after it needs time as well."""

Watching = Callable[[], Watch]
"""Gives a new watch over one look at a server."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One backend, ready to be asked in one mode, with all that names its answers."""

    name: str
    model: str
    digest: str
    version: str
    mode: str
    text: TextBackend | None = None
    document: DocumentBackend | None = None
    needs_s: float = 0.0
    """Seconds without which it is no use to ask it instead of another one."""


class Ladder:
    """Finds backends and keeps the running ones."""

    def __init__(
        self,
        registry: ModelRegistry,
        url: str | None,
        allowed: tuple[str, ...],
        threads: int | None,
        ollama: OllamaSettings | None = None,
    ) -> None:
        self.registry = registry
        self._ollama_settings = ollama or OllamaSettings()
        self._url, self._threads = url, threads
        self._allowed = (*allowed, *self._ollama_settings.allow_hosts)
        self._lock = threading.RLock()
        self._models: dict[tuple[str, str], LlamaCppBackend] = {}
        self._ollamas: dict[tuple[str, str], OllamaBackend] = {}
        self._builtin: DocumentBackend | None = None
        self._absent_until = 0.0

    def rungs(
        self,
        backend: str,
        model: str | None,
        mode: str | None,
        left: Callable[[], float] = lambda: ASK_S,
        should_stop: ShouldStop | None = None,
    ) -> Iterator[Rung]:
        """The backends to try, in order. One that is named and cannot be had raises; ``auto`` goes on to the next.
        A server that is asked what it has gets no more time than is ``left`` (seconds), and a stop is heard."""
        share = AUTO_SHARE if backend == "auto" else 1.0

        def watching() -> Watch:
            return Watch(min(ASK_S, share * left()), should_stop)

        if backend not in BACKENDS:
            raise InputError(f"no backend is called {backend!r}", f"use one of {', '.join(BACKENDS)}")
        if backend != "auto":
            if mode and mode not in MODES[backend]:
                raise InputError(f"{backend} has no mode {mode!r}", _other_ways(backend, mode))
            yield self._rung(backend, model, mode, watching)
            return
        if mode:
            raise InputError("a mode needs a backend", "add --backend llamacpp, for example")
        yield from self._auto(model, watching)

    def held(self, model: str) -> str:
        """What keeps the running process of a local model off the network, as it said itself; empty if none runs."""
        with self._lock:
            found = [backend.confinement for backend in self._models.values() if backend.model == model]
        return next((one.level if one.closed else "none" for one in found if one is not None), "")

    def close(self) -> None:
        """Ends all model processes."""
        with self._lock:
            for backend in self._models.values():
                backend.close()
            self._models.clear()
            self._ollamas.clear()

    def _auto(self, model: str | None, watching: Watching) -> Iterator[Rung]:
        offered = False
        for name in ("llamacpp", "ollama", "builtin"):
            if name == "builtin" and model and not offered:  # whoever names a model is told that another one answers
                yield self._broken("llamacpp", errors.ModelAbsentError(f"no model is called {model!r} here"))
            try:
                if self._hopeless(name, model):
                    continue
                rung = self._rung(name, model, None, watching)
            except errors.ModelAbsentError as error:
                if name == "builtin":  # it comes with the program: that it is not here must be said
                    yield self._broken(name, error)
                elif name == "ollama":
                    self._absent_until = time.monotonic() + PROBE_S
                continue
            except MachineError as error:
                if name == "ollama" and isinstance(error, errors.ModelTimeoutError):
                    self._absent_until = time.monotonic() + PROBE_S  # not everybody has to wait for it
                offered = True
                yield self._broken(name, error)
                continue
            offered = True
            yield rung
        yield self._rung("rules", None, None, watching)

    def _hopeless(self, name: str, model: str | None) -> bool:
        """What need not be tried: nobody set it up, or it was not there a moment ago."""
        if name == "llamacpp":
            return not llamacpp.installed() or self._file(model) is None
        return name == "ollama" and time.monotonic() < self._absent_until

    def _broken(self, name: str, error: MachineError) -> Rung:
        """A rung that fails when it is asked, so that the reason is noted like that of any other failure."""
        return Rung(name, "", "", "", MODES[name][0], document=_Broken(name, error))

    def _rung(self, name: str, model: str | None, mode: str | None, watching: Watching) -> Rung:
        mode = mode or MODES[name][0]
        if name == "llamacpp":
            return self._llamacpp(model, mode)
        if name == "ollama":
            return self._ollama(model, mode, watching())
        document = self._local() if name == "builtin" else RulesBackend()
        needs = _NEEDS_S.get(name, 0.0)
        return Rung(name, document.model, document.digest, "1", mode, document=document, needs_s=needs)

    def _llamacpp(self, model: str | None, mode: str) -> Rung:
        if not llamacpp.installed():
            raise errors.ModelAbsentError("llama-cpp-python is not installed", MEND)
        found = self._file(model)
        if found is None and model:
            found = self.registry.get(model)  # raises with the names that are known
        if found is None:
            raise errors.ModelAbsentError("no GGUF model was added", "add one with: turbulence models add FILE")
        backend = self._running(found)
        return Rung("llamacpp", backend.model, backend.digest(), backend.version(), mode, text=backend)

    def _running(self, found: ModelEntry | Path) -> LlamaCppBackend:
        """The backend of a file; the same file (size and time too) keeps its process."""
        path = Path(found.path) if isinstance(found, ModelEntry) else found
        gguf.read_header(path)
        key = (str(path), " ".join(map(str, gguf.fingerprint(path))))
        with self._lock:
            if key not in self._models:
                for other in [k for k in self._models if k[0] == key[0]]:
                    self._models.pop(other).close()
                name = found.name if isinstance(found, ModelEntry) else ""
                digest = self._content(path, found)
                self._models[key] = LlamaCppBackend(path, model=name, sha256=digest, threads=self._threads)
            return self._models[key]

    def _content(self, path: Path, found: ModelEntry | Path) -> str:
        """SHA-256 of the file. A model on the list whose content is another one now is refused, whatever its name."""
        if isinstance(found, ModelEntry) and found.present:
            return found.sha256
        digest = self.registry.trust.sha256(path)
        if isinstance(found, ModelEntry) and digest != found.sha256:
            raise errors.ModelFileError(f"{path}: not what was added as {found.name}", "add it again if that is right")
        return digest

    def _file(self, model: str | None) -> ModelEntry | Path | None:
        """What a name means: a path, a model on the list, the default one; None if nothing of that."""
        if model and (model.endswith(".gguf") or Path(model).is_file()):
            return gguf.located(model)
        known = self.registry.list()
        if model:
            return next((m for m in known if m.name == model), None)
        return next((m for m in known if m.default), None)

    def _ollama(self, model: str | None, mode: str, watch: Watch) -> Rung:
        backend = self._asked(model)
        found = backend.look(watch)
        return Rung("ollama", found.name, found.digest, backend.version(watch), mode, text=backend)

    def _asked(self, model: str | None) -> OllamaBackend:
        """The backend of a model of the server, kept: it knows how much context the model is loaded with."""
        said = self._ollama_settings
        made = OllamaBackend(model, url=self._url, allowed=self._allowed, keep_alive=said.keep, parallel=said.parallel)
        with self._lock:
            return self._ollamas.setdefault((made.url, made.asked), made)

    def _local(self) -> DocumentBackend:
        with self._lock:
            if self._builtin is None:
                try:
                    from turbulence_app.llm.backends.builtin import BuiltinBackend
                except ImportError as error:
                    raise errors.ModelAbsentError(f"the built-in model is not here: {error}", "install again") from None
                self._builtin = BuiltinBackend()
            return self._builtin


def _other_ways(backend: str, mode: str) -> str:
    """How to ask this backend, and which one could be asked like that."""
    able = [name for name, modes in MODES.items() if mode in modes]
    ways = f"use --mode {' or '.join(MODES[backend])}"
    return ways + (f", or --backend {' or '.join(able)}" if able else "")


class _Broken:
    """Stands for a backend that could not even be made ready."""

    modes: ClassVar[tuple[str, ...]] = ()
    digest = model = ""

    def __init__(self, name: str, error: MachineError) -> None:
        self.name, self._error = name, error

    def policy_document(self, *_: object) -> dict[str, object]:
        """Always fails, with the reason."""
        if isinstance(self._error, errors.ModelError):
            raise self._error
        raise errors.ModelError(self._error.problem.message, self._error.problem.mend)
