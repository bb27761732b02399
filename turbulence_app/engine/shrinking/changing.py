"""Passes that put something else in a choice's place: another option, a lower value."""

from __future__ import annotations

from collections.abc import Iterator

from turbulence_app.engine.shrinking.candidate import Alternatives, Candidate
from turbulence_app.engine.shrinking.removing import greedy, without
from turbulence_app.engine.shrinking.search import Search

FINE = 1 << 22
"""Words closer than this are not told apart when a value is lowered."""
MAX_OTHERS = 200
"""Other values that are tried for neutral draws, in one pass."""
MAX_TOGETHER = 16
"""Up to this many choices, another option is also tried together with each deletion."""


def options(search: Search, alternatives: Alternatives) -> bool:
    """Another value may be a shorter way to the same place, at once or after more deletions."""
    helped = False
    tried = 0
    for address in _up_to_the_last_choice(search):
        own = address in search.now.choices
        for word in alternatives(address):
            tried += not own
            if not own and tried > MAX_OTHERS:
                break
            if word == search.now.choices.get(address, search.drawn.used.get(address)):
                continue
            other = replaced(search.now, address, word)
            if search.fails(other) is not None:
                helped |= search.smaller(other) or greedy(search, other)
    return helped


def _up_to_the_last_choice(search: Search) -> list[str]:
    """What is drawn until the last choice is made: what comes later cannot stand in for it."""
    drawn = list(search.drawn.used)
    last = max((i for i, address in enumerate(drawn) if address in search.now.choices), default=-1)
    return drawn[: last + 1]


def together(search: Search, alternatives: Alternatives) -> bool:
    """Another value and one thing less, in one go: neither may help alone."""
    helped = False
    if len(search.now.choices) > MAX_TOGETHER:
        return False
    for address in list(search.now.choices):
        for word in alternatives(address):
            if address not in search.now.choices:
                break
            if word == search.now.choices[address]:
                continue
            other = replaced(search.now, address, word)
            for gone in list(search.now.choices):
                if gone != address and gone in search.now.choices and address in search.now.choices:
                    helped |= search.smaller(without(other, (gone,)))
    return helped


def lower(search: Search, alternatives: Alternatives) -> bool:
    """Lower each word as far as the failure lasts: short waits and small values are easier to read."""
    helped = False
    for address in list(search.now.choices):
        named = [word for word in alternatives(address) if word < search.now.choices.get(address, 0)]
        if any(address in search.now.choices and search.smaller(replaced(search.now, address, w)) for w in named):
            helped = True
            continue
        if not alternatives(address):
            helped |= search.any_smaller(replaced(search.now, address, w) for w in _bisected(search, address))
    return helped


def _bisected(search: Search, address: str) -> Iterator[int]:
    """0, then words halfway between the highest that passes and the lowest that fails."""
    if address not in search.now.choices:
        return
    yield 0
    low = 0
    while address in search.now.choices and search.now.choices[address] - low > FINE:
        middle = (low + search.now.choices[address]) // 2
        yield middle
        if search.now.choices.get(address) != middle:
            low = middle


def replaced(candidate: Candidate, address: str, word: int) -> Candidate:
    """The candidate with another word at an address."""
    return candidate.with_choices({**candidate.choices, address: word})
