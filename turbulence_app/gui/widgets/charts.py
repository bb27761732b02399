"""Line charts over time, in the theme's colours. Pens are one pixel wide: wider ones cost frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGraphicsView, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Label, SectionLabel
from turbulence_app.gui.widgets.decimate import decimate

Values = npt.ArrayLike
MINUTES_FROM = 120
"""Seconds from which on a time is told in minutes."""


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: what it is called, the theme's colour for it, and whether the area below it is filled."""

    name: str
    token: str
    filled: bool = False


def clock(seconds: float) -> str:
    """Virtual time for an axis: ``45 s``, ``3:20``, ``2:05:00``."""
    if round(seconds) < MINUTES_FROM:
        return f"{seconds:g} s" if seconds < 10 else f"{round(seconds)} s"
    return minutes(seconds)


def minutes(seconds: float) -> str:
    """Virtual time in minutes, with hours where there are any: ``0:50``, ``3:20``, ``2:05:00``."""
    hours, rest = divmod(round(seconds), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _thousands(value: float) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def _ticks(top: float, words: Callable[[float], str], *, few: bool) -> list[tuple[float, str]]:
    """One or two round values up to ``top``, with their words."""
    if top <= 0:
        return []
    power = 10.0 ** floor(log10(top))
    step = next(m * power for m in (5.0, 2.0, 1.0) if m * power <= top)
    values = [step] if few or step / 2 < 1 else [step / 2, step]
    return [(value, words(value)) for value in values]


class _TimeAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in virtual time, or in whatever ``words`` makes of seconds."""

    def __init__(self, side: str) -> None:
        super().__init__(side)
        self.words: Callable[[float], str] = clock

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:  # noqa: N802
        """Words of the ticks, all of one kind: no seconds beside minutes."""
        if self.words is clock and max(values, default=0.0) >= MINUTES_FROM:
            return [minutes(value) for value in values]
        return [self.words(value) for value in values]


def _or_none(values: npt.NDArray[np.float64] | None, place: int) -> float | None:
    return float(values[place]) if values is not None and place < len(values) else None


def _whole(value: float) -> str:
    return f"{value:,.0f}"


class SeriesChart(QWidget):
    """Curves over one axis of time; the latest (or pointed-at) values stand at the top right. ``say`` words a value."""

    def __init__(
        self, title: str, lines: Sequence[Line], parent: QWidget | None = None, *, say: Callable[[float], str] = _whole
    ) -> None:
        super().__init__(parent)
        self._say = say
        self._lines = tuple(lines)
        self._x = np.zeros(0)
        self._y: dict[str, npt.NDArray[np.float64]] = {}
        self._headline = ""
        self._stale = False
        self.title = SectionLabel(title)
        self.value = Label("", "mono")
        self.value.setTextFormat(Qt.TextFormat.RichText)
        self.setAccessibleName(title)
        self._axis = _TimeAxis("bottom")
        self._plot = pg.PlotWidget(axisItems={"bottom": self._axis})
        self._plot.setAccessibleName(title)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMouseEnabled(False, False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.getViewBox().setDefaultPadding(0)
        self._plot.setFrameShape(self._plot.frameShape().NoFrame)
        self._plot.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # a cached ground would be a bitmap in an SVG
        self._curves = {line.name: self._plot.plot([], []) for line in self._lines}
        self._plot.scene().sigMouseMoved.connect(self._pointed)
        self.head = head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.value)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self._plot, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        Theme.current().follow(self, self._restyle)
        self._restyle()
        self._stale = True

    def sizeHint(self) -> QSize:  # noqa: N802
        """A few lines of type high."""
        return QSize(300, 130)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Still a picture."""
        return QSize(200, 82)

    def set_axis(self, words: Callable[[float], str]) -> None:
        """Word the axis otherwise than as virtual time, for example as the time of day."""
        self._axis.words = words

    def set_data(self, x: Values, curves: Mapping[str, Values]) -> None:
        """Replace all values; ``x`` in seconds of virtual time. Nothing is drawn while the chart is hidden."""
        self._x = np.asarray(x, dtype=np.float64)
        self._y = {name: np.asarray(values, dtype=np.float64) for name, values in curves.items()}
        self._stale = True
        if self.isVisible():
            self._draw()

    def set_headline(self, words: str) -> None:
        """What stands at the top right while nobody points at the curves."""
        self._headline = words
        self.value.setText(words)
        self.setAccessibleDescription(words)

    def coloured(self, values: Mapping[str, str]) -> str:
        """Values in their curves' colours, for the headline."""
        theme = Theme.current()
        tokens = {line.name: line.token for line in self._lines}
        return " · ".join(
            f'<span style="color:{theme.ink(tokens[name]).name()}">{words}</span>' for name, words in values.items()
        )

    def clear(self) -> None:
        """Back to nothing."""
        self.set_data([], {line.name: [] for line in self._lines})
        self.set_headline("")

    def table(self) -> Table:
        """All values, not only those that are drawn; time in seconds."""
        rows = (
            (float(at), *(_or_none(self._y.get(line.name), place) for line in self._lines))
            for place, at in enumerate(self._x)
        )
        return Table(("seconds", *(line.name for line in self._lines)), rows)

    def points_drawn(self) -> int:
        """Points of the longest curve after decimation."""
        return max((len(curve.xData) if curve.xData is not None else 0) for curve in self._curves.values())

    def _draw(self) -> None:
        self._stale = False
        pixels = max(50, self._plot.width())
        top = 0.0
        for name, curve in self._curves.items():
            values = self._y.get(name, np.zeros(0))
            xs, ys = decimate(self._x[: len(values)], values, pixels)
            curve.setData(xs, ys)
            top = max(top, float(values.max()) if len(values) else 0.0)
        right = float(self._x[-1]) if len(self._x) else 1.0
        self._plot.setXRange(0, max(right, 1e-9), padding=0)
        self._plot.setYRange(0, top * 1.08 or 1.0, padding=0)
        words = _thousands if self._say is _whole else self._say
        self._plot.getAxis("left").setTicks([_ticks(top, words, few=self._plot.height() < 110)])
        # no figures on an axis that has nothing over it; None lets the axis choose
        self._plot.getAxis("bottom").setTicks(None if len(self._x) else [[]])

    def _restyle(self) -> None:
        theme = Theme.current()
        self._plot.setBackground(theme.color("panel"))
        for line in self._lines:
            curve = self._curves[line.name]
            curve.setPen(pg.mkPen(theme.color(line.token), width=1))
            curve.setFillLevel(0 if line.filled else None)
            curve.setBrush(theme.color(line.token, 0.18) if line.filled else None)
        for side in ("bottom", "left"):
            axis = self._plot.getAxis(side)
            axis.setPen(pg.mkPen(theme.color("line"), width=1))
            axis.setTextPen(pg.mkPen(theme.color("dim")))
            axis.setStyle(tickFont=theme.font("mono_small"), tickLength=0, maxTickLevel=0)
        self._plot.getAxis("left").setWidth(theme.px(38 if self._say is _whole else 50))
        self._plot.getAxis("bottom").setHeight(theme.px(18))
        self._plot.showGrid(x=False, y=True, alpha=0.25)
        self.set_headline(self._headline)

    def _pointed(self, position: QPointF) -> None:
        if not len(self._x) or not self._plot.sceneBoundingRect().contains(position):
            return
        at = self._plot.getViewBox().mapSceneToView(position).x()
        index = int(np.clip(np.searchsorted(self._x, at), 0, len(self._x) - 1))
        here = {n: self._say(float(values[index])) for n, values in self._y.items() if index < len(values)}
        self.value.setText(f"{self._axis.words(float(self._x[index]))}: " + self.coloured(here))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Nobody points any more: the latest values again."""
        self.value.setText(self._headline)
        super().leaveEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Draw what came while hidden."""
        super().showEvent(event)
        if self._stale:
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Other width, other decimation."""
        super().resizeEvent(event)
        if self.isVisible():
            self._draw()
