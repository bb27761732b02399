"""What shrinking must know of a plan: its loops, and the values that choices can take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from turbulence_app.engine.nodes import Choose, Initial, Plan, PlanNode, Request, Split
from turbulence_app.engine.nodes import Loop as LoopNode
from turbulence_app.engine.shrinking.addresses import Loop, parse
from turbulence_app.engine.shrinking.candidate import Alternatives

MAX_VALUES = 64
"""Parameters with more values than this are lowered like durations."""
WORDS = 1 << 32


def loops_of(plan: Plan) -> tuple[Loop, ...]:
    """All loops of a plan, outer ones first."""
    found: list[Loop] = []
    _loops(plan.flow, found)
    return tuple(found)


def _loops(nodes: Sequence[PlanNode], found: list[Loop]) -> None:
    for node in nodes:
        if isinstance(node, LoopNode):
            spans: dict[str, int] = {}
            _spans(node.body, 1, spans)
            found.append(Loop(node.times, spans))
            _loops(node.body, found)
        elif isinstance(node, Split):
            _loops((*node.if_true, *node.if_false), found)


def _spans(nodes: Sequence[PlanNode], span: int, spans: dict[str, int]) -> None:
    """Visit numbers that one round spans, for each step inside: the product of the loops between."""
    for node in nodes:
        spans[node.name] = span
        if isinstance(node, LoopNode):
            _spans(node.body, span * node.times, spans)
        elif isinstance(node, Split):
            _spans((*node.if_true, *node.if_false), span, spans)


def alternatives_of(plan: Plan, persona_of: Callable[[str], int]) -> Alternatives:
    """For each address the words of its other values: options, outcomes, small ranges, switches.

    ``persona_of`` maps the user's part of an address (``""`` where there is one user) to the number of the persona.
    """
    initials = {initial.address: initial for initial in plan.initials.values()}

    @lru_cache(maxsize=16_384)
    def words(step: str, purpose: str, persona: int) -> tuple[int, ...]:
        if purpose == "value" and step in initials:
            return _initial(initials[step], persona)
        number = plan.numbers.get(step)
        node = None if number is None else plan.nodes[number]
        if purpose == "choice" and isinstance(node, Choose):
            cases = (cuts for _, cuts in node.cases[persona])
            return tuple(dict.fromkeys(w for cuts in (node.cuts[persona], *cases) for w in middles(cuts)))
        return middles(node.cuts) if purpose == "outcome" and isinstance(node, Request) else ()

    def alternatives(address: str) -> tuple[int, ...]:
        parts = parse(address)
        return words(parts.step, parts.purpose, persona_of(parts.user))

    return alternatives


def middles(cuts: Sequence[int]) -> tuple[int, ...]:
    """The word in the middle of each interval that is not empty."""
    return tuple((low + high) // 2 for low, high in zip((0, *cuts[:-1]), cuts, strict=True) if high > low)


def _initial(initial: Initial, persona: int) -> tuple[int, ...]:
    what, given = initial.kinds[persona]
    if what == "toggle":
        return (WORDS - 1, 0) if given else ()
    count = 0
    if what == "range":
        count = given[1] - given[0] + 1
    elif what == "choice":
        count = len(given)
    return tuple(-(-(i * WORDS) // count) for i in range(count)) if 1 < count <= MAX_VALUES else ()
