"""CSV tables: the funnel, the failures, the users."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.run import Summary
from turbulence_app.domain.trace import UserTrace

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def funnel(summary: Summary) -> str:
    """One row for each step; times in milliseconds."""
    head = ("step", "type", "reached", "passed", "failed", "ended_here", "requests", "retries", "latency_n",
            "latency_mean_ms", "latency_p50_ms", "latency_p95_ms", "latency_p99_ms", "latency_max_ms")  # fmt: skip
    rows = []
    for step in summary.funnel:
        wait = step.latency
        times = (wait.n, wait.mean, wait.p50, wait.p95, wait.p99, wait.max) if wait is not None else ("",) * 6
        rows.append((step.step, step.type, step.reached, step.passed, step.failed, step.ended_here, step.requests,
                     step.retries, *times))  # fmt: skip
    return _table(head, rows)


def failures(found: Sequence[Failure], shrunk: dict[str, Shrunk]) -> str:
    """One row for each kept failure."""
    head = ("failure", "user", "persona", "invariant", "step", "at_ms", "events", "message", "shrunk_to_choices",
            "minimal")  # fmt: skip
    rows = []
    for one in found:
        best = shrunk.get(one.failure_id)
        small: tuple[object, ...] = (len(best.choices), best.minimal) if best is not None else ("", "")
        rows.append((one.failure_id, one.user, one.persona, one.invariant, one.step, one.at_us / 1000, one.events,
                     one.message, *small))  # fmt: skip
    return _table(head, rows)


def users(traces: Iterable[UserTrace]) -> str:
    """One row for each visit."""
    head = ("user", "persona", "arrived_ms", "ended_ms", "outcome", "reason", "last_step", "steps", "violations")
    return _table(
        head,
        (
            (t.user, t.persona, t.arrived_us / 1000, t.ended_us / 1000, t.outcome, t.reason, t.last_step, t.steps,
             " ".join(t.violations))
            for t in traces
        ),
    )  # fmt: skip


def pieces(head: Sequence[str], rows: Iterable[Sequence[object]], batch: int = 1_000) -> Iterator[str]:
    """A table of any length in pieces of ``batch`` rows, the headings first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(value) for value in row])
        if number % batch == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    return "".join(pieces(head, rows))


def _cell(value: object) -> object:
    """Texts that a spreadsheet would take for a formula get a quote in front."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
