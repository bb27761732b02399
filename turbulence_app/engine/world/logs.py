"""Logging through a queue and a thread, as some frameworks set it up by default: without the thread.

A record goes to the listener's handlers at once, which is what its thread would have done a moment later.
"""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Callable
from typing import Any
from weakref import WeakValueDictionary

from turbulence_app.engine.world.active import world

_LISTENERS: WeakValueDictionary[int, logging.handlers.QueueListener] = WeakValueDictionary()
"""Listeners that were started in a world, by the identity of their queue."""


class _NoThread:
    """What a listener holds instead of a thread."""

    def join(self, timeout: float | None = None) -> None:
        """There is nothing to wait for."""

    def is_alive(self) -> bool:
        """Never."""
        return False


def _start(real: Callable[[Any], None]) -> Callable[[Any], None]:
    def start(self: logging.handlers.QueueListener) -> None:
        if world() is None:
            real(self)
            return
        _LISTENERS[id(self.queue)] = self
        self._thread = _NoThread()  # type: ignore[assignment]

    return start


def _enqueue(real: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def enqueue(self: logging.handlers.QueueHandler, record: logging.LogRecord) -> None:
        listener = _LISTENERS.get(id(self.queue)) if world() is not None else None
        if listener is None:
            real(self, record)
        else:
            listener.handle(record)

    return enqueue


def log_patches() -> list[tuple[Any, str, Any]]:
    """What replaces the thread of :class:`logging.handlers.QueueListener`."""
    listener, handler = logging.handlers.QueueListener, logging.handlers.QueueHandler
    return [(listener, "start", _start(listener.start)), (handler, "enqueue", _enqueue(handler.enqueue))]
