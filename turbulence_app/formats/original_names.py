"""The original allows any text as a name; here names are identifiers, because other files refer to them."""

from __future__ import annotations

import re
from typing import Any

from turbulence_app.domain.base import IDENTIFIER
from turbulence_app.formats.loader import identifier_of
from turbulence_app.formats.tree import Node

_NAME = re.compile(IDENTIFIER)


def rename_steps(node: Node) -> list[str]:
    """Give identifiers to the steps (and the id) of a scenario's tree, in place; returns a note for each change.

    The places of the tree stay as they are, so later errors still find their lines.
    """
    taken: set[str] = set()
    renamed: dict[str, str] = {}
    value = node.value
    _collect([value.get("flow"), value.get("assertions")], taken)
    for key in ("flow", "assertions"):
        _rename(value.get(key), taken, renamed)
    if isinstance(value.get("id"), str) and not _NAME.match(value["id"]):
        new = identifier_of(value["id"])
        renamed[value["id"]] = new
        value["id"] = new
    pressure = value.get("turbulence")
    actions = pressure.get("actions") if isinstance(pressure, dict) else None
    if isinstance(actions, dict):
        pressure["actions"] = {renamed.get(name, name): policy for name, policy in actions.items()}
    why = "names hold letters, digits, blanks and _ - . only"
    return [f"{old!r} is called {new!r} here, because {why}." for old, new in renamed.items()]


def _steps(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        return []
    return [step for step in value if isinstance(step, dict)]


def _collect(parts: list[Any], taken: set[str]) -> None:
    for part in parts:
        for step in _steps(part):
            if isinstance(step.get("name"), str):
                taken.add(step["name"])
            _collect([step.get("if_true"), step.get("if_false")], taken)


def _rename(part: Any, taken: set[str], renamed: dict[str, str]) -> None:
    for step in _steps(part):
        name = step.get("name")
        if isinstance(name, str) and not _NAME.match(name):
            step["name"] = renamed[name] if name in renamed else _free(identifier_of(name), taken)
            renamed[name] = step["name"]
            taken.add(step["name"])
        for key in ("if_true", "if_false"):
            _rename(step.get(key), taken, renamed)


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found = f"{name[:95]}_{number}"
        number += 1
    return found
