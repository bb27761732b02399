"""What a project says about its Ollama server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OllamaSettings:
    """``allow_hosts``: beside this machine. ``keep_alive``: how long a model stays loaded after an answer (``10m``,
    ``0`` not at all, ``-1`` for good). ``parallel``: requests that the server takes at once."""

    allow_hosts: tuple[str, ...] = ()
    keep_alive: str = "10m"
    parallel: int = 1

    @property
    def keep(self) -> str | int:
        """As the server takes it: it reads numbers as seconds and refuses a duration without a unit."""
        return int(self.keep_alive) if self.keep_alive.lstrip("-").isdigit() else self.keep_alive
