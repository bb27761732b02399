"""What a project's own rule functions see of a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.engine.visit import Visit


@dataclass(frozen=True, slots=True)
class WorldView:
    """A world at rest: ``app`` is the application object, ``state`` its ``app.state``, ``visits`` by user."""

    app: Any
    visits: Mapping[int, Visit]

    @property
    def state(self) -> Any:
        """``app.state``, where the application has one."""
        return getattr(self.app, "state", None)
