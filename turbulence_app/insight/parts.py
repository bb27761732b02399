"""A policy by its parts: what one line of a panel shows, what a person accepts or takes back as one thing.

A part is named by its dotted path: ``decisions.NAME`` (its options and cases together, because the first case that
matches wins), ``patience.visit_seconds``, ``retries.steps.NAME``, ``toggles.NAME`` and so on. Names may hold dots
themselves, so a path is cut by its section and never at every dot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.domain.policy import Policy

_NESTED = (("retries", "steps"), ("pacing", "steps"))
_MAPS = ("decisions", "parameters", "toggles", "data")
_FIELDS = {
    "patience": ("step_wait_seconds", "visit_seconds"),
    "retries": ("default",),
    "pacing": ("think_ms",),
    "forms": ("typing_ms_per_char", "correction_probability", "skip_optional"),
}


def part_paths(policy: Policy) -> tuple[str, ...]:
    """Every part that the policy has, in the order of its sections."""
    found = [f"decisions.{name}" for name in policy.decisions]
    for section, names in _FIELDS.items():
        found += [f"{section}.{name}" for name in names]
        if (section, "steps") in _NESTED:
            found += [f"{section}.steps.{name}" for name in getattr(policy, section).steps]
    for section in _MAPS[1:]:
        found += [f"{section}.{name}" for name in getattr(policy, section)]
    return tuple(found)


def part_of(policy: Policy, path: str) -> Any:
    """The value of a part, a noun or a number; None where the policy has none."""
    section, _, name = path.partition(".")
    if section in _MAPS:
        return getattr(policy, section).get(name)
    whole = getattr(policy, section)
    if _steps_of(section, name):
        return whole.steps.get(name.removeprefix("steps."))
    return getattr(whole, name)


def put_part(policy: Policy, path: str, value: Any) -> Policy:
    """The policy with another value of a part; None takes out what may be absent and leaves the rest as it is."""
    section, _, name = path.partition(".")
    if section in _MAPS:
        return policy.model_copy(update={section: _with(getattr(policy, section), name, value)})
    whole = getattr(policy, section)
    if _steps_of(section, name):
        steps = _with(whole.steps, name.removeprefix("steps."), value)
        return policy.model_copy(update={section: whole.model_copy(update={"steps": steps})})
    if value is None and section != "patience":
        return policy
    return policy.model_copy(update={section: whole.model_copy(update={name: value})})


def take(policy: Policy, other: Policy, path: str) -> Policy:
    """The policy with one part, and the reason for it, as another policy has them."""
    made = put_part(policy, path, part_of(other, path))
    evidence = {key: said for key, said in made.evidence.items() if not _under(key, path)}
    evidence |= {key: said for key, said in other.evidence.items() if _under(key, path)}
    ranges = {key: spread for key, spread in made.ranges.items() if not _under(key, path)}
    ranges |= {key: spread for key, spread in other.ranges.items() if _under(key, path)}
    return made.model_copy(update={"evidence": evidence, "ranges": ranges})


def differing(before: Policy, after: Policy) -> tuple[str, ...]:
    """The parts in which two policies differ, in the order of the later one."""
    paths = dict.fromkeys((*part_paths(after), *part_paths(before)))
    return tuple(path for path in paths if part_of(before, path) != part_of(after, path))


def _steps_of(section: str, name: str) -> bool:
    return (section, "steps") in _NESTED and name.startswith("steps.")


def _with(entries: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    kept = {key: inner for key, inner in entries.items() if key != name or value is not None}
    return kept if value is None else {**kept, name: value}


def _under(key: str, path: str) -> bool:
    return key == path or key.startswith(f"{path}.")
