"""Nouns as the text of their files, for showing."""

from __future__ import annotations

from turbulence_app.domain.base import Noun
from turbulence_app.formats.writer import dump


def text_of(noun: Noun) -> str:
    """YAML that loads back equal."""
    return dump(noun)
