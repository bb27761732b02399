"""Nouns as the text of their files, for showing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from turbulence_app.domain.base import Noun
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.policy import Policy
from turbulence_app.formats.emit import block
from turbulence_app.formats.writer import dump


def text_of(noun: Noun) -> str:
    """YAML that loads back equal."""
    return dump(noun)


def text_of_data(data: Mapping[str, Any]) -> str:
    """YAML of plain data (part of a file that is being edited)."""
    return block(dict(data))


def people_text(personas: Sequence[Persona], policies: Sequence[Policy]) -> str:
    """Personas and policies as one YAML text that loads back equal."""
    parts = [dump(list(group)) for group in (personas, policies) if group]
    return "\n".join(parts) if parts else "personas: []\n"
