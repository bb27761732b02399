"""The privacy page as rows for the window's sheet. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Page = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One kind of process: what it can reach, and what holds it."""

    process: str
    reach: str
    by: str
    closed: bool
    kernel: bool


@dataclass(frozen=True, slots=True)
class SeenRow:
    """Something of the ledger, in words."""

    what: str
    words: str
    token: str = ""


def held_rows(page: Page) -> list[HeldRow]:
    """Every kind of process, in the page's order."""
    return [_held(one) for one in page.get("containment", ())]


def _held(one: Mapping[str, Any]) -> HeldRow:
    closed = bool(one["closed"])
    kernel = closed and bool(one["native"]) and bool(one["children"])
    by = f"the kernel ({one['level']}), native code too" if kernel else "Python's own sockets only"
    return HeldRow(str(one["process"]), str(one["reach"]), by if closed else "nothing holds it", closed, kernel)


def seen_rows(page: Page) -> list[SeenRow]:
    """What was touched: sockets, files by area, models, child processes, downloads."""
    ledger: Mapping[str, Any] = page.get("ledger", {})
    sockets: Mapping[str, Any] = ledger.get("sockets", {})
    if not ledger:
        return []
    refused = int(sockets.get("refused", 0))
    rows = [
        SeenRow("sockets", f"{int(sockets.get('this_machine', 0)):,} to this machine"),
        SeenRow("", f"{int(sockets.get('allowed', 0)):,} to hosts on your list"),
        SeenRow("", f"{refused:,} refused", "bad" if refused else "good"),
    ]
    rows += [SeenRow("", f"refused: {one['to']}, {one['at']}", "bad") for one in sockets.get("refused_targets", ())[:5]]
    rows += [
        SeenRow("files" if not n else "", f"{area['name']}: {area['read']:,} read, {area['written']:,} written")
        for n, area in enumerate(ledger.get("files", ()))
    ]
    rows += [
        SeenRow(
            "models" if not n else "", f"{one['backend']} {one['model']}: {one['answers']:,} answers, {one['level']}"
        )
        for n, one in enumerate(ledger.get("models", ()))
    ]
    programs: Mapping[str, int] = ledger.get("programs", {})
    rows += [SeenRow("programs" if not n else "", f"{name}: {k:,}") for n, (name, k) in enumerate(programs.items())]
    rows += [SeenRow("downloads", f"{one['at']}: {one['what']}", "warn") for one in ledger.get("pulls", ())]
    return rows


def verdict(page: Page) -> tuple[str, str]:
    """One line, and the theme's colour for it."""
    problems = page.get("problems", ())
    if not problems:
        return "Everything is as it should be. The locks were tried out just now.", "good"
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0]}{more}", "bad"
