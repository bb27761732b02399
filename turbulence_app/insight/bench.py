"""Answers of a model on the persona benchmark, added up: shares with intervals, seconds, tokens."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import median
from typing import Literal

from turbulence_app.domain.bench import BenchResult, KindRate, Rate, Spent, Tokens, Validity
from turbulence_app.domain.benchmark import Benchmark, BenchPersona, Kind
from turbulence_app.insight.expectations import Check
from turbulence_app.insight.influence import wilson

How = Literal["at_once", "repaired", "mended", "failed"]
KINDS: tuple[Kind, ...] = ("likeliest", "trait", "unlikely", "stated", "bounded")
MOST_MISSED = 200
"""Lines about what was missed that a result keeps."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer: who was asked about, how it became valid, what was expected, what it cost.

    ``cpu_s`` is processor time of the program and its children, None where it cannot be known; tokens and
    milliseconds are 0 where the backend does not count them.
    """

    text: str
    how: How
    checks: tuple[Check, ...]
    seconds: float
    cpu_s: float | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    prompt_ms: float = 0.0
    answer_ms: float = 0.0


def spread(benchmark: Benchmark, most: int | None) -> tuple[BenchPersona, ...]:
    """The people to ask: one of each workflow in turn, so that a smaller set (``most``) is part of each larger one."""
    rows: dict[str, list[BenchPersona]] = {}
    for person in benchmark.personas:
        rows.setdefault(person.workflow, []).append(person)
    longest = max((len(row) for row in rows.values()), default=0)
    turns = [row[turn] for turn in range(longest) for row in rows.values() if turn < len(row)]
    return tuple(turns if most is None else turns[:most])


def set_digest(benchmark: Benchmark, people: Iterable[BenchPersona]) -> str:
    """What names a set of people: their words, what is expected, and their workflows."""
    chosen = tuple(people)
    named = {person.workflow for person in chosen}
    flows = tuple(flow for flow in benchmark.workflows if flow.id in named)
    text = Benchmark(workflows=flows, personas=chosen).model_dump_json(by_alias=True)
    return "sha256:" + sha256(text.encode()).hexdigest()


def rate(hits: int, of: int) -> Rate:
    """A share with its Wilson interval."""
    low, high = wilson(hits, of)
    return Rate(hits=hits, of=of, low=low, high=high)


def summed(result: BenchResult, samples: Sequence[Sample], load_s: float | None = None) -> BenchResult:
    """``result`` with everything that ``samples`` say. An answer that failed meets none of its expectations."""
    by_kind: dict[Kind, list[bool]] = defaultdict(list)
    missed: list[str] = []
    for sample in samples:
        for check in sample.checks:
            holds = check.holds and sample.how != "failed"
            by_kind[check.kind].append(holds)
            if not holds:
                missed.append(f"{_short(sample.text)} | {check.what}")
    kinds = tuple(
        KindRate(kind=kind, rate=rate(sum(by_kind[kind]), len(by_kind[kind]))) for kind in KINDS if kind in by_kind
    )
    return result.model_copy(
        update={
            "done": len(samples),
            "validity": Validity(**{how: sum(s.how == how for s in samples) for how in Validity.model_fields}),
            "accuracy": rate(sum(k.rate.hits for k in kinds), sum(k.rate.of for k in kinds)),
            "by_kind": kinds,
            "spent": _spent(samples, load_s),
            "tokens": _tokens(samples),
            "missed": tuple(missed[:MOST_MISSED]),
        }
    )


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of them do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0


def _spent(samples: Sequence[Sample], load_s: float | None) -> Spent:
    seconds = [s.seconds for s in samples]
    cpu = [s.cpu_s for s in samples if s.cpu_s is not None]
    return Spent(
        median_s=median(seconds) if seconds else 0.0,
        p95_s=quantile(seconds, 0.95),
        cpu_s=median(cpu) if cpu else None,
        load_s=load_s,
    )


def _tokens(samples: Sequence[Sample]) -> Tokens:
    counted = [s for s in samples if s.prompt_tokens or s.answer_tokens]
    if not counted:
        return Tokens()
    return Tokens(
        prompt=median(s.prompt_tokens for s in counted),
        answer=median(s.answer_tokens for s in counted),
        prompt_per_s=_per_second((s.prompt_tokens, s.prompt_ms) for s in counted),
        answer_per_s=_per_second((s.answer_tokens, s.answer_ms) for s in counted),
    )


def _per_second(pairs: Iterable[tuple[int, float]]) -> float:
    timed = [(tokens, ms) for tokens, ms in pairs if ms > 0]
    spent = sum(ms for _, ms in timed)
    return 1000 * sum(tokens for tokens, _ in timed) / spent if spent else 0.0


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"
