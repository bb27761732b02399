"""Until when the present request may run; asked by native code in the middle of its work."""

from __future__ import annotations

import time
from typing import Any


class EngineError(Exception):
    """The request cannot be done; ``reason`` is a code of :mod:`turbulence_app.llm.errors`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Limit:
    """Deadline (``time.monotonic`` seconds) and cancel of one request; ``polls`` grows while native code works."""

    def __init__(self) -> None:
        self.until = float("inf")
        self.cancelled = False
        self.request: Any = None
        self.polls = 0

    def start(self, request: Any, seconds: float) -> None:
        """A request begins."""
        self.request, self.cancelled, self.until = request, False, time.monotonic() + seconds

    def end(self) -> None:
        """No request runs now."""
        self.request, self.until = None, float("inf")

    def over(self) -> bool:
        """Whether to stop. Each call is a sign that work goes on."""
        self.polls += 1
        return self.cancelled or time.monotonic() > self.until

    def stopped(self, where: str) -> EngineError:
        """The error for a request that ended because of this limit."""
        return (
            EngineError("cancelled", f"stopped {where}")
            if self.cancelled
            else EngineError("timeout", f"the time was up {where}")
        )
