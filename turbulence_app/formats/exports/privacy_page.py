"""The privacy page as one HTML file for printing and signing: no script, no link, nothing that is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

_STYLE = """
@page{margin:18mm}
body{margin:0 auto;max-width:860px;padding:28px 20px;color:#171b21;background:#fff;font:14px/1.5 system-ui,sans-serif}
h1{font-size:24px;margin:0}h2{font-size:16px;margin:26px 0 6px;border-bottom:1px solid #c9ced6;padding-bottom:3px}
table{border-collapse:collapse;width:100%}td,th{padding:4px 10px 4px 0;text-align:left;vertical-align:top}
th{color:#5a6473;font-weight:500;border-bottom:1px solid #e0e4ea}td{border-bottom:1px solid #f0f2f5}
code{font:12px/1.5 ui-monospace,Consolas,monospace;word-break:break-all}
.dim{color:#5a6473}.good{color:#0b6b44;font-weight:600}.bad{color:#b3261e;font-weight:600}
ul{margin:6px 0;padding-left:20px}
.sign{display:flex;gap:28px;margin-top:46px}.sign div{flex:1;border-top:1px solid #171b21;padding-top:4px}
@media print{h2{break-after:avoid}tr{break-inside:avoid}}
"""


def privacy_html(page: Mapping[str, Any]) -> str:
    """The document out of the page's plain data."""
    program = page["installation"]
    body = [
        "<h1>Turbulence: privacy on this machine</h1>",
        f'<p class="dim">{escape(page["date"])} · Turbulence {escape(program["version"])} · Python '
        f"{escape(program['python'])} · {escape(program['system'])}</p>",
        _verdict(page),
        *_containment(page),
        *_ledger(page),
        "<h2>What leaves</h2>",
        f"<p>{escape(page['promise'])}</p>",
        _list(page["exceptions"]),
        "<h2>Personal data before a prompt</h2>",
        "<p>Language models, reports and exports get placeholders for: "
        f"{escape(', '.join(kind.lower().replace('_', ' ') for kind in page['redacted_kinds']))}. Not found:</p>",
        _list(page["redaction_limits"]),
        *_at_rest(page),
        *_installation(program),
        '<div class="sign"><div>Name</div><div>Date</div><div>Signature</div></div>',
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Turbulence: privacy</title>\n'
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _verdict(page: Mapping[str, Any]) -> str:
    if page["ok"]:
        return '<p class="good">Everything is as it should be.</p>'
    return '<p class="bad">Look at this before you sign:</p>' + _list(page["problems"])


def _containment(page: Mapping[str, Any]) -> list[str]:
    lock = page["lock"]
    state = "on, and refused a connection just now" if lock["on"] and lock["holds"] else "NOT in force"
    rows = [
        (one["process"], one["reach"], one["in_words"], _yes(one["native"]), _yes(one["children"]))
        for one in page["containment"]
    ]
    head = ("process", "may reach", "in force", "native code refused", "child process refused")
    return [
        "<h2>What is in force</h2>",
        f"<p>The egress lock is {state}. Tried out for each kind of process, at the time above:</p>",
        _table(head, rows),
    ]


def _ledger(page: Mapping[str, Any]) -> list[str]:
    seen = page["ledger"]
    sockets = seen["sockets"]
    hosts = ", ".join(f"{host} ({count})" for host, count in sockets["hosts"].items()) or "none"
    parts = [
        "<h2>What was touched</h2>",
        f'<p class="dim">{seen["entries"]:,} entries from {escape(seen["since"] or "-")} to '
        f"{escape(seen['until'] or '-')}, <code>{escape(page['ledger_folder'])}</code></p>",
        _table(
            ("sockets", "calls"),
            [
                ("to this machine", f"{sockets['this_machine']:,}"),
                (f"to hosts on the list: {hosts}", f"{sockets['allowed']:,}"),
                ("refused", f"{sockets['refused']:,}"),
            ],
        ),
    ]
    if sockets["refused_targets"]:
        rows = [(one["at"], one["process"], one["call"], one["to"]) for one in sockets["refused_targets"]]
        parts.append(_table(("refused at", "process", "call", "to"), rows))
    files = [(one["name"], f"{one['read']:,}", f"{one['written']:,}") for one in seen["files"]]
    parts.append(_table(("files", "read", "written"), files))
    names = ("backend", "model", "digest", "level", "answers")
    models = [tuple(str(one[name]) for name in names) for one in seen["models"]]
    parts.append(_table(("model by", "name", "digest", "held by", "answers"), models))
    parts.append(_table(("child processes", "started"), [(k, f"{n:,}") for k, n in seen["programs"].items()]))
    parts.append(_table(("downloads by Ollama", "what"), [(one["at"], one["what"]) for one in seen["pulls"]]))
    return parts


def _at_rest(page: Mapping[str, Any]) -> list[str]:
    rows = [
        (f"{one['path']}", one["what"], one["rights"] or "not there", f"{one['size_bytes']:,}", one["erase"])
        for one in page["at_rest"]
    ]
    return ["<h2>Data at rest</h2>", _table(("where", "what", "rights", "bytes", "to erase"), rows)]


def _installation(program: Mapping[str, Any]) -> list[str]:
    packages = ", ".join(f"{name} {version}" for name, version in program["packages"].items())
    return [
        "<h2>Installation</h2>",
        f"<p>{program['files']:,} files, <code>{escape(program['digest'])}</code></p>",
        f'<p class="dim">{escape(packages)}</p>',
    ]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    cells = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows] or [
        f'<tr><td colspan="{len(heads)}" class="dim">none</td></tr>'
    ]
    return "<table><tr>" + "".join(f"<th>{escape(name)}</th>" for name in heads) + "</tr>" + "".join(cells) + "</table>"


def _list(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
