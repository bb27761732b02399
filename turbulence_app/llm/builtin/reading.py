"""What a description says of a person: traits with the clause that says so, and quantities said in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import tanh
from typing import Any

import numpy as np

from turbulence_app.domain.persona import Persona
from turbulence_app.llm.builtin.cues import cued_traits
from turbulence_app.llm.builtin.encoder import Array, Encoder
from turbulence_app.llm.builtin.heads import KINDS, TRAITS, Heads, features
from turbulence_app.llm.builtin.quantities import Span, retries_said, time_said, typing_said
from turbulence_app.llm.builtin.text import (
    Clause,
    clauses,
    settings,
    spoken_parts,
    trait_units,
    without_negation,
)

DEAD_ZONE = 0.16
"""Scores of the fitted map below this are noise."""
FAINT = 0.1
"""What scores below it count all the same: a hint that several clauses give adds up."""
CUE_WEIGHT = 0.9
"""What a cue counts beside the fitted map (about 0..1)."""
HINT_WEIGHT = 0.8
NAME_WEIGHT = 0.7
SQUEEZE = 1.1
"""Slope of the curve that brings a trait's sum into -1..1."""

_LEVELS = {"none": -1.0, "very_low": -1.0, "low": -0.8, "short": -0.8, "small": -0.8, "medium": 0.0, "normal": 0.0,
           "high": 0.8, "long": 0.8, "large": 0.8, "very_high": 1.0, "yes": 0.8, "true": 0.8,
           "no": -0.8, "false": -0.8}  # fmt: skip
_HINTED: tuple[tuple[str, dict[str, float]], ...] = (
    (r"patience|timeout|wait|toleran", {"patience": 1, "visit": 0.6}),
    (r"retr|persist|determin", {"persist": 1}),
    (r"abandon|leav|drop|churn|quit", {"leave": 1, "patience": -0.3}),
    (r"hurry|urgen|rush", {"visit": -1, "think": -0.7}),
    (r"think|deliberat|careful|thorough|attention|research", {"think": 1}),
    (r"typing|speed|tech|skill|experience", {"type_slow": -1, "think": -0.4}),
    (r"error|typo|mistake", {"errors": 1}),
    (r"optional|complete|detail", {"skip": -1}),
    (r"price|cost|budget|thrift", {"thrift": 1}),
    (r"privacy|risk_av|caution|suspic", {"guard": 1}),
    (r"trust|risk", {"guard": -1}),
    (r"explor|curios|brows", {"explore": 1}),
)


@dataclass
class Reading:
    """A description read: vectors by clause, trait values -1..1, who said what."""

    clauses: list[Clause]
    scores: Array
    traits: dict[str, float] = field(default_factory=dict)
    sources: dict[str, Clause | None] = field(default_factory=dict)
    times: dict[str, tuple[Span, Clause]] = field(default_factory=dict)
    beside: dict[str, float] = field(default_factory=dict)
    """What the name and the hints add to each trait, before it is squeezed into -1..1."""
    settings: list[tuple[str, str]] = field(default_factory=list)
    """By clause: the condition under which it holds (or empty), and what it says."""
    retries: list[tuple[int, Clause]] = field(default_factory=list)
    typing: tuple[float, Clause] | None = None

    _kinds: dict[str, Array] = field(default_factory=dict)

    def kinds_of(self, texts: list[str]) -> Array:
        """Kinds of option that parts of clauses speak of, shape (n, kinds)."""
        return np.stack([self._kinds[text] for text in texts]) if texts else np.zeros((0, len(KINDS)), np.float32)

    def trait(self, name: str) -> float:
        """A trait, -1 to 1; 0 where nothing was said."""
        return self.traits.get(name, 0.0)

    def trait_where(self, name: str, fits: Array) -> float:
        """A trait as far as its clauses hold in a situation: each counts by how well it fits (at most fully)."""
        if not len(self.scores):
            return self.trait(name)
        told = float(self.scores[:, TRAITS.index(name)] @ np.minimum(fits, 1))
        return round(tanh(SQUEEZE * (told + self.beside.get(name, 0.0))), 2)

    def evidence(self, *names: str) -> str | None:
        """The clause that speaks loudest of these traits; None where none does."""
        for name in sorted(names, key=lambda n: -abs(self.trait(n))):
            source = self.sources.get(name)
            if source is not None and abs(self.trait(name)) > 0:
                return source.text
        return None


def read_persona(persona: Persona, encoder: Encoder, heads: Heads) -> Reading:
    """Reads name, description and hints; only the description's clauses can be evidence."""
    parts = clauses(persona.description)
    title = persona.title if persona.name else ""
    units = [(row, text, sign) for row, c in enumerate(parts) for text, sign in trait_units(c.text)]
    if title:
        units.append((len(parts), f"{title} is a {title.lower()}", 1))
    texts = [text for _, text, _ in units]
    # One pass over everything that will be asked for: single sentences cost three times as much.
    asked = [*texts, *(t for c in parts for t in spoken_parts(c.text))]
    encoder.layers([*asked, *map(without_negation, asked)])
    by_unit = (
        _combine(texts, heads.traits(features(encoder, texts))) if texts else np.zeros((0, len(TRAITS)), np.float32)
    )
    combined = np.zeros((len(parts) + bool(title), len(TRAITS)), np.float32)
    for (row, _, sign), values in zip(units, by_unit, strict=True):
        combined[row] += sign * values
    for row, clause in enumerate(parts):
        combined[row] *= clause.strength
    if title:
        combined[-1] *= NAME_WEIGHT
    reading = Reading(parts, combined[: len(parts)])
    reading.settings = settings(parts)
    spoken = list(dict.fromkeys(t for c in parts for t in spoken_parts(c.text)))
    if spoken:
        reading._kinds = dict(zip(spoken, heads.kinds(features(encoder, spoken)), strict=True))
    hinted = _hints(persona.hints)
    for column, trait in enumerate(TRAITS):
        beside = hinted.get(trait, 0.0) * HINT_WEIGHT + float(combined[len(parts) :, column].sum())
        reading.beside[trait] = beside
        total = float(combined[: len(parts), column].sum()) + beside
        reading.traits[trait] = round(tanh(SQUEEZE * total), 2)
        if len(parts):
            agreeing = combined[: len(parts), column] * np.sign(total)
            best = int(agreeing.argmax())
            reading.sources[trait] = parts[best] if agreeing[best] > 0.1 else None
    _quantities(reading)
    return reading


def _combine(texts: list[str], scores: Array) -> Array:
    """The fitted map's scores outside the dead zone, with the cues on top; a cue silences a contrary score."""
    loud = np.abs(scores)
    combined: Array = np.sign(scores) * np.clip(np.maximum(loud - DEAD_ZONE, FAINT * loud), 0, 1)
    for row, text in enumerate(texts):
        for trait, value in cued_traits(text).items():
            column = TRAITS.index(trait)
            agreeing = max(0.0, float(combined[row, column]) * value)
            combined[row, column] = value * (CUE_WEIGHT + 0.3 * agreeing)
    return combined


def _hints(hints: dict[str, Any]) -> dict[str, float]:
    """Hints such as ``timeout_tolerance: low`` as traits; values that are no level say nothing."""
    found: dict[str, float] = {}
    for key, value in hints.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            level = 2 * float(value) - 1 if 0 <= value <= 1 else 0.0
        else:
            level = _LEVELS.get(str(value).strip().lower().replace(" ", "_").replace("-", "_"), 0.0)
        if level == 0.0:
            continue
        for pattern, weights in _HINTED:
            if re.search(pattern, str(key), re.I):
                for trait, weight in weights.items():
                    found[trait] = found.get(trait, 0.0) + weight * level
                break
    return found


def _quantities(reading: Reading) -> None:
    for clause in reading.clauses:
        span = time_said(clause.text)
        if span is not None:
            reading.times.setdefault(span.about, (span, clause))
        count = retries_said(clause.text)
        if count is None:
            count = retries_said(_sentence_up_to(reading.clauses, clause))
            count = (
                None if any(said == count and c.sentence == clause.sentence for said, c in reading.retries) else count
            )
        if count is not None:
            reading.retries.append((count, clause))
        typing = typing_said(clause.text)
        if typing is not None and reading.typing is None:
            reading.typing = (typing, clause)


def _sentence_up_to(parts: list[Clause], clause: Clause) -> str:
    """The clause with what stands before it in its sentence: `he retries at once, up to four times`."""
    return ", ".join(c.text for c in parts if c.sentence == clause.sentence and c.start <= clause.start)
