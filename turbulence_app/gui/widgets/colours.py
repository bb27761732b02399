"""What a painted widget needs to know of the theme: eleven colours and two faces, and nothing else."""
# ruff: noqa: D102

from __future__ import annotations

from typing import Protocol, runtime_checkable

from PySide6.QtGui import QColor, QFont, QFontMetricsF

MONO = ("JetBrains Mono", "DejaVu Sans Mono", "Menlo", "Consolas", "monospace")
"""Faces for numbers, the first one installed wins."""


@runtime_checkable
class Colours(Protocol):
    """Colour tokens as ``#rrggbb``; the window's theme has them all under these names."""

    @property
    def ground(self) -> str: ...
    @property
    def panel(self) -> str: ...
    @property
    def raised(self) -> str: ...
    @property
    def line(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def dim(self) -> str: ...
    @property
    def accent(self) -> str: ...
    @property
    def good(self) -> str: ...
    @property
    def warn(self) -> str: ...
    @property
    def bad(self) -> str: ...
    @property
    def second(self) -> str: ...


class _Plain:
    """The dark tokens: what a widget shows before anybody gives it a theme."""

    ground, panel, raised, line = "#0f1216", "#161a20", "#1d222a", "#272d37"
    text, dim, accent = "#e6e9ee", "#8b94a3", "#4cc2ff"
    good, warn, bad, second = "#3ecf8e", "#f5b83d", "#ff6b6b", "#a78bfa"


DEFAULT_COLOURS: Colours = _Plain()


def tint(colour: str, alpha: float) -> QColor:
    """The colour with an opacity of 0 to 1."""
    made = QColor(colour)
    made.setAlphaF(alpha)
    return made


def mono_font(base: QFont, pixels: int, *, bold: bool = False) -> QFont:
    """The face for numbers, ``pixels`` high."""
    font = QFont(base)
    font.setFamilies(list(MONO))
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def text_font(base: QFont, pixels: int, *, bold: bool = False) -> QFont:
    """The window's face at another size."""
    font = QFont(base)
    font.setPixelSize(pixels)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def wrap_label(text: str, metrics: QFontMetricsF, width: float, lines: int = 2) -> list[str]:
    """``text`` broken at spaces and underscores into at most ``lines`` lines; what is too long ends in an ellipsis."""
    from PySide6.QtCore import Qt

    rows: list[str] = []
    for word in text.replace("_", " ").split():
        joined = f"{rows[-1]} {word}" if rows else word
        if rows and metrics.horizontalAdvance(joined) <= width:
            rows[-1] = joined
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = [*rows[: lines - 1], " ".join(rows[lines - 1 :])]
    return [metrics.elidedText(row, Qt.TextElideMode.ElideRight, width) for row in rows]
