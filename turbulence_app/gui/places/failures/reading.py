"""Answers of the service about a failure, as the place shows them. Qt-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from turbulence_app.domain.trace import UserTrace
from turbulence_app.gui.chart_rows import WhiskerRow


@dataclass(frozen=True, slots=True)
class Beside:
    """The nearest visit that passes, and how it was found."""

    trace: UserTrace
    words: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One line of the why-table: what happens to the failure without a choice."""

    words: str
    verdict: str
    """``necessary``, ``neutral`` or ``suppressor``."""
    share: float
    low: float
    high: float
    tried: int = 0


def read_beside(reply: Any) -> Beside:
    """``nearest_passing``."""
    data = dict(reply)
    return Beside(UserTrace.model_validate(data.get("trace", data)), str(data.get("words", "")))


def read_why(reply: Any) -> tuple[Cause, ...]:
    """``why``."""
    items = reply.get("rows", []) if isinstance(reply, Mapping) else reply
    return tuple(
        Cause(
            str(item["words"]), str(item["verdict"]), float(item["share"]), float(item["low"]), float(item["high"]),
            int(item.get("tried", 0)),
        )
        for item in items
    )  # fmt: skip


def why_rows(causes: tuple[Cause, ...]) -> list[WhiskerRow]:
    """The why-table as a chart: how often it still fails without each."""
    order = {"necessary": 0, "suppressor": 1, "neutral": 2}
    listed = sorted(causes, key=lambda cause: (order.get(cause.verdict, 3), cause.share, cause.words))
    return [
        WhiskerRow(
            cause.words,
            (cause.share, cause.low, cause.high),
            None,
            cause.verdict,
            f"{cause.tried:,} visits tried" if cause.tried else "",
        )
        for cause in listed
    ]
