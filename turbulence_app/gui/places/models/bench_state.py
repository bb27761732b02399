"""What the bench measured, in rows and words for table and charts. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from turbulence_app.domain.bench import BenchResult
from turbulence_app.gui.chart_rows import IntervalRow
from turbulence_app.gui.models import model_words
from turbulence_app.insight import words

Phase = Literal["idle", "running", "stopping", "ended", "error"]
SEVERAL = 10
KINDS = {
    "likeliest": ("likeliest option", "Which option is chosen most"),
    "trait": ("traits", "More or less patient, quick, thorough than anybody"),
    "unlikely": ("unlikely options", "Options that this person avoids"),
    "stated": ("stated figures", "Numbers that the words say"),
    "bounded": ("bounds", "Shares that must stay below a bound"),
}


@dataclass(frozen=True, slots=True)
class BenchForm:
    """What the next bench is set to. ``who`` is ``all``, or a model's key; ``people`` is ``usual``, ``all`` or N."""

    who: str = "all"
    mode: str = ""
    people: str = "usual"


@dataclass(frozen=True, slots=True)
class BenchLive:
    """A bench under way: how far, how fast, how long yet."""

    phase: Phase = "idle"
    what: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    eta_s: float | None = None
    row: int = 0
    rows: int = 0
    error: str = ""

    @property
    def busy(self) -> bool:
        """Whether models are being measured."""
        return self.phase in ("running", "stopping")


def merged(rows: Sequence[BenchResult], fresh: BenchResult) -> tuple[BenchResult, ...]:
    """``fresh`` in the place of the row that it replaces, else in front."""
    kept = [row for row in rows if _same(row, fresh) is False]
    place = next((i for i, row in enumerate(rows) if _same(row, fresh)), 0)
    kept.insert(min(place, len(kept)), fresh)
    return tuple(kept)


def _same(one: BenchResult, other: BenchResult) -> bool:
    if one.status == "running" or other.status == "running":
        return (one.backend, one.model, one.mode, one.measured_at) == (
            other.backend, other.model, other.mode, other.measured_at,
        ) or one.key == other.key  # fmt: skip
    return one.key == other.key


def shown(rows: Iterable[BenchResult]) -> list[BenchResult]:
    """The best first, what failed last."""
    return sorted(rows, key=lambda row: (not row.done, row.status == "failed", -row.accuracy.share, row.title))


def title(row: BenchResult) -> str:
    """Model and mode."""
    name = row.model.removesuffix(".gguf") if row.backend in ("llamacpp", "ollama") and row.model else ""
    told = name or model_words(row.backend, "").replace("no model: keywords", "rules")
    return f"{told} · {row.mode}" if row.mode in ("json", "logits") else told


def percent(share: float) -> str:
    """``92.5 %``"""
    return words.share(share, 1.0)


def validity_words(row: BenchResult) -> str:
    """Share of the answers that were valid at once."""
    return words.percent(row.validity.at_once / row.validity.of) if row.validity.of else ""


def validity_tip(row: BenchResult) -> str:
    """All four ways."""
    v = row.validity
    return f"valid at once {v.at_once}, after a repair {v.repaired}, mended by rules {v.mended}, no answer {v.failed}"


def accuracy_words(row: BenchResult) -> str:
    """``92.5 %``"""
    return percent(row.accuracy.share) if row.accuracy.of else ""


def interval_words(row: BenchResult) -> str:
    """``85–96``: the 95 % interval, in per cent."""
    return f"{100 * row.accuracy.low:.0f}–{100 * row.accuracy.high:.0f}" if row.accuracy.of else ""


def seconds_words(value: float | None) -> str:
    """``58 ms``, ``12 s``"""
    if not value:
        return ""
    return f"{value:.0f} s" if 9.95 <= value < 100 else words.milliseconds(1000 * value)


def axis_words(seconds: float) -> str:
    """A decade on the axis: ``1 ms``, ``10 s``."""
    return f"{seconds:.0f} s" if seconds >= 1 else f"{1000 * seconds:g} ms"


def speed_words(row: BenchResult) -> str:
    """Tokens a second while writing."""
    return f"{row.tokens.answer_per_s:.1f}" if row.tokens.answer_per_s else ""


def same_words(row: BenchResult) -> str:
    """``✓ ✓ ✓``: twice, in another process, with one and two threads; ``·`` where it was not tried."""
    signs = {True: "✓", False: "✗", None: "·"}
    return " ".join(signs[one] for one in (row.same.again, row.same.processes, row.same.threads)) if row.done else ""


def same_token(row: BenchResult) -> str:
    """Green where all that was tried was the same, red where something was not."""
    tried = [one for one in (row.same.again, row.same.processes, row.same.threads) if one is not None]
    return "" if not tried else "good" if all(tried) else "bad"


def same_tip(row: BenchResult) -> str:
    """The three in words."""
    told = {True: "the same", False: "different", None: "not tried"}
    same = row.same
    return (
        f"asked again: {told[same.again]}\nin another process: {told[same.processes]}\n"
        f"with 1 and 2 threads: {told[same.threads]}"
    )


def memory_words(row: BenchResult) -> str:
    """What the process really had, else the estimate."""
    if row.memory.measured:
        return words.bytes_(row.memory.measured)
    return f"~{words.bytes_(row.memory.estimated)}" if row.memory.estimated else ""


def status_words(row: BenchResult) -> tuple[str, str]:
    """How it ended, and its colour."""
    if row.status == "failed":
        return row.why, "bad"
    if row.status == "running":
        return (f"{row.done} of {row.personas}" if row.personas else "loading…"), "accent"
    people = f"{row.done} people"
    return (f"stopped after {people}", "warn") if row.status == "stopped" else (people, "dim")


def accuracy_rows(rows: Iterable[BenchResult]) -> list[IntervalRow]:
    """How often each model was right, with the interval."""
    return [
        IntervalRow(
            _key(row), title(row), row.accuracy.share, row.accuracy.low, row.accuracy.high, accuracy_words(row),
            f"{row.accuracy.hits} of {row.accuracy.of} expectations met; 95 % interval {interval_words(row)} %",
        )
        for row in rows
        if row.accuracy.of
    ]  # fmt: skip


def seconds_rows(rows: Iterable[BenchResult]) -> list[IntervalRow]:
    """How long each model takes: median to 95th percentile."""
    return [
        IntervalRow(
            _key(row), title(row), row.spent.median_s, row.spent.median_s, max(row.spent.p95_s, row.spent.median_s),
            seconds_words(row.spent.median_s),
            f"median {seconds_words(row.spent.median_s)}, 95 % within {seconds_words(row.spent.p95_s)}",
        )
        for row in rows
        if row.done and row.spent.median_s > 0
    ]  # fmt: skip


def kind_rows(row: BenchResult | None) -> list[IntervalRow]:
    """What one model is good at."""
    return [
        IntervalRow(
            kind.kind, KINDS[kind.kind][0], kind.rate.share, kind.rate.low, kind.rate.high,
            f"{kind.rate.hits} of {kind.rate.of}", KINDS[kind.kind][1],
        )
        for kind in (row.by_kind if row is not None else ())
    ]  # fmt: skip


def _key(row: BenchResult) -> str:
    return "|".join(row.key)


def missed_lines(row: BenchResult | None) -> list[str]:
    """What was expected and is not so; the expectation first, then whose it is."""
    if row is None or not row.accuracy.of:
        return []
    parts = (line.rpartition(" | ") for line in row.missed)
    return [f"{what}  ·  {text}" for text, _, what in parts] or ["Nothing: all expectations are met."]


def progress_words(live: BenchLive) -> str:
    """``model 2 of 3 · 4.1 per min · 3 min left``"""
    if live.phase == "error":
        return live.error
    if live.phase == "stopping":
        return "stopping…"
    if not live.busy:
        return ""
    parts = [f"model {live.row} of {live.rows}" if live.rows > 1 else ""]
    if live.rate:
        parts.append(f"{60 * live.rate:,.0f} a minute" if live.rate < 1 else f"{live.rate:,.0f} a second")
    if live.eta_s is not None and live.total:
        parts.append(f"{words.milliseconds(1000 * live.eta_s)} left")
    return " · ".join(part for part in parts if part) or "starting…"


def bench_csv(rows: Iterable[BenchResult]) -> str:
    """The table for other programs: one line per model, plain numbers."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADS)
    for row in rows:
        v, s, t, same = row.validity, row.spent, row.tokens, row.same
        writer.writerow(
            (
                row.backend, row.model, row.mode, row.status, row.why, row.done, v.at_once, v.repaired, v.mended,
                v.failed, row.accuracy.hits, row.accuracy.of, round(row.accuracy.share, 4), round(row.accuracy.low, 4),
                round(row.accuracy.high, 4), round(s.median_s, 4), round(s.p95_s, 4), _blank(s.cpu_s),
                _blank(s.load_s), t.prompt, t.answer, round(t.prompt_per_s, 2), round(t.answer_per_s, 2),
                _blank(same.again), _blank(same.processes), _blank(same.threads), _blank(row.memory.estimated),
                _blank(row.memory.measured), row.machine, row.measured_at, row.digest, row.set_digest,
            )
        )  # fmt: skip
    return out.getvalue()


HEADS = (
    "backend", "model", "mode", "status", "why", "people", "valid_at_once", "repaired", "mended", "failed", "met",
    "expectations", "accuracy", "accuracy_low", "accuracy_high", "median_s", "p95_s", "cpu_s", "load_s",
    "prompt_tokens", "answer_tokens", "prompt_tokens_per_s", "answer_tokens_per_s", "same_again", "same_processes",
    "same_threads", "memory_estimated_bytes", "memory_measured_bytes", "machine", "measured_at", "digest",
    "people_digest",
)  # fmt: skip


def _blank(value: object) -> object:
    if value is None:
        return ""
    return round(value, 4) if isinstance(value, float) else value


def started(live: BenchLive, **changes: object) -> BenchLive:
    """``live`` with some of it changed, still stopping where it was stopping."""
    if live.phase == "stopping":
        changes = {**changes, "phase": "stopping"}
    return replace(live, **changes)  # type: ignore[arg-type]
