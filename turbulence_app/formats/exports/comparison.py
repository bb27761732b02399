"""Two runs beside each other as a file: one self-contained HTML page, or one CSV table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from html import escape

from turbulence_app.domain.comparison import Comparison, LatencyChange, ShareChange
from turbulence_app.formats.exports.html import page

Row = tuple[str, ...]


def comparison_html(found: Comparison) -> str:
    """The page."""
    one, other = found.one.run_id, found.other.run_id
    head = ("", one, other, "difference", "95 % interval")
    body = "\n".join(
        (
            f"<h1>{escape(other)} against {escape(one)}</h1>",
            f'<p class="dim">{escape(found.one.workflow)} · {escape(_pairing(found))}</p>',
            *_section("What went in differently", ("what", one, other), _inputs(found)),
            *_section("Completion", head, (_share(change) for change in (found.completion, *found.personas))),
            *_section("Who reaches each step", head, map(_share, found.funnel)),
            *_section("Who leaves where", head, map(_share, found.drop_offs)),
            *_section("Invariants", ("", one, other), _verdicts(found)),
            *_section("Latency p50 · p95 · p99, ms", ("", one, other), map(_latency, found.latencies)),
            *_section("Kinds of failure, kept", ("", one, other), _kinds(found)),
            f'<p class="dim">{escape(found.formula)}</p>',
            *(f'<p class="dim">{escape(note)}</p>' for note in found.notes),
        )
    )
    return page(f"{other} against {one}", body)


def comparison_csv(found: Comparison) -> str:
    """One table: section, what, both sides, the difference with its interval."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("section", "persona", "what", found.one.run_id, found.other.run_id, "difference", "low", "high"))
    for change in found.changes:
        writer.writerow((f"input: {change.area}", "", change.what, change.before, change.after, "", "", ""))
    for section, changes in (
        ("completion", (found.completion, *found.personas)),
        ("reached", found.funnel),
        ("drop-off", found.drop_offs),
    ):
        for share in changes:
            numbers = (share.before, share.after, share.difference, share.low, share.high)
            writer.writerow((section, share.persona, share.name, *(f"{number:.6f}" for number in numbers)))
    for latency in found.latencies:
        for name in ("p50", "p95", "p99"):
            values = [f"{getattr(side, name):.3f}" if side else "" for side in (latency.before, latency.after)]
            writer.writerow(("latency ms", "", f"{latency.step} {name}", *values, "", "", ""))
    for kind in found.kinds:
        what = f"{kind.invariant} at {kind.step}" if kind.step else kind.invariant
        writer.writerow(("failures", kind.persona, what, kind.before, kind.after, kind.after - kind.before, "", ""))
    for flip in found.flips:
        what = f"user {flip.user}"
        writer.writerow(
            (
                "flipped",
                flip.persona,
                what,
                _end(flip.before, flip.before_step),
                _end(flip.after, flip.after_step),
                "",
                "",
                "",
            )
        )
    return out.getvalue()


def _pairing(found: Comparison) -> str:
    if found.paired:
        return "the same people on the same draws"
    return f"not paired: {found.unpaired_because}"


def _end(outcome: str, step: str) -> str:
    return f"{outcome} at {step}" if step else outcome


def _inputs(found: Comparison) -> Iterator[Row]:
    for change in found.changes:
        yield f"{change.area}: {change.what}", change.before or "–", change.after or "–"


def _share(change: ShareChange) -> Row:
    name = f"{change.persona} · {change.name}" if change.persona else change.name
    return (
        name, f"{change.before:.1%}", f"{change.after:.1%}", f"{100 * change.difference:+.2f} points",
        f"{100 * change.low:+.2f} to {100 * change.high:+.2f}",
    )  # fmt: skip


def _verdicts(found: Comparison) -> Iterator[Row]:
    for verdict in found.verdicts:
        sides = (
            (verdict.before, verdict.before_violations),
            (verdict.after, verdict.after_violations),
        )
        words = [f"{status.replace('_', ' ')}{f' ({n:,})' if n else ''}" if status else "–" for status, n in sides]
        yield verdict.name, words[0], words[1]


def _latency(change: LatencyChange) -> Row:
    words = [f"{p.p50:,.0f} · {p.p95:,.0f} · {p.p99:,.0f}" if p else "–" for p in (change.before, change.after)]
    return change.step, words[0], words[1]


def _kinds(found: Comparison) -> Iterator[Row]:
    for kind in found.kinds:
        what = " · ".join(part for part in (kind.invariant, kind.step, kind.persona) if part)
        yield what, f"{kind.before:,}", f"{kind.after:,}"


def _section(title: str, head: Row, rows: Iterable[Row]) -> Iterator[str]:
    listed = list(rows)
    yield f"<h2>{escape(title)}</h2>"
    if not listed:
        yield '<div class="panel dim">nothing</div>'
        return
    cells = "".join(
        f'<th class="n">{escape(words)}</th>' if i else f"<th>{escape(words)}</th>" for i, words in enumerate(head)
    )
    lines = "".join(
        "<tr>"
        + "".join(f'<td class="n">{escape(c)}</td>' if i else f"<td>{escape(c)}</td>" for i, c in enumerate(row))
        + "</tr>"
        for row in listed
    )
    yield f'<div class="panel"><table><tr>{cells}</tr>{lines}</table></div>'
