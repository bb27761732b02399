"""A minute of one process as it is stored: what was counted, and how breakers and queues stood at its end."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from turbulence_app.llm.telemetry.document import Document

VERSION = 1


@dataclass(frozen=True, slots=True)
class Minute:
    """``state`` has ``breakers`` and ``queues`` as the guard tells them; ``at`` is when it was taken (wall clock)."""

    at: float
    counted: Document
    state: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """For the store."""
        plain = {"version": VERSION, "at": self.at, "counted": self.counted.to_plain(), "state": self.state}
        return json.dumps(plain, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Minute | None:
        """None for what is damaged or of another version: then it is as if that minute had been lost."""
        try:
            plain = json.loads(text)
            if plain["version"] != VERSION or not isinstance(plain["state"], dict):
                return None
            return cls(float(plain["at"]), Document.from_plain(plain["counted"]), plain["state"])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
