"""Gates: expressions over a run's aggregates, for invariants of kind ``gate``, ``--fail-on`` and ``--require``."""

from __future__ import annotations

from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.expressions import parse
from turbulence_app.domain.run import Percentile, StepStats, Summary
from turbulence_app.domain.syntax import Call, Compare, Literal, Name, Node, walk
from turbulence_app.engine.scalar import Leaf, leaves
from turbulence_app.engine.scalar import evaluate as evaluate_node

_FUNCTIONS = frozenset(
    {"p50", "p90", "p95", "p99", "mean", "max", "rate", "share", "violations", "count", "failures", "effects",
     "reached",
     "attempts", "visits", "waited_ms"}
)  # fmt: skip


def evaluate(expression: str, summary: Summary) -> tuple[bool, str]:
    """Whether a gate holds, and its measured left side in words; raises :class:`InputError` for unknown names."""
    root = parse(expression).root
    measured = {leaf: _measure(leaf, summary) for leaf in _leaves(root)}
    holds = bool(evaluate_node(_bound(root, measured), lambda leaf: measured[leaf]))
    parts = [f"{_words(leaf)} = {_show(value)}" for leaf, value in measured.items()]
    return holds, ", ".join(parts)


def _leaves(root: Node) -> tuple[Leaf, ...]:
    plain_max = [n for n in walk(root) if isinstance(n, Call) and n.function == "max" and not _of_metric(n)]
    functions = _FUNCTIONS - ({"max"} if plain_max else set())
    return leaves(root, functions)


def _of_metric(call: Call) -> bool:
    return (
        len(call.arguments) == 1 and isinstance(call.arguments[0], Literal) and isinstance(call.arguments[0].value, str)
    )


def _bound(root: Node, measured: dict[Leaf, Any]) -> Node:
    """The tree with ``max('x.latency_ms')`` replaced by its value, since ``max`` is a plain function elsewhere."""
    if isinstance(root, Call) and root in measured:
        return Literal(measured[root])
    if isinstance(root, Compare):
        return Compare(root.operator, _bound(root.left, measured), _bound(root.right, measured))
    return root


def _measure(leaf: Leaf, summary: Summary) -> Any:
    match leaf:
        case Name("users" | "completed" | "abandoned" | "failed" as name, _):
            return getattr(summary, name)
        case Name("completion", _):
            return summary.completion
        case Name("pass_rate", _):
            return 100.0 * summary.completed / summary.users if summary.users else 0.0
        case Call(function, (Literal(str(metric)), *rest)):
            return _function(function, metric, [a.value for a in rest if isinstance(a, Literal)], summary)
    known = "users, completed, abandoned, failed, pass_rate, rate('completed'), p95('step.latency_ms'), share('step')"
    raise InputError(f"a gate cannot read {_words(leaf)}", f"use {known}")


def _function(function: str, metric: str, rest: list[Any], summary: Summary) -> Any:
    match function:
        case "rate":
            return _rate(metric, summary)
        case "share" | "reached":
            reached = _step(metric, summary).reached
            return reached if function == "reached" else _per(reached, summary.users)
        case "violations":
            found = [v for v in summary.verdicts if v.name == metric]
            if not found:
                raise InputError(f"no invariant is called {metric!r}", "write the name of an invariant")
            return found[0].violations
        case "count":
            answers = _step(metric, summary).answers
            return answers.get(str(rest[0]), 0) if rest else sum(answers.values())
        case "attempts":
            return _step(metric, summary).requests
        case "failures":
            return _step(metric, summary).failed
    distribution = _distribution(metric, summary)
    if function == "p90":
        raise InputError("p90 is not kept in a summary", "use p50, p95 or p99")
    if function not in ("p50", "p95", "p99", "mean", "max"):
        raise InputError(f"{function} speaks of one user", "in a gate use rate, share, count or percentiles")
    return getattr(distribution, function)


def _rate(metric: str, summary: Summary) -> float:
    if metric in ("completed", "abandoned", "failed"):
        return _per(getattr(summary, metric), summary.users)
    step, _, field = metric.rpartition(".")
    stats = _step(step or metric, summary)
    if field not in ("failed", "passed"):
        return _per(stats.answers.get(field, 0), stats.requests) if step else _per(stats.reached, summary.users)
    return _per(getattr(stats, field), stats.reached)


def _per(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _distribution(metric: str, summary: Summary) -> Percentile:
    named = {"time_to_complete_ms": summary.time_to_complete, "time_to_leave_ms": summary.time_to_leave}
    if metric in named:
        return named[metric]
    step, _, field = metric.rpartition(".")
    if field not in ("latency_ms", "waited_ms"):
        raise InputError(f"unknown measure {metric!r}", "use 'step.latency_ms' or 'time_to_complete_ms'")
    return _step(step, summary).latency or Percentile()


def _step(name: str, summary: Summary) -> StepStats:
    found = [s for s in summary.funnel if s.step == name]
    if not found:
        raise InputError(f"no step is called {name!r}", f"steps: {', '.join(s.step for s in summary.funnel)}")
    return found[0]


def _words(leaf: Leaf) -> str:
    match leaf:
        case Name(name, _):
            return name
        case Call(function, arguments):
            return f"{function}({', '.join(repr(a.value) for a in arguments if isinstance(a, Literal))})"
    return f"{leaf.step}.{leaf.field}"


def _show(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
