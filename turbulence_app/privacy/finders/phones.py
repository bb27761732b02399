"""Telephone numbers: what ``phonenumbers`` holds for valid, as strict as the text around leaves room for.

With a plus sign any country's number counts. Without one, a number must be written in the groups of its country; after
a word such as "call" or "Tel." any way of writing is enough. A bare run of digits is an order number until the text
says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import Hit

_SIGNS = r"0-9 \t\u00a0\u202f().\-/\u2010\u2011\u2013"
_CANDIDATE = re.compile(rf"(?<![\w+.,/-])(?:\+ ?)?\(?\+?[0-9][{_SIGNS}]{{5,24}}[0-9](?!\w)")
_CUE = re.compile(
    r"\b(?:tel|phone|telephone|mobile|cell|call|calls|ring|rings|text|texts|fax|whats ?app|sms|signal|handy|telefon|"
    r"telefonnummer|rufnummer|mobil|anrufen|téléphone|portable|appelez|móvil|teléfono|celular|telefone|ligue|contact|"
    r"hotline|dial|number is|nummer ist|numéro est|reach(?: \w{2,4})? (?:at|on|under))\b\W{0,6}"
    r"(?:(?:me|him|her|them|us|at|on|no|nr|number|under|is|au|au|unter|para|al|:)\b\W{0,4}){0,3}$",
    re.IGNORECASE,
)
_GROUP = re.compile("[0-9]+")
_BACK = 48
MOST_GROUPS = 7
"""Nobody writes a number in more; a column of figures has them."""
UNPROMPTED = ("US", "GB", "DE", "FR", "IN", "BR")
PROMPTED = (*UNPROMPTED, "ES", "IT", "NL", "PL", "AT", "CH", "BE", "SE", "AU", "JP", "ZA", "MX", "IE", "PT")


def find(text: str) -> Iterator[Hit]:
    """Numbers that ring somewhere."""
    for match in _CANDIDATE.finditer(text):
        shown = match[0]
        digits = sum(c.isdigit() for c in shown)
        if not 7 <= digits <= 17 or len(_GROUP.findall(shown)) > MOST_GROUPS:
            continue
        prompted = _CUE.search(text, max(0, match.start() - _BACK), match.start()) is not None
        if prompted or "+" in shown or digits < len(shown):
            yield from _numbers(shown, match.start(), prompted)


def _numbers(shown: str, start: int, prompted: bool) -> Iterator[Hit]:
    from phonenumbers import Leniency, PhoneNumberMatcher

    plan: list[tuple[str | None, int]]
    if "+" in shown or shown.startswith("00"):
        plan = [(None, Leniency.VALID), (None, Leniency.POSSIBLE)]
        shown = shown if "+" in shown else shown.replace("00", "+ ", 1)
    elif prompted:
        plan = [(region, Leniency.VALID) for region in PROMPTED]
    else:
        plan = [(region, Leniency.EXACT_GROUPING) for region in UNPROMPTED]
    for region, leniency in plan:
        matches = [
            m for m in PhoneNumberMatcher(shown, region, leniency) if prompted or not _is_rare(region, m.raw_string)
        ]
        found = [Hit(start + m.start, start + m.end, "PHONE") for m in matches]
        if found:
            yield from found
            return


def _is_rare(region: str | None, shown: str) -> bool:
    """India's fixed lines are written in the groups of any figures; its mobiles begin with 6 to 9."""
    return region == "IN" and shown.lstrip("0")[:1] not in "6789"
