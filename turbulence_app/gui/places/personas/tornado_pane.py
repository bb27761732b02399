"""Which of this persona's numbers moves completion most: the chart with its key, progress and a stop."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.moving_state import Swings, rows_of, told
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, Label, row, scrolled
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.tornado import Tornado

TITLE = "Which number moves completion most"


class BarKey(QWidget):
    """A hollow or a full bar, for the legend."""

    def __init__(self, *, full: bool) -> None:
        super().__init__()
        self._full = full
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A letter's size."""
        return QSize(16, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """The bar."""
        theme, painter = Theme.current(), QPainter(self)
        painter.setPen(QPen(theme.color("accent"), 1))
        painter.setBrush(theme.color("accent", 0.82 if self._full else 0.14))
        painter.drawRect(QRectF(1.5, 2.5, 13, 7))


class TornadoPane(QWidget):
    """Chart, or why there is none."""

    picked = Signal(str)
    """Path of the number that was chosen."""
    stopped = Signal()
    again = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._swings: Swings | None = None
        self.title = Label(TITLE, "strong")
        self.chart = Tornado(TITLE)
        self.chart.picked.connect(self._picked)
        self.how = ElidedLabel("", "small", "small")
        self.how.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of moving the numbers")
        self.stop = Button("Stop", "quiet", "square", "Stop moving the numbers", self.stopped.emit)
        self.retry = Button("Find out", "plain", "play", "Move every number and see", self.again.emit)
        self.says = Label("", "body", "dim", wrap=True)
        self.says.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget()
        content = QWidget()
        self.area = scrolled(content)
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 4, 0)
        box.addWidget(self.chart)
        box.addStretch(1)
        quiet = QWidget()
        middle = QVBoxLayout(quiet)
        middle.addStretch(1)
        middle.addWidget(self.says)
        middle.addWidget(self.progress)
        middle.addLayout(row(1, self.stop, self.retry, 1))
        middle.addStretch(1)
        self.pages.addWidget(self.area)
        self.pages.addWidget(quiet)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.export = ExportButton(context, TITLE, self.chart)
        column.addLayout(row(self.title, 1, self.export))
        column.addWidget(self.pages, 1)
        lower, higher = Label("number lower", "small", "small"), Label("higher", "small", "small")
        column.addLayout(row(BarKey(full=False), lower, BarKey(full=True), higher, self.how, spacing=6))
        self.show_words("")

    def swings(self) -> Swings | None:
        """What is shown."""
        return self._swings

    def show_swings(self, swings: Swings) -> None:
        """Show what moves completion."""
        self._swings = swings
        rows = rows_of(swings)
        if not rows:
            self.show_words("No number of this policy moves completion by a twentieth of a point.")
            self._swings = swings
            return
        self.chart.set_rows(rows)
        self.chart.setToolTip(told(swings))
        self.title.setToolTip(told(swings))
        self.export.show()
        self.pages.setCurrentIndex(0)

    def show_busy(self, done: int, total: int) -> None:
        """How far it is."""
        self._swings = None
        self._quiet("Moving each number down and up", busy=True)
        self.progress.setRange(0, total)
        self.progress.setValue(done)

    def show_words(self, why: str, *, retry: bool = False) -> None:
        """There is no chart; say why."""
        self._swings = None
        self._quiet(why, busy=False)
        self.retry.setVisible(retry)

    def _quiet(self, why: str, *, busy: bool) -> None:
        self.says.setText(why)
        self.progress.setVisible(busy)
        self.stop.setVisible(busy)
        self.retry.setVisible(False)
        self.export.hide()
        self.pages.setCurrentIndex(1)

    def _picked(self, place: int) -> None:
        rows = self.chart.rows()
        if 0 <= place < len(rows):
            self.picked.emit(rows[place].key)
