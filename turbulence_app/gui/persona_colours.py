"""Which colour a persona has: decided once, so that it is the same in every place and at every start. Qt-free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from turbulence_app.gui.tokens import PERSONA_TOKENS

_places: dict[str, int] = {}
MOST = 1_000
"""No place is as high as this; one that is read from a file and says so is not taken."""


def know(personas: Iterable[str]) -> None:
    """These are the project's personas. Those who were known keep their place, so that no edit changes a colour."""
    named = list(personas)
    for gone in set(_places).difference(named):
        del _places[gone]
    for persona in named:
        place_of(persona)


def recall(kept: object) -> None:
    """As they were when this project was last open (see :func:`places`); nonsense is passed over."""
    read = kept if isinstance(kept, Mapping) else {}
    known, taken = list(_places), dict[str, int]()
    for persona in known:
        place = read.get(persona)
        if isinstance(place, int) and 0 <= place < MOST and place not in taken.values():
            taken[persona] = int(place)
    _places.clear()
    _places.update(taken)
    know(known)


def places() -> dict[str, int]:
    """Each persona's place, to be kept with the project."""
    return dict(_places)


def place_of(persona: str) -> int:
    """The place of a persona's colour; somebody new has the first that is free."""
    if persona not in _places:
        _places[persona] = next(place for place in count() if place not in _places.values())
    return _places[persona]


def token_of(persona: str) -> str:
    """The token of a persona's colour. There are fewer colours than there may be personas: names go with them."""
    return PERSONA_TOKENS[place_of(persona) % len(PERSONA_TOKENS)]
