"""Numbers as digits: exactly those of a range, in one spelling each, without leading zeros or ``-0``."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from turbulence_app.llm.grammar.errors import GrammarError

DECIMALS = 2
"""Digits after the point where the schema does not say (``multipleOf``)."""
MOST_DECIMALS = 9
MOST_LISTED = 1000
"""Multiples of a step that is no power of ten are written out, up to this many."""
BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})


def literal(text: str) -> str:
    """A GBNF string literal that matches exactly ``text``."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def integers(low: int, high: int) -> str:
    """Alternatives of digits for the integers from ``low`` to ``high``."""
    if low > high:
        raise GrammarError(f"no integer lies between {low} and {high}")
    parts = []
    if low < 0:
        parts.append(f'"-" ({_naturals(max(1, -high), -low)})')
    if high >= 0:
        parts.append(_naturals(max(0, low), high))
    return " | ".join(parts)


def number(schema: dict[str, Any], path: str) -> tuple[str, int]:
    """The expression and the longest text for an ``integer`` or ``number`` schema with bounds on both sides."""
    whole = schema["type"] == "integer"
    step = _decimal(schema.get("multipleOf", 1 if whole else f"1e-{DECIMALS}"), f"{path}.multipleOf")
    if step <= 0 or (whole and step != int(step)):
        raise GrammarError(f"{path}: no grammar for steps of {step}")
    first, last = _steps(schema, step, path)
    decimals = 0 if whole else max(0, -int(step.normalize().as_tuple().exponent))
    if decimals > MOST_DECIMALS:
        raise GrammarError(f"{path}: at most {MOST_DECIMALS} digits after the point")
    if step == Decimal(1).scaleb(-decimals):
        body = decimals_between(first, last, decimals)
        return f"({body})", max(len(spelled(first, decimals)), len(spelled(last, decimals)))
    if last - first >= MOST_LISTED:
        raise GrammarError(f"{path}: more than {MOST_LISTED} multiples of {step}")
    texts = [spelled(int((k * step).scaleb(decimals)), decimals) for k in range(first, last + 1)]
    return f"({' | '.join(map(literal, texts))})", max(map(len, texts))


def decimals_between(low: int, high: int, decimals: int) -> str:
    """The numbers ``low..high`` in units of the last digit, each with exactly ``decimals`` digits after the point."""
    if not decimals:
        return integers(low, high)
    parts = []
    if low < 0:
        parts.append(f'"-" ({_fractions(max(1, -high), -low, decimals)})')
    if high >= 0:
        parts.append(_fractions(max(0, low), high, decimals))
    return " | ".join(parts)


def spelled(units: int, decimals: int) -> str:
    """``units`` of the last digit as the grammar writes them: ``-5`` with two decimals is ``-0.05``."""
    digits = str(abs(units)).zfill(decimals + 1)
    point = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{point}" if units < 0 else point


def _steps(schema: dict[str, Any], step: Decimal, path: str) -> tuple[int, int]:
    """First and last multiple of ``step`` inside the bounds."""
    lows: list[int] = []
    highs: list[int] = []
    for key, found, exclusive in (
        ("minimum", lows, False),
        ("exclusiveMinimum", lows, True),
        ("maximum", highs, False),
        ("exclusiveMaximum", highs, True),
    ):
        if key in schema:
            ratio = _decimal(schema[key], f"{path}.{key}") / step
            up = key.lower().endswith("minimum")
            edge = ratio.to_integral_value("ROUND_CEILING" if up else "ROUND_FLOOR")
            found.append(int(edge) + (0 if not exclusive or edge != ratio else 1 if up else -1))
    if not lows or not highs:
        raise GrammarError(f"{path}: a number needs a minimum and a maximum")
    first, last = max(lows), min(highs)
    if first > last:
        raise GrammarError(f"{path}: no multiple of {step} lies between the bounds")
    return first, last


def _decimal(value: Any, path: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise GrammarError(f"{path}: {value!r} is not a number")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise GrammarError(f"{path}: {value!r} is not a number") from None
    if not found.is_finite() or abs(found) > 10**15:
        raise GrammarError(f"{path}: {value!r} is too large")
    return found


def _fractions(low: int, high: int, decimals: int) -> str:
    """``0 <= low..high`` with the point ``decimals`` digits from the right."""
    unit = 10**decimals
    (first, first_rest), (last, last_rest) = divmod(low, unit), divmod(high, unit)
    if first == last:
        return f'"{first}." ({_between(_pad(first_rest, decimals), _pad(last_rest, decimals))})'
    parts = []
    if first_rest:
        parts.append(f'"{first}." ({_between(_pad(first_rest, decimals), "9" * decimals)})')
        first += 1
    tail = ""
    if last_rest != unit - 1:
        tail = f'"{last}." ({_between("0" * decimals, _pad(last_rest, decimals))})'
        last -= 1
    if first <= last:
        parts.append(f'({_naturals(first, last)}) "." [0-9]{{{decimals}}}')
    return " | ".join([*parts, tail] if tail else parts)


def _pad(number: int, digits: int) -> str:
    return str(number).zfill(digits)


def _naturals(low: int, high: int) -> str:
    """Alternatives for ``0 <= low..high``, one group per number of digits."""
    groups = []
    for digits in range(len(str(low)), len(str(high)) + 1):
        first, last = max(low, 10 ** (digits - 1) if digits > 1 else 0), min(high, 10**digits - 1)
        groups.append(_between(str(first), str(last)))
    return " | ".join(groups)


def _between(low: str, high: str) -> str:
    """Digit strings of one length from ``low`` to ``high``."""
    if not low:
        return '""'
    rest = len(low) - 1
    if low[0] == high[0]:
        return literal(low) if low == high else f'"{low[0]}" ({_between(low[1:], high[1:])})'
    if not rest:
        return f"[{low}-{high}]"
    first, last, parts = int(low[0]), int(high[0]), []
    if low[1:] != "0" * rest:
        parts.append(f'"{first}" ({_between(low[1:], "9" * rest)})')
        first += 1
    tail = ""
    if high[1:] != "9" * rest:
        tail = f'"{last}" ({_between("0" * rest, high[1:])})'
        last -= 1
    if first <= last:
        parts.append(f"[{first}-{last}] [0-9]{{{rest}}}")
    return " | ".join([*parts, tail] if tail else parts)
