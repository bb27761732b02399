"""Postal addresses where they look like one: after a label, or a street with its house number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import DIGIT, Hit, whole

_LABEL = re.compile(
    r"(?:^|(?<=[\n,;({|]))[ \t\"']{0,4}(?:(?:my|home|postal|billing|shipping|delivery|street|mailing|residential) )?"
    r"(?:address|anschrift|adresse|dirección|endereço|indirizzo)[\"']? ?[:=] ?[\"']?([^\n\"'\[\]|;]{8,120})",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][\w'’.-]{0,24}"
_CITY = r"[^\W\d_a-z][\w'’-]{1,24}"
_ENGLISH = re.compile(
    r"(?<![\w.,-])[0-9]{1,5}[A-Za-z]?,? (?:[A-Z0-9][\w'’.-]{0,24} ){1,3}"
    r"(?:(?:St|Ave|Rd|Ln|Dr|Blvd|Hwy)(?:\b\.)?|Street|Avenue|Road|Lane|Drive|Boulevard|Court|Crescent|Close|"
    r"Square|Way|"
    r"Terrace|Parkway|Highway|Gardens|Grove|Nagar|Marg)\b(?:,? (?:Apt|Apartment|Suite|Unit|Flat|#) ?[\w-]{1,6})?"
    rf"(?:, {_CITY}(?: {_CITY}){{0,2}}(?:,? [A-Z]{{2}} [0-9]{{5}}(?:-[0-9]{{4}})?)?)?"
)
_GERMAN = re.compile(
    r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|allee|gasse|ufer|"
    r"damm)[ \t]{1,2}[0-9]{1,4} ?[a-z]?(?!\w)"
    r"(?:,? [0-9]{5} [A-ZÄÖÜ][\wäöüß-]{1,30})?|"
    r"(?<!\w)[A-ZÄÖÜ][\wäöüß]{1,30}er (?:Straße|Strasse|Str\.|Weg|Platz|Allee|Damm) [0-9]{1,4} ?[a-z]?(?!\w)"
    r"(?:,? [0-9]{5} [A-ZÄÖÜ][\wäöüß-]{1,30})?"
)
_FRENCH = re.compile(
    r"(?<![\w.,-])[0-9]{1,4}(?: (?:bis|ter))?,? (?:rue|avenue|boulevard|place|allée|chemin|impasse|quai|cours) "
    rf"(?:(?:de|du|des|la|le|les|l'|l’|d'|d’) ?){{0,2}}{_WORD}(?:[ -][A-ZÉ]{_WORD}){{0,3}}(?:,? [0-9]{{5}} {_CITY})?"
)
_IBERIAN = re.compile(
    rf"(?<!\w)(?:Rua|Avenida|Av\.|Travessa|Alameda|Praça|Calle|Paseo|Plaza) (?:(?:de|da|do|dos|das|la|el|"
    rf"los) ){{0,2}}{_WORD}"
    rf"(?: (?:de|da|do|dos|das|la|el|{_WORD})){{0,3}},? (?:n[º°.] ?)?[0-9]{{1,5}}(?!\w)"
)
_POSTCODE = re.compile(
    r"(?<![\w-])(?:[A-PR-UWYZ][0-9]{1,2}|[A-PR-UWYZ][A-HK-Y][0-9]{1,2}|[A-PR-UWYZ][0-9][A-HJKPSTUW]|"
    r"[A-PR-UWYZ][A-HK-Y][0-9][ABEHMNPRVWXY]) [0-9][ABD-HJLNP-UW-Z]{2}(?![\w-])"
)


def find(text: str) -> Iterator[Hit]:
    """Where somebody lives, as far as its form says so."""
    if DIGIT.search(text) is None:
        return
    for match in _LABEL.finditer(text):
        if DIGIT.search(match[1]) and "@" not in match[1] and "://" not in match[1] and "{" not in match[1]:
            end = match.start(1) + len(match[1].rstrip(" .,\t"))
            yield Hit(match.start(1), end, "ADDRESS")
    for pattern in (_ENGLISH, _GERMAN, _FRENCH, _IBERIAN, _POSTCODE):
        yield from (whole(m, "ADDRESS") for m in pattern.finditer(text))
