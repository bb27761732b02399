"""What all nouns share: strict, immutable pydantic models."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

IDENTIFIER = r"^[A-Za-z0-9_]([A-Za-z0-9_.\- ]{0,98}[A-Za-z0-9_.\-])?$"
"""Pattern of every name that another file may refer to (steps, decisions, options, personas); blanks only inside."""

Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
Expression = Annotated[str, Field(min_length=1, max_length=2000)]
"""Source text of the safe expression language; parsed by :mod:`turbulence_app.domain.expressions`."""


class Noun(BaseModel):
    """Base of everything that a file or a message may hold: no unknown keys, no mutation."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def plain(self) -> dict[str, Any]:
        """The noun as files and messages hold it: file keys, defaults left out, and nulls that mean something kept.

        A null means something as an assumption in ``evidence``, and where it was written out for any value (``equals:
        null`` expects null, no ``equals`` expects nothing in particular).
        """
        found: dict[str, Any] = {}
        for name, info in type(self).model_fields.items():
            value = getattr(self, name)
            written = value is None and info.annotation is Any and name in self.model_fields_set
            if written or info.is_required() or value != info.get_default(call_default_factory=True):
                found[info.alias or name] = _plain(value)
        return found


def _plain(value: Any) -> Any:
    if isinstance(value, Noun):
        return value.plain()
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
