"""Evidence: the words of a description that a number came from, found again in the description itself."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+(?:['’]\w+)?")


def quoted(phrase: str, description: str) -> str | None:
    """The stretch of ``description`` that says ``phrase``, as it is written there; None if it does not say that.

    Compared word by word, without regard to case, accents, white space and punctuation (models normalise those); a
    phrase without any word longer than two letters proves nothing and counts as not said.
    """
    wanted = [_plain(m[0]) for m in _WORD.finditer(phrase)]
    if not any(len(word) > 2 for word in wanted):
        return None
    words = list(_WORD.finditer(description))
    plain = [_plain(m[0]) for m in words]
    for start in range(len(plain) - len(wanted) + 1):
        if plain[start : start + len(wanted)] == wanted:
            return description[words[start].start() : words[start + len(wanted) - 1].end()]
    return None


def _plain(word: str) -> str:
    apart = unicodedata.normalize("NFKD", word.replace("’", "'").casefold())
    return "".join(c for c in apart if not unicodedata.combining(c))
