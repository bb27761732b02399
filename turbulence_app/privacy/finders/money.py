"""Payment cards and bank accounts: numbers that prove themselves by prefix, length and checksum."""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import Hit, luhn

_CARD = re.compile(r"(?<![\w.,+-])[0-9](?:[ -]?[0-9]){12,18}")
_NETWORKS: tuple[tuple[re.Pattern[str], tuple[int, ...]], ...] = tuple(
    (re.compile(prefix), lengths)
    for prefix, lengths in (
        (r"4", (16, 19, 13)),  # Visa
        (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),  # Mastercard
        (r"3[47]", (15,)),  # American Express
        (r"30[0-5]|3[689]", (14,)),  # Diners Club
        (r"35(?:2[89]|[3-8])", (16,)),  # JCB
        (r"6011|64[4-9]|65", (16, 19)),  # Discover
        (r"62", (16, 19, 17, 18)),  # UnionPay
        (r"50|5[6-8]|6[0137]", (16, 18, 19)),  # Maestro, RuPay; its shorter ones look like anything
        (r"220[0-4]", (16,)),  # Mir
    )
)
_GROUPS = {
    13: {"4333"},
    14: {"464", "4442"},
    15: {"465", "4443"},
    16: {"4444", "88"},
    18: {"44442"},
    19: {"44443", "613"},
}
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2}|[a-z]{2})([0-9]{2})")
IBAN_LENGTHS = {
    country: int(length)
    for row in (
        "15 NO; 16 BE; 18 DK FI FO GL NL SD; 19 MK SI; 20 AT BA EE KZ LT LU XK MN; 21 CH HR LI LV; "
        "22 BG BH CR DE GB GE IE ME RS VA; 23 AE GI IL IQ TL SO OM; 24 AD CZ DZ ES MD PK RO SA SE SK TN VG; "
        "25 LY PT ST; 26 IS TR; 27 BF CM FR GR IT MC MR SM DJ BI; 28 AL AZ BY CY DO GT HU LB NI PL SV; "
        "29 BR EG PS QA UA; 30 JO KW MU; 31 MT SC; 32 LC; 33 RU"
    ).split("; ")
    for length, *countries in (row.split(),)
    for country in countries
}
"""Characters of an account number by country (ISO 13616, the registry of SWIFT)."""


def find(text: str) -> Iterator[Hit]:
    """Cards and accounts, whole."""
    at = 0
    while (match := _CARD.search(text, at)) is not None:
        length = _card_length(text, match)
        at = match.start() + max(length, 1)
        if length:
            yield Hit(match.start(), at, "CARD")
            continue
        while at < len(text) and text[at].isascii() and text[at].isdigit():
            at += 1
    for match in _IBAN.finditer(text):
        if end := _iban_end(text, match):
            yield Hit(match.start(), end, "IBAN")


def _card_length(text: str, match: re.Match[str]) -> int:
    """Characters of the card number that begins here; 0 where none does."""
    digits = match[0].replace(" ", "").replace("-", "")
    for prefix, lengths in _NETWORKS:
        if prefix.match(digits) is None:
            continue
        for length in lengths:
            if length <= len(digits) and luhn(digits[:length]):
                shown = _cut(match[0], length)
                following = text[match.start() + len(shown) : match.start() + len(shown) + 1]
                if _is_grouped(shown) and not (following.isalnum() or following == "_"):
                    return len(shown)
    return 0


def _cut(shown: str, digits: int) -> str:
    """The first so many digits with what stands between them."""
    seen = 0
    for place, character in enumerate(shown):
        seen += character.isdigit()
        if seen == digits:
            return shown[: place + 1]
    return shown


def _is_grouped(shown: str) -> bool:
    """In one piece, or in the groups that cards are printed in, with one kind of gap."""
    if shown.isdigit():
        return True
    if " " in shown and "-" in shown:
        return False
    groups = [len(group) for group in shown.replace("-", " ").split()]
    return "".join(map(str, groups)) in _GROUPS.get(sum(groups), ())


def _iban_end(text: str, match: re.Match[str]) -> int:
    """Where the account number ends, by its country's length; 0 where it is none (ISO 7064, modulo 97)."""
    wanted = IBAN_LENGTHS.get(match[1].upper(), 0)
    plain, at, gap = [*match[0]], match.end(), True
    while len(plain) < wanted and at < len(text):
        character = text[at]
        if character.isascii() and character.isalnum():
            plain.append(character)
            gap = True
        elif character in " -\u00a0" and gap:
            gap = False
        else:
            break
        at += 1
    if not wanted or len(plain) < wanted or text[at : at + 1].isalnum():
        return 0
    turned = "".join(plain[4:] + plain[:4]).upper()
    return at if int("".join(str(int(c, 36)) for c in turned)) % 97 == 1 else 0
