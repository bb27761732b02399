"""Every model that could answer here: the built-in one, files on the list, an Ollama server, and none at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from turbulence_app.domain.errors import InputError, KnownError
from turbulence_app.llm.backends import llamacpp
from turbulence_app.llm.backends.builtin import BuiltinBackend
from turbulence_app.llm.backends.ollama import Entry, server_url
from turbulence_app.llm.errors import ModelFileError
from turbulence_app.llm.memory import Fit
from turbulence_app.llm.models import CONTEXT, ModelEntry, ModelRegistry, memory_fit
from turbulence_app.llm.worker.client import MEND
from turbulence_app.service.ollama import reached


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
    state: str = ""
    """Of a file: ``verified`` (somebody vouches for its digest), ``unknown`` or ``changed`` (not what was added)."""
    memory_bytes: int = 0
    """Estimate of the memory that it needs while it runs."""
    memory: str = ""
    """``fits``, ``tight`` or ``no``: how that compares with what is free now."""
    architecture: str = ""
    parameters: str = ""
    quantisation: str = ""
    context: int = 0
    """Tokens that it was made for; 0: not known."""
    added_at: str = ""


def list_models(home: Path, project: Path | None = None) -> list[Model]:
    """In the order in which ``auto`` tries them. Asks the Ollama server on this machine, if there is one (on another
    one only if the project lists it)."""
    registry = ModelRegistry(home)
    files = [_file(entry, registry.state(entry)) for entry in registry.list()]
    return [
        *(files or [_no_file()]),
        *_ollama(project),
        _builtin(),
        Model("rules", "rules", True, detail="no model: keywords and defaults"),
    ]


def add_model(home: Path, path: Path, name: str | None = None, sha256: str = "") -> ModelEntry:
    """Put a GGUF file on the list. Raises ``InputError`` for a file that is none: the call was wrong.

    With ``sha256`` a file of any other content is refused, and this one is trusted.
    """
    try:
        return ModelRegistry(home).add(path, name, sha256=sha256)
    except ModelFileError as error:
        raise InputError(error.problem.message, error.problem.mend) from error


def remove_model(home: Path, name: str) -> ModelEntry:
    """Take a model off the list; its file stays."""
    return ModelRegistry(home).remove(name)


def default_model(home: Path, name: str) -> ModelEntry:
    """Use this model where none is named."""
    return ModelRegistry(home).set_default(name)


def trust_model(home: Path, name: str) -> ModelEntry:
    """Vouch for a model's content; its whole file is read again first."""
    return ModelRegistry(home).vouch(name)


def model_fit(home: Path, name: str, context: int = CONTEXT) -> Fit:
    """Memory that a model needs beside what is free now. Raises ``MachineError`` if its file is gone."""
    return memory_fit(ModelRegistry(home).get(name), context)


def verify_model(home: Path, name: str) -> bool:
    """Read the whole file again: whether it is still what was added."""
    return ModelRegistry(home).verify(name)


def _file(entry: ModelEntry, state: str) -> Model:
    why, mend = "", ""
    found = _fit(entry)
    if state == "changed":
        why = "the file is gone or was changed"
        mend = f"look with `turbulence models verify {entry.name}`, or add it again"
    elif not llamacpp.installed():
        why, mend = "llama-cpp-python is not installed", MEND
    elif found.verdict == "no":
        why = f"needs about {found.need / 2**30:.1f} GB of memory, {found.available / 2**30:.1f} GB are free"
        mend = "close other programs, or use a smaller model"
    detail = f"{entry.architecture} {entry.parameters / 1e9:.1f}B {entry.quantisation}, context {entry.context_length}"
    return Model(
        "llamacpp",
        entry.name,
        not why,
        entry.default,
        detail,
        why,
        mend,
        entry.sha256,
        entry.size_bytes,
        entry.path,
        state=state,
        memory_bytes=found.need,
        memory=found.verdict,
        architecture=entry.architecture,
        parameters=f"{entry.parameters / 1e9:.1f}B",
        quantisation=entry.quantisation,
        context=entry.context_length,
        added_at=entry.added_at,
    )


def _fit(entry: ModelEntry) -> Fit:
    try:
        return memory_fit(entry)
    except KnownError:
        return Fit(entry.ram_bytes, 0, "unknown")


def _no_file() -> Model:
    if llamacpp.installed():
        return Model("llamacpp", "", False, why="no model file yet", mend="`turbulence models add FILE.gguf`")
    return Model("llamacpp", "", False, why="llama-cpp-python is not installed", mend=MEND)


def _ollama(project: Path | None) -> list[Model]:
    try:
        with reached(project) as server:
            found = server.models()
    except KnownError as error:
        return [Model("ollama", server_url(), False, why=error.problem.message, mend=error.problem.mend)]
    return [
        Model(
            "ollama",
            m.name,
            True,
            detail=_told(m),
            digest=m.digest,
            size_bytes=m.size,
            architecture=m.family,
            parameters=m.parameters,
            quantisation=m.quantisation,
        )
        for m in found
        if m.writes
    ]


def _told(entry: Entry) -> str:
    return " ".join(part for part in (entry.family, entry.parameters, entry.quantisation) if part)


def _builtin() -> Model:
    try:
        backend = BuiltinBackend()
        return Model("builtin", backend.name, True, detail="ships with the program", digest=backend.digest)
    except KnownError as error:
        return Model("builtin", "builtin", False, why=error.problem.message, mend=error.problem.mend)
