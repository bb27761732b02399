"""Does a policy say what anybody who read the description would expect? One check per expectation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from turbulence_app.domain.benchmark import Expect, Kind, Stated, Trait

Document = Mapping[str, Any]
"""A policy as plain data."""


class Check(NamedTuple):
    """One expectation: its kind, what was expected (with what was found), whether it holds."""

    kind: Kind
    what: str
    holds: bool


def checks(expect: Expect, document: Document, neutral: Document) -> Iterator[Check]:
    """All expectations of a persona, judged. ``neutral`` is what the same model says of nobody in particular."""
    yield from _traits(expect, document, neutral)
    for decision, option in expect.top.items():
        shares = _shares(document, decision)
        best = max(shares, key=lambda name: shares[name])
        yield Check("likeliest", f"{decision}: {option} ({best})", best == option)
    for decision, options in expect.below.items():
        for option in options:
            less = _share(document, decision, option) < _share(neutral, decision, option)
            yield Check("unlikely", f"{decision}: {option}", less)
    for decision, bounds in expect.atmost.items():
        for option, bound in bounds.items():
            share = _share(document, decision, option)
            yield Check("bounded", f"{decision}: {option} <= {bound:g} ({share:g})", share <= bound)
    if expect.retries_atmost is not None:
        most = expect.retries_atmost
        yield Check("bounded", f"retries <= {most}", document["retries"]["default"] <= most)
    for name, value in expect.value.items():
        yield Check("stated", f"{name} = {value:g}", _stated(document, name) == value)


def unmet(expect: Expect) -> Iterator[Check]:
    """The same expectations where there is no answer to judge: none of them holds."""
    for word, traits in (("more", expect.more), ("less", expect.less)):
        yield from (Check("trait", f"{word} {name}", False) for name in traits)
    yield from (Check("likeliest", f"{decision}: {option}", False) for decision, option in expect.top.items())
    for decision, options in expect.below.items():
        yield from (Check("unlikely", f"{decision}: {option}", False) for option in options)
    for decision, bounds in expect.atmost.items():
        yield from (Check("bounded", f"{decision}: {option} <= {most:g}", False) for option, most in bounds.items())
    if expect.retries_atmost is not None:
        yield Check("bounded", f"retries <= {expect.retries_atmost}", False)
    yield from (Check("stated", f"{name} = {value:g}", False) for name, value in expect.value.items())


def _traits(expect: Expect, document: Document, neutral: Document) -> Iterator[Check]:
    for names, word, more in ((expect.more, "more", True), (expect.less, "less", False)):
        for name in names:
            ours, theirs = measure(document, name), measure(neutral, name)
            yield Check("trait", f"{word} {name}", ours > theirs if more else ours < theirs)


def measure(document: Document, trait: Trait) -> float:
    """A policy's figure for a trait: the middle of a range; retries count their steps a tenth."""
    if trait == "retries":
        retries = document["retries"]
        return float(retries["default"]) + max((retries.get("steps") or {}).values(), default=0) / 10
    section, key = _PLACES[trait]
    quantity = (document.get(section) or {}).get(key)
    if quantity is None:  # no limit to their patience
        return math.inf if section == "patience" else 0.0
    return (quantity["min"] + quantity["max"]) / 2 if isinstance(quantity, Mapping) else float(quantity)


_PLACES: dict[Trait, tuple[str, str]] = {
    "step_wait": ("patience", "step_wait_seconds"),
    "visit": ("patience", "visit_seconds"),
    "think": ("pacing", "think_ms"),
    "typing": ("forms", "typing_ms_per_char"),
    "corrections": ("forms", "correction_probability"),
    "skip": ("forms", "skip_optional"),
}


def _stated(document: Document, name: Stated) -> float:
    if name == "step_wait_max":
        return float(document["patience"]["step_wait_seconds"]["max"])
    return float(document["retries"]["default"])


def _shares(document: Document, decision: str) -> Mapping[str, float]:
    found: Mapping[str, float] = document["decisions"][decision]["options"]
    return found


def _share(document: Document, decision: str, option: str) -> float:
    return float(_shares(document, decision)[option])
