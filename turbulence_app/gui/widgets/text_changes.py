"""Stretches of a text that are replaced: only what differs, and counted as Qt counts. Qt-free."""

from __future__ import annotations

from collections.abc import Sequence

Change = tuple[int, int, str]


def units(text: str, at: int) -> int:
    """A place in Qt's count: characters beyond the first 65,536 are two units there."""
    return at + sum(ord(c) > 0xFFFF for c in text[:at])


def trimmed(text: str, changes: Sequence[Change]) -> list[Change]:
    """The same changes without what the old and the new stretch begin and end with alike."""
    found = []
    for start, end, new in changes:
        old = text[start:end]
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        if head < len(old) or head < len(new):
            found.append((start + head, end - tail, new[head : len(new) - tail]))
    return found


def _common(one: str, other: str) -> int:
    length = min(len(one), len(other))
    return next((i for i in range(length) if one[i] != other[i]), length)
