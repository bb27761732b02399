"""When one question's answer may serve another: everything that decides is equal, and only the wording differs.

Likeness of texts cannot decide this: a flipped "not" looks more alike than a changed time stamp (measured: cosine
0.997 against 0.555). So the gate compares, and likeness only finds what to compare. Equal must be: the profile, every
slot that is not free text, and in the free texts the numbers, the negations, the clauses and every word that carries
meaning, in their order. Free are: letter case, blanks, kinds of punctuation, articles, pronouns, forms of "to be",
contractions, British or American spelling, and a few pairs of words that mean the same.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import astuple, dataclass
from hashlib import blake2b

from turbulence_app.llm.cache.keys import canonical
from turbulence_app.llm.cache.simhash import simhash
from turbulence_app.llm.slots import Slots

NEGATIONS = frozenset(
    "not no never none nobody nothing nowhere neither nor without hardly barely scarcely rarely seldom unless except "
    "cannot against stop stops lack lacks".split()
)
HARMLESS = frozenset(
    "a an the this these those he she they it him her them his hers its their theirs himself herself themselves "
    "who which am is are was were be been being".split()
)
SAME = dict(
    pair.split("=")
    for pair in (
        "purchase=buy purchases=buys purchased=bought purchasing=buying favours=prefers favors=prefers favour=prefer "
        "favor=prefer colour=color colours=colors behaviour=behavior organised=organized organises=organizes "
        "realises=realizes recognises=recognizes apologises=apologizes cancelled=canceled travelling=traveling "
        "centre=center grey=gray cheque=check okay=ok begins=starts begin=start mails=emails mail=email"
    ).split()
)
_CONTRACTIONS = {"can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not"}
_SHORT = {"he's": "he is", "she's": "she is", "it's": "it is", "they're": "they are", "who's": "who is"}
_TOKEN = re.compile(
    r"(?P<number>(?:(?<![\w])[-+])?\d+(?:[.,:/-]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)"
    r"|(?P<end>[.,;:!?…()\[\]]|-+(?=\s|$)|\n\s*\n)"
    r"|(?P<quote>[\"'`])"
    r"|(?P<sign>[^\s\w]|_)"
)
_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‑": "-", "‐": "-"})
CLAUSE = "|"
"""Stands for any punctuation that ends a clause: its kind may differ, its place may not."""


@dataclass(frozen=True, slots=True)
class Print:
    """A question's fingerprint: one number for the search, digests of 16 hexadecimal digits for the gate."""

    simhash: int
    profile: str
    slots: str
    numbers: str
    negations: str
    words: str

    def refusal(self, other: Print) -> str:
        """What differs and must not: the name of a field (``slots``, ``numbers``, ...); "" lets through."""
        for name in ("profile", "slots", "numbers", "negations", "words"):
            if getattr(self, name) != getattr(other, name):
                return name
        return ""

    def to_text(self) -> str:
        """For the store: digests only, no words."""
        return " ".join(map(str, astuple(self)))

    @classmethod
    def from_text(cls, text: str) -> Print | None:
        """None for a text that is no fingerprint."""
        parts = text.split(" ")
        if len(parts) != 6 or not parts[0].isdigit() or int(parts[0]) >= 2**64:
            return None
        return cls(int(parts[0]), *parts[1:])


def fingerprint(profile: str, slots: Slots) -> Print | None:
    """The fingerprint of a question; None where it has no free text (then only an equal question is alike)."""
    texts = slots.texts()
    if not any(texts.values()):
        return None
    read = {name: meaning(text) for name, text in texts.items()}
    return Print(
        simhash("\n".join(texts.values())),
        profile,
        _digest(slots.strict()),
        _digest({name: [t for t in tokens if t[0].isdigit() or t[1:2].isdigit()] for name, tokens in read.items()}),
        _digest({name: sorted(t for t in tokens if t in NEGATIONS) for name, tokens in read.items()}),
        _digest(read),
    )


def meaning(text: str) -> list[str]:
    """The tokens of a text that carry meaning, in their order, with :data:`CLAUSE` where clauses end."""
    found: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text).translate(_PLAIN)):
        kind, token = match.lastgroup, match[0]
        if kind == "end":
            if found and found[-1] != CLAUSE:
                found.append(CLAUSE)
        elif kind == "word":
            found += _words(token)
        elif kind != "quote":
            found.append(token)
    while found and found[-1] == CLAUSE:
        found.pop()
    return found


def _words(token: str) -> list[str]:
    """A word without what is free about it; ``isn't`` is ``not``, because ``is`` says nothing."""
    word = token.casefold()
    if word in _CONTRACTIONS or word in _SHORT:
        parts = (_CONTRACTIONS.get(word) or _SHORT[word]).split()
    elif word.endswith("n't"):
        parts = [word[:-3], "not"]
    else:
        parts = [word]
    if len(parts) == 1 and token.isupper() and 1 < len(token) <= 4 and word not in HARMLESS | NEGATIONS:
        return [token]  # an abbreviation: "US" is not "us"
    return [SAME.get(part, part) for part in parts if part not in HARMLESS]


def _digest(value: object) -> str:
    return blake2b(canonical(value).encode(), digest_size=8).hexdigest()
