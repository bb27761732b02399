"""A persona: a kind of user, in plain words, with a weight in the crowd."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from turbulence_app.domain.base import Identifier, Noun, Weight


class Persona(Noun):
    """Who somebody is, written by a person for a person."""

    id: Identifier
    name: str = ""
    description: Annotated[str, Field(max_length=20_000)] = ""
    weight: Weight = 1.0
    hints: dict[str, Any] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name to show."""
        return self.name or self.id.replace("_", " ").replace("-", " ").capitalize()
