"""What a function of an engine process has of whoever called it: it tells, and it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Link(Protocol):
    """The other end."""

    def tell(self, message: dict[str, Any]) -> None:
        """Say something on the way (JSON-ready)."""
        ...

    def should_stop(self) -> bool:
        """Whether the caller does not want the rest any more."""
        ...


Remote = Callable[[dict[str, Any], Link], Any]
"""A function that an engine process can be asked for: JSON-ready arguments and result."""
