"""What a policy question is made of, for the cache: all that the words put to a model can depend on, and no more."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from turbulence_app.domain.base import Noun
from turbulence_app.domain.persona import Persona
from turbulence_app.domain.workflow import Workflow
from turbulence_app.llm.slots import Slots
from turbulence_app.llm.surface import policy_surface


def policy_slots(persona: Persona, workflow: Workflow) -> Slots:
    """Who the people are and what the workflow offers them. Only the description is free text: a name, a hint, a step
    or an option that is another one is another question."""
    who = {"name": persona.title, "description": persona.description, "hints": _plain(persona.hints)}
    return Slots({**who, "surface": _plain(policy_surface(workflow))}, free=frozenset({"description"}))


def _plain(value: Any) -> Any:
    """Plain data for canonical JSON; a mapping becomes pairs, because prompts follow its order."""
    if isinstance(value, Noun):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return [[str(name), _plain(inner)] for name, inner in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int) or value is None else repr(value)  # NaN is no JSON
