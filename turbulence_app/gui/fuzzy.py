"""Finding by a few letters: other words, other spellings, a slip of the finger. Qt-free."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

LONG = 4
"""Letters of a word from which on a slip is forgiven."""
SLIP = 22
"""Score of a word with a slip in it; less than any true find."""
_SPELLINGS = (
    ("is", re.compile(r"(?<=[a-z]{2})is(?=(e|es|ed|er|ing|ation|ations)\b)"), "iz"),
    ("ys", re.compile(r"(?<=[a-z]{2})ys(?=(e|es|ed|er|ing)\b)"), "yz"),
    ("our", re.compile(r"\b(col|behavi|fav|lab|neighb|hon|hum)our"), r"\1or"),
    ("centre", re.compile(r"\bcentre"), "center"),
    ("grey", re.compile(r"\bgrey"), "gray"),
    ("licence", re.compile(r"\blicence"), "license"),
    ("logue", re.compile(r"logue\b"), "log"),
    ("ll", re.compile(r"ll(?=(ed|ing|er)\b)"), "l"),
)
_WORDS = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """Small letters without accents, British and American spelling as one."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for hint, pattern, instead in _SPELLINGS:
        if hint in plain:
            plain = pattern.sub(instead, plain)
    return plain


@dataclass(frozen=True, slots=True)
class Hay:
    """Something that can be found: by its title, and less so by other words."""

    title: str
    other: str = ""
    words: frozenset[str] = field(default=frozenset())

    @classmethod
    def of(cls, title: str, other: str = "") -> Hay:
        """Ready to be searched."""
        named, more = normal(title), normal(other)
        return cls(named, more, frozenset(_WORDS.findall(f"{named} {more}")))


def needle(query: str) -> tuple[str, ...]:
    """The words of a query, ready to search with."""
    return tuple(normal(query).split())


def score(wanted: tuple[str, ...], hay: Hay) -> int:
    """How well all the words of a query find it: 0 not at all, more is better, 1 for no words.

    Letters must come in order. Starts of words, runs of letters and hits in the title count more than other words; a
    single slip (a letter wrong, missing, too many, or two swapped) counts least.
    """
    if not wanted:
        return 1
    total = 0
    for word in wanted:
        best = max(2 * _within(word, hay.title), _within(word, hay.other))
        if best == 0 and len(word) >= LONG and any(other[0] == word[0] and slipped(word, other) for other in hay.words):
            best = SLIP
        if best == 0:
            return 0
        total += best
    return total


def _within(word: str, text: str) -> int:
    """Score of one word in a text: whole word start 100, inside 60, scattered letters by how close they are."""
    at = text.find(word)
    if at >= 0:
        return 100 - min(at, 30) if at == 0 or not text[at - 1].isalnum() else 60 - min(at, 30)
    where, gaps = -1, 0
    for letter in word:
        found = text.find(letter, where + 1)
        if found < 0:
            return 0
        gaps += found - where - 1 if where >= 0 else 0
        where = found
    return max(0, 30 - gaps) if gaps <= 12 else 0


def slipped(typed: str, meant: str) -> bool:
    """Whether one slip of the finger lies between what was typed and (the start of) what was meant."""
    if abs(len(typed) - len(meant)) > 1:
        meant = meant[: len(typed) + 1]
    if len(meant) < len(typed) - 1:
        return False
    same = 0
    while same < min(len(typed), len(meant)) and typed[same] == meant[same]:
        same += 1
    mine, theirs = typed[same:], meant[same:]
    ways = (
        (mine[1:], theirs),
        (mine, theirs[1:]),
        (mine[1:], theirs[1:]),
        (mine[2:], theirs[2:]) if mine[:2] == theirs[:2][::-1] else (mine, theirs),
    )
    return bool(same) and any(theirs_.startswith(mine_) and len(theirs_) - len(mine_) <= 1 for mine_, theirs_ in ways)
