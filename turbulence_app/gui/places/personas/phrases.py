"""Finding the words of a description that a policy's numbers came from. No Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of the description, ``start`` to ``end``, and the policy paths that rest on it."""

    start: int
    end: int
    paths: tuple[str, ...]


def find_phrases(text: str, evidence: Mapping[str, str | None]) -> list[Phrase]:
    """Where each piece of evidence stands in the text, in order; what is not found is left out.

    Blanks and letter case do not matter; overlapping stretches are joined.
    """
    found: dict[tuple[int, int], list[str]] = {}
    for path, phrase in evidence.items():
        for piece in _pieces(phrase or ""):
            place = _find(text, piece)
            if place is not None:
                found.setdefault(place, []).append(path)
    joined: list[Phrase] = []
    for (start, end), paths in sorted(found.items()):
        if joined and start < joined[-1].end:
            last = joined[-1]
            both = tuple(dict.fromkeys((*last.paths, *paths)))
            joined[-1] = Phrase(last.start, max(last.end, end), both)
        else:
            joined.append(Phrase(start, end, tuple(dict.fromkeys(paths))))
    return joined


def _pieces(phrase: str) -> list[str]:
    """A phrase may be several, joined by an ellipsis or a bar."""
    return [piece for piece in re.split(r"\s*(?:…|\.\.\.|\|)\s*", phrase) if piece.strip()]


def _find(text: str, phrase: str) -> tuple[int, int] | None:
    words = [re.escape(word) for word in phrase.split()]
    if not words or len(words) > 200:
        return None
    match = re.search(r"\s+".join(words), text, re.IGNORECASE)
    return match.span() if match else None
