"""Expressions and templates as Python source, for files that run without this program.

The source uses what stands in ``resources/exports/visit.txt``: a visit ``v`` and a handful of functions that keep the
meaning of missing values.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from turbulence_app.domain.errors import InputError
from turbulence_app.domain.expressions import (
    Arithmetic,
    Attribute,
    Call,
    Compare,
    Items,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Rendered,
    StepField,
    parse,
)
from turbulence_app.formats.redacted import REDACTED

_COUNTS = frozenset({"effects", "attempts", "visits", "failures", "count"})
_FIELDS = frozenset({"effects", "attempts", "visits"})
_TEMPLATE = re.compile(r"\{\{.{0,500}?\}\}", re.DOTALL)
_ENVIRONMENT = re.compile(r"\{\{\s*env\.([A-Za-z_][A-Za-z0-9_]*)\s*(?:\|\s*default:([^}]*))?\}\}")


class Translator:
    """Expressions of one workflow as Python; ``steps`` are the names of its steps."""

    def __init__(self, steps: Collection[str]) -> None:
        self._steps = frozenset(steps)

    def expression(self, source: str) -> str:
        """The Python expression of one of ours. Raises ``InputError`` for what only Turbulence itself can know."""
        return self._of(parse(source).root)

    def value(self, value: Any) -> str:
        """A value of a request as Python, templates filled in from the visit; a whole template keeps its type."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return "{" + ", ".join(f"{key!r}: {self._named(str(key), inner)}" for key, inner in value.items()) + "}"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(self.value(inner) for inner in value) + "]"
        return repr(value)

    def _named(self, key: str, value: Any) -> str:
        """A value under a key; a credential that was taken out comes from the environment, under the key's name."""
        if value != REDACTED:
            return self.value(value)
        variable = re.sub(r"[^A-Z0-9]+", "_", key.upper()).strip("_")
        return f"os.environ.get({variable!r}, '')"

    def _text(self, source: str) -> str:
        parts: list[str] = []
        at = 0
        for found in _TEMPLATE.finditer(source):
            parts += [repr(source[at : found.start()])] if found.start() > at else []
            environment = _ENVIRONMENT.fullmatch(found[0])
            parts.append(self.expression(found[0]) if environment is None else _environment(environment))
            at = found.end()
        if not parts:
            return repr(source)
        parts += [repr(source[at:])] if at < len(source) else []
        return parts[0] if len(parts) == 1 else f"text({', '.join(parts)})"

    def _of(self, node: Node) -> str:
        match node:
            case Literal(value):
                return repr(value)
            case Items(items):
                return "[" + ", ".join(self._of(item) for item in items) + "]"
            case Name(name, default):
                return f"v.get({name!r})" if default is None else f"v.get({name!r}, {default!r})"
            case StepField(step, field) if step in self._steps:
                return f"v.of({step!r}, {field!r})"
            case StepField(step, field):
                return f"member(v.get({step!r}), {field!r})"
            case Attribute(Call("probe", arguments), str(key)) if key in ("json", "status", "headers", "failed"):
                return f"v.probe({', '.join(self._of(a) for a in arguments)}).{key}"
            case Attribute(base, key):
                return f"member({self._of(base)}, {key!r})"
            case Rendered(inner):
                return f"text({self._of(inner)})"
            case Not(inner):
                return f"not {self._inside(inner)}"
            case Logic(operator, parts):
                return f" {operator} ".join(self._inside(part) for part in parts)
            case Compare(operator, left, right):
                return self._compare(operator, left, right)
            case Arithmetic(operator, left, right):
                if _sure(left) and _sure(right) and operator in "+-*":
                    return f"{self._inside(left)} {operator} {self._inside(right)}"
                return f"arithmetic({operator!r}, {self._of(left)}, {self._of(right)})"
            case Call(function, arguments):
                return self._call(function, arguments)

    def _inside(self, node: Node) -> str:
        source = self._of(node)
        return f"({source})" if isinstance(node, Logic | Compare | Not | Arithmetic) else source

    def _compare(self, operator: str, left: Node, right: Node) -> str:
        if operator in ("==", "!=") or (_sure(left) and _sure(right) and operator not in ("in", "not in")):
            return f"{self._inside(left)} {operator} {self._inside(right)}"
        if operator in ("in", "not in"):
            return f"{'not ' if operator == 'not in' else ''}contains({self._of(right)}, {self._of(left)})"
        return f"compare({operator!r}, {self._of(left)}, {self._of(right)})"

    def _call(self, function: str, arguments: tuple[Node, ...]) -> str:
        given = ", ".join(self._of(argument) for argument in arguments)
        if function in ("count", "effects", "probe"):
            return f"v.{function}({given})"
        if function == "total" and isinstance(arguments[0], Literal):
            step, _, field = str(arguments[0].value).rpartition(".")
            return f"v.of({step!r}, {field!r})" if field in _FIELDS | {"failures"} else f"v.count({step!r}, {field!r})"
        if function in ("failures", "attempts", "visits", "waited_ms", "reached"):
            return f"v.of({given}, {function!r})"
        if function in ("python", "share", "violations", "rate"):
            raise InputError(f"{function}() cannot leave Turbulence", "keep this rule for runs of Turbulence itself")
        return f"plain({function!r}, {given})"


def _environment(found: re.Match[str]) -> str:
    """``{{ env.TOKEN | default:x }}``: a variable of the environment in which the file is run."""
    default = found[2].strip() if found[2] is not None else ""
    return f"os.environ.get({found[1]!r}, {default!r})"


def _sure(node: Node) -> bool:
    """Whether it is always a number."""
    match node:
        case Literal(value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case Call(function, _):
            return function in _COUNTS
        case StepField(_, field):
            return field in _FIELDS
        case Arithmetic(operator, left, right):
            return operator in "+-*" and _sure(left) and _sure(right)
    return False
