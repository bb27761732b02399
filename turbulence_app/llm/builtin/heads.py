"""Small linear maps over sentence vectors: what a clause says of a person, an option means, a prompt is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from turbulence_app.llm.builtin.container import unpack
from turbulence_app.llm.builtin.encoder import Array, Encoder, models_folder, read_checked
from turbulence_app.llm.builtin.text import is_negated, without_negation

HEADS_FILE = "heads.safetensors"
TRAITS = (
    "patience",
    "visit",
    "persist",
    "leave",
    "think",
    "type_slow",
    "errors",
    "skip",
    "thrift",
    "guard",
    "explore",
    "people",
)
KINDS = (
    "leave", "retry", "wait", "later", "study", "browse", "quick", "cheap", "dear", "human", "machine", "switch",
    "accept", "decline", "detail", "brief", "complain", "proceed",
)  # fmt: skip
SUBJECTS = ("failure", "slow", "other")


def features(encoder: Encoder, texts: Sequence[str]) -> Array:
    """What the maps read, shape (n, 1921): the text's middle and last layer, the text's layers without its negations
    times -1 where it is negated, and a constant. Taking `not` out and turning the sign instead is what makes `does not
    mind waiting` differ from `minds waiting`: the encoder alone hardly tells them apart.
    """
    plain = [without_negation(text) for text in texts]
    raw, bare = encoder.layers(texts), encoder.layers(plain)
    sign = np.array([-1 if is_negated(text) else 1 for text in texts], np.float32)[:, None, None]
    n = len(texts)
    columns = [raw[:, 1:].reshape(n, -1), (bare * sign).reshape(n, -1), np.ones((n, 1), np.float32)]
    return np.concatenate(columns, axis=1)


@dataclass(frozen=True)
class Heads:
    """The fitted maps; scores are about -1..1 (traits) or 0..1 (kinds, subjects)."""

    trait_map: Array
    kind_map: Array
    subject_map: Array
    digest: str

    def traits(self, read: Array) -> Array:
        """Scores by clause and trait, from :func:`features`."""
        return read @ self.trait_map

    def kinds(self, read: Array) -> Array:
        """Scores by option and kind, 0 to 1."""
        scores: Array = np.clip(read @ self.kind_map, 0, 1)
        return scores

    def subjects(self, read: Array) -> Array:
        """Scores by prompt and subject, 0 to 1."""
        scores: Array = np.clip(read @ self.subject_map, 0, 1)
        return scores


@cache
def load_heads(folder: Path | None = None) -> Heads:
    """The maps that ship with the program."""
    raw = read_checked(folder or models_folder(), HEADS_FILE)
    tensors, metadata = unpack(raw)
    return Heads(tensors["traits"], tensors["kinds"], tensors["subjects"], metadata["digest"])
