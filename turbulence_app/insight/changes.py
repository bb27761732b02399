"""What went into two runs differently, number by number: over inputs as they are stored (plain JSON data)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from turbulence_app.domain.comparison import ChangeArea, InputChange

_NOT_BEHAVIOUR = frozenset({"provenance", "evidence", "ranges", "persona_id", "workflow"})
_RUN = ("scenario", "target", "users", "seed", "arrivals", "stop", "liveness")
_SHORT = 4
"""Changes that a short list names; the others are counted."""


def input_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[InputChange, ...]:
    """All that differs: the run's own numbers, the workflow, who comes, how they behave, what goes wrong, the rules."""
    return (*_run(before, after), *_workflow(before, after), *_crowd(before, after), *_faults(before, after),
            *_rules(before, after))  # fmt: skip


def in_short(changes: Sequence[InputChange]) -> tuple[str, ...]:
    """A few words for a list: what differs, the numbers of one policy or step counted together."""
    words: list[str] = []
    counted: dict[tuple[str, str], int] = {}
    for change in changes:
        owner = change.what.split(" · ", 1)[0]
        if change.area in ("policy", "workflow") and change.before and change.after:
            counted[change.area, owner] = counted.get((change.area, owner), 0) + 1
        else:
            words.append(_line(change))
    for (area, owner), number in counted.items():
        what = f"step {owner}" if area == "workflow" else f"policy {owner}"
        words.append(f"{what}: {number} value{'s' * (number != 1)}")
    if len(words) > _SHORT:
        words = [*words[:_SHORT], f"and {len(words) - _SHORT} more"]
    return tuple(words)


def _line(change: InputChange) -> str:
    if change.area != "run" and not change.before:
        return f"+ {change.what}"
    if change.area != "run" and not change.after:
        return f"− {change.what}"
    return f"{change.what} {change.before or 'none'} → {change.after or 'none'}"


def _run(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    for key in _RUN:
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _between("run", key, one, other)
        else:
            yield InputChange(area="run", what=key, before=_words(one), after=_words(other))


def _workflow(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    one, other = before.get("workflow") or {}, after.get("workflow") or {}
    if one.get("id") != other.get("id"):
        yield InputChange(area="workflow", what="workflow", before=_words(one.get("id")), after=_words(other.get("id")))
    mine, theirs = dict(_steps(one.get("flow") or ())), dict(_steps(other.get("flow") or ()))
    yield from _sides("workflow", "step", mine, theirs)
    rest = [
        {k: v for k, v in side.items() if k not in ("flow", "invariants", "id", "description")} for side in (one, other)
    ]
    yield from _between("workflow", "workflow", rest[0], rest[1])


def _steps(flow: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every step by its name, without what is inside it."""
    for step in flow:
        nested = {key: inner for key, inner in step.items() if _is_flow(inner)}
        yield str(step.get("name")), {key: inner for key, inner in step.items() if key not in nested}
        for inner in nested.values():
            yield from _steps(inner)


def _is_flow(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(v, Mapping) and "type" in v and "name" in v for v in value)
    )


def _crowd(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    mine, theirs = ({m["persona"]: m for m in side.get("crowd") or ()} for side in (before, after))
    for persona in dict.fromkeys((*mine, *theirs)):
        one, other = mine.get(persona), theirs.get(persona)
        if one is None or other is None:
            weights = [f"weight {_words(side['weight'])}" if side else "" for side in (one, other)]
            yield InputChange(area="crowd", what=persona, before=weights[0], after=weights[1])
            continue
        if one["weight"] != other["weight"]:
            yield InputChange(
                area="crowd", what=f"{persona} · weight", before=_words(one["weight"]), after=_words(other["weight"])
            )
        policies = [{k: v for k, v in side["policy"].items() if k not in _NOT_BEHAVIOUR} for side in (one, other)]
        yield from _between("policy", persona, policies[0], policies[1])


def _faults(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    mine, theirs = (_named(side.get("faults") or (), _fault_name) for side in (before, after))
    yield from _sides("fault", "fault", mine, theirs)


def _fault_name(fault: Mapping[str, Any]) -> str:
    return str(fault.get("name") or f"{fault.get('kind')}{' on ' + fault['step'] if fault.get('step') else ''}")


def _rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[InputChange]:
    mine, theirs = (
        _named(
            [*((side.get("workflow") or {}).get("invariants") or ()), *(side.get("invariants") or ())],
            lambda r: str(r.get("name")),
        )
        for side in (before, after)
    )
    yield from _sides("invariant", "invariant", mine, theirs)


def _named(items: Sequence[Mapping[str, Any]], name: Any) -> dict[str, Mapping[str, Any]]:
    """By name; a second one of a name gets a number."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in items:
        own = key = name(item)
        number = 2
        while key in found:
            key, number = f"{own} {number}", number + 1
        found[key] = item
    return found


def _sides(
    area: ChangeArea, noun: str, mine: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Mapping[str, Any]]
) -> Iterator[InputChange]:
    for key in dict.fromkeys((*mine, *theirs)):
        one, other = mine.get(key), theirs.get(key)
        if one is None or other is None:
            there = [str(side.get("kind") or side.get("type") or "there") if side else "" for side in (one, other)]
            yield InputChange(area=area, what=f"{noun} {key}", before=there[0], after=there[1])
        elif one != other:
            yield from _between(area, key, one, other)


def _between(area: ChangeArea, owner: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[InputChange]:
    mine, theirs = dict(_flat("", one)), dict(_flat("", other))
    for path in dict.fromkeys((*mine, *theirs)):
        if mine.get(path) != theirs.get(path):
            yield InputChange(
                area=area, what=f"{owner} · {path}", before=_words(mine.get(path)), after=_words(theirs.get(path))
            )


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list) and value and all(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(f"{path}[{number}]", inner)
    elif value not in (None, {}, []):
        yield path, value


def _words(value: Any) -> str:
    if value is None or value in ({}, []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, list):
        return ", ".join(_words(inner) for inner in value)
    return str(value)
