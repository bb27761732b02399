"""Rules that speak of other users too: what they came to is recorded, because one visit alone cannot say it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from turbulence_app.domain.expressions import Call
from turbulence_app.domain.recording import WorldViolation
from turbulence_app.domain.syntax import walk
from turbulence_app.engine.nodes import Plan, Rule
from turbulence_app.engine.visit import Visit


def is_of_world(rule: Rule) -> bool:
    """Whether a rule about visits needs to know of other people."""
    trees = [tree for tree in (rule.tree, rule.then) if tree is not None]
    asked = any(isinstance(node, Call) and node.function == "total" for tree in trees for node in walk(tree))
    return not rule.at_world_end and (rule.key is not None or asked)


def totals_asked(plan: Plan) -> bool:
    """Whether any rule sums over everybody, so that every visit must be kept."""
    trees = [tree for rule in plan.rules for tree in (rule.tree, rule.then) if tree is not None]
    return any(isinstance(node, Call) and node.function == "total" for tree in trees for node in walk(tree))


def recorded(visit: Visit) -> list[dict[str, Any]]:
    """The violations of such rules in a visit, as its recording keeps them."""
    found = []
    for rule in visit.plan.rules:
        if rule.name in visit.broken and is_of_world(rule):
            at_us, step, events = visit.broken[rule.name]
            found.append(
                {"rule": rule.name, "at_us": at_us, "step": step, "events": events,
                 "message": visit.messages.get(rule.name, "")}
            )  # fmt: skip
    return found


def put_back(visit: Visit, violations: Iterable[WorldViolation]) -> None:
    """Put recorded violations where they were in a visit that was done again."""
    for found in sorted(violations, key=lambda each: each.events):
        for other, (at_us, step, events) in visit.broken.items():
            if events >= found.events:
                visit.broken[other] = at_us, step, events + 1
        visit.broken[found.rule] = found.at_us, found.step, found.events
        visit.messages[found.rule] = found.message
        visit.events.insert(
            found.events - 1, (found.at_us, "violation", found.step, 0, 0, found.rule, {"seen": found.message})
        )
