"""The bracket that belongs to another one, past texts in quotes and remarks. Qt-free."""

from __future__ import annotations

PAIRS = {"{": "}", "[": "]", "(": ")"}
CLOSING = {close: open_ for open_, close in PAIRS.items()}
REACH = 20_000
"""Characters that are searched to either side."""


def partner(text: str, at: int) -> int | None:
    """The place of the bracket that closes or opens the one at ``at``; None where there is none."""
    if not 0 <= at < len(text) or (text[at] not in PAIRS and text[at] not in CLOSING):
        return None
    low, high = max(0, at - REACH), min(len(text), at + REACH)
    low = text.rfind("\n", 0, low) + 1
    open_: list[int] = []
    quoted, remark = "", False
    for i in range(low, high):
        c = text[i]
        if c == "\n":
            remark, quoted = False, ""  # a quote that runs over lines is rare, an apostrophe in words is not
        elif remark:
            continue
        elif quoted:
            quoted = "" if c == quoted else quoted
        elif c == "#" and (i == 0 or text[i - 1] in " \n\t"):
            remark = True
        elif c in "\"'" and (i == 0 or not text[i - 1].isalnum()):
            quoted = c
        if quoted or remark:
            continue
        if c in PAIRS:
            open_.append(i)
        elif c in CLOSING:
            first = open_.pop() if open_ and text[open_[-1]] == CLOSING[c] else None
            if i == at:
                return first
            if first == at:
                return i
    return None
