"""Which colour a persona has: decided once, so that it is the same in every place. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable

from turbulence_app.gui.tokens import PERSONA_TOKENS

_order: list[str] = []


def know(personas: Iterable[str]) -> None:
    """These are the project's personas. Those who were known keep their place, so that no edit changes a colour."""
    named = list(personas)
    stay = [persona for persona in _order if persona in named]
    _order[:] = [*stay, *(persona for persona in named if persona not in stay)]


def place_of(persona: str) -> int:
    """The place of a persona's colour; one that only a stored run knows comes after all others."""
    if persona not in _order:
        _order.append(persona)
    return _order.index(persona)


def token_of(persona: str) -> str:
    """The token of a persona's colour. There are fewer colours than there may be personas: names go with them."""
    return PERSONA_TOKENS[place_of(persona) % len(PERSONA_TOKENS)]
