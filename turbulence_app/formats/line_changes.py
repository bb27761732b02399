"""Two texts as the few stretches in which they differ, by whole lines: what an editor has to replace."""

from __future__ import annotations

from difflib import SequenceMatcher

Stretch = tuple[int, int, str]
"""(start, end, new text), in characters of the old text."""
MOST = 4_000
"""Lines that are compared one by one; a longer stretch is replaced as a whole."""


def stretches(before: str, after: str) -> list[Stretch]:
    """The differing stretches in the order of the text; put in from the last to the first they give ``after``."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if not a and not b:
        return []
    if len(a) + len(b) > MOST:
        return [(starts[head], starts[head + len(a)], "".join(b))]
    codes = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    return [(starts[head + i], starts[head + j], "".join(b[k:m])) for tag, i, j, k, m in codes if tag != "equal"]


def put_in(text: str, changes: list[Stretch]) -> str:
    """The text with the stretches replaced."""
    for start, end, new in reversed(changes):
        text = text[:start] + new + text[end:]
    return text
