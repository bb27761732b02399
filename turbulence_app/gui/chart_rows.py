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


@dataclass(frozen=True, slots=True)
class ShareRow:
    """A share of something against what is asked of it; ``numbers`` stand at the right."""

    key: str
    label: str
    share: float
    threshold: float
    numbers: str
    passed: bool


@dataclass(frozen=True, slots=True)
class WhiskerRow:
    """Two shares with intervals, all from 0 to 1: with something switched on and without it."""

    label: str
    on: tuple[float, float, float]
    """Share, lower and upper end of the interval."""
    off: tuple[float, float, float] | None
    """None: there is nothing to compare with."""
    verdict: str
    """``trigger``, ``necessary``, ``suppressor`` or ``neutral``."""
    tip: str = ""


@dataclass(frozen=True, slots=True)
class SpanRow:
    """A number that lies between ``low`` and ``high``, both as shares of the row's scale."""

    key: str
    label: str
    low: float
    high: float
    numbers: str


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column of a small column chart: ``fresh`` of ``height`` are new."""

    key: str
    height: int
    fresh: int
    tip: str


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """A value between a lower and an upper end, of any unit; ``numbers`` stand at the right."""

    key: str
    label: str
    value: float
    low: float
    high: float
    numbers: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class TornadoRow:
    """One number moved down and up; ``below`` and ``above`` are what that does: points, lower and upper end."""

    key: str
    label: str
    moved: str
    """Between which values it was moved, in words."""
    below: tuple[float, float, float]
    above: tuple[float, float, float]
    guessed: bool = False
    """Whether it was moved between what several models say, and not by the usual amount."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: how much, in which colour; ``faint`` for the half of a pair that matters less."""

    token: str
    value: float
    name: str = ""
    faint: bool = False


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar made of pieces below its words; ``track``: how long it could be, ``mark``: what it is held against."""

    key: str
    label: str
    pieces: tuple[Piece, ...]
    numbers: str
    says: str
    """The row for the pointer and for a screen reader."""
    track: float = 0.0
    mark: float | None = None
    tone: str = ""
    """The token of the label where it is a verdict."""

    @property
    def value(self) -> float:
        """All pieces together."""
        return sum(piece.value for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class BinRow:
    """A column of a histogram: from ``low`` to before ``high`` of some unit; ``mark`` as of :class:`BarRow`."""

    key: str
    low: float
    high: float
    pieces: tuple[Piece, ...]
    says: str
    mark: float | None = None

    @property
    def value(self) -> float:
        """All pieces together."""
        return sum(piece.value for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class SpanLine:
    """A line over equal spans of time: what it is called, its colour, a value per span or None."""

    name: str
    token: str
    values: tuple[float | None, ...]
