"""A report as text with sections that can be left out and taken in again. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Mapping

HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
KINDS = {
    "EMAIL": "e-mail address",
    "PHONE": "telephone number",
    "IP": "network address",
    "URL": "address with a secret",
}


def sections(text: str) -> dict[str, str]:
    """Titles and what stands below them, in order; what stands before the first title is under ''."""
    found: dict[str, str] = {}
    marks = list(HEADING.finditer(text))
    found[""] = text[: marks[0].start()] if marks else text
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        found[mark[1].strip()] = text[mark.start() : end]
    return found


def without(text: str, title: str) -> tuple[str, str]:
    """The text without a section, and that section with its heading ("" where there is none)."""
    found = sections(text)
    taken = found.pop(title, "")
    return "".join(found.values()), taken


def including(text: str, title: str, section: str, order: tuple[str, ...]) -> str:
    """The text with a section back in its place: before the next one of the order that is there."""
    found = sections(text)
    later = [name for name in order[order.index(title) + 1 :] if name in found] if title in order else []
    parts: list[str] = []
    for name, body in found.items():
        if later and name == later[0]:
            parts.append(_ended(section))
        parts.append(body)
    if not later:
        parts.append(_ended(section) if not text or text.endswith("\n") else "\n\n" + _ended(section))
    return "".join(parts)


def replaced_words(counts: Mapping[str, int]) -> str:
    """What redaction takes out when the file is written."""
    total = sum(counts.values())
    if not total:
        return "No personal data is found in it."
    kinds = ", ".join(
        f"{number} × {KINDS.get(kind, kind.lower().replace('_', ' '))}" for kind, number in counts.items()
    )
    return f"Replaced when it is saved: {kinds}."


def size_words(text: str) -> str:
    """How much it is."""
    lines = text.count("\n") + bool(text and not text.endswith("\n"))
    return f"{lines:,} lines, {len(text.encode('utf-8', 'replace')) / 1000:,.1f} kB"


def _ended(section: str) -> str:
    return section if section.endswith("\n\n") else section.rstrip("\n") + "\n\n"
