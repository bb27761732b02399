"""One model, asked past every cache, with everything that can be measured about each answer."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from turbulence_app.assist.policy import policy_task
from turbulence_app.domain.errors import CancelledError
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight.bench import How
from turbulence_app.llm.backends.base import Completion, Scored, ScoringBackend, ShouldStop, TextBackend
from turbulence_app.llm.elicit import elicit
from turbulence_app.llm.elicit.call import Call
from turbulence_app.llm.errors import ModelError
from turbulence_app.llm.ladder import Ladder, Rung
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.llm.resilience.deadline import Deadline
from turbulence_app.service.hardware import cpu_seconds


@dataclass(frozen=True, slots=True)
class Subject:
    """A way to compile personas that can be measured. ``model`` and ``mode`` absent: the backend's usual ones."""

    backend: str
    model: str | None = None
    mode: str | None = None

    @property
    def title(self) -> str:
        """For progress and rows that failed before the model said its name."""
        return " · ".join(part for part in (self.model or self.backend, self.mode) if part)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer: the policy's document (None where it failed, ``why`` then), how it became valid, what it cost."""

    document: dict[str, Any] | None
    how: How
    seconds: float
    cpu_s: float | None
    completions: tuple[Completion, ...] = ()
    why: str = ""
    hopeless: bool = False
    """The model cannot be asked at all: another question would fail the same way."""

    @property
    def digest(self) -> str:
        """What names the document: bit for bit the same answer has the same digest."""
        return sha256(json.dumps(self.document, sort_keys=True, default=str).encode()).hexdigest()


class Recorder:
    """A language model that remembers what its answers cost; everything else is the model's own."""

    def __init__(self, backend: TextBackend) -> None:
        self._backend = backend
        self.completions: list[Completion] = []

    def complete(self, *given: Any, **named: Any) -> Completion:
        """The model's answer."""
        done = self._backend.complete(*given, **named)
        self.completions.append(done)
        return done

    def score(self, *given: Any, **named: Any) -> Scored:
        """The model's shares; what was kept from an earlier question was not read again."""
        done = cast(ScoringBackend, self._backend).score(*given, **named)
        self.completions.append(
            Completion("", "stop", prompt_tokens=done.tokens, prompt_ms=done.score_ms, load_ms=done.load_ms)
        )
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


class Asker:
    """Has the model's process from the first question until ``close``."""

    def __init__(self, home: Path, subject: Subject, threads: int | None = None) -> None:
        self._ladder = Ladder(ModelRegistry(home), None, (), threads)
        began = time.perf_counter()
        rung = next(self._ladder.rungs(subject.backend, subject.model, subject.mode))
        self._ready_s = time.perf_counter() - began
        self._recorder = Recorder(rung.text) if rung.text is not None else None
        self.rung: Rung = replace(rung, text=cast(TextBackend, self._recorder)) if self._recorder else rung
        self.load_s: float | None = None if self._recorder else self._ready_s

    @property
    def writes(self) -> bool:
        """Whether it is a language model, which takes its time."""
        return self._recorder is not None

    def ask(
        self, persona: Persona, workflow: Workflow, seed: int, seconds: float, should_stop: ShouldStop | None = None
    ) -> Asked:
        """One policy. Raises ``CancelledError`` and ``InputError``; a model's failure is in the answer."""
        counts: Counter[str] = Counter()
        call = Call(
            policy_task(persona, workflow), seed, Deadline.after(seconds), None, should_stop,
            lambda name: counts.update((name,)),
        )  # fmt: skip
        if self._recorder is not None:
            self._recorder.completions.clear()
        began, cpu = time.perf_counter(), cpu_seconds()
        document, why, hopeless = None, "", False
        try:
            checked, _own = elicit(self.rung, call)
            document = checked.document
        except CancelledError:
            raise
        except ModelError as error:
            why = str(error.problem)
            hopeless = not (error.trips or error.transient) and error.reason != "prompt_too_long"
        took, after = time.perf_counter() - began, cpu_seconds()
        known = cpu is not None and after is not None and self.rung.name != "ollama"
        how: How = "failed" if document is None else _how(counts)
        return Asked(document, how, took, after - cpu if known else None, self._done(), why, hopeless)  # type: ignore[operator]

    def close(self) -> None:
        """End the model's process."""
        self._ladder.close()

    def _done(self) -> tuple[Completion, ...]:
        done = tuple(self._recorder.completions) if self._recorder is not None else ()
        loaded = sum(one.load_ms for one in done)
        if self.load_s is None and loaded:
            self.load_s = loaded / 1000
        return done


def _how(counts: Counter[str]) -> How:
    if counts["fallbacks"]:
        return "mended"
    return "repaired" if counts["repairs"] else "at_once"
