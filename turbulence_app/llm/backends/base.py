"""What a backend is: something that writes a document itself, or a model that answers a prompt inside a schema."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, runtime_checkable

from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.grammar import Grammar

Messages = tuple[dict[str, str], ...]
"""``role`` (system, user, assistant) and ``content``, as chat models take them."""
Tick = Callable[[int], None]
"""Called now and then with how many characters there are; a :class:`Sign` where the backend knows more."""
ShouldStop = Callable[[], bool]


class Sign(int):
    """A number of characters that also says where the work is.

    ``stage`` is ``load``, ``prompt`` or ``answer``; ``done`` of ``total`` thousandths (loading) or tokens; ``rate`` per
    second of the same; ``eta_s`` seconds that are left, where that can be said.
    """

    stage: str
    done: int
    total: int
    rate: float
    eta_s: float | None

    @classmethod
    def of(cls, event: dict[str, Any]) -> Sign:
        """From a ``tick`` of a worker."""
        sign = cls(int(event.get("chars", 0)))
        sign.stage = str(event.get("stage", "answer"))
        sign.done, sign.total = int(event.get("done", 0)), int(event.get("total", 0))
        sign.rate, sign.eta_s = float(event.get("rate", 0.0)), event.get("eta_s")
        return sign


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model. ``seconds`` is the deadline for the whole answer.

    A ``temperature`` above 0 draws the answer with the seed instead of taking the likeliest one.
    """

    messages: Messages
    schema: dict[str, Any]
    grammar: Grammar
    seed: int
    seconds: float
    temperature: float = 0.0


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote. ``finish`` is ``stop`` when it came to an end by itself.

    Tokens and milliseconds are the backend's own counts; 0 means that it does not say. ``load_ms`` is what loading
    the model took for this answer: 0 when it was there already. ``estimated``: the tokens of the answer are a guess.
    """

    text: str
    finish: str
    notes: tuple[str, ...] = field(default=())
    prompt_tokens: int = 0
    answer_tokens: int = 0
    prompt_ms: float = 0.0
    answer_ms: float = 0.0
    load_ms: float = 0.0
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt and what the model's turn might say to it (at least one answer, word for word).

    ``whole``: every word of an answer counts; else only those that tell the answers apart, which is cheaper.
    """

    messages: Messages
    answers: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    """For each question the natural logarithms of its answers' shares (their exponentials sum to 1).

    ``tokens`` were evaluated for it, ``kept`` more were still there from an earlier question.
    """

    shares: tuple[tuple[float, ...], ...]
    tokens: int
    kept: int
    score_ms: float
    load_ms: float = 0.0


class ScoringBackend(Protocol):
    """A language model that tells how probable it finds given answers; nothing is written, nothing is drawn."""

    def score(
        self,
        questions: Sequence[Question],
        stem: Messages,
        seconds: float,
        on_tick: Tick | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Scored:
        """All questions at once. What they share with ``stem`` is kept for the next time.

        Raises a :mod:`turbulence_app.llm.errors` type, or ``CancelledError``.
        """
        ...


class DocumentBackend(Protocol):
    """Writes a whole policy document without a prompt (built-in model, rules)."""

    modes: ClassVar[tuple[str, ...]]
    """The ways in which it can be asked; the first is the usual one."""

    @property
    def name(self) -> str:
        """``builtin`` or ``rules``."""
        ...

    @property
    def model(self) -> str:
        """The name of the model, if there is one."""
        ...

    @property
    def digest(self) -> str:
        """What its answers depend on besides the question."""
        ...

    def policy_document(self, persona: Persona, workflow: Workflow) -> dict[str, Any]:
        """Plain data in the shape of :class:`turbulence_app.domain.policy.Policy`."""
        ...


class TextBackend(Protocol):
    """A language model. ``version`` names library and build: another one may answer otherwise."""

    name: str
    modes: ClassVar[tuple[str, ...]]
    """The ways in which it can be asked (``json``, ``logits``); the first is the usual one."""

    @property
    def model(self) -> str:
        """The name of the model, for people."""
        ...

    def digest(self) -> str:
        """SHA-256 (or the server's digest) of the model."""
        ...

    def version(self) -> str:
        """What besides the model shapes its answers: library, processor features, settings."""
        ...

    def complete(
        self, prompt: Prompt, on_tick: Tick | None = None, should_stop: ShouldStop | None = None
    ) -> Completion:
        """Answers. Raises a :mod:`turbulence_app.llm.errors` type, or ``CancelledError``."""
        ...

    def close(self) -> None:
        """Frees processes and connections; the backend can be used again afterwards."""
        ...


@runtime_checkable
class ReadyBackend(Protocol):
    """A model that can be loaded ahead of a question."""

    def get_ready(self, messages: Messages, seconds: float, should_stop: ShouldStop | None = None) -> None:
        """Loads the model; evaluates what is fixed in such prompts where it can keep that. Raises like answering."""
        ...
