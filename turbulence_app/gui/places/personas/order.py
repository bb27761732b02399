"""What this place remembers of how a person likes it: the order of the crowd by project, and folded sections."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.crowd_state import moved

FOLDED = "personas/folded"


class Order:
    """The order is the list's alone: who comes first in it changes no run."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def names(self) -> list[str]:
        """The order as it was left, empty where nobody was ever moved."""
        return _strings(self._context.settings.value(self._key()))

    def move(self, shown: Iterable[str], persona: str, by: int) -> None:
        """Move a persona in the order that is shown."""
        self._context.settings.setValue(self._key(), moved(list(shown), persona, by))

    def folded(self) -> set[str]:
        """Sections of the policy that are folded away."""
        return set(_strings(self._context.settings.value(FOLDED)))

    def fold(self, key: str, away: bool) -> None:
        """Remember a section as folded or open."""
        keys = self.folded() | {key} if away else self.folded() - {key}
        self._context.settings.setValue(FOLDED, sorted(keys))

    def _key(self) -> str:
        root = hashlib.sha256(str(self._context.project.data.root).encode("utf-8")).hexdigest()[:12]
        return f"personas/order/{root}"


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
