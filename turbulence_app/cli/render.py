"""Results as text for a terminal of any width: heads, tables, the funnel, verdicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turbulence_app.cli.console import Console
from turbulence_app.domain.failure import Failure
from turbulence_app.domain.run import Percentile, RunManifest, Summary, Verdict
from turbulence_app.insight import words
from turbulence_app.insight.funnel import Row, rows


def head(console: Console, title: str, aside: str = "") -> Iterator[str]:
    """A title with a quiet remark behind it, and a line of air above."""
    yield ""
    yield console.style(title, "bold") + (f"  {console.style(aside, 'dim')}" if aside else "")


def table(console: Console, rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> Iterator[str]:
    """Columns as wide as their content; ``right`` are aligned to the right. The first row is the head."""
    if not rows:
        return
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        line = ("  " + "  ".join(cells)).rstrip()
        line = clip(console, line, console.width)
        yield console.style(line, "dim") if number == 0 else line


def told(console: Console, lines: Iterator[str], messages: Sequence[str]) -> Iterator[str]:
    """The lines of a table, under each row what was seen there; ``messages`` are the rows', "" where there is none."""
    for line, message in zip(lines, ("", *messages), strict=True):
        yield line
        if message:
            yield console.style(clip(console, f"      {message}", console.width), "dim")


def clip(console: Console, text: str, width: int) -> str:
    """Text cut to a width, with a sign that it was."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + console.glyph("…", "~")


def milliseconds(value: float) -> str:
    """As other times, but what the cache answers takes microseconds."""
    if value >= 9.95:
        return words.milliseconds(value)
    return f"{value:.1f} ms" if value >= 0.1 else f"{1000 * value:.1f} us"


def codes(counts: dict[str, int]) -> str:
    """``crash 12, busy 3``, the most frequent first."""
    return ", ".join(f"{code} {words.count(number)}" for code, number in sorted(counts.items(), key=lambda c: -c[1]))


def funnel(console: Console, summary: Summary) -> Iterator[str]:
    """Step by step: how many came, as a bar; how many left then; how long they waited for an answer."""
    steps = rows(summary)
    if not steps:
        yield "  nobody reached a step"
        return
    name = min(max(len(step.step) for step in steps), 24)
    wide = console.width >= 76
    bar = max(console.width - name - (43 if wide else 22), 8)
    top = max(step.reached for step in steps)
    header = f"  {'step'.ljust(name)}  {'users'.rjust(9)}  {''.ljust(bar)}  {'left':>8}"
    yield console.style(header + (f"  {'wait p50':>8}  {'p95':>7}" if wide else ""), "dim")
    for step in steps:
        line = f"  {clip(console, step.step, name).ljust(name)}  {words.count(step.reached).rjust(9)}  "
        line += console.style(console.bar(step.reached / top, bar), "good" if step.goal else "accent")
        line += f"  {words.count(step.left) if step.left else '':>8}"
        yield (line + (f"  {_waits(step)}" if wide else "")).rstrip()


def _waits(step: Row) -> str:
    if step.latency is None or not step.latency.n:
        return ""
    return f"{words.milliseconds(step.latency.p50):>8}  {words.milliseconds(step.latency.p95):>7}"


def outcome(console: Console, summary: Summary) -> Iterator[str]:
    """What became of the crowd, in one or two lines."""
    users = summary.users
    parts = (
        ("completed", summary.completed, "good"),
        ("abandoned", summary.abandoned, "warn"),
        ("failed", summary.failed, "bad"),
    )
    cells = [f"{console.style(words.share(n, users), 'bold', style)} {name}" for name, n, style in parts]
    yield "  " + "   ".join(cells)
    yield "  " + console.style(f"time to complete: {percentiles(summary.time_to_complete)}", "dim")


def percentiles(value: Percentile) -> str:
    """``p50 41 s · p95 2 min · p99 3 min``."""
    if not value.n:
        return "nobody"
    pairs = (("p50", value.p50), ("p95", value.p95), ("p99", value.p99))
    return ", ".join(f"{name} {words.milliseconds(amount)}" for name, amount in pairs)


def verdicts(console: Console, summary: Summary) -> Iterator[str]:
    """One line for each invariant: whether it holds, and on how many users that was really tried."""
    for verdict in sorted(summary.verdicts, key=lambda v: v.status != "broken"):
        yield from _verdict(console, verdict)


def _verdict(console: Console, verdict: Verdict) -> Iterator[str]:
    sign, style = {
        "broken": (console.glyph("✗", "x"), "bad"),
        "holds": (console.glyph("✓", "ok"), "good"),
        "never_exercised": (console.glyph("○", "-"), "warn"),
    }[verdict.status]
    if verdict.status == "broken" and verdict.violations:
        tail = f"broken by {words.count(verdict.violations)} of {words.count(verdict.exercised)} users"
    elif verdict.status == "never_exercised":
        tail = "never exercised: nobody came where it could break"
    else:
        tail = f"{verdict.status}, {verdict.value}" if verdict.value else verdict.status
        tail += f" for {words.count(verdict.exercised)} users" if verdict.exercised and not verdict.value else ""
    yield f"  {console.style(sign, style, 'bold')} {verdict.name}  {console.style(tail, 'dim')}"
    if verdict.status == "broken" and verdict.says:
        yield console.style(f"      {verdict.says}", "dim")


def run_line(console: Console, manifest: RunManifest) -> str:
    """What was run, in one line."""
    what = f"{manifest.workflow}" + (f" / {manifest.scenario}" if manifest.scenario else "")
    parts = (what, f"{words.count(manifest.users)} users", f"seed {manifest.seed}", f"{manifest.elapsed_s:.2f} s")
    return f"{console.style(manifest.run_id, 'bold')}  " + console.style(
        f" {console.glyph('·', '-')} ".join(parts), "dim"
    )


def failures(console: Console, found: Sequence[Failure], most: int = 5) -> Iterator[str]:
    """The first failures, as they can be named on the command line."""
    rows = [("failure", "user", "persona", "invariant", "at step", "after")]
    rows += [
        (f.failure_id, words.count(f.user), f.persona, f.invariant, f.step, words.milliseconds(f.at_us / 1000))
        for f in found[:most]
    ]
    lines = table(console, rows, frozenset({1, 5}))
    yield from told(console, lines, [failure.message for failure in found[:most]])
    if len(found) > most:
        yield console.style(f"  and {words.count(len(found) - most)} more", "dim")
