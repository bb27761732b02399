"""What a finder gives back, and what several of them need."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal[
    "EMAIL",
    "PHONE",
    "CARD",
    "IBAN",
    "IP",
    "MAC",
    "CREDENTIAL",
    "SECRET",
    "NAME",
    "BIRTH_DATE",
    "ADDRESS",
    "NATIONAL_ID",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
DIGIT = re.compile("[0-9]")


class Hit(NamedTuple):
    """A stretch of the text, ``text[start:end]``, and what it is."""

    start: int
    end: int
    kind: Kind


def whole(match: re.Match[str], kind: Kind, group: int | str = 0) -> Hit:
    """The hit that a match, or a group of it, is."""
    start, end = match.span(group)
    return Hit(start, end, kind)


def luhn(digits: str) -> bool:
    """The check of payment cards (ISO/IEC 7812-1, annex B): every second digit from the right doubled."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
