"""Model files that are read whole: added with their SHA-256, read again to see whether they changed; with progress."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from turbulence_app.domain.errors import CancelledError, InputError, Location
from turbulence_app.domain.events import Event, Progress
from turbulence_app.llm.models import ModelEntry, ModelRegistry
from turbulence_app.service import models

BLOCK = 4 * 2**20
EVERY_S = 0.1
HEX = frozenset("0123456789abcdef")
OnEvent = Callable[[Event], object]
ShouldStop = Callable[[], bool]


def add(
    home: Path, path: Path, name: str | None, expected: str, *, on_event: OnEvent, should_stop: ShouldStop
) -> ModelEntry:
    """Put a file on the list; where ``expected`` (SHA-256) is given, only if it is that file.

    Raises ``InputError`` for a file that is no usable model, or another one than expected; ``CancelledError``.
    """
    wanted = digest_of(expected)
    path = path.expanduser().absolute()
    models.check_file(path)
    if wanted:
        found = sha256(path, on_event, should_stop)
        if found != wanted:
            mend = "download it again, or look whether the publisher's digest is of this very file"
            raise InputError(f"its SHA-256 is {found[:16]}…, not {wanted[:16]}…", mend, Location(str(path)))
    return models.add_model(home, path, name)


def verify(home: Path, name: str, *, on_event: OnEvent, should_stop: ShouldStop) -> bool:
    """Whether the file of a model is still what was added."""
    entry = ModelRegistry(home).get(name)
    path = Path(entry.path)
    return path.is_file() and sha256(path, on_event, should_stop) == entry.sha256


def digest_of(text: str) -> str:
    """A SHA-256 as people paste it (``sha256:`` before it, blanks, capitals); empty for none. Raises ``InputError``."""
    plain = "".join(text.split()).lower().removeprefix("sha256:")
    if plain and (len(plain) != 64 or not HEX.issuperset(plain)):
        raise InputError(f"{text.strip()[:80]!r} is not a SHA-256", "it has 64 digits from 0 to f")
    return plain


def sha256(path: Path, on_event: OnEvent, should_stop: ShouldStop) -> str:
    """SHA-256 of a file, in hex, telling how far it is in bytes."""
    digest, done, size = hashlib.sha256(), 0, path.stat().st_size
    began = told = time.monotonic()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            done += len(block)
            now = time.monotonic()
            if should_stop():
                raise CancelledError("stopped while the file was read")
            if now - told >= EVERY_S:
                told, rate = now, done / (now - began)
                left = (size - done) / rate
                on_event(Progress(what=f"reading {path.name}", done=done, total=size, rate=rate, eta_s=left))
    return digest.hexdigest()
