"""The small questions that add up to a policy: for each number what is asked, what may be answered, what is neutral."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from turbulence_app.assist import policy_scales as scales
from turbulence_app.assist.policy_scales import Scale
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import ChoiceParameter, Parameter, RangeParameter, Workflow
from turbulence_app.llm.backends.rules import RulesBackend
from turbulence_app.llm.elicit import odds
from turbulence_app.llm.surface import Surface, choice_values, policy_surface

Document = dict[str, Any]
Shares = tuple[float, ...]
HALF = (0.25, 0.75)
"""A range is where the middle half of such people lie."""
MOST_OF = (0.1, 0.9)
"""A parameter is narrowed to where most of them lie."""
SAYS = 0.08
"""Nats from which on a persona says something about a number (as from 50 to 70 in 100); below is a model's noise."""


@dataclass(frozen=True, slots=True)
class Item:
    """One number of a policy. ``base``: shares of the answers for somebody neutral; ``put`` writes the outcome."""

    path: str
    question: str
    answers: tuple[str, ...]
    base: Shares
    put: Callable[[Document, Shares], None]
    whole: bool = False
    """Whether all words of the answers count: those of a workflow are not written to differ in the first one."""

    def shares(self, changes: Sequence[float]) -> Shares:
        """The persona's shares of the answers."""
        return odds.tilted(self.base, changes, odds.WHOLE_EXPONENT if self.whole else odds.EXPONENT)

    def says(self, changes: Sequence[float]) -> bool:
        """Whether the persona differs from somebody neutral at all."""
        return odds.moved(self.base, self.shares(changes)) >= SAYS


def items(workflow: Workflow) -> tuple[Item, ...]:
    """Every question about one workflow, always in the same order."""
    surface = policy_surface(workflow)
    neutral = RulesBackend().policy_document(Persona(id="neutral"), workflow)
    found = [_decision(name, surface, neutral) for name in surface.decisions]
    found += [
        _range(scales.STEP_WAIT, ("patience", "step_wait_seconds"), neutral),
        _range(scales.VISIT, ("patience", "visit_seconds"), neutral),
        _range(scales.THINK, ("pacing", "think_ms"), neutral),
        Item("retries.default", scales.RETRIES.question, scales.RETRIES.answers(), scales.RETRIES_BASE, _retries),
    ]
    found += [_pause(name, words, neutral) for name, words in surface.pauses.items()]
    if surface.fields:
        found += _forms(neutral)
    found += [item for name, p in surface.parameters.items() for item in _parameter(name, p)]
    found += [_toggle(name, share) for name, share in surface.toggles.items()]
    return tuple(found)


def _decision(name: str, surface: Surface, neutral: Document) -> Item:
    decision = surface.decisions[name]
    answers = tuple(f"This person {words.strip() or _words(option)}" for option, words in decision.options.items())
    base: dict[str, float] = neutral["decisions"][name]["options"]

    def put(document: Document, shares: Shares) -> None:
        document["decisions"][name] = {"options": _rounded(dict(zip(decision.options, shares, strict=True)))}

    question = decision.prompt.strip() or "What does this person do now?"
    return Item(f"decisions.{name}", question, answers, _normal(tuple(base.values())), put, whole=True)


def _range(scale: Scale, where: tuple[str, str], neutral: Document) -> Item:
    section, name = where
    low, high = neutral[section][name]["min"], neutral[section][name]["max"]

    def put(document: Document, shares: Shares) -> None:
        document[section][name] = _between(scale, shares)

    return Item(f"{section}.{name}", scale.question, scale.answers(), odds.around(scale.values, low, high), put)


def _pause(name: str, words: str, neutral: Document) -> Item:
    low, high = neutral["pacing"]["steps"][name]["min"], neutral["pacing"]["steps"][name]["max"]
    scale = scales.PAUSE

    def put(document: Document, shares: Shares) -> None:
        document["pacing"].setdefault("steps", {})[name] = _between(scale, shares)

    question = scale.question.format(what=words)
    return Item(f"pacing.steps.{name}", question, scale.answers(), odds.around(scale.values, low, high), put)


def _retries(document: Document, shares: Shares) -> None:
    """The expected number of tries, rounded half up."""
    expected = math.fsum(s * v for s, v in zip(shares, scales.RETRIES.values, strict=True))
    document["retries"]["default"] = math.floor(expected + 0.5)


def _forms(neutral: Document) -> Iterator[Item]:
    usual = neutral["forms"]

    def typing(document: Document, shares: Shares) -> None:
        document["forms"]["typing_ms_per_char"] = _between(scales.TYPING, shares)

    def corrections(document: Document, shares: Shares) -> None:
        median = odds.quantile(scales.CORRECTIONS.values, shares, 0.5)
        document["forms"]["correction_probability"] = round(min(1.0, median), 3)

    def skip(document: Document, shares: Shares) -> None:
        document["forms"]["skip_optional"] = round(shares[0], 3)

    scale, speed = scales.TYPING, usual["typing_ms_per_char"]
    base = odds.around(scale.values, speed["min"], speed["max"])
    yield Item("forms.typing_ms_per_char", scale.question, scale.answers(), base, typing)
    scale, often = scales.CORRECTIONS, usual["correction_probability"]
    base = odds.around(scale.values, often / 2, often * 2)
    yield Item("forms.correction_probability", scale.question, scale.answers(), base, corrections)
    yield Item("forms.skip_optional", scales.SKIP[0], scales.SKIP[1:], _yes(usual["skip_optional"]), skip)


def _parameter(name: str, parameter: Parameter) -> Iterator[Item]:
    """A parameter is left as the workflow has it unless the persona says something about it."""
    if isinstance(parameter, RangeParameter):
        if parameter.min < parameter.max:
            yield _amount(name, parameter)
    elif isinstance(parameter, ChoiceParameter) and len(values := choice_values(parameter)) > 1:
        yield _choice(name, values)


def _amount(name: str, parameter: RangeParameter) -> Item:
    scale, low, high = scales.AMOUNT, parameter.min, parameter.max
    even = (1 / len(scale.phrases),) * len(scale.phrases)

    def put(document: Document, shares: Shares) -> None:
        if odds.moved(even, shares) >= SAYS:
            ends = [low + _part(shares, at) * (high - low) for at in MOST_OF]
            document["parameters"][name] = {"type": "range", "min": round(ends[0]), "max": round(ends[1])}

    question = scale.question.format(low=low, high=high, what=_words(name))
    return Item(f"parameters.{name}", question, scale.answers(), even, put)


def _part(shares: Shares, at: float) -> float:
    """The quantile on an even scale from 0 to 1, linear inside what each answer stands for."""
    below = 0.0
    for i, share in enumerate(shares):
        if below + share >= at and share > 0:
            return (i + (at - below) / share) / len(shares)
        below += share
    return 1.0


def _choice(name: str, values: tuple[Any, ...]) -> Item:
    question, lead = scales.CHOICE
    even = (1 / len(values),) * len(values)

    def put(document: Document, shares: Shares) -> None:
        if odds.moved(even, shares) >= SAYS:
            used = [v for v, share in zip(values, shares, strict=True) if share >= even[0] / 2]
            document["parameters"][name] = {"type": "choice", "values": used}

    answers = tuple(f"{lead} {value}" for value in values)
    return Item(f"parameters.{name}", question.format(what=_words(name)), answers, even, put)


def _toggle(name: str, usual: float) -> Item:
    question, yes, no = scales.TOGGLE

    def put(document: Document, shares: Shares) -> None:
        document["toggles"][name] = round(shares[0], 3)

    words = _words(name)
    return Item(f"toggles.{name}", question.format(what=words[:1].upper() + words[1:]), (yes, no), _yes(usual), put)


def _between(scale: Scale, shares: Shares) -> dict[str, float]:
    low, high = (_digits(odds.quantile(scale.values, shares, at)) for at in HALF)
    return {"min": low, "max": high}


def _digits(value: float) -> float:
    """Two digits that count: more would claim more than phrases can say."""
    short = float(f"{value:.2g}")
    return int(short) if short == int(short) else short


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}


def _yes(share: float) -> Shares:
    """Yes and no, neither out of the question: a workflow's 0 or 1 is a default, not a law."""
    bounded = min(0.98, max(0.02, share))
    return (bounded, 1 - bounded)


def _normal(weights: Shares) -> Shares:
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip() or name
