"""Models in words, for the status line. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def model_words(backend: str, name: str) -> str:
    """What a person calls a model: where it runs, and its name where there is a choice."""
    if backend == "builtin":
        return "built-in model"
    if backend == "rules":
        return "no model: keywords"
    if backend == "manual":
        return "by hand"
    place = {"llamacpp": "llama.cpp", "ollama": "Ollama"}.get(backend, backend)
    return f"{place} · {name}" if name else place


def model_in_use(models: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """The model that "best model here" would ask, and a line for each one that could or could not answer.

    ``models`` is the service's list, in the order in which they are tried.
    """
    usable = [model for model in models if model.get("available")]
    chosen = next((m for m in usable if m.get("default")), usable[0] if usable else None)
    lines = []
    for model in models:
        words = model_words(str(model.get("backend", "")), str(model.get("name", "")))
        lines.append(f"{words}: {'ready' if model.get('available') else model.get('why') or 'not there'}")
    if chosen is None:
        return "no model here", "\n".join(lines)
    told = model_words(str(chosen["backend"]), str(chosen.get("name", "")))
    return f"{told} · ready", "\n".join(lines)
