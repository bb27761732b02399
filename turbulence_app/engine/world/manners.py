"""What asyncio asks of any loop, where a world's loop has nothing of its own to say."""

from __future__ import annotations

from typing import Any

from turbulence_app.engine.world.refusals import Refusals


class Manners(Refusals):
    """Debugging, factories, executors and exception handlers."""

    def __init__(self) -> None:
        self._handler: Any = None
        self._factory: Any = None
        self.complaints: list[dict[str, Any]] = []
        """What was told to the exception handler."""

    def get_debug(self) -> bool:
        """Never: debugging would change the order of things."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """Nothing: see :meth:`get_debug`."""

    def set_task_factory(self, factory: Any) -> None:
        """As asyncio's."""
        self._factory = factory

    def get_task_factory(self) -> Any:
        """As asyncio's."""
        return self._factory

    def set_default_executor(self, executor: Any) -> None:
        """Nothing: plain functions run in line."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Nothing: there is none."""

    def set_exception_handler(self, handler: Any) -> None:
        """As asyncio's."""
        self._handler = handler

    def get_exception_handler(self) -> Any:
        """As asyncio's."""
        return self._handler

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Keep the complaint for the world's notes."""
        self.complaints.append(context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """Tell the application's handler, or keep the complaint."""
        if self._handler is not None:
            self._handler(self, context)
        else:
            self.default_exception_handler(context)
