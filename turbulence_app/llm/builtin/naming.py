"""Which option of a decision a few words name: likeness to its words, shared content words, shared concepts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from turbulence_app.llm.builtin.choices import Choice
from turbulence_app.llm.builtin.concepts import concepts_in
from turbulence_app.llm.builtin.encoder import Array, Encoder
from turbulence_app.llm.builtin.text import stems

MATCH_GAIN = 12.0
"""Logits for a cosine of one."""
MIDDLE = 0.6
"""Weight of the middle layer's likeness beside the last layer's: it keeps more of the single words."""
SHARED_WORD = 0.1
"""What a content word counts that a clause shares with one option alone, in cosine."""
CONCEPT_GAIN, CONCEPT_LIMIT, CONCEPT_AGAINST = 1.4, 2.6, 0.25
"""Logits for a concept that a clause shares with an option and not with the others, at most, and where negated."""


class Named(NamedTuple):
    """Likeness of a text to each option (cosine and a bit), the same with concepts in logits, the text's vector."""

    near: Array
    plain: Array
    vector: Array

    def best(self, at_least: float, apart: float) -> int | None:
        """The option that the text plainly names; None where two are as near, or none is."""
        order = np.argsort(self.plain)
        best = int(order[-1])
        if self.near[best] < at_least or (len(order) > 1 and self.plain[best] - self.plain[order[-2]] < apart):
            return None
        return best


def named(text: str, choice: Choice, encoder: Encoder) -> Named:
    """How near the text is to each option of a decision."""
    layers = encoder.layers([text])[0]
    worded = choice.middle @ layers[1]
    near = np.stack([form @ layers[-1] for form in choice.vectors]).mean(0) + MIDDLE * (worded - worded.mean())
    near = near + SHARED_WORD * shared_words(text, choice)
    return Named(near, near * MATCH_GAIN + same_concepts(text, 1, choice), layers[-1])


def same_concepts(text: str, sign: int, choice: Choice) -> Array:
    """How far the words name what an option names and the others do not, in logits."""
    shared = CONCEPT_LIMIT * np.tanh(CONCEPT_GAIN / CONCEPT_LIMIT * (choice.concepts @ concepts_in(text)))
    moved: Array = shared if sign > 0 else -CONCEPT_AGAINST * shared
    return moved


def shared_words(text: str, choice: Choice) -> Array:
    """Content words that the clause shares with one option and with no other, at most two by option."""
    spoken = stems(text)
    counts = np.zeros(len(choice.names), np.float32)
    for i, own in enumerate(choice.own_words):
        counts[i] = min(2, len(spoken & own))
    return counts
