"""The policy panel's rows of one number or two: ranges, shares, counts, choices, lists."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from turbulence_app.gui.places.personas.panel_rows import ChoiceRow, CountRow, ListRow, RangeRow, ShareRow
from turbulence_app.gui.places.personas.rows import PAD, Row, percent
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import ChipButton, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.flow_layout import FlowBox
from turbulence_app.gui.widgets.sliders import HANDLE, NumberField, RangeBar, ShareBar


def _small(icon: str, tip: str) -> IconButton:
    button = IconButton(icon, tip)
    button.setProperty("fit", "small")
    button.setFixedSize(22, 22)
    return button


PHRASE_BESIDE = 11
"""Letters of a phrase where title, number and chip share one line."""


class Line(Row):
    """What all rows of this file have: a column or a line that ends with the way back and the reason."""

    dropped = Signal()

    def column(self, spacing: int = 0) -> QVBoxLayout:
        """One thing below the other."""
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, 3, PAD, 4)
        column.setSpacing(spacing)
        return column

    def ended(self, line: QHBoxLayout, first: QWidget, left: int = 0) -> QHBoxLayout:
        """``first`` with all the room there is, then the way back and the reason."""
        line.setContentsMargins(left, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(first, 1)
        line.addWidget(self.back)
        line.addWidget(self.chip)
        return line

    def show_origin(self, item: RangeRow | ShareRow | CountRow | ChoiceRow | ListRow) -> None:
        """Where the value came from, and whether it is another than the approved one."""
        self.chip.show_reason(item.reason)
        self.show_changed(item.changed)


class RangeLine(Line):
    """Something between two numbers: title and numbers, under them the bar and the reason."""

    span_dragged = Signal(str, float, float)
    forever = Signal(str)
    removed = Signal(str)

    def __init__(self, item: RangeRow) -> None:
        super().__init__(item.path)
        self._item = item
        column = self.column()
        self.heading = ElidedLabel(item.title)
        self.low = NumberField(f"{item.title}: {item.span.names[0]}")
        self.dash = Label("–", "mono", "dim")
        self.high = NumberField(f"{item.title}: {item.span.names[1]}")
        self.unit = Label(item.unit, "mono", "dim")
        self.endless = Label("for ever", "mono", "dim")
        self.switch = _small("x", "")
        self.switch.clicked.connect(self._toggle)
        head = QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self.heading, 1)
        for widget in (self.low, self.dash, self.high, self.unit, self.endless, self.switch):
            head.addWidget(widget)
        self.bar = RangeBar(item.title, item.bounds, log=item.log, whole=item.whole)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        foot = self.ended(QHBoxLayout(), self.bar, -int(HANDLE))
        column.addLayout(head)
        column.addLayout(foot)
        self.watch(self.low, self.high, self.bar, self.switch)
        self.bar.dragged.connect(lambda low, high: self.span_dragged.emit(self.path, low, high))
        self.bar.dropped.connect(self.dropped)
        self.low.entered.connect(lambda value: self._typed(value, None))
        self.high.entered.connect(lambda value: self._typed(None, value))
        self.show_row(item)

    def show_row(self, item: RangeRow) -> None:
        """Show the row's values."""
        self._item = item
        span = item.span
        ghost = None if item.approved is None or item.approved.fixed else (item.approved.low, item.approved.high)
        self.bar.show_range(span.low, span.high, ghost, single=span.single, fixed=span.fixed, bounds=item.bounds)
        self.bar.setVisible(not span.fixed)
        self.low.show_number(_number(span.low))
        self.high.show_number(_number(span.high))
        for field, name in ((self.low, span.names[0]), (self.high, span.names[1])):
            field.setAccessibleName(f"{item.title}: {name}")
            field.setToolTip(f"{item.title}, {name}: type a number and press Enter")
        for widget in (self.low, self.dash):
            widget.setVisible(not span.single and not span.fixed)
        self.high.setVisible(not span.fixed)
        self.unit.setVisible(bool(item.unit) and not item.absent)
        self.endless.setVisible(item.absent)
        self._show_switch(item)
        self.show_origin(item)

    def _show_switch(self, item: RangeRow) -> None:
        patience = item.path.startswith("patience.")
        self.switch.setVisible(patience or item.removable)
        self.switch.set_icon("plus" if item.absent else "x")
        if item.removable:
            tip = f"{item.title}: as before any other step"
        else:
            tip = f"{item.title}: set a limit" if item.absent else f"{item.title}: no limit"
        self.switch.setToolTip(tip)
        self.switch.setAccessibleName(tip)

    def _typed(self, low: float | None, high: float | None) -> None:
        span = self._item.span
        first = span.low if low is None else low
        last = span.high if high is None else high
        if span.single:
            first = last
        elif first > last:
            first, last = (first, first) if high is None else (last, last)
        self.span_dragged.emit(self.path, first, last)
        self.dropped.emit()

    def _toggle(self) -> None:
        if self._item.removable:
            self.removed.emit(self.path)
        elif self._item.absent:
            self.span_dragged.emit(self.path, self._item.bounds[0] * 10, self._item.bounds[1] / 4)
            self.dropped.emit()
        else:
            self.forever.emit(self.path)
            self.dropped.emit()


class ShareLine(Line):
    """A probability that stands alone."""

    share_dragged = Signal(str, float)

    def __init__(self, item: ShareRow) -> None:
        super().__init__(item.path)
        column = self.column()
        self.number = NumberField(f"{item.title}, per cent", " %", 50)
        self.bar = ShareBar(item.title)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(item.title), 1)
        head.addWidget(self.number)
        foot = self.ended(QHBoxLayout(), self.bar, -int(HANDLE))
        column.addLayout(head)
        column.addLayout(foot)
        self.watch(self.number, self.bar)
        self.bar.dragged.connect(lambda share: self.share_dragged.emit(self.path, share))
        self.bar.dropped.connect(self.dropped)
        self.number.entered.connect(self._typed)
        self.show_row(item)

    def show_row(self, item: ShareRow) -> None:
        """Show the row's value."""
        self.bar.show_share(item.share, item.approved)
        self.number.show_number(percent(item.share))
        self.show_origin(item)

    def _typed(self, value: float) -> None:
        self.share_dragged.emit(self.path, min(100.0, value) / 100)
        self.dropped.emit()


class CountLine(Line):
    """A number of retries."""

    counted = Signal(str, int)
    removed = Signal(str)

    def __init__(self, item: CountRow) -> None:
        super().__init__(item.path)
        line = QHBoxLayout(self)
        line.setContentsMargins(PAD, 3, PAD, 3)
        line.setSpacing(6)
        self.spin = QSpinBox()
        self.spin.setRange(0, 50)
        self.spin.setSuffix(" ×")
        self.spin.setFixedWidth(round(56 * Theme.current().scale))
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.setAccessibleName(f"Retries: {item.title}")
        self.spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.spin.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
        self.chip.letters = PHRASE_BESIDE
        line.addWidget(ElidedLabel(item.title), 1)
        if item.removable:  # before the number: numbers and reasons stand below each other, with a cross or without
            self.remove = _small("x", f"{item.title}: as any other failed step")
            self.remove.clicked.connect(lambda: self.removed.emit(self.path))
            line.addWidget(self.remove)
            self.watch(self.remove)
        line.addWidget(self.back)
        line.addWidget(self.spin)
        line.addWidget(self.chip)
        self.watch(self.spin)
        self.spin.valueChanged.connect(self._counted)
        self.show_row(item)

    def show_row(self, item: CountRow) -> None:
        """Show the row's value."""
        self.spin.blockSignals(True)
        self.spin.setValue(item.count)
        self.spin.blockSignals(False)
        was = "" if item.approved in (None, item.count) else f" (approved: {item.approved})"
        self.spin.setToolTip(f"How often a failed step is tried again{was}")
        self.spin.setAccessibleDescription(was.strip(" ()"))
        self.show_origin(item)

    def _counted(self, count: int) -> None:
        self.counted.emit(self.path, count)
        self.dropped.emit()


class ChoiceLine(Line):
    """Values of which some are used: a chip for each, pressed where it is."""

    chosen = Signal(str, str, bool)

    def __init__(self, item: ChoiceRow) -> None:
        super().__init__(item.path)
        column = self.column(3)
        column.addLayout(self.ended(QHBoxLayout(), ElidedLabel(item.title)))
        box = FlowBox(4)
        self.chips: dict[str, ChipButton] = {}
        for name, _, _ in item.values:
            chip = ChipButton(name, checkable=True, tip=f"{item.title}: use {name}")
            chip.clicked.connect(lambda on, name=name: self._clicked(name, on))
            self.chips[name] = chip
            box.flow.addWidget(chip)
            self.watch(chip)
        column.addWidget(box)
        self.show_row(item)

    def show_row(self, item: ChoiceRow) -> None:
        """Show which are used."""
        for name, on, was in item.values:
            self.chips[name].setChecked(on)
            self.chips[name].setAccessibleDescription("" if on == was else f"approved: {'used' if was else 'not used'}")
        self.show_origin(item)

    def _clicked(self, name: str, on: bool) -> None:
        self.chosen.emit(self.path, name, on)
        self.dropped.emit()


class ListLine(Line):
    """Values that are typed, one after another."""

    listed = Signal(str, str)

    def __init__(self, item: ListRow) -> None:
        super().__init__(item.path)
        column = self.column(3)
        column.addLayout(self.ended(QHBoxLayout(), ElidedLabel(item.title)))
        self.field = QLineEdit()
        self.field.setAccessibleName(f"{item.title}: values, apart by commas")
        self.field.setToolTip("Each person gets one of these. Apart by commas.")
        self.field.editingFinished.connect(self._typed)
        self.watch(self.field)
        column.addWidget(self.field)
        self.show_row(item)

    def show_row(self, item: ListRow) -> None:
        """Show the values unless somebody is typing."""
        if not self.field.hasFocus() or not self.field.isModified():
            self.field.setText(item.text)
        self.show_origin(item)

    def _typed(self) -> None:
        if self.field.isModified():
            self.field.setModified(False)
            self.listed.emit(self.path, self.field.text())
            self.dropped.emit()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"
