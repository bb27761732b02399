"""Model files that are read whole: added with their SHA-256, read again to see whether they changed; with progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from turbulence_app.domain.errors import CancelledError, InputError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.gguf import OnRead, located
from turbulence_app.llm.models import ModelEntry, ModelRegistry

EVERY_S = 0.1
OnEvent = Callable[[Event], object]
ShouldStop = Callable[[], bool]


def add(
    home: Path, path: Path, name: str | None, expected: str, *, on_event: OnEvent, should_stop: ShouldStop
) -> ModelEntry:
    """Put a file on the list; where ``expected`` (SHA-256) is given, only if it is that file.

    Raises ``InputError`` for a file that is no usable model, or another one than expected; ``CancelledError``.
    """
    path = located(path)
    try:
        return ModelRegistry(home).add(
            path, name, sha256="".join(expected.split()), on_read=_reading(path, on_event, should_stop)
        )
    except ModelFileError as error:
        raise InputError(error.problem.message, error.problem.mend) from error


def verify(home: Path, name: str, *, on_event: OnEvent, should_stop: ShouldStop) -> bool:
    """Whether the file of a model is still what was added."""
    registry = ModelRegistry(home)
    return registry.verify(name, _reading(Path(registry.get(name).path), on_event, should_stop))


def trust(home: Path, name: str, *, on_event: OnEvent, should_stop: ShouldStop) -> ModelEntry:
    """Vouch for the content of a model, after it was read again. Raises ``InputError`` where it changed."""
    registry = ModelRegistry(home)
    return registry.vouch(name, _reading(Path(registry.get(name).path), on_event, should_stop))


def _reading(path: Path, on_event: OnEvent, should_stop: ShouldStop) -> OnRead:
    """Tells how far the reading is, in bytes; raises ``CancelledError`` when the user stops."""
    began = told = time.monotonic()

    def read(done: int) -> None:
        nonlocal told
        if should_stop():
            raise CancelledError("stopped while the file was read")
        now = time.monotonic()
        if now - told >= EVERY_S:
            told, rate, size = now, done / (now - began), path.stat().st_size
            on_event(
                Progress(
                    what=f"reading {path.name}", done=done, total=size, rate=rate, eta_s=(size - done) / rate,
                    unit="bytes",
                )
            )  # fmt: skip

    return read
