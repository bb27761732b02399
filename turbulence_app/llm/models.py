"""The list of local models: which GGUF files the user added, and what they are."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.home import home_directory
from turbulence_app.llm import gguf, memory
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.private_file import alone, write_private
from turbulence_app.llm.trust import State, Trust, digest

CONTEXT = 4096
"""Tokens of context that a model gets, unless it was made for fewer."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One GGUF file. Sizes in bytes, ``ram_bytes`` an estimate at a context of 4,096 tokens."""

    name: str
    path: str
    architecture: str
    parameters: int
    quantisation: str
    context_length: int
    size_bytes: int
    ram_bytes: int
    sha256: str
    mtime_ns: int
    added_at: str
    default: bool = False
    inode: int = 0
    pinned: bool = False
    """The user gave the digest when the file was added: another content is never used."""

    @property
    def present(self) -> bool:
        """Whether the file is still there, with the size, time and inode that it had when it was added."""
        try:
            size, changed, inode = gguf.fingerprint(Path(self.path))
        except OSError:
            return False
        same = (size, changed) == (self.size_bytes, self.mtime_ns)
        return same and self.inode in (0, inode)


_KINDS = {field.name: {"str": str, "int": int, "bool": bool}[str(field.type)] for field in fields(ModelEntry)}


def _entry(found: dict[str, Any]) -> ModelEntry:
    """An entry of the file. Raises ``TypeError`` for what no program of ours has written."""
    for name, value in found.items():
        if type(value) is not _KINDS.get(name):
            raise TypeError(f"{name} is {value!r}"[:80])
    return ModelEntry(**found)


def memory_fit(entry: ModelEntry, context: int = CONTEXT) -> memory.Fit:
    """Whether the model fits into the memory that is free now. Raises ``ModelFileError`` if its file is gone."""
    header = gguf.read_header(Path(entry.path))
    return memory.fit(header, min(context, header.context_length or context))


class ModelRegistry:
    """Reads and writes ``models.json`` under ``home``: whole, atomically, for the user alone."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or home_directory()
        self.file = self.home / "models.json"
        self.trust = Trust(self.home)

    def list(self) -> tuple[ModelEntry, ...]:
        """All models, in the order in which they were added. Raises ``InputError`` if the file is damaged."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{self.file}: cannot be read: {error}", "check its permissions, or delete it") from None
        try:
            return tuple(_entry(one) for one in json.loads(text)["models"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise InputError(f"{self.file}: damaged: {error}", "delete the file and add the models again") from None

    def add(
        self, path: Path, name: str | None = None, *, sha256: str = "", on_read: gguf.OnRead | None = None
    ) -> ModelEntry:
        """Adds a GGUF file (it stays where it is). The first one becomes the default; a known name is replaced.

        With ``sha256``, a file of any other content is refused, and this one is trusted from now on.
        """
        path = gguf.located(path)
        wanted = digest(sha256) if sha256 else ""
        header = gguf.read_header(path)
        self.list()  # a damaged list is said before a large file is read
        chosen = (name or path.stem).strip()
        if not chosen or not chosen.isprintable() or "/" in chosen or "\\" in chosen:
            raise InputError(f"{chosen!r} is not a name for a model", "use letters, digits, dots and dashes")
        size, changed, inode = gguf.fingerprint(path)
        found = self.trust.sha256(path, again=True, on_read=on_read)
        if wanted and found != wanted:
            raise ModelFileError(
                f"{path}: its SHA-256 is {found}, not {wanted}", "download it again, or ask whoever gave you the digest"
            )
        entry = ModelEntry(
            name=chosen,
            path=str(path),
            architecture=header.architecture,
            parameters=header.parameters,
            quantisation=header.quantisation,
            context_length=header.context_length,
            size_bytes=size,
            ram_bytes=header.ram_bytes(min(CONTEXT, header.context_length or CONTEXT)),
            sha256=found,
            mtime_ns=changed,
            added_at=datetime.now(UTC).isoformat(timespec="seconds"),
            inode=inode,
            pinned=bool(wanted),
        )
        if wanted:
            self.trust.add(found, chosen)
        with alone(self.file):
            kept = self.list()
            before = next((m for m in kept if m.name == chosen), None)
            entry = replace(entry, default=before.default if before else not any(m.default for m in kept))
            self._write((*(m for m in kept if m.name != chosen), entry))
        return entry

    def remove(self, name: str) -> ModelEntry:
        """Takes a model off the list (its file stays). The oldest of the rest becomes the default if it was it."""
        with alone(self.file):
            gone = self.get(name)
            rest = [m for m in self.list() if m.name != name]
            if gone.default and rest:
                rest[0] = replace(rest[0], default=True)
            self._write(tuple(rest))
        return gone

    def get(self, name: str) -> ModelEntry:
        """The model of that name. Raises ``InputError`` naming those that are there."""
        known = self.list()
        for model in known:
            if model.name == name:
                return model
        names = ", ".join(m.name for m in known) or "none yet"
        raise InputError(f"no model is called {name!r} (known: {names})", "add it with: turbulence models add FILE")

    def default(self) -> ModelEntry | None:
        """The model that is used where none is named."""
        return next((m for m in self.list() if m.default), None)

    def set_default(self, name: str) -> ModelEntry:
        """Makes a model the default."""
        with alone(self.file):
            chosen = replace(self.get(name), default=True)
            self._write(tuple(chosen if m.name == name else replace(m, default=False) for m in self.list()))
        return chosen

    def verify(self, name: str, on_read: gguf.OnRead | None = None) -> bool:
        """Reads the whole file again: true if it is still what was added (a new time or place on the disk is noted)."""
        model = self.get(name)
        path = Path(model.path)
        if not path.is_file() or self.trust.sha256(path, again=True, on_read=on_read) != model.sha256:
            return False
        size, changed, inode = gguf.fingerprint(path)
        fresh = replace(model, size_bytes=size, mtime_ns=changed, inode=inode)
        if fresh != model:
            with alone(self.file):
                self._write(tuple(fresh if m == model else m for m in self.list()))
        return True

    def vouch(self, name: str, on_read: gguf.OnRead | None = None) -> ModelEntry:
        """The user trusts this model's content. Raises ``InputError`` if the file is not what was added."""
        model = self.get(name)
        if not self.verify(name, on_read):
            raise InputError(f"{model.path} is no longer what was added", "look where it came from; then add it again")
        self.trust.add(model.sha256, name)
        return model

    def state(self, entry: ModelEntry) -> State:
        """What is known of a model's content; ``changed`` by size, time and inode, without reading it."""
        if not entry.present:
            return "changed"
        return "verified" if entry.sha256 in self.trust.known() else "unknown"

    def _write(self, models: tuple[ModelEntry, ...]) -> None:
        write_private(self.file, {"version": 1, "models": [asdict(m) for m in models]})
