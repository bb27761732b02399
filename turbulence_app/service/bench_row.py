"""One model's row of the bench: people asked about one by one, then the same again for comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from turbulence_app.domain.bench import BenchResult, Memory, Same
from turbulence_app.domain.benchmark import Benchmark, BenchPersona, Expect
from turbulence_app.domain.errors import CancelledError, KnownError
from turbulence_app.domain.events import Event, Progress
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.insight.bench import Sample, set_digest, spread, summed
from turbulence_app.insight.expectations import Check, checks, unmet
from turbulence_app.llm.backends.base import ShouldStop
from turbulence_app.llm.models import ModelRegistry
from turbulence_app.service.bench_asking import Asked, Asker, Subject
from turbulence_app.service.bench_probe import Probed, Question, probe
from turbulence_app.service.hardware import processor

FEW = 12
"""People that a language model is asked about unless more are wanted: it may take a minute for each."""
SECONDS = 120.0
"""For one answer, its repair included."""
GIVE_UP = 3
"""Answers that fail, from the first one on, before the model is given up."""
MOST_NOTES = 12
NEUTRAL = Persona(id="neutral")
OnEvent = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Terms:
    """How many people (None: :data:`FEW` for language models), all of them, the seed, seconds for one answer."""

    personas: int | None = None
    full: bool = False
    seed: int = 42
    seconds: float = SECONDS


@dataclass
class Row:
    """One model's measurement under way."""

    home: Path
    subject: Subject
    benchmark: Benchmark
    terms: Terms
    tell: Callable[[BenchResult], None]
    on_event: OnEvent
    should_stop: ShouldStop
    samples: list[Sample] = field(default_factory=list)
    neutral: dict[str, Asked] = field(default_factory=dict)
    first: dict[int, str] = field(default_factory=dict)
    """Digest of the first answer about each person."""

    def __post_init__(self) -> None:
        moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self.result = BenchResult(
            backend=self.subject.backend, model=self.subject.model or "", mode=self.subject.mode or "",
            machine=processor(), measured_at=moment, seed=self.terms.seed,
        )  # fmt: skip
        self.people: tuple[BenchPersona, ...] = ()
        self.steps = self.step = 0
        self.began = time.monotonic()

    def measure(self) -> BenchResult:
        """The row, whatever happens."""
        asker: Asker | None = None
        try:
            asker = Asker(self.home, self.subject)
            self._begin(asker)
            for number, person in enumerate(self.people):
                if why := self._one(asker, number, person):
                    return self._ended("failed", why)
            self._compare(asker)
            return self._ended("done")
        except CancelledError:
            return self._ended("stopped", "stopped")
        except KnownError as error:
            return self._ended("failed", error.problem.message, error.problem.mend)
        except Exception as error:  # one model's trouble is not the end of the others
            return self._ended("failed", f"a fault of the program: {type(error).__name__}: {error}")
        finally:
            if asker is not None:
                asker.close()

    def _begin(self, asker: Asker) -> None:
        most = None if self.terms.full else self.terms.personas or (FEW if asker.writes else None)
        self.people = spread(self.benchmark, most)
        flows = {p.workflow for p in self.people if p.expect.relative}
        self.steps = len(self.people) + len(flows) + 1
        self._set(
            model=asker.rung.model, digest=asker.rung.digest, mode=asker.rung.mode, personas=len(self.people),
            set_digest=set_digest(self.benchmark, self.people), memory=Memory(estimated=self._estimate()),
        )  # fmt: skip
        self.tell(self.result)

    def _one(self, asker: Asker, number: int, person: BenchPersona) -> str:
        """One person; says why the model has to be given up, where it has to."""
        flow = self.benchmark.workflow(person.workflow)
        if person.expect.relative and person.workflow not in self.neutral:
            self._progress(f"nobody in particular, {person.workflow}")
            self.neutral[person.workflow] = self._ask(asker, NEUTRAL, flow)
            self.step += 1
        self._progress(f"person {number + 1} of {len(self.people)}")
        asked = self._ask(asker, _persona(number, person), flow)
        self.step += 1
        if asked.hopeless:
            return asked.why
        self.first[number] = asked.digest
        self.samples.append(_sample(person, asked, self.neutral.get(person.workflow)))
        self.result = summed(self.result, self.samples, asker.load_s)
        if asked.why:
            self._set(notes=tuple(dict.fromkeys((*self.result.notes, asked.why)))[:MOST_NOTES])
        self.tell(self.result)
        nothing = self.result.validity.failed == len(self.samples) >= GIVE_UP
        return asked.why if nothing else ""

    def _compare(self, asker: Asker) -> None:
        """The same questions again: in this process, in others, with one thread and with two."""
        self._progress("the same again, for comparison")
        few = 1 if asker.writes else 4
        asked = [n for n, s in enumerate(self.samples) if s.how != "failed"][:few]
        questions: list[Question] = [
            (_persona(n, self.people[n]), self.benchmark.workflow(self.people[n].workflow)) for n in asked
        ]
        if not questions:
            return
        wanted = tuple(self.first[n] for n in asked)
        twice = [self._ask(asker, *question) for question in questions]
        answered = all(one.document is not None for one in twice)
        again = tuple(one.digest for one in twice) == wanted if answered else None
        if self.subject.backend == "ollama":  # its process and its threads are the server's
            self._set(same=Same(again=again))
            return
        asker.close()  # one model in memory at a time
        ours, one, two = (self._probe(questions, threads) for threads in (None, 1, 2))
        notes = tuple(dict.fromkeys((*self.result.notes, *(p.why for p in (ours, one, two) if p.why))))
        self._set(
            same=Same(
                again=again,
                processes=None if ours.why else ours.digests == wanted,
                threads=None if one.why or two.why else one.digests == two.digests,
            ),
            memory=self.result.memory.model_copy(update={"measured": ours.peak}),
            spent=self.result.spent.model_copy(update={} if asker.writes else {"load_s": ours.load_s}),
            notes=notes,
        )

    def _probe(self, questions: Sequence[Question], threads: int | None) -> Probed:
        return probe(
            self.home, self.subject, questions, threads=threads, seed=self.terms.seed, seconds=self.terms.seconds,
            should_stop=self.should_stop,
        )  # fmt: skip

    def _estimate(self) -> int | None:
        if self.subject.backend != "llamacpp":
            return None
        return next((m.ram_bytes for m in ModelRegistry(self.home).list() if m.name == self.result.model), None)

    def _ask(self, asker: Asker, persona: Persona, workflow: Workflow) -> Asked:
        if self.should_stop():  # models that answer in a moment do not listen
            raise CancelledError("stopped while the model was measured")
        return asker.ask(persona, workflow, self.terms.seed, self.terms.seconds, self.should_stop)

    def _progress(self, what: str) -> None:
        spent = time.monotonic() - self.began
        rate = self.step / spent if self.step and spent > 0 else 0.0
        left = (self.steps - self.step) / rate if rate else None
        title = self.result.title if self.result.model or self.result.mode else self.subject.title
        self.on_event(Progress(what=f"{title}: {what}", done=self.step, total=self.steps, rate=rate, eta_s=left))

    def _set(self, **changes: object) -> None:
        self.result = self.result.model_copy(update=changes)

    def _ended(self, status: str, why: str = "", mend: str = "") -> BenchResult:
        self._set(status=status, why=why, mend=mend)
        return self.result


def _persona(number: int, person: BenchPersona) -> Persona:
    return Persona(id=f"p{number}", description=person.text)


def _sample(person: BenchPersona, asked: Asked, neutral: Asked | None) -> Sample:
    done = asked.completions
    return Sample(
        person.text,
        asked.how,
        _judged(person.expect, asked.document, neutral.document if neutral is not None else None),
        asked.seconds - sum(one.load_ms for one in done) / 1000,
        asked.cpu_s,
        sum(one.prompt_tokens for one in done),
        sum(one.answer_tokens for one in done),
        sum(one.prompt_ms for one in done),
        sum(one.answer_ms for one in done),
    )


def _judged(expect: Expect, document: dict[str, Any] | None, neutral: dict[str, Any] | None) -> tuple[Check, ...]:
    """The expectations; where there is no answer (or none about nobody in particular) none of them is met."""
    if document is None or (neutral is None and expect.relative):
        return tuple(unmet(expect))
    return tuple(checks(expect, document, neutral or {}))
