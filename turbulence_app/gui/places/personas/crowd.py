"""The crowd mix: who is in it, in what share, and how each of them fares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import (
    Card,
    ChipButton,
    ElidedLabel,
    IconButton,
    Label,
    Rule,
    SectionLabel,
    row,
    scrolled,
)
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.sliders import HANDLE, NumberField, ShareBar


@dataclass(frozen=True, slots=True)
class CrowdRow:
    """One persona of the mix. ``fixed`` shares come from the project file and are not edited here."""

    id: str
    name: str
    share: float
    color: str
    status: str
    fixed: bool = False


class PersonaItem(QWidget):
    """A persona in the list: name, share, how many of them complete."""

    chosen = Signal(str)
    step = Signal(int)
    share_dragged = Signal(str, float)
    dropped = Signal()
    menu = Signal(str, object)

    def __init__(self, item: CrowdRow) -> None:
        super().__init__()
        self.item = item
        self._selected = False
        self._color = item.color
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(24 - int(HANDLE), 7, 4, 6)
        column.setSpacing(0)
        # the bar needs room for its handle on both sides: the words begin where its track begins
        inset = int(HANDLE)
        self.name = ElidedLabel(item.name, "strong")
        self.number = NumberField(f"Share of {item.name} in the crowd, per cent", "%", 44)
        self.bar = ShareBar(f"Share of {item.name} in the crowd")
        self.fares = ElidedLabel("", "small", "small")
        line = QHBoxLayout()
        line.setSpacing(2)
        self.name.setContentsMargins(inset, 0, 0, 0)
        self.fares.setContentsMargins(inset, 0, 0, 0)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self.bar, 1)
        line.addWidget(self.number)
        column.addWidget(self.name)
        column.addLayout(line)
        column.addWidget(self.fares)
        self.bar.dragged.connect(lambda share: self.share_dragged.emit(self.item.id, share))
        self.bar.dropped.connect(self.dropped)
        self.number.entered.connect(self._typed)
        self.show_row(item, selected=False)

    def show_row(self, item: CrowdRow, *, selected: bool) -> None:
        """Show the row's values."""
        self.item, self._selected, self._color = item, selected, item.color
        self.name.setText(item.name)
        self.number.show_number(f"{item.share * 100:.0f}")
        self.bar.show_share(item.share, None, item.color)
        for control in (self.bar, self.number):
            control.setEnabled(not item.fixed)
        tip = "Set by crowd: in turbulence.yaml" if item.fixed else "Share of the crowd"
        self.bar.setToolTip(tip)
        self.setAccessibleName(f"{item.name}, {item.share:.0%} of the crowd, {item.status}")
        self.update()

    def show_fare(self, text: str) -> None:
        """Say how this persona fares in the whole crowd."""
        self.fares.setText(text)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Three lines."""
        return QSize(200, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A soft field when chosen, the persona's colour as a dot."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(theme.color("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        if self._selected:
            painter.setBrush(theme.color("soft"))
        elif self.underMouse():
            painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._color))
        painter.drawEllipse(QPointF(15, self.name.geometry().center().y() + 0.5), 4.5, 4.5)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.item.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Up and down walk through the list."""
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in moves:
            self.step.emit(moves[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.chosen.emit(self.item.id)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show the ring."""
        super().focusInEvent(event)
        self.update()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """What can be done with it."""
        self.chosen.emit(self.item.id)
        self.menu.emit(self.item.id, event.globalPos())

    def _typed(self, value: float) -> None:
        self.share_dragged.emit(self.item.id, min(100.0, value) / 100)
        self.dropped.emit()


class MixStrip(QWidget):
    """The whole crowd as one bar, a piece per persona."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[tuple[float, str, str]] = []
        self.setFixedHeight(10)
        self.setAccessibleName("Crowd")

    def show_mix(self, rows: Sequence[CrowdRow]) -> None:
        """Show these shares."""
        self._pieces = [(item.share, item.color, item.name) for item in rows]
        self.setAccessibleDescription(", ".join(f"{name} {share:.0%}" for share, _, name in self._pieces))
        self.setToolTip("\n".join(f"{share:.0%}  {name}" for share, _, name in self._pieces))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Pieces with hairlines between them."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        left = 0.0
        for share, color, _ in self._pieces:
            width = share * self.width()
            painter.setBrush(theme.color(color))
            painter.drawRoundedRect(QRectF(left, 1, max(1.0, width - 2), 8), 2, 2)
            left += width


class StepBars(QWidget):
    """Which share of the whole crowd gets to each step: a line per step."""

    LINE = 19
    NAME = 82
    NUMBER = 40

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Share of the crowd that reaches each step")

    def show_steps(self, steps: Sequence[tuple[str, float]]) -> None:
        """Show these steps and shares."""
        changed = len(steps) != len(self._steps)
        self._steps = list(steps)
        self.setAccessibleDescription(", ".join(f"{name} {share:.0%}" for name, share in steps))
        if changed:
            self.updateGeometry()
        self.update()

    def table(self) -> Table:
        """A line per step; shares from 0 to 1."""
        return Table(("step", "share"), self._steps)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line per step."""
        return QSize(180, self.LINE * len(self._steps))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Name, bar, number."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, (name, share) in enumerate(self._steps):
            line = QRectF(0, number * self.LINE, self.width(), self.LINE)
            painter.setFont(theme.font("small"))
            painter.setPen(theme.ink("dim", "panel"))
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, self.NAME - 6)
            painter.drawText(line, int(middle), words)
            painter.setFont(theme.font("mono_small"))
            painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), f"{share:.0%}")
            width = max(10.0, self.width() - self.NAME - self.NUMBER)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("track"))
            painter.drawRoundedRect(QRectF(self.NAME, line.center().y() - 2.5, width, 5), 2.5, 2.5)
            painter.setBrush(theme.color("good" if number == len(self._steps) - 1 else "dim"))
            painter.drawRoundedRect(QRectF(self.NAME, line.center().y() - 2.5, max(3.0, width * share), 5), 2.5, 2.5)


class CrowdCard(Card):
    """The list with its controls."""

    chosen = Signal(str)
    share_dragged = Signal(str, float)
    dropped = Signal()
    menu = Signal(str, object)

    def __init__(self, context: Context, run: Callable[[str], object]) -> None:
        super().__init__("Crowd mix")
        self.setMinimumWidth(204)
        self.header.addWidget(ChipButton("+ New", tip="New persona (Ctrl+N)", clicked=lambda: run("personas.new")))
        self.items: dict[str, PersonaItem] = {}
        self._selected = ""
        self._list = QWidget()
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addStretch(1)
        self.strip = MixStrip()
        self.completes = Label("", "figure")
        self.outcome = ElidedLabel("", "small", "small")
        self.steps = StepBars()
        self._area = scrolled(self._list)
        self.body.addWidget(self._area, 1)
        self.body.addWidget(Rule())
        export = ExportButton(context, "Whole crowd: share that reaches each step", self.steps)
        self.body.addLayout(row(SectionLabel("Whole crowd"), 1, export))
        self.body.addWidget(self.strip)
        line = row(self.completes, self.outcome)
        line.setAlignment(self.outcome, Qt.AlignmentFlag.AlignBottom)
        self.body.addLayout(line)
        self.body.addWidget(self.steps)
        self.body.addWidget(Rule())
        buttons = row(
            IconButton("copy", "Duplicate persona (Ctrl+D)", clicked=lambda: run("personas.duplicate")),
            IconButton("pencil", "Rename persona (F2)", clicked=lambda: run("personas.rename")),
            IconButton("trash-2", "Delete persona", clicked=lambda: run("personas.delete")),
            1, spacing=2,
        )  # fmt: skip
        self.body.addLayout(buttons)

    def show_rows(self, rows: Sequence[CrowdRow], selected: str) -> None:
        """Show the mix; items that stay are kept, so that a drag goes on."""
        if [item.id for item in rows] != list(self.items):
            for item_widget in self.items.values():
                self._column.removeWidget(item_widget)
                item_widget.hide()
                item_widget.deleteLater()
            self.items = {}
            for place, item in enumerate(rows):
                self.items[item.id] = self._made(item)
                self._column.insertWidget(place, self.items[item.id])
        for item in rows:
            self.items[item.id].show_row(item, selected=item.id == selected)
        self.strip.show_mix(rows)
        if selected in self.items and selected != self._selected:
            self._selected = selected
            QTimer.singleShot(0, self.items[selected], lambda: self._show_item(selected))

    def show_fares(
        self, fares: Mapping[str, str], completes: str, outcome: str, steps: Sequence[tuple[str, float]]
    ) -> None:
        """How each persona and the whole crowd fare."""
        for name, item in self.items.items():
            item.show_fare(fares.get(name, ""))
        self.completes.setText(completes)
        self.outcome.setText(outcome)
        self.steps.show_steps(steps)

    def _show_item(self, name: str) -> None:
        if name in self.items:
            self._area.ensureWidgetVisible(self.items[name], 0, 4)

    def _made(self, item: CrowdRow) -> PersonaItem:
        made = PersonaItem(item)
        made.chosen.connect(self.chosen)
        made.share_dragged.connect(self.share_dragged)
        made.dropped.connect(self.dropped)
        made.menu.connect(self.menu)
        made.step.connect(lambda way, name=item.id: self._walk(name, way))
        return made

    def _walk(self, name: str, way: int) -> None:
        names = list(self.items)
        there = names[max(0, min(len(names) - 1, names.index(name) + way))]
        self.items[there].setFocus()
        self.chosen.emit(there)
