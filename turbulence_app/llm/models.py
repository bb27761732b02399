"""The list of local models: which GGUF files the user added, and what they are."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from turbulence_app.domain.errors import InputError, MachineError
from turbulence_app.home import home_directory
from turbulence_app.llm import gguf


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

    @property
    def present(self) -> bool:
        """Whether the file is still there, with the size and time that it had when it was added."""
        try:
            now = Path(self.path).stat()
        except OSError:
            return False
        return (now.st_size, now.st_mtime_ns) == (self.size_bytes, self.mtime_ns)


class ModelRegistry:
    """Reads and writes ``models.json`` under ``home``: whole, atomically, for the user alone."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or home_directory()
        self.file = self.home / "models.json"

    def list(self) -> tuple[ModelEntry, ...]:
        """All models, in the order in which they were added. Raises ``InputError`` if the file is damaged."""
        try:
            text = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{self.file}: cannot be read: {error}", "check its permissions, or delete it") from None
        try:
            return tuple(ModelEntry(**entry) for entry in json.loads(text)["models"])
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"{self.file}: damaged: {error}", "delete the file and add the models again") from None

    def add(self, path: Path, name: str | None = None) -> ModelEntry:
        """Adds a GGUF file (it stays where it is). The first one becomes the default; a known name is replaced."""
        path = path.expanduser().resolve()
        header = gguf.read_header(path)
        stat = path.stat()
        kept = self.list()
        chosen = (name or path.stem).strip()
        if not chosen or any(c in chosen for c in "/\\\n\r\t"):
            raise InputError(f"{chosen!r} is not a name for a model", "use letters, digits, dots and dashes")
        before = next((m for m in kept if m.name == chosen), None)
        entry = ModelEntry(
            name=chosen,
            path=str(path),
            architecture=header.architecture,
            parameters=header.parameters,
            quantisation=header.quantisation,
            context_length=header.context_length,
            size_bytes=header.size_bytes,
            ram_bytes=header.ram_bytes(),
            sha256=gguf.sha256(path),
            mtime_ns=stat.st_mtime_ns,
            added_at=datetime.now(UTC).isoformat(timespec="seconds"),
            default=before.default if before else not any(m.default for m in kept),
        )
        self._write((*(m for m in kept if m.name != chosen), entry))
        return entry

    def remove(self, name: str) -> ModelEntry:
        """Takes a model off the list (its file stays). The oldest of the rest becomes the default if it was it."""
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
        chosen = replace(self.get(name), default=True)
        self._write(tuple(chosen if m.name == name else replace(m, default=False) for m in self.list()))
        return chosen

    def verify(self, name: str) -> bool:
        """Reads the whole file again: true if it is still what was added."""
        model = self.get(name)
        path = Path(model.path)
        return path.is_file() and gguf.sha256(path) == model.sha256

    def _write(self, models: tuple[ModelEntry, ...]) -> None:
        document = json.dumps({"version": 1, "models": [asdict(m) for m in models]}, indent=1) + "\n"
        temporary = ""
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor, temporary = tempfile.mkstemp(dir=self.home, prefix=".models-")
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.file)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            raise MachineError(f"{self.file}: cannot be written: {error.strerror or error}", "free space?") from None
