"""What measuring a model on the persona benchmark came to: one row per model and mode."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from turbulence_app.domain.base import Noun
from turbulence_app.domain.benchmark import Kind

Count = Annotated[int, Field(ge=0)]
Figure = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]


class Rate(Noun):
    """So many of so many, with the 95 % Wilson score interval of the share."""

    hits: Count = 0
    of: Count = 0
    low: Figure = 0.0
    high: Figure = 1.0

    @property
    def share(self) -> float:
        """Hits of all; 0 of nothing."""
        return self.hits / self.of if self.of else 0.0


class KindRate(Noun):
    """Expectations of one kind that were met."""

    kind: Kind
    rate: Rate


class Validity(Noun):
    """How the answers became valid: at once, after the one repair, mended by rules, or not at all (with a reason)."""

    at_once: Count = 0
    repaired: Count = 0
    mended: Count = 0
    failed: Count = 0

    @property
    def of(self) -> int:
        """Answers asked for."""
        return self.at_once + self.repaired + self.mended + self.failed


class Spent(Noun):
    """Seconds per policy; ``cpu_s`` is processor time per policy (median), None where it cannot be known."""

    median_s: Figure = 0.0
    p95_s: Figure = 0.0
    cpu_s: Figure | None = None
    load_s: Figure | None = None
    """Loading the model, once."""


class Tokens(Noun):
    """Tokens per policy (median) and how fast they were read and written; 0 where the backend does not say."""

    prompt: Figure = 0.0
    answer: Figure = 0.0
    prompt_per_s: Figure = 0.0
    answer_per_s: Figure = 0.0


class Same(Noun):
    """Whether the same question got the same answer, bit for bit; None where it was not (or cannot be) tried."""

    again: bool | None = None
    """Twice in one process."""
    processes: bool | None = None
    """In another process."""
    threads: bool | None = None
    """With one thread and with two."""


class Memory(Noun):
    """Bytes: estimated before loading, and the most that the model's process really had."""

    estimated: Count | None = None
    measured: Count | None = None


Status = Literal["running", "done", "stopped", "failed"]


class BenchResult(Noun):
    """One model, asked in one mode, on (a part of) the persona benchmark.

    ``failed`` with a reason in ``why``; ``stopped`` keeps what was done. ``set_digest`` names the personas that were
    asked, ``machine`` the processor: only rows with both in common can be compared to the last digit.
    """

    backend: str
    model: str = ""
    digest: str = ""
    mode: str = ""
    set_digest: str = ""
    machine: str = ""
    measured_at: str = ""
    seed: Count = 42
    status: Status = "running"
    why: str = ""
    mend: str = ""
    personas: Count = 0
    """Asked for."""
    done: Count = 0
    validity: Validity = Validity()
    accuracy: Rate = Rate()
    by_kind: tuple[KindRate, ...] = ()
    spent: Spent = Spent()
    tokens: Tokens = Tokens()
    same: Same = Same()
    memory: Memory = Memory()
    missed: tuple[str, ...] = ()
    """What was expected and does not hold, a line each."""
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str, str]:
        """What a stored row replaces: the same model in the same mode on the same people and machine."""
        return (self.backend, self.digest or self.model, self.mode, self.set_digest, self.machine)

    @property
    def title(self) -> str:
        """Backend, model and mode, for people."""
        named = self.model if self.backend in ("llamacpp", "ollama") and self.model else self.backend
        return f"{named} · {self.mode}" if self.mode in ("json", "logits") else named
