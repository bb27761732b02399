"""One self-contained HTML file of a run: verdicts, funnel, latency, failures with their stories. No script, no link.

The colours are those of the window (a test keeps them equal); dark or light as the reader's system is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from turbulence_app.domain.analysis import Board
from turbulence_app.domain.failure import Failure, Shrunk
from turbulence_app.domain.run import RunManifest, StepStats, Summary, Timeline, Verdict
from turbulence_app.formats.exports.stories import why_broken

MAX_FAILURES = 50
MAX_REASONS = 20
COLOURS = {
    "dark": {
        "ground": "#0f1216", "panel": "#161a20", "line": "#2a313c", "text": "#e6e9ee", "dim": "#919aa9",
        "accent": "#4cc2ff", "good": "#3ecf8e", "warn": "#f5b83d", "bad": "#ff6b6b", "track": "#232934",
    },
    "light": {
        "ground": "#f6f7f9", "panel": "#ffffff", "line": "#dde2e9", "text": "#171b21", "dim": "#5d6776",
        "accent": "#0a7bc4", "good": "#128a5a", "warn": "#b37400", "bad": "#d13438", "track": "#e6e9ee",
    },
}  # fmt: skip
_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:15px/1.5 Inter,system-ui,"Segoe UI",sans-serif}
main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:26px;margin:0}h2{font-size:17px;margin:34px 0 10px}h3{font-size:15px;margin:0 0 4px}
.dim,small{color:var(--dim)}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:0 0 12px;
overflow-x:auto}
.figures{display:flex;flex-wrap:wrap;gap:12px}.figures .panel{flex:1 1 150px;margin:0}
.figures b{display:block;font-size:25px;font-weight:600}
table{border-collapse:collapse;width:100%}td,th{padding:5px 10px 5px 0;text-align:left;vertical-align:middle}
th{color:var(--dim);font-weight:500;border-bottom:1px solid var(--line)}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{background:var(--track);border-radius:4px;height:12px;min-width:120px}
.bar i{display:block;background:var(--accent);height:12px;border-radius:4px}
code,pre{font:13px/1.6 "JetBrains Mono",ui-monospace,Consolas,monospace}
pre{margin:8px 0 0;white-space:pre-wrap}svg{width:100%;height:120px;display:block}
@media print{body{background:#fff}}
"""


def html(
    manifest: RunManifest,
    summary: Summary,
    failures: Sequence[Failure],
    shrunk: dict[str, Shrunk],
    stories: dict[str, tuple[str, ...]],
    board: Board | None = None,
) -> str:
    """The document; ``stories`` are those of the shrunk failures, line by line, by failure id. ``board``: the analysis
    of everybody, where there is one.
    """
    title = f"{manifest.workflow}{f' / {manifest.scenario}' if manifest.scenario else ''}"
    body = "\n".join(
        (
            *_head(title, manifest, summary),
            *_verdicts(summary.verdicts),
            *_funnel(summary),
            *(_reasons(board) if board is not None else ()),
            *(_times(board) if board is not None else ()),
            *_timeline(summary.timeline),
            *_personas(summary),
            *_faults(summary),
            *_failures(failures, shrunk, stories),
            *_notes(manifest, summary),
        )
    )
    return page(f"{title} · {manifest.run_id}", body)


def page(title: str, body: str) -> str:
    """A whole document around ``body``, in the window's colours; it loads nothing and runs nothing."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>{_scheme()}{_STYLE}</style>\n"
        f"</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _scheme() -> str:
    def of(name: str) -> str:
        return ":root{" + ";".join(f"--{key}:{value}" for key, value in COLOURS[name].items()) + "}"

    return f"\n{of('light')}\n:root{{color-scheme:light dark}}\n@media(prefers-color-scheme:dark){{{of('dark')}}}"


def _head(title: str, manifest: RunManifest, summary: Summary) -> Iterator[str]:
    broken = sum(v.status == "broken" for v in summary.verdicts)
    said = f'<span class="bad">{broken} broken</span>' if broken else '<span class="good">holds</span>'
    yield f"<h1>{escape(title)}: {said}</h1>"
    yield (
        f'<p class="dim">{escape(manifest.run_id)} · {summary.users:,} users · seed {manifest.seed} · target '
        f"{manifest.target} · {escape(manifest.created_at[:16].replace('T', ' '))} · Turbulence "
        f"{escape(manifest.version)}</p>"
    )
    figures = (
        ("completed", summary.completed, "good"), ("abandoned", summary.abandoned, "warn"),
        ("failed", summary.failed, "bad"),
    )  # fmt: skip
    cells = [f'<div class="panel"><b class="{c}">{_share(n, summary.users)}</b>{name}</div>' for name, n, c in figures]
    cells.append(f'<div class="panel"><b>{_ms(summary.time_to_complete.p50)}</b>median time to complete</div>')
    cells.append(f'<div class="panel"><b>{summary.requests:,}</b>requests</div>')
    yield f'<div class="figures">{"".join(cells)}</div>'


def _verdicts(verdicts: Sequence[Verdict]) -> Iterator[str]:
    if not verdicts:
        return
    signs = {"broken": ("✗", "bad"), "holds": ("✓", "good"), "never_exercised": ("○", "warn")}
    rows = []
    for verdict in sorted(verdicts, key=lambda v: v.status != "broken"):
        sign, style = signs[verdict.status]
        told = why_broken(verdict) if verdict.status == "broken" else verdict.says or verdict.value
        told = "never exercised: nobody came where it could break" if verdict.status == "never_exercised" else told
        rows.append(
            f'<tr><td class="{style}">{sign}</td><td>{escape(verdict.name)}<br><code class="dim">{verdict.kind}: '
            f'{escape(verdict.expression)}</code></td><td>{escape(told)}</td><td class="n">{verdict.exercised:,}</td>'
            "</tr>"
        )
    head = '<tr><th></th><th>rule</th><th></th><th class="n">exercised by</th></tr>'
    yield from _section("Verdicts", f"<table>{head}{''.join(rows)}</table>")


def _funnel(summary: Summary) -> Iterator[str]:
    steps = [s for s in summary.funnel if s.reached and s.type not in ("branch", "repeat", "assert")]
    top = max((s.reached for s in steps), default=1)
    rows = "".join(_step(step, top) for step in steps)
    head = (
        '<tr><th>step</th><th class="n">users</th><th></th><th class="n">left here</th><th class="n">p50</th>'
        '<th class="n">p95</th><th class="n">p99</th></tr>'
    )
    if steps:
        yield from _section("Funnel and waiting", f"<table>{head}{rows}</table>")


def _step(step: StepStats, top: int) -> str:
    wait = step.latency if step.latency is not None and step.latency.n else None
    times = (_ms(wait.p50), _ms(wait.p95), _ms(wait.p99)) if wait is not None else ("", "", "")
    cells = "".join(f'<td class="n">{time}</td>' for time in times)
    return (
        f'<tr><td>{escape(step.step)}</td><td class="n">{step.reached:,}</td><td><div class="bar">'
        f'<i style="width:{100 * step.reached / top:.1f}%"></i></div></td>'
        f'<td class="n">{f"{step.ended_here:,}" if step.ended_here else ""}</td>{cells}</tr>'
    )


def _reasons(board: Board) -> Iterator[str]:
    """Why visits ended without success, most people first."""
    gone = sum(bar.count.people for bar in board.reasons)
    rows = "".join(
        f'<tr><td>{escape(bar.words)}</td><td class="n">{bar.count.people:,}</td><td><div class="bar">'
        f'<i style="width:{100 * bar.count.people / gone:.1f}%"></i></div></td>'
        f'<td class="n">{_share(bar.count.people, gone)}</td></tr>'
        for bar in board.reasons[:MAX_REASONS]
    )
    head = '<tr><th>reason</th><th class="n">people</th><th></th><th class="n">of those who left</th></tr>'
    if gone:
        yield from _section("Why people leave", f"<table>{head}{rows}</table>")


def _times(board: Board) -> Iterator[str]:
    """How long, by persona: until completing, hesitating before leaving, and how much of it is waiting."""
    rows = []
    for place, share in enumerate(board.shares):
        if not share.people:
            continue
        spreads = [told.personas[place] for told in (board.convert, board.dwell) if place < len(told.personas)]
        times = [_ms(value) if spread.n else "" for spread in spreads for value in (spread.p50, spread.p95)]
        cells = "".join(f'<td class="n">{time}</td>' for time in (*times, *[""] * (4 - len(times))))
        waiting = _share(share.waited_ms, share.waited_ms + share.own_ms)
        rows.append(f'<tr><td>{escape(share.persona)}</td><td class="n">{share.people:,}</td>{cells}')
        rows.append(f'<td class="n">{waiting}</td><td class="n">{share.retries:.2f}</td></tr>')
    head = (
        '<tr><th>persona</th><th class="n">people</th><th class="n">completes p50</th><th class="n">p95</th>'
        '<th class="n">hesitates p50</th><th class="n">p95</th><th class="n">waiting</th>'
        '<th class="n">retries</th></tr>'
    )
    if rows:
        yield from _section("How long it takes", f"<table>{head}{''.join(rows)}</table>")


def _timeline(timeline: Timeline) -> Iterator[str]:
    bins = len(timeline.arrived)
    if bins < 2:
        return
    top = max((*timeline.arrived, *timeline.completed, *timeline.abandoned, 1))
    lines = []
    for name, style in (("arrived", "accent"), ("completed", "good"), ("abandoned", "warn")):
        values: tuple[int, ...] = getattr(timeline, name)
        points = " ".join(f"{1000 * i / (bins - 1):.1f},{100 - 96 * v / top:.1f}" for i, v in enumerate(values))
        lines.append(
            f'<polyline fill="none" stroke="var(--{style})" stroke-width="1.5" '
            f'vector-effect="non-scaling-stroke" points="{points}"/>'
        )
    legend = '<small>arrived <span class="good">completed</span> <span class="warn">abandoned</span>, per '
    legend += f"{timeline.bin_us / 1_000_000:g} s</small>"
    picture = f'<svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img">{"".join(lines)}</svg>{legend}'
    yield from _section("Over time", picture)


def _personas(summary: Summary) -> Iterator[str]:
    rows = "".join(
        f'<tr><td>{escape(p.persona)}</td><td class="n">{p.users:,}</td><td class="n">{_share(p.completed, p.users)}'
        f'</td><td class="n">{_share(p.abandoned, p.users)}</td><td class="n">{_share(p.failed, p.users)}</td>'
        f'<td class="n">{p.violations:,}</td></tr>'
        for p in summary.personas
    )
    head = "<tr><th>persona</th>" + "".join(
        f'<th class="n">{name}</th>' for name in ("users", "completed", "abandoned", "failed", "violations")
    )
    if rows:
        yield from _section("People", f"<table>{head}</tr>{rows}</table>")


def _faults(summary: Summary) -> Iterator[str]:
    rows = "".join(
        f'<tr><td>{escape(f.label)}</td><td class="n">{f.struck:,}</td><td class="n">{f.users:,}</td><td class="n">'
        f"{_changed(f.changed)}</td></tr>"
        for f in summary.faults
    )
    head = '<tr><th>trouble</th><th class="n">struck</th><th class="n">users</th><th class="n">changed</th></tr>'
    if rows:
        yield from _section("Trouble", f"<table>{head}{rows}</table>")


def _failures(
    failures: Sequence[Failure], shrunk: dict[str, Shrunk], stories: dict[str, tuple[str, ...]]
) -> Iterator[str]:
    if not failures:
        return
    yield "<h2>Failures</h2>"
    shown = sorted(failures[: MAX_FAILURES * 20], key=lambda f: f.failure_id not in shrunk)[:MAX_FAILURES]
    for failure in shown:
        best = shrunk.get(failure.failure_id)
        parts = [f"<h3>{escape(failure.invariant)} <small>{escape(failure.failure_id)}</small></h3>"]
        parts.append(f'<div class="dim">{_where(failure)}</div>')
        if best is not None:
            parts.append(f"<p>{_smallest(best)}</p><pre>{escape(_lines(stories.get(failure.failure_id, ())))}</pre>")
            if best.proof:
                parts.append(f'<pre class="dim">{escape(_lines(best.proof))}</pre>')
        yield f'<div class="panel">{"".join(parts)}</div>'
    if len(failures) > len(shown):
        yield f'<p class="dim">and {len(failures) - len(shown):,} more</p>'


def _where(failure: Failure) -> str:
    parts = [f"user {failure.user}", failure.persona, f"at {failure.step}" if failure.step else ""]
    parts += [f"after {_ms(failure.at_us / 1000)}", failure.message]
    return escape(" · ".join(part for part in parts if part))


def _smallest(best: Shrunk) -> str:
    took = "; ".join(choice.meaning for choice in best.choices) or "nothing out of the ordinary"
    proof = " (nothing of it can be left out)" if best.minimal else ""
    return escape(f"Of {best.found_choices} choices {len(best.choices)} are needed{proof}: {took}.")


def _notes(manifest: RunManifest, summary: Summary) -> Iterator[str]:
    lines = [*summary.notes, f"digest {manifest.digest}" if manifest.digest else f"status: {manifest.status}"]
    if manifest.build:
        lines.append(f"build {manifest.build}")
    yield from _section("Notes", "<br>".join(f"<code>{escape(line)}</code>" for line in lines))


def _section(title: str, content: str) -> Iterator[str]:
    yield f'<h2>{title}</h2>\n<div class="panel">{content}</div>'


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _changed(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _ms(value: float) -> str:
    return (
        f"{value:.0f} ms"
        if value < 1000
        else f"{value / 1000:.1f} s"
        if value < 90_000
        else f"{value / 60_000:.1f} min"
    )
