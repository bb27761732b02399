"""Model output is data: bounded reading of JSON text, and a check against the same schema that asked for it."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from turbulence_app.llm.conform import violations

__all__ = ["AnswerError", "parse_answer", "violations"]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class AnswerError(ValueError):
    """The text is not an answer: too long, not JSON, nested too deep, or not a number."""


def parse_answer(text: str, max_chars: int) -> Any:
    """Reads one JSON value. Raises :class:`AnswerError` for anything else: NaN, doubled keys, depth above 12."""
    if len(text) > max_chars:
        raise AnswerError(f"the answer has {len(text)} characters, {max_chars} are allowed")
    depth = deepest = 0
    for character in _STRING.sub("", text):
        depth += (character in "{[") - (character in "}]")
        deepest = max(deepest, depth)
    if deepest > 12:
        raise AnswerError(f"the answer is nested {deepest} deep")
    try:
        return json.loads(
            text,
            parse_constant=_no_constant,
            object_pairs_hook=_no_doubles,
            parse_int=_short_integer,
            parse_float=_finite,
        )
    except AnswerError:
        raise
    except ValueError as error:
        raise AnswerError(f"the answer is not JSON: {error}") from error


def _no_constant(name: str) -> NoReturn:
    raise AnswerError(f"the answer holds {name}, which is not a number")


def _short_integer(digits: str) -> int:
    if len(digits) > 20:
        raise AnswerError(f"the answer holds a number of {len(digits)} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise AnswerError(f"the answer holds {digits[:20]}, which is too large")
    return number


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise AnswerError(f"the answer gives {name[:60]!r} twice")
        found[name] = value
    return found
