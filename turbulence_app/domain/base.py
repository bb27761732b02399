"""What all nouns share: strict, immutable pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

IDENTIFIER = r"^[A-Za-z_][A-Za-z0-9_.\-]{0,99}$"
"""Pattern of every name that another file may refer to (steps, decisions, options, personas)."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
Expression = Annotated[str, Field(min_length=1, max_length=2000)]
"""Source text of the safe expression language; parsed by :mod:`turbulence_app.domain.expressions`."""


class Noun(BaseModel):
    """Base of everything that a file or a message may hold: no unknown keys, no mutation."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def plain(self) -> dict[str, Any]:
        """The noun as JSON-ready data, with the keys that files use and without unset fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
