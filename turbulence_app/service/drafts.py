"""Drafts: what was typed and is in no file yet, kept so that a window that dies loses next to nothing.

They lie in the project's ``.turbulence/drafts``, or in the person's data where the project may not be written. Each
window has a folder there and holds its lock, so that what nobody holds was left behind by a window that is gone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from turbulence_app.home import private_folder
from turbulence_app.locks import hold
from turbulence_app.service.home import data_home

FORMAT = 1
FOLDER = "drafts"
MOST_BYTES = 16_000_000
"""A draft larger than this is not read back: nothing that is typed here comes near."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing that was edited. ``text`` is for reading and comparing, ``data`` for its editor (JSON, may be '').

    ``base`` is the :func:`digest` of what the file said when the edits began; ``at`` a UTC time in ISO form.
    """

    kind: str
    key: str
    title: str
    text: str
    data: str = ""
    base: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """A draft that a window left behind, and the file that holds it."""

    path: Path
    draft: Draft


def digest(text: str) -> str:
    """What ``Draft.base`` holds of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Shelf:
    """The drafts of one window on one project. Slow, like every disk: call it from a thread of its own."""

    def __init__(self, root: Path, home: Path | None = None) -> None:
        name = digest(str(root))[:16]
        self._places = (root / ".turbulence" / FOLDER, (home or data_home()) / FOLDER / name)
        self._own: Path | None = None
        self._lock: int | None = None

    def write(self, draft: Draft) -> None:
        """Keep a draft in the place of the older one of its kind and key. Raises ``MachineError``, ``OSError``."""
        from turbulence_app.formats.writer import write_atomic  # with all readers: not while a window starts

        document = {"turbulence_draft": FORMAT, **asdict(draft)}
        write_atomic(self._folder() / _name(draft.kind, draft.key), json.dumps(document), private=True)

    def remove(self, kind: str, key: str) -> None:
        """It was saved: the draft goes."""
        if self._own is not None:
            (self._own / _name(kind, key)).unlink(missing_ok=True)

    def left(self) -> list[Left]:
        """What windows that are gone left behind, newest first; folders in which nothing is left are tidied away."""
        found: list[Left] = []
        for folder in self._orphans():
            drafts = [Left(path, draft) for path in sorted(folder.glob("*.json")) if (draft := _read(path)) is not None]
            if drafts:
                found += drafts
            else:
                _tidy(folder)
        return sorted(found, key=lambda one: one.draft.at, reverse=True)

    def adopt(self, left: Left) -> bool:
        """Make a left draft one of this window; False where another window was quicker."""
        try:
            left.path.replace(self._folder() / left.path.name)
        except FileNotFoundError:
            return False
        _tidy(left.path.parent)
        return True

    def discard(self, left: Left) -> None:
        """Throw a left draft away."""
        left.path.unlink(missing_ok=True)
        _tidy(left.path.parent)

    def close(self) -> None:
        """The window leaves in peace; what it did not save stays for the next one."""
        if self._own is not None:
            _tidy(self._own)
            self._own = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _folder(self) -> Path:
        """This window's folder, made with the first draft. The lock comes first: a folder without one is nobody's."""
        if self._own is not None:
            return self._own
        name = secrets.token_hex(6)
        for number, place in enumerate(self._places):
            try:
                private_folder(place)
                self._lock = hold(place / f"{name}.lock")
                self._own = private_folder(place / name)
            except OSError:
                if number + 1 == len(self._places):
                    raise
            else:
                return self._own
        raise OSError("no place for drafts")

    def _orphans(self) -> Iterator[Path]:
        for place in self._places:
            with contextlib.suppress(OSError):
                for folder in sorted(path for path in place.iterdir() if path.is_dir()):
                    if folder == self._own:
                        continue
                    lock = hold(place / f"{folder.name}.lock")
                    if lock is not None:
                        os.close(lock)
                        yield folder


def _name(kind: str, key: str) -> str:
    return f"{kind}-{digest(f'{kind}/{key}')[:24]}.json"


def _read(path: Path) -> Draft | None:
    """None for what is no draft: half a file cannot be there, but a person may put anything into a folder."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        document = json.loads(path.read_text("utf-8"))
        if document.pop("turbulence_draft") != FORMAT:
            return None
        draft = Draft(**document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return draft if all(isinstance(value, str) for value in asdict(draft).values()) else None


def _tidy(folder: Path) -> None:
    """Remove a folder in which no draft is left; what an interrupted write left there goes with it."""
    with contextlib.suppress(OSError):
        if not any(folder.glob("*.json")):
            shutil.rmtree(folder, ignore_errors=True)
            folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)
