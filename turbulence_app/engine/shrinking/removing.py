"""Passes that leave things out: users, faults, groups of choices, blocks, pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import combinations

from turbulence_app.engine.shrinking.addresses import parse
from turbulence_app.engine.shrinking.candidate import Candidate, Removal
from turbulence_app.engine.shrinking.search import Search

MAX_PAIRS = 40
"""More choices than this are not tried in pairs."""


def users(search: Search) -> bool:
    """Leave out people: halves first, then one by one."""
    helped = False
    size = len(search.now.users) // 2
    while size:
        order = search.now.users
        for start in range(0, len(order), size):
            fewer = search.now
            for user in order[start : start + size]:
                fewer = fewer.without_user(user)
            if fewer.users and fewer.users != search.now.users:
                helped |= search.smaller(fewer)
        size //= 2
    return helped


def fresh(search: Search) -> bool:
    """Let nobody come in the liveness phase."""
    return search.now.fresh and search.smaller(search.now.without_fresh())


def faults(search: Search) -> bool:
    """Switch faults off: all, then one by one."""
    off = search.now
    for number in sorted(search.now.faults):
        off = off.without_fault(number)
    if not search.now.faults or search.smaller(off):
        return bool(search.now.faults != off.faults)
    return search.any_smaller(search.now.without_fault(number) for number in sorted(search.now.faults))


def groups(search: Search) -> bool:
    """Leave out all choices of one purpose, of one step, of one visit of a step at once; the largest groups first."""

    def by(key: Callable[[str], Hashable]) -> bool:
        found: dict[Hashable, list[str]] = defaultdict(list)
        for address in search.now.choices:
            found[key(address)].append(address)
        order = sorted(found.values(), key=len, reverse=True)
        return search.any_smaller(without(search.now, group) for group in order if len(group) > 1)

    def purpose(address: str) -> Hashable:
        return parse(address).group

    def step(address: str) -> Hashable:
        return parse(address)[:2]

    return any([by(purpose), by(step)])


def blocks(search: Search) -> bool:
    """Delta debugging (Zeller and Hildebrandt, 2002): blocks of falling size, the last drawn first, down to one."""
    helped = False
    size = max(1, len(search.now.choices) // 2)
    while size:
        order = list(search.now.choices)
        for start in reversed(range(0, len(order), size)):
            fewer = without(search.now, order[start : start + size])
            if len(fewer.choices) < len(search.now.choices):
                helped |= search.smaller(fewer)
        size //= 2
    return helped


def pairs(search: Search) -> bool:
    """Leave out two at once: what one hides, the other may hide too."""
    helped = False
    if len(search.now.choices) > MAX_PAIRS:
        return False
    for one, two in combinations(list(search.now.choices), 2):
        if one in search.now.choices and two in search.now.choices:
            helped |= search.smaller(without(search.now, (one, two)))
    return helped


def greedy(search: Search, start: Candidate) -> bool:
    """Single deletions from a failing world that is not simpler itself; its last result may be."""
    current = start
    for address in list(start.choices):
        fewer = without(current, (address,))
        if len(fewer.choices) < len(current.choices) and search.fails(fewer) is not None:
            current = fewer
    outcome = search.fails(current)
    return outcome is not None and search.accept(current, outcome)


def without(candidate: Candidate, addresses: Iterable[str]) -> Candidate:
    """The candidate with some choices left to their neutral values."""
    gone = set(addresses)
    return candidate.with_choices({a: w for a, w in candidate.choices.items() if a not in gone})


def without_it(candidate: Candidate, removal: Removal) -> Candidate:
    """The world without something of it."""
    if removal.kind == "choice":
        return without(candidate, (removal.what,))
    if removal.kind == "fault":
        return candidate.without_fault(int(removal.what))
    if removal.kind == "liveness":
        return candidate.without_fresh()
    return candidate.without_user(int(removal.what))
