"""What is asked of the gateway, and what comes back; independent of what the question is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from turbulence_app.domain.errors import Problem
from turbulence_app.llm.backends.base import DocumentBackend, Messages


@dataclass(frozen=True, slots=True)
class Checked:
    """A validator's word on an answer: the document if it is good, else why not. ``notes`` say what was adjusted."""

    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """One question in all the forms that backends take.

    ``material`` is everything that may influence an answer without a prompt (for the cache's key); ``read`` judges
    text of a model, ``check`` a document; ``mend`` makes a whole document out of a bad answer and the rules' one.
    """

    kind: str
    version: int
    material: str
    messages: Messages
    schema: dict[str, Any]
    document: Callable[[DocumentBackend], dict[str, Any]]
    read: Callable[[str], Checked]
    check: Callable[[dict[str, Any]], Checked]
    repair: Callable[[str, tuple[Problem, ...]], Messages]
    mend: Callable[[str, dict[str, Any]], Checked]


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid document and where it came from. ``elapsed_ms`` is what this call took."""

    document: dict[str, Any]
    backend: str
    model: str
    digest: str
    mode: str
    source: str
    created_at: str
    seed: int
    elapsed_ms: float = 0.0
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """For the store."""
        return json.dumps(asdict(self), ensure_ascii=True, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Answer | None:
        """None if the text is not an answer (of another version, or damaged): then it counts as not cached."""
        try:
            found = json.loads(text)
            found["notes"] = tuple(found["notes"])
            answer = cls(**found)
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return answer if isinstance(answer.document, dict) else None
