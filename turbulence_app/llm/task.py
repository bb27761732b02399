"""What is asked of the gateway, and what comes back; independent of what the question is about."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from turbulence_app.domain.errors import Problem
from turbulence_app.llm.backends.base import DocumentBackend, Messages, Question
from turbulence_app.llm.chain import Step
from turbulence_app.llm.slots import Slots


@dataclass(frozen=True, slots=True)
class Checked:
    """A validator's word on an answer: the document if it is good, else why not. ``notes`` say what was adjusted."""

    document: dict[str, Any] | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Poll:
    """The question as many small ones whose answers are given, for models that tell how probable they find each.

    ``about`` asks them about people of a description, ``nobody`` about nobody in particular (in the same order); all
    begin with ``stem``. ``sentences`` are the parts of ``description`` that may be quoted. ``document`` turns the
    changes of odds (a row per question) and the quotes (by number of the question) into a document; ``moved`` says
    whether a row says anything, ``way`` which direction of change it is.
    """

    stem: Messages
    nobody: tuple[Question, ...]
    description: str
    sentences: tuple[str, ...]
    about: Callable[[str], tuple[Question, ...]]
    document: Callable[[tuple[tuple[float, ...], ...], dict[int, str]], dict[str, Any]]
    moved: Callable[[int, tuple[float, ...]], bool]
    way: Callable[[int, tuple[float, ...]], tuple[float, ...]]


@dataclass(frozen=True)
class Task:
    """One question in all the forms that backends take.

    ``slots`` is everything that a language model is told, ``material`` everything that a backend without a prompt may
    look at (both for the cache's keys); ``read`` judges text of a model, ``check`` a document; ``mend`` makes a whole
    document out of a bad answer and the rules' one.
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
    slots: Slots
    poll: Callable[[], Poll] | None = None
    """Made where it is asked: a kept answer needs none."""
    variant: int = 0
    """Above 0: the same question as another voter of a consensus gets it; drawn with the seed, or in other words."""

    @cached_property
    def schema_text(self) -> str:
        """The schema as text that equal schemas share."""
        return json.dumps(self.schema, sort_keys=True, separators=(",", ":"))

    @cached_property
    def raw(self) -> str:
        """All of the question as one text, letter by letter."""
        return json.dumps([self.messages, self.material], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Answer:
    """A valid document and where it came from. ``elapsed_ms`` is what this call took, ``tokens_in`` and ``tokens_out``
    what the model read and wrote for it. ``chain`` is the way of this request, ``request`` its correlation id; neither
    is stored."""

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
    tokens_in: int = 0
    tokens_out: int = 0
    chain: tuple[Step, ...] = field(default=())
    request: str = ""

    @property
    def tokens(self) -> int:
        """All tokens that it took."""
        return self.tokens_in + self.tokens_out

    def to_json(self) -> str:
        """For the store."""
        kept = {name: getattr(self, name) for name in self.__slots__ if name not in ("chain", "request")}
        return json.dumps(kept, ensure_ascii=True, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Answer | None:
        """None if the text is not an answer (of another version, or damaged): then it counts as not cached."""
        try:
            found = json.loads(text)
            found["notes"] = tuple(found["notes"])
            answer = cls(**{name: value for name, value in found.items() if name not in ("chain", "request")})
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return answer if isinstance(answer.document, dict) else None
