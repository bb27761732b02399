"""A line on the terminal that says what, how far, how fast and how long; nothing where nobody looks."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from turbulence_app.cli.console import Console
from turbulence_app.domain.events import CampaignProgress, Event, Log, Progress, RunProgress
from turbulence_app.insight import words

EVERY_S = 0.1


class ProgressLine:
    """Follows events; use as a context manager, so that the line is gone when results are printed."""

    def __init__(self, console: Console, what: str) -> None:
        self._console, self._what = console, what
        self._on = sys.stderr.isatty() and not console.quiet
        self._last = 0.0
        self._shown = False

    def __call__(self, event: Event) -> None:
        """Take an event; draws at most ten times a second."""
        if isinstance(event, RunProgress | Progress):
            what = event.what if isinstance(event, Progress) else self._what
            count = words.bytes_ if isinstance(event, Progress) and event.unit == "bytes" else words.count
            self._draw(what, event.done, event.total, event.rate, event.eta_s, count)
        elif isinstance(event, CampaignProgress):
            causes = f", {event.clusters} causes" if event.clusters else ""
            self._draw(f"{self._what}{causes}", event.done, event.total, event.rate, event.eta_s)
        elif isinstance(event, Log) and event.level in ("warning", "error"):
            self._clear()
            self._console.note(f"{event.level}: {event.message}")

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def _draw(
        self,
        what: str,
        done: int,
        total: int,
        rate: float,
        eta_s: float | None,
        count: Callable[[int], str] = words.count,
    ) -> None:
        now = time.monotonic()
        if not self._on or now - self._last < EVERY_S:
            return
        self._last = now
        parts = [what, self._console.bar(done / total, 20) if total else "", _far(done, total, count)]
        parts.append(f"{count(round(rate))}/s" if rate else "")
        parts.append(f"{words.milliseconds(1000 * eta_s)} left" if eta_s else "")
        line = "  ".join(part for part in parts if part)[: self._console.width - 1]
        sys.stderr.write(f"\r\x1b[2K{line}")
        sys.stderr.flush()
        self._shown = True

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._shown = False


def _far(done: int, total: int, count: Callable[[int], str]) -> str:
    return f"{count(done)} / {count(total)}" if total else count(done) if done else ""
