"""Bars that can be dragged: one share, or a range with two ends; each with the ghost of an earlier value."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QLineEdit, QSizePolicy, QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_ROW
from turbulence_app.insight.words import percent

STEPS = 1000
"""A share's resolution: tenths of a per cent."""
TRACK = 8.0
HANDLE = 6.0


def _paint_ring(painter: QPainter, widget: QWidget) -> None:
    if ringed(widget):
        painter.setPen(QPen(Theme.current().color("accent"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1), RADIUS_ROW, RADIUS_ROW)


class ShareBar(QAbstractSlider):
    """A share between 0 and 1 as a bar. ``dragged`` while it moves, ``dropped`` when the hand lets go."""

    dragged = Signal(float)
    dropped = Signal()

    def __init__(self, name: str, token: str = "accent") -> None:
        super().__init__()
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 100)
        self.setPageStep(STEPS // 10)
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._token = token
        self._ghost: float | None = None
        self._hand = False

    def share(self) -> float:
        """The value."""
        return self.value() / STEPS

    def show_share(self, share: float, ghost: float | None, token: str | None = None) -> None:
        """Show a value and the ghost of another, without telling anybody."""
        self._ghost = ghost
        self._token = token if token is not None else self._token
        if not self._hand:
            self.blockSignals(True)
            self.setValue(round(share * STEPS))
            self.blockSignals(False)
        self.setAccessibleDescription(percent(share) + (f", approved {percent(ghost)}" if ghost is not None else ""))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line."""
        return QSize(140, 22)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still to be hit."""
        return QSize(60, 22)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Track, bar, ghost, handle."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, width, middle = HANDLE, self.width() - 2 * HANDLE, self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(QRectF(left, middle - TRACK / 2, width, TRACK), TRACK / 2, TRACK / 2)
        at = left + width * self.share()
        painter.setBrush(theme.color(self._token))
        if at - left > 0.5:
            painter.drawRoundedRect(QRectF(left, middle - TRACK / 2, at - left, TRACK), TRACK / 2, TRACK / 2)
        if self._ghost is not None and abs(self._ghost - self.share()) >= 0.005:
            painter.setPen(QPen(theme.color("text"), 1.5, Qt.PenStyle.DotLine))
            ghost = left + width * self._ghost
            painter.drawLine(QPointF(ghost, middle - 8), QPointF(ghost, middle + 8))
        if self.underMouse() or self.hasFocus() or self._hand:
            painter.setPen(QPen(theme.color("panel"), 2))
            painter.setBrush(theme.color(self._token))
            painter.drawEllipse(QPointF(at, middle), HANDLE, HANDLE)
        _paint_ring(painter, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take it where it is pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._hand = True
            self._drag(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand."""
        if self._hand:
            self._drag(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002
        """Let go."""
        if self._hand:
            self._hand = False
            self.dropped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows by one per cent, page keys by ten, Home and End to the ends."""
        before = self.value()
        super().keyPressEvent(event)
        if self.value() != before:
            self.dragged.emit(self.share())
            self.dropped.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The wheel belongs to the panel that scrolls."""
        event.ignore()

    def _drag(self, x: float) -> None:
        share = min(1.0, max(0.0, (x - HANDLE) / max(1.0, self.width() - 2 * HANDLE)))
        self.setValue(round(share * STEPS))
        self.dragged.emit(self.share())
        self.update()


class RangeBar(QWidget):
    """Two ends of a range, on a logarithmic or even scale; ``single`` moves both together."""

    dragged = Signal(float, float)
    dropped = Signal()

    def __init__(self, name: str, bounds: tuple[float, float], *, log: bool = True, whole: bool = False) -> None:
        super().__init__()
        self._wants_log, self._whole = log, whole
        self._set_bounds(bounds)
        self._low, self._high = bounds
        self._ghost: tuple[float, float] | None = None
        self._single = False
        self._fixed = False
        self._hand: int | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Drag an end. Arrow keys move the upper end, with Shift the lower one.")

    def ends(self) -> tuple[float, float]:
        """Both values."""
        return self._low, self._high

    def _set_bounds(self, bounds: tuple[float, float]) -> None:
        self._least, self._most = bounds[0], max(bounds[1], bounds[0] + 1e-9)
        self._log = self._wants_log and self._least > 0

    def show_range(
        self,
        low: float,
        high: float,
        ghost: tuple[float, float] | None,
        *,
        single: bool = False,
        fixed: bool = False,
        bounds: tuple[float, float] | None = None,
    ) -> None:
        """Show values and the ghost of others, without telling anybody; with other ``bounds``, unless a hand drags."""
        self._ghost, self._single, self._fixed = ghost, single, fixed
        self.setEnabled(not fixed)
        if self._hand is None:
            self._low, self._high = low, high
            if bounds is not None:
                self._set_bounds(bounds)
        self.setAccessibleDescription(f"{low:g} to {high:g}")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """One line."""
        return QSize(160, 22)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still to be hit."""
        return QSize(60, 22)

    def position(self, value: float) -> float:
        """Where a value lies, in pixels from the left."""
        value = min(self._most, max(self._least, value))
        if self._log:
            part = math.log(value / self._least) / math.log(self._most / self._least)
        else:
            part = (value - self._least) / (self._most - self._least)
        return HANDLE + part * (self.width() - 2 * HANDLE)

    def value_at(self, x: float) -> float:
        """The value under a pixel."""
        part = min(1.0, max(0.0, (x - HANDLE) / max(1.0, self.width() - 2 * HANDLE)))
        if self._log:
            value = self._least * (self._most / self._least) ** part
        else:
            value = self._least + part * (self._most - self._least)
        return self._nice(value)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Track, ghost, range, handles."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, half = self.height() / 2, TRACK / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("track"))
        painter.drawRoundedRect(QRectF(HANDLE, middle - half, self.width() - 2 * HANDLE, TRACK), half, half)
        low, high = self.position(self._low), self.position(self._high)
        painter.setBrush(theme.color("dim" if self._fixed else "accent", 1.0 if not self._single else 0.35))
        start = HANDLE if self._single else low
        painter.drawRoundedRect(QRectF(start, middle - half, max(2.0, high - start), TRACK), half, half)
        if self._ghost is not None and self._ghost != (self._low, self._high):
            painter.setPen(QPen(theme.color("text"), 1.5, Qt.PenStyle.DotLine))
            for value in self._ghost:
                at = self.position(value)
                painter.drawLine(QPointF(at, middle - 8), QPointF(at, middle + 8))
        if not self._fixed:
            painter.setPen(QPen(theme.color("panel"), 2))
            painter.setBrush(theme.color("accent"))
            for at in {high} if self._single else (low, high):
                painter.drawEllipse(QPointF(at, middle), HANDLE, HANDLE)
        _paint_ring(painter, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Take the nearer end (the upper one where they meet and the press is above)."""
        if event.button() != Qt.MouseButton.LeftButton or self._fixed:
            return
        x = event.position().x()
        low, high = abs(x - self.position(self._low)), abs(x - self.position(self._high))
        self._hand = 1 if self._single or high < low or (high == low and x >= self.position(self._high)) else 0
        self._drag(self.value_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Follow the hand."""
        if self._hand is not None:
            self._drag(self.value_at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002
        """Let go."""
        if self._hand is not None:
            self._hand = None
            self.dropped.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move the upper end, with Shift the lower one."""
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        if event.key() not in moves or self._fixed:
            super().keyPressEvent(event)
            return
        lower = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and not self._single
        value = self._low if lower else self._high
        self._hand = 0 if lower else 1
        self._drag(self._moved(value, moves[Qt.Key(event.key())]))
        self._hand = None
        self.dropped.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """The wheel belongs to the panel that scrolls."""
        event.ignore()

    def _moved(self, value: float, way: int) -> float:
        if self._whole:
            return value + way
        if self._log:
            return self._nice(max(value, self._least) * (1.1 if way > 0 else 1 / 1.1))
        return self._nice(value + way * (self._most - self._least) / 100)

    def _nice(self, value: float) -> float:
        if self._whole:
            return float(round(value))
        if value <= 0:
            return 0.0
        digits = (1 if value < 100 else 2) - math.floor(math.log10(value))
        return float(round(value, digits))

    def _drag(self, value: float) -> None:
        value = min(self._most, max(self._least, value))
        if self._single:
            self._low = self._high = value
        elif self._hand == 0:
            self._low = min(value, self._high)
        else:
            self._high = max(value, self._low)
        self.dragged.emit(self._low, self._high)
        self.update()


_GROUPED = re.compile(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
"""Thousands as they are shown, 3,600; any other comma is a decimal one."""


class NumberField(QLineEdit):
    """A number that can be typed; looks like text until the pointer or the keyboard comes."""

    entered = Signal(float)

    def __init__(self, name: str, suffix: str = "", width: int = 30) -> None:
        super().__init__()
        self.setProperty("kind", "numberbare")
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: type a number and press Enter")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._least = width
        self.setFixedWidth(width)
        self._suffix = suffix
        self._shown = ""
        self.editingFinished.connect(self._finish)

    def show_number(self, text: str) -> None:
        """Show a number unless somebody is typing."""
        self._shown = f"{text}{self._suffix}"
        if not self.hasFocus() or not self.isModified():
            self.setText(self._shown)
            self.setFixedWidth(max(self._least, self.fontMetrics().horizontalAdvance(self._shown) + 16))

    def _finish(self) -> None:
        if not self.isModified():
            return
        self.setModified(False)
        typed = "".join(self.text().split()).removesuffix(self._suffix.strip())
        typed = typed.replace(",", "") if _GROUPED.fullmatch(typed) else typed.replace(",", ".")
        try:
            value = float(typed)
        except ValueError:
            value = math.nan
        if math.isfinite(value) and value >= 0:
            self.entered.emit(value)
        else:
            self.setText(self._shown)
