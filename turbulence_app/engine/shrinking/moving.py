"""Passes that move choices: rounds of loops up, neighbours swapped, a later visit's choice to an earlier visit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from turbulence_app.engine.shrinking.addresses import Loop, moved, parse, round_of
from turbulence_app.engine.shrinking.candidate import Candidate
from turbulence_app.engine.shrinking.removing import greedy
from turbulence_app.engine.shrinking.search import Search

MAX_MOVES = 12
"""Up to this many used rounds, each is tried at each other's place."""


def compact(search: Search, loops: Sequence[Loop]) -> bool:
    """Close the gaps: rounds in which somebody does something come first, one after the other."""
    helped = False
    for loop in loops:
        for user, outer, used in _used(search.now, loop):
            places = {number: place for place, number in enumerate(used)}
            helped |= search.smaller(_rearranged(search.now, loop, user, outer, places))
    return helped


def drop_rounds(search: Search, loops: Sequence[Loop]) -> bool:
    """Leave a whole round out and move the rest up."""
    helped = False
    for loop in loops:
        for user, outer, used in _used(search.now, loop):
            for number in reversed(used):
                places = {n: n - (n > number) for n in used if n != number}
                helped |= search.smaller(_rearranged(search.now, loop, user, outer, places))
    return helped


def reorder(search: Search, loops: Sequence[Loop]) -> bool:
    """Take a round to another place; where it still fails so, more may now be left out."""
    helped = False
    for loop in loops:
        for user, outer, used in _used(search.now, loop):
            if len(used) > MAX_MOVES:
                pairs = [(used[i], used[i + 1]) for i in range(len(used) - 1)]
            else:
                pairs = [(a, b) for a in used for b in used if a != b]
            for source, target in pairs:
                other = _rearranged(search.now, loop, user, outer, _taken(used, source, target))
                if search.fails(other) is not None:
                    helped |= search.smaller(other) or greedy(search, other)
    return helped


def earlier(search: Search) -> bool:
    """Give a later visit's word of a step to an earlier visit, a later attempt's to the first."""
    helped = False
    for address in list(search.now.choices):
        parts = parse(address)
        places = [(v, parts.attempt) for v in range(min(parts.visit, 8))]
        places += [(parts.visit, k) for k in range(min(parts.attempt, 4))]
        for visit, attempt in places:
            there = str(parts._replace(visit=visit, attempt=attempt))
            if address in search.now.choices and there not in search.now.choices and there in search.drawn.used:
                choices = {(there if a == address else a): w for a, w in search.now.choices.items()}
                helped |= search.smaller(search.now.with_choices(choices))
    return helped


def _used(candidate: Candidate, loop: Loop) -> Iterator[tuple[str, int, list[int]]]:
    """For each user and round of the outer loops: the numbers of the rounds that hold choices, rising."""
    found: dict[tuple[str, int], set[int]] = {}
    for address in candidate.choices:
        here = round_of(loop, address)
        if here is not None:
            found.setdefault((here.user, here.outer), set()).add(here.number)
    for (user, outer), numbers in found.items():
        yield user, outer, sorted(numbers)


def _rearranged(candidate: Candidate, loop: Loop, user: str, outer: int, places: dict[int, int]) -> Candidate:
    """The candidate with the rounds of one loop at other places; those without a place are left out."""
    choices: dict[str, int] = {}
    for address, word in candidate.choices.items():
        here = round_of(loop, address)
        if here is None or (here.user, here.outer) != (user, outer):
            choices[address] = word
        elif here.number in places:
            choices[moved(loop, address, places[here.number] - here.number)] = word
    return candidate.with_choices(choices)


def _taken(used: list[int], source: int, target: int) -> dict[int, int]:
    """Where each used round goes when one is taken out and put in at another's place; those between make room."""
    order = [n for n in used if n != source]
    order.insert(used.index(target), source)
    return {number: used[place] for place, number in enumerate(order)}
