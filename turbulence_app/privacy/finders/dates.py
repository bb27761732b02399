"""Birth dates: a date after a word that says so. Other dates are nobody's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import DIGIT, Hit, whole

_MONTH = (
    r"(?:Jan|Feb|Mar|Mär|Apr|May|Mai|Jun|Jul|Aug|Sep|Oct|Okt|Nov|Dec|Dez|"
    r"janv|févr|mars|avr|juin|juil|août|déc|ene|abr|ago|dic|fev|set|out|mai|jan|jun|jul|nov|dez|mar)[^\W\d_]{0,7}\.?"
)
_DATE = (
    r"(?:[0-9]{4}[-./][0-9]{1,2}[-./][0-9]{1,2}|[0-9]{1,2} ?[-./] ?[0-9]{1,2} ?[-./] ?(?:[0-9]{4}|[0-9]{2})|"
    rf"[0-9]{{1,2}}(?:st|nd|rd|th|\.|er)?(?: of| de)? {_MONTH}(?: de)?,? [0-9]{{4}}|{_MONTH} [0-9]{{1,2}}(?:st|"
    rf"nd|rd|th)?,? [0-9]{{4}})"
)
_BORN = re.compile(
    r"\b(?:born|dob|d\.o\.b\.|date of birth|birth[ _-]?date|birthday|geboren|geb\.|geburtsdatum|geburtstag|née?|"
    r"date de naissance|fecha de nacimiento|nacid[oa]|data de nascimento|nascid[oa]|data di nascita)"
    r"(?:\W{0,6}(?:is|on|am|le|el|em|in|the|of|ist|was|at)\b){0,2}"
    rf"[\s:=(\"'–-]{{0,6}}({_DATE})(?!\w)",
    re.IGNORECASE,
)


def find(text: str) -> Iterator[Hit]:
    """The dates on which people were born."""
    if DIGIT.search(text) is not None:
        yield from (whole(m, "BIRTH_DATE", 1) for m in _BORN.finditer(text))
