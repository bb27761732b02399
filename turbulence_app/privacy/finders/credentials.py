"""Keys, tokens and passwords: by the prefixes that services give theirs, by their form, and by what they are "
"called."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import Hit, whole

_PREFIXED = re.compile(
    r"(?<![\w-])(?:sk-[\w-]{16,200}|[srp]k_(?:live|test)_\w{10,200}|gh[pousr]_[A-Za-z0-9]{30,255}|"
    r"github_pat_\w{22,255}|glpat-[\w-]{20,64}|xox[abeprs]-[\w-]{10,250}|xapp-[\w-]{10,250}|(?:AKIA|"
    r"ASIA)[0-9A-Z]{16}|"
    r"AIza[\w-]{35}|ya29\.[\w.-]{20,250}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,250}|hf_[A-Za-z0-9]{30,60}|"
    r"SG\.[\w-]{16,32}\.[\w-]{30,60}|dop_v1_[0-9a-f]{64}|AGE-SECRET-KEY-1[0-9A-Z]{58}|"
    r"eyJ[\w-]{8,4000}\.eyJ[\w-]{8,8000}\.[\w-]{5,2000}|"
    r"(?:whsec|rzp_live|sq0csp|shpat|shpss|EAAA)[_-][\w-]{16,200})"
)
_HEADER = re.compile(r"\b(?:Bearer|Basic) +([A-Za-z0-9._~+/-]{12,4000}={0,2})")
_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_BODY = re.compile(r"[A-Za-z0-9+/=\s:,-]{0,20000}")
_NAMED = re.compile(
    r"(?<![A-Za-z])(?P<name>pass(?:word|wd|phrase|code|wort)?|passwort|mot de passe|contraseñ?a|senha|pwd|pw|"
    r"secret|token|credential|"
    r"(?:api|access|private|secret|auth|encryption|signing|account|storage)[ _-]?key|client[ _-]?secret|"
    r"(?:access|auth|refresh|id|session|bearer)[ _-]?token|session[ _-]?id|sig(?:nature)?)"
    r"[\"']?(?P<link> ?(?:=|:|=>|:=) ?| is:? | ist:? | lautet:? | est:? | es:? |"
    r" é:? )[\"'“`]?(?P<value>[^\s\"'“”`<>{}\[\],;|]{4,512})",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?i:\b(?:pin|cvv2?|cvc2?|otp|tan|one-time code|security code|sort code)\b)(?: is| code| number|:|=|"
    r" ){1,3}([0-9](?:-?[0-9]){2,7})(?![\w.])"
)
_NO_SECRETS = frozenset(
    "required optional none null true false undefined string number empty field forgotten wrong valid invalid "
    "expired "
    "missing changed reset login strength needed incorrect mandatory unknown hidden hash length manager "
    "protected".split()
)
_PASSWORDS = re.compile(r"pass|pwd?|mot de|contras|senha", re.IGNORECASE)


def find(text: str) -> Iterator[Hit]:
    """Everything that opens something."""
    yield from (whole(m, "SECRET") for m in _PREFIXED.finditer(text))
    yield from (whole(m, "SECRET", 1) for m in _HEADER.finditer(text) if _is_random(m[1]))
    yield from _pem(text)
    for match in _NAMED.finditer(text):
        value = match["value"].partition("&")[0] if match["link"] == "=" else match["value"]  # a query goes on
        end = len(value.rstrip(".?:)")) + match.start("value")
        if _opens(match["name"], match["link"], text[match.start("value") : end]):
            yield Hit(match.start("value"), end, "SECRET")
    yield from (whole(m, "SECRET", 1) for m in _SHORT.finditer(text))


def _pem(text: str) -> Iterator[Hit]:
    """Private keys, also one whose end was cut off."""
    at = 0
    while (begin := _PEM.search(text, at)) is not None:
        body = _PEM_BODY.match(text, begin.end())
        at = body.end() if body else begin.end()
        end = _PEM_END.search(text, begin.end(), at + 80)
        at = end.end() if end else at
        yield Hit(begin.start(), at, "SECRET")


def _opens(name: str, link: str, value: str) -> bool:
    """Whether what was assigned may open something, and is not a word about it or a template's place."""
    plain = value.lower().strip("*._-")
    if len(value) < 4 or not plain or plain in _NO_SECRETS or value.startswith(("$", "%", "@", "#{")):
        return False
    if "_" in plain and plain.replace("_", "").isalpha():
        return False  # the name of something
    if _PASSWORDS.search(name):
        return not plain.isalpha() or (link.strip() in ("=", ":") and plain not in _NO_SECRETS and len(plain) >= 6)
    return len(value) >= 8 and _is_random(value)


def _is_random(value: str) -> bool:
    """Letters and digits mixed, with three bits a character or more: no word, no number, no sentence."""
    if not (any(c.isdigit() for c in value) and any(c.isalpha() for c in value)):
        return False
    shares = (count / len(value) for count in Counter(value).values())
    return -sum(share * math.log2(share) for share in shares) >= 2.75
