"""What changed between two versions of a policy, as lines that a person can judge one by one. No Qt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.policy import DecisionPolicy, Policy
from turbulence_app.domain.workflow import ChoiceParameter, RangeParameter, Workflow
from turbulence_app.gui.places.personas.panel_rows import Reason
from turbulence_app.gui.places.personas.spans import Span, span_of
from turbulence_app.gui.places.personas.state import reason_of, said, title, words
from turbulence_app.insight.parts import differing, part_of
from turbulence_app.insight.words import brief_percent, percent

ABSENT = "–"
_TITLES = {
    "patience.step_wait_seconds": ("Waits for one answer", "s"),
    "patience.visit_seconds": ("Whole visit", "s"),
    "pacing.think_ms": ("Thinks before a step", "ms"),
    "retries.default": ("Tries any failed step again", "×"),
    "forms.typing_ms_per_char": ("Types one character in", "ms"),
    "forms.correction_probability": ("Corrects a field", ""),
    "forms.skip_optional": ("Skips optional fields", ""),
}


@dataclass(frozen=True, slots=True)
class Points:
    """A difference of completion in points of a hundred, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def words(self) -> str:
        """``−3.2 ± 0.4 points``; an interval that holds 0 says so by its size."""
        half = (self.high - self.low) / 2
        sign = "−" if self.value < -0.05 else "+" if self.value > 0.05 else "±"
        return f"{sign}{abs(self.value):.1f}" if sign != "±" else f"0 ± {max(half, 0.1):.1f}"

    @property
    def certain(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Turn:
    """One value before and after; ``name`` is "" where there is only one, and stands alone as a heading of a case."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One part that differs: its values, the words that caused it, and what it does to completion."""

    path: str
    title: str
    turns: tuple[Turn, ...]
    reason: Reason
    effect: Points | None = None

    @property
    def sentence(self) -> str:
        """For who hears it."""
        turned = "; ".join(f"{turn.name} {turn.before} to {turn.after}".strip() for turn in self.turns)
        effect = f"; completion {self.effect.words} points" if self.effect is not None else ""
        return f"{self.title}: {turned}{effect}"


def changes_of(
    before: Policy, after: Policy, workflow: Workflow, effects: Mapping[str, Points] | None = None
) -> tuple[ChangeLine, ...]:
    """Everything that differs, the strongest effect first where effects are known, else in the policy's order."""
    known = effects or {}
    lines = [
        ChangeLine(
            path, part_title(path), _turns(path, before, after, workflow), reason_of(after, path), known.get(path)
        )
        for path in differing(before, after)
    ]
    return tuple(sorted(lines, key=lambda line: -abs(line.effect.value) if line.effect is not None else 0.0))


def part_title(path: str) -> str:
    """A part as a person would call it."""
    if path in _TITLES:
        return _TITLES[path][0]
    section, _, name = path.partition(".")
    name = name.removeprefix("steps.")
    return {"retries": f"Tries {words(name)} again", "pacing": f"Thinks before {words(name)}"}.get(section, title(name))


def part_words(path: str, value: Any) -> str:
    """The value of a part in a few words (for a decision: its options in per cent)."""
    if value is None:
        return "for ever" if path.startswith("patience.") else ABSENT
    if isinstance(value, DecisionPolicy):
        shares = ", ".join(f"{words(name)} {percent(share)}" for name, share in _shares(value.options).items())
        cases = f" and {len(value.cases)} case{'s' * (len(value.cases) != 1)}" if value.cases else ""
        return shares + cases
    if isinstance(value, RangeParameter):
        return f"{value.min}–{value.max}"
    if isinstance(value, ChoiceParameter):
        return ", ".join(said(item) for item in value.values)
    if isinstance(value, tuple):
        return ", ".join(said(item) for item in value)
    if path.startswith("toggles.") or path in ("forms.correction_probability", "forms.skip_optional"):
        return brief_percent(float(value))
    if path.startswith("retries."):
        return f"{value} ×"
    unit = _TITLES.get(path, ("", "ms" if path.startswith("pacing.") else ""))[1]
    return _span_words(span_of(value), unit)


def signs(policy: Policy, approved: Policy | None, who: str, count: int) -> str:
    """What approving this policy now would put a name to."""
    what = f"{count} changed number{'s' * (count != 1)}" if approved is not None else "all of its numbers"
    if approved is not None and count == 0:
        what = "the same numbers"
    where = f" in {policy.workflow}" if policy.workflow else ""
    return f"Approving signs {what} of {who}{where}, version {digest_of(policy)[:12]}."


def digest_of(policy: Policy) -> str:
    """SHA-256 of what the policy makes people do, in hexadecimal: where it came from is left out."""
    behaviour = policy.model_dump_json(by_alias=True, exclude={"provenance", "evidence", "ranges"})
    return hashlib.sha256(behaviour.encode("utf-8")).hexdigest()


def _turns(path: str, before: Policy, after: Policy, workflow: Workflow) -> tuple[Turn, ...]:
    was, now = part_of(before, path), part_of(after, path)
    if isinstance(was, DecisionPolicy) and isinstance(now, DecisionPolicy):
        return _decision_turns(was, now)
    if path.startswith("parameters.") and None in (was, now):
        allowed = workflow.all_parameters().get(path.removeprefix("parameters."))
        was, now = was if was is not None else allowed, now if now is not None else allowed
    return (Turn("", part_words(path, was), part_words(path, now)),)


def _decision_turns(was: DecisionPolicy, now: DecisionPolicy) -> tuple[Turn, ...]:
    turns = _share_turns(was.options, now.options)
    cases = {case.when: case.options for case in was.cases}
    later = {case.when: case.options for case in now.cases}
    for when in dict.fromkeys((*later, *cases)):
        if when not in later or when not in cases:
            one, two = (_brief(side.get(when)) for side in (cases, later))
            turns.append(Turn(f"if {when}", one, two))
        elif shares := _share_turns(cases[when], later[when]):
            turns += [Turn(f"if {when}", "", ""), *shares]
    return tuple(turns) or (Turn("", "other order of cases", "as now"),)


def _share_turns(was: Mapping[str, float], now: Mapping[str, float]) -> list[Turn]:
    before, after = _shares(was), _shares(now)
    names = dict.fromkeys((*after, *before))
    return [
        Turn(words(name), brief_percent(before.get(name, 0.0)), brief_percent(after.get(name, 0.0)))
        for name in names
        if abs(before.get(name, 0.0) - after.get(name, 0.0)) >= 0.0005
    ]


def _shares(weights: Mapping[str, float]) -> dict[str, float]:
    total = sum(weights.values())
    return {name: weight / total if total > 0 else 1 / len(weights) for name, weight in weights.items()}


def _brief(weights: Mapping[str, float] | None) -> str:
    if weights is None:
        return ABSENT
    return ", ".join(f"{words(name)} {brief_percent(share)}" for name, share in _shares(weights).items() if share > 0)


def _span_words(span: Span, unit: str) -> str:
    low, high = f"{span.low:,.4g}", f"{span.high:,.4g}"
    return f"{low if low == high else f'{low}–{high}'} {unit}".strip()
