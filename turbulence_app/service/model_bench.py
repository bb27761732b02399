"""The model bench: any local model on the persona benchmark, so that a person can choose one.

A model that fails is a row with its reason; a stop keeps what was done. Answers come past every cache.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.bench import BenchResult
from turbulence_app.domain.benchmark import Benchmark
from turbulence_app.domain.errors import InputError
from turbulence_app.domain.events import BenchMeasured
from turbulence_app.formats.benchmark import load_benchmark
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.resources import resource_path
from turbulence_app.service.bench_asking import Subject
from turbulence_app.service.bench_row import SECONDS, OnEvent, Row, Terms
from turbulence_app.service.models import Model, list_models
from turbulence_app.store.benches import BenchStore
from turbulence_app.store.database import Database, opened


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to measure. No ``models``: all that can answer here. ``personas`` None: a few for language models."""

    models: tuple[str, ...] = ()
    backend: str | None = None
    mode: str | None = None
    personas: int | None = None
    full: bool = False
    seed: int = 42
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        if math.isnan(self.seconds):
            raise InputError("seconds are no number", f"for example {SECONDS:g}")


def shipped() -> Benchmark:
    """The persona benchmark that comes with the program."""
    return load_benchmark(resource_path("benchmark"))


def subjects(found: Sequence[Model], wanted: Wanted) -> list[Subject]:
    """Whom to measure, in the order of the list. Raises ``InputError`` for a name that nothing has."""
    if not wanted.models:
        usable = [m for m in found if m.available and wanted.backend in (None, m.backend)]
        if not usable:
            raise InputError(f"no model of {wanted.backend} can be asked", "`turbulence models list` says why")
        return [Subject(m.backend, m.name or None, _mode(m.backend, wanted.mode)) for m in usable]
    return [_subject(name, found, wanted) for name in wanted.models]


def bench(home: Path, wanted: Wanted, *, on_event: OnEvent, should_stop: ShouldStop) -> tuple[BenchResult, ...]:
    """Measure; each row is stored as soon as it is there. Ends early (with the rows so far) when asked to stop."""
    chosen = subjects(list_models(home), wanted)
    benchmark, rows = shipped(), list[BenchResult]()
    terms = Terms(wanted.personas, wanted.full, wanted.seed, wanted.seconds)
    with _results(home) as database:
        for number, subject in enumerate(chosen, start=1):
            if should_stop():
                break

            def tell(result: BenchResult, row: int = number) -> None:
                on_event(BenchMeasured(result=result, row=row, rows=len(chosen)))

            measured = Row(home, subject, benchmark, terms, tell, on_event, should_stop).measure()
            if measured.done or measured.status == "failed":
                BenchStore(database).save(measured)
            rows.append(measured)
            tell(measured)
    return tuple(rows)


def results(home: Path) -> tuple[BenchResult, ...]:
    """What was measured on this and other machines of the person's data folder, newest first."""
    with _results(home) as database:
        return BenchStore(database).list()


def forget(home: Path, backend: str, model: str) -> int:
    """Drop the results of a model (its digest, else its name); returns how many there were."""
    with _results(home) as database:
        return BenchStore(database).forget(backend, model)


@contextmanager
def _results(home: Path) -> Iterator[Database]:
    with opened(home / "turbulence.db") as database:
        yield database


def _mode(backend: str, mode: str | None) -> str | None:
    return mode if backend in ("llamacpp", "ollama") else None


def _subject(name: str, found: Sequence[Model], wanted: Wanted) -> Subject:
    if wanted.backend is not None:
        own = wanted.backend in ("builtin", "rules")
        return Subject(wanted.backend, None if own else name, _mode(wanted.backend, wanted.mode))
    for model in found:
        if name and name in (model.name, f"{model.backend}/{model.name}", model.backend if not model.name else ""):
            return Subject(model.backend, model.name, _mode(model.backend, wanted.mode))
    if name in ("builtin", "rules"):
        return Subject(name)
    if name.endswith(".gguf"):
        return Subject("llamacpp", name, wanted.mode)
    known = ", ".join(m.name for m in found if m.name and m.available) or "none"
    raise InputError(f"no model is called {name!r}", f"there are: {known}; or name a GGUF file")
