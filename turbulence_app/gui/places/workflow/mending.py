"""Mends for problems of a text, where one is known: the nearest name, a missing key or option. Qt-free."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from turbulence_app.domain.errors import Problem

Change = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Mend:
    """What would be done, in words, and the stretch of the text that it replaces."""

    words: str
    change: Change


def mends(problem: Problem, text: str) -> list[Mend]:
    """Every mend that is known for a problem, the likeliest first."""
    if problem.where is None or not problem.where.line:
        return []
    lines = text.split("\n")
    if problem.where.line > len(lines):
        return []
    place = _Place(text, lines, problem.where.line - 1)
    found = [mend for make in _MAKERS for mend in make(problem, place)]
    return list(dict.fromkeys(found))


class _Place:
    """A line of a text, with the count of characters before it."""

    def __init__(self, text: str, lines: Sequence[str], number: int) -> None:
        self.text, self.lines, self.number = text, lines, number
        self.start = sum(len(line) + 1 for line in lines[:number])
        self.line = lines[number]

    def word(self, word: str, new: str) -> Change | None:
        """The change that puts a word in the place of another one, in this line or a little below it."""
        start = self.start
        for line in self.lines[self.number : self.number + 12]:
            found = re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", line)
            if found:
                return start + found.start(), start + found.end(), new
            start += len(line) + 1
        return None


def _nearest(problem: Problem, place: _Place) -> Iterator[Mend]:
    """``did you mean 'x'?``: the wrong word is quoted in the message."""
    meant = re.search(r"did you mean '([^']+)'\?", problem.mend)
    wrong = re.findall(r"'([^']+)'", problem.message)
    if meant is None:
        return
    for word in sorted(wrong, key=lambda one: -SequenceMatcher(None, one, meant[1]).ratio()):
        change = place.word(word, meant[1])
        if change is not None and word != meant[1]:
            yield Mend(f"Write {meant[1]}", change)
            return


def _option(problem: Problem, place: _Place) -> Iterator[Mend]:
    """``'choice' is never 'x'``: the decision gets that option."""
    never = re.fullmatch(r"'([^']+)' is never '([^']+)'", problem.message)
    if never is None:
        return
    output = re.search(rf"(?m)^(\s*)(?:- )?output_var:\s*[\"']?{re.escape(never[1])}[\"']?\s*(#.*)?$", place.text)
    if output is None:
        return
    options = list(re.finditer(r"(?m)^(\s*)options:[^\S\n]*(#.*)?$", place.text[: output.start()]))
    if not options:
        return
    first = re.compile(r"(?m)^(\s+)\S").search(place.text, options[-1].end())
    indent = first[1].lstrip("\n") if first is not None else options[-1][1] + "  "
    at = options[-1].end() + 1
    yield Mend(f"Add option {never[2]} to the decision", (at, at, f"{indent}{never[2]}: what choosing it means\n"))


def _second_name(problem: Problem, place: _Place) -> Iterator[Mend]:
    """Two steps of one name: the second gets a number."""
    twice = re.fullmatch(r"two steps are called '([^']+)'", problem.message)
    if twice is None:
        return
    number = 2
    while f"{twice[1]}_{number}" in place.text:
        number += 1
    if change := place.word(twice[1], f"{twice[1]}_{number}"):
        yield Mend(f"Call it {twice[1]}_{number}", change)


def _missing_key(problem: Problem, place: _Place) -> Iterator[Mend]:
    """A key that a step needs."""
    missing = re.match(r"the key '([a-z_]+)' is missing", problem.message)
    given = {"type": "http", "max": "3", "outcome": "completed", "decision": "choice", "name": "step"}
    if missing is None or missing[1] not in given:
        return
    key = f"{missing[1]}: {given[missing[1]]}"
    brace = place.line.find("{")
    if brace >= 0:
        at = place.start + brace + 1
        yield Mend(f"Add {key}", (at, at, f"{key}, "))
        return
    body = place.line.lstrip(" ")
    indent = len(place.line) - len(body) + (2 if body.startswith("- ") else 0)
    at = place.start + len(place.line)
    yield Mend(f"Add {key}", (at, at, f"\n{' ' * indent}{key}"))


def _unknown_key(problem: Problem, place: _Place) -> Iterator[Mend]:
    """A key that nothing knows: its line can go."""
    unknown = re.match(r"unknown key '([^']+)'", problem.message)
    if unknown is None or not re.match(rf"\s*{re.escape(unknown[1])}:\s*\S", place.line):
        return
    end = place.start + len(place.line) + (place.start + len(place.line) < len(place.text))
    yield Mend("Take the line out", (place.start, end, ""))


_MAKERS: tuple[Callable[[Problem, _Place], Iterator[Mend]], ...] = (
    _nearest, _option, _second_name, _missing_key, _unknown_key,
)  # fmt: skip
