"""Rows of charts as plain data. Qt-free."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RangeRow:
    """One step's percentiles in milliseconds, from ``n`` requests."""

    label: str
    p50: float
    p95: float
    p99: float
    n: int = 0

    @property
    def numbers(self) -> str:
        """The three of them."""
        return " · ".join(milliseconds(value) for value in (self.p50, self.p95, self.p99))


def milliseconds(value: float) -> str:
    """``86``, ``1,920``: whole milliseconds."""
    return f"{value:,.0f}"
