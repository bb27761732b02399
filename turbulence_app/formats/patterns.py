"""A text that a simple regular expression allows; None for one that is not simple.

Understood: literals, ``.``, classes, groups, alternatives (the first is taken), and repetition. Look-around,
back-references and the rest of the language are not, and nothing is ever matched, so no pattern can run for long.
"""

from __future__ import annotations

MOST = 200
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_PLAIN = {"t": "\t", "n": "\n", "r": "\r"}
_LIKED = "aA0_- "


class _TooHardError(Exception):
    """The pattern is not simple."""


def example_of(pattern: str) -> str | None:
    """A short text that the pattern matches as a whole."""
    try:
        made, rest = _ways(pattern[:MOST], 0, 0)
    except (_TooHardError, IndexError):
        return None
    return made if rest == len(pattern) and len(made) <= MOST else None


def _ways(pattern: str, at: int, depth: int) -> tuple[str, int]:
    """The first alternative from ``at``; the rest are read and left."""
    if depth > 20:
        raise _TooHardError
    first: str | None = None
    while True:
        made, at = _row(pattern, at, depth)
        first = made if first is None else first
        if pattern[at : at + 1] != "|":
            return first, at
        at += 1


def _row(pattern: str, at: int, depth: int) -> tuple[str, int]:
    made = ""
    while at < len(pattern) and pattern[at] not in "|)":
        piece, at = _piece(pattern, at, depth)
        times, at = _times(pattern, at)
        made += piece * times
        if len(made) > MOST:
            raise _TooHardError
    return made, at


def _piece(pattern: str, at: int, depth: int) -> tuple[str, int]:
    sign = pattern[at]
    if sign in "^$":
        return "", at + 1
    if sign == "(":
        start = at + 1
        if pattern[start] == "?":
            if pattern[start + 1] != ":":
                raise _TooHardError
            start += 2
        made, at = _ways(pattern, start, depth + 1)
        if pattern[at] != ")":
            raise _TooHardError
        return made, at + 1
    if sign == "[":
        return _class(pattern, at + 1)
    if sign == "\\":
        return _escaped(pattern[at + 1]), at + 2
    if sign in "*+?{":
        raise _TooHardError
    return ("a" if sign == "." else sign), at + 1


def _escaped(sign: str) -> str:
    if sign in _CLASSES:
        return _CLASSES[sign]
    if sign in _PLAIN:
        return _PLAIN[sign]
    if sign.isalnum():
        raise _TooHardError
    return sign


def _class(pattern: str, at: int) -> tuple[str, int]:
    """A sign of a class ``[…]``: its first, or for a negated one something that it does not name."""
    negated = pattern[at] == "^"
    at += negated
    spans: list[tuple[str, str]] = []
    begin = at
    while pattern[at] != "]" or at == begin:
        low, at = _one(pattern, at)
        high = low
        if pattern[at] == "-" and pattern[at + 1] != "]":
            high, at = _one(pattern, at + 1)
        spans.append((low, high))
    if not negated:
        return spans[0][0], at + 1
    for sign in _LIKED:
        if not any(low <= sign <= high for low, high in spans):
            return sign, at + 1
    raise _TooHardError


def _one(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\":
        return _escaped(pattern[at + 1]), at + 2
    return pattern[at], at + 1


def _times(pattern: str, at: int) -> tuple[int, int]:
    """How often the piece before ``at`` is repeated: the least that is allowed, but once where it may be."""
    sign = pattern[at : at + 1]
    times = 1
    if sign in ("*", "+", "?") and sign:
        at += 1
    elif sign == "{":
        end = pattern.index("}", at) if "}" in pattern[at:] else -1
        low, comma, high = pattern[at + 1 : end].partition(",")
        if end < 0 or not low.isdigit() or (high and not high.isdigit()):
            raise _TooHardError
        times = min(int(low[:4]), MOST + 1)
        if times == 0 and comma and high != "0":
            times = 1
        at = end + 1
    else:
        return 1, at
    if pattern[at : at + 1] == "?":
        at += 1
    return times, at
