"""WordPiece tokens of BERT's uncased vocabulary, as the embedding model was trained on them.

The rules are those of BERT's basic tokenizer (Devlin et al. 2018): control characters dropped, CJK characters apart,
lower case, accents stripped, punctuation apart; then the longest-match-first split into word pieces.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

MAX_TOKENS = 256
"""Tokens the model was trained on, the two marks at the ends included; what is longer is cut."""
MAX_WORD = 100
"""Characters of a word beyond which it is unknown, as in BERT."""

_CJK = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@lru_cache(maxsize=4096)
def _is_punctuation(char: str) -> bool:
    code = ord(char)
    if 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126:
        return True
    return unicodedata.category(char).startswith("P")


@lru_cache(maxsize=4096)
def _cleaned(char: str) -> str:
    """One character as the tokenizer sees it: itself, a space, nothing, or set apart by spaces."""
    code = ord(char)
    if code in (0, 0xFFFD):
        return ""
    if char in " \t\n\r" or unicodedata.category(char) == "Zs":
        return " "
    if unicodedata.category(char) in ("Cc", "Cf", "Cs"):
        return ""
    if any(low <= code <= high for low, high in _CJK):
        return f" {char} "
    return char


def basic_words(text: str) -> list[str]:
    """Lower-case words and punctuation marks without accents."""
    cleaned = "".join(map(_cleaned, text)).lower()
    plain = cleaned
    if not cleaned.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFD", cleaned) if unicodedata.category(c) != "Mn")
    spaced = "".join(f" {c} " if _is_punctuation(c) else c for c in plain)
    return spaced.split()


class WordPieces:
    """Text to token numbers of one vocabulary (one token a line, its number the line's)."""

    def __init__(self, vocabulary: str) -> None:
        self._numbers = {token: number for number, token in enumerate(vocabulary.split("\n")) if token}
        self._start, self._stop = self._numbers["[CLS]"], self._numbers["[SEP]"]
        self._unknown = self._numbers["[UNK]"]

    def __call__(self, text: str) -> list[int]:
        """Token numbers with the marks at both ends, at most :data:`MAX_TOKENS`."""
        pieces: list[int] = []
        for word in basic_words(text):
            pieces += self._split(word)
            if len(pieces) >= MAX_TOKENS - 2:
                break
        return [self._start, *pieces[: MAX_TOKENS - 2], self._stop]

    def _split(self, word: str) -> list[int]:
        if len(word) > MAX_WORD:
            return [self._unknown]
        pieces: list[int] = []
        begin = 0
        while begin < len(word):
            prefix = "##" if begin else ""
            for end in range(len(word), begin, -1):
                number = self._numbers.get(prefix + word[begin:end])
                if number is not None:
                    pieces.append(number)
                    begin = end
                    break
            else:
                return [self._unknown]
        return pieces
