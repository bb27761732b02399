"""Every model that could answer here: the built-in one, files on the list, an Ollama server, and none at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.ollama import Entry, OllamaServer, server_url
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.models import ModelEntry, ModelRegistry
from turbulence_app.llm.worker.client import MEND


@dataclass(frozen=True, slots=True)
class Model:
    """One way to compile personas. ``size_bytes`` 0 means unknown; ``why`` says why it is not ``available``."""

    backend: str
    name: str
    available: bool
    default: bool = False
    detail: str = ""
    why: str = ""
    mend: str = ""
    digest: str = ""
    size_bytes: int = 0
    path: str = ""


def list_models(home: Path) -> list[Model]:
    """In the order in which ``auto`` tries them. Asks the Ollama server on this machine, if there is one."""
    files = [_file(entry) for entry in ModelRegistry(home).list()]
    return [
        *(files or [_no_file()]),
        *_ollama(),
        _builtin(),
        Model("rules", "rules", True, detail="no model: keywords and defaults"),
    ]


def add_model(home: Path, path: Path, name: str | None = None) -> ModelEntry:
    """Put a GGUF file on the list. Raises ``InputError`` for a file that is none: the call was wrong."""
    try:
        return ModelRegistry(home).add(path, name)
    except ModelFileError as error:
        raise InputError(error.problem.message, error.problem.mend) from error


def remove_model(home: Path, name: str) -> ModelEntry:
    """Take a model off the list; its file stays."""
    return ModelRegistry(home).remove(name)


def default_model(home: Path, name: str) -> ModelEntry:
    """Use this model where none is named."""
    return ModelRegistry(home).set_default(name)


def verify_model(home: Path, name: str) -> bool:
    """Read the whole file again: whether it is still what was added."""
    return ModelRegistry(home).verify(name)


def _file(entry: ModelEntry) -> Model:
    why, mend = "", ""
    if not entry.present:
        why, mend = "the file is gone or was changed", "add it again with `turbulence models add`"
    elif not llamacpp.installed():
        why, mend = "llama-cpp-python is not installed", MEND
    detail = f"{entry.architecture} {entry.parameters / 1e9:.1f}B {entry.quantisation}, context {entry.context_length}"
    return Model(
        "llamacpp", entry.name, not why, entry.default, detail, why, mend, entry.sha256, entry.size_bytes, entry.path
    )


def _no_file() -> Model:
    if llamacpp.installed():
        return Model("llamacpp", "", False, why="no model file yet", mend="`turbulence models add FILE.gguf`")
    return Model("llamacpp", "", False, why="llama-cpp-python is not installed", mend=MEND)


def _ollama() -> list[Model]:
    try:
        found = OllamaServer().models()
    except KnownError as error:
        return [Model("ollama", server_url(), False, why=error.problem.message, mend=error.problem.mend)]
    return [
        Model("ollama", m.name, True, detail=_told(m), digest=m.digest, size_bytes=m.size) for m in found if m.writes
    ]


def _told(entry: Entry) -> str:
    return " ".join(part for part in (entry.family, entry.parameters, entry.quantisation) if part)


def _builtin() -> Model:
    try:
        backend = BuiltinBackend()
        return Model("builtin", backend.name, True, detail="ships with the program", digest=backend.digest)
    except KnownError as error:
        return Model("builtin", "builtin", False, why=error.problem.message, mend=error.problem.mend)
