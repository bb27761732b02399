"""Messages made alike: what differs from one world to the next (numbers, ids, moments) is taken out."""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of a normalised message."""
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "TIME"),
    (re.compile(r"\b0x[0-9a-fA-F]+\b"), "ID"),
    (re.compile(r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b"), "ID"),
    (re.compile(r"(?<![\w.])[-+]?\d+(?:[.,_]\d+)*(?:[eE][-+]?\d+)?"), "N"),
    (re.compile(r"\d+"), "N"),
    (re.compile(r"(?:\b(N|ID)\b(?:, )?){2,}"), r"\1 ..."),
    (re.compile(r"\s+"), " "),
)
_PLACE = re.compile(r"(\([^()\s]+:\d+\))")
_TIMES = re.compile(r" \d+ times?:")


def remark(note: str) -> str:
    """A world's note for a whole campaign: alike in all worlds, but places in the application's files are kept."""
    parts = _PLACE.split(_TIMES.sub(":", note))
    return " ".join(part if i % 2 else alike(part) for i, part in enumerate(parts)).strip()


def alike(message: str) -> str:
    """The message with numbers as ``N``, ids as ``ID``, dates as ``TIME``, and lists of them cut short."""
    for pattern, instead in _RULES:
        message = pattern.sub(instead, message)
    message = message.strip()
    return message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"
