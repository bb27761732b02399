"""Lines of the log as rows. Qt-free."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from turbulence_app.gui.chronicle_words import WORKS

PAGE = 200
"""Lines that are asked for at once."""
TITLES = {"personas": "Personas", "workflow": "Workflow", "run": "Run", "failures": "Failures", "models": "Models",
          "telemetry": "Telemetry", "settings": "Settings"}  # fmt: skip
TOKENS = {"error": "bad", "warning": "warn", "info": "dim", "debug": "dim"}
ICONS = {"error": "circle-alert", "warning": "triangle-alert", "info": "info", "debug": "terminal"}
LEVELS = {"all": (), "warnings": ("warning", "error"), "errors": ("error",)}
WORDS = {"error": "error", "warning": "warning", "info": "info", "debug": "detail"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``at`` is as it was written (UTC), ``place`` and ``target`` say where it leads."""

    at: str
    level: str
    source: str
    message: str
    process: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    stack: str = ""
    place: str = ""
    target: Mapping[str, Any] = field(default_factory=dict)

    @property
    def when(self) -> str:
        """Date and time on this computer's clock."""
        return _moment(self.at, "%Y-%m-%d %H:%M:%S")

    @property
    def clock(self) -> str:
        """Time of today; with the day where it was another one."""
        return _moment(self.at, "%H:%M:%S")

    @property
    def leads(self) -> str:
        """The place that it is about, in words."""
        return TITLES.get(self.place, "")

    def text(self) -> str:
        """Everything, to copy."""
        head = f"{self.at}  {self.level}  {self.source}  ({self.process})" if self.process else self.at
        parts = [head, self.message]
        parts += [f"{key}: {value}" for key, value in self.detail.items()]
        return "\n".join((*parts, *([self.stack] if self.stack else [])))


def line_of(record: Mapping[str, Any]) -> Line:
    """A line as the worker gives it."""
    return Line(
        at=str(record.get("at", "")),
        level=str(record.get("level", "info")),
        source=str(record.get("source", "")),
        message=str(record.get("message", "")),
        process=str(record.get("process", "")),
        detail=dict(record["detail"]) if isinstance(record.get("detail"), Mapping) else {},
        stack=str(record.get("stack", "")),
        place=str(record.get("place", "")),
        target=dict(record["target"]) if isinstance(record.get("target"), Mapping) else {},
    )


def facts(line: Line) -> list[tuple[str, str]]:
    """What stands beside the message, in words."""
    rows = [("time", line.when), ("from", f"{line.source}, {line.process}" if line.process else line.source)]
    for key, value in line.detail.items():
        if key == "operation" and str(value) in WORKS:
            continue
        shown = value if isinstance(value, str) else json.dumps(value)
        rows.append((key.replace("_", " "), f"{value:,}" if isinstance(value, int) and key == "users" else str(shown)))
    return rows


def counted(total: int, everything: int, paused: bool, news: int) -> str:
    """One line over the table."""
    words = f"{total:,} lines" if total == everything else f"{total:,} of {everything:,} lines"
    if total == 1 and everything == 1:
        words = "1 line"
    if paused:
        words += f" · paused, {news:,} new" if news else " · paused"
    return words


def empty_words(text: str, filtered: bool) -> str:
    """Why no line is shown."""
    if text.strip():
        return f"No line says “{text.strip()[:60]}”."
    return "No line of this kind." if filtered else "What the program does and says will be written here."


def _moment(at: str, shape: str) -> str:
    try:
        return datetime.fromisoformat(at).astimezone().strftime(shape)
    except ValueError:
        return at
