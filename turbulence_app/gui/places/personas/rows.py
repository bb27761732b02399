"""The policy panel's rows as widgets; each shows a row of :mod:`state` and tells what the hand did."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from turbulence_app.gui.places.personas.state import CountRow, DecisionRow, OptionRow, RangeRow, Reason, ShareRow, words
from turbulence_app.gui.widgets.basics import ChipButton, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.sliders import HANDLE, NumberField, RangeBar, ShareBar

NAME_WIDTH = 112
PHRASE = 22
"""Letters of a phrase that a chip shows."""


class ReasonChip(ChipButton):
    """Says where a number came from; pressing it shows the words."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def show_reason(self, reason: Reason) -> None:
        """Show the words, "assumed" or "edited"."""
        if reason.origin == "said":
            short = reason.phrase if len(reason.phrase) <= PHRASE else reason.phrase[: PHRASE - 1].rstrip() + "…"
            self.setText(f"“{short}”")
            tip = f"From the words “{reason.phrase}”. Click to see them in the description."
        elif reason.origin == "edited":
            self.setText("edited")
            tip = "Changed by hand since the policy was compiled."
        else:
            self.setText("assumed")
            tip = "The description does not say; this is an assumption."
        self.setToolTip(tip)
        self.setAccessibleName(f"Reason: {self.text()}")
        if self.property("origin") != reason.origin:
            self.setProperty("origin", reason.origin)
            self.style().unpolish(self)
            self.style().polish(self)


class Row(QWidget):
    """Base of rows: knows its path, tells when the pointer is over it and when its reason is asked for."""

    hovered = Signal(str, bool)
    asked = Signal(str)

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.chip = ReasonChip(path)
        self.chip.clicked.connect(lambda: self.asked.emit(path))

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Light up the words."""
        self.hovered.emit(self.path, True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let them go dark."""
        self.hovered.emit(self.path, False)
        super().leaveEvent(event)


class DecisionBlock(Row):
    """A decision: heading with its reason, one bar per option."""

    share_dragged = Signal(str, str, float)
    dropped = Signal()

    def __init__(self, item: DecisionRow, token: str) -> None:
        super().__init__(item.path)
        self._token = token
        self._bars: dict[str, tuple[ShareBar, NumberField]] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        head = QHBoxLayout()
        self.heading = ElidedLabel(item.title, "strong")
        self.heading.setToolTip(item.prompt)
        head.addWidget(self.heading, 1)
        head.addWidget(self.chip)
        column.addLayout(head)
        column.addSpacing(2)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        for line, option in enumerate(item.options):
            self._add(grid, line, item, option)
        column.addLayout(grid)
        self.cases = Label("", "mono_small", "dim", wrap=True)
        column.addWidget(self.cases)
        self.show_row(item)

    def _add(self, grid: QGridLayout, line: int, item: DecisionRow, option: OptionRow) -> None:
        name = ElidedLabel(words(option.name))
        name.setFixedWidth(NAME_WIDTH)
        name.setToolTip(option.says)
        bar = ShareBar(f"{item.title}: {words(option.name)}")
        bar.setToolTip(option.says)
        number = NumberField(f"{item.title}: {words(option.name)}, per cent", "%", 50)
        bar.dragged.connect(lambda share, name=option.name: self.share_dragged.emit(self.path, name, share))
        bar.dropped.connect(self.dropped)
        number.entered.connect(lambda value, name=option.name: self._typed(name, value))
        grid.addWidget(name, line, 0)
        grid.addWidget(bar, line, 1)
        grid.addWidget(number, line, 2)
        self._bars[option.name] = (bar, number)

    def _typed(self, name: str, value: float) -> None:
        self.share_dragged.emit(self.path, name, min(100.0, value) / 100)
        self.dropped.emit()

    def show_row(self, item: DecisionRow) -> None:
        """Show the row's values."""
        for option in item.options:
            bar, number = self._bars[option.name]
            bar.show_share(option.share, option.approved, "bad" if option.leaves else self._token)
            number.show_number(_percent(option.share))
        self.chip.show_reason(item.reason)
        self.cases.setText("\n".join(item.cases))
        self.cases.setVisible(bool(item.cases))


class RangeLine(Row):
    """Something between two numbers: title and numbers, under them the bar and the reason."""

    span_dragged = Signal(str, float, float)
    forever = Signal(str)
    dropped = Signal()

    def __init__(self, item: RangeRow) -> None:
        super().__init__(item.path)
        self._item = item
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(2)
        self.heading = ElidedLabel(item.title)
        self.low = NumberField(f"{item.title}: {item.span.names[0]}")
        self.dash = Label("–", "mono", "dim")
        self.high = NumberField(f"{item.title}: {item.span.names[1]}")
        self.unit = Label(item.unit, "mono", "dim")
        self.unit.setVisible(bool(item.unit))
        self.says = Label(item.says, "mono", "dim")
        self.switch = IconButton("x", f"{item.title}: no limit", clicked=self._toggle)
        head.addWidget(self.heading, 1)
        for widget in (self.low, self.dash, self.high, self.unit, self.says, self.switch):
            head.addWidget(widget)
        self.bar = RangeBar(item.title, item.bounds, log=item.log, whole=item.whole)
        foot = QHBoxLayout()
        foot.setContentsMargins(-int(HANDLE), 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.chip)
        policy = self.bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(policy)
        self.switch.setProperty("size", "small")
        self.switch.setFixedSize(22, 22)
        column.addLayout(head)
        column.addLayout(foot)
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
        self.bar.show_range(span.low, span.high, ghost, single=span.single, fixed=span.fixed)
        self.bar.setVisible(not span.fixed)
        self.low.show_number(_number(span.low))
        self.high.show_number(_number(span.high))
        for widget in (self.low, self.dash):
            widget.setVisible(not span.single and not span.fixed)
        self.high.setVisible(not span.fixed)
        self.unit.setVisible(bool(item.unit) and not item.absent)
        self.says.setText("for ever" if item.absent else item.says)
        self.says.setVisible(bool(self.says.text()))
        patience = item.path.startswith("patience.")
        self.switch.setVisible(patience)
        self.switch.set_icon("plus" if item.absent else "x")
        tip = f"{item.title}: set a limit" if item.absent else f"{item.title}: no limit"
        self.switch.setToolTip(tip)
        self.switch.setAccessibleName(tip)
        self.chip.show_reason(item.reason)

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
        if self._item.absent:
            self.span_dragged.emit(self.path, self._item.bounds[0] * 10, self._item.bounds[1] / 4)
        else:
            self.forever.emit(self.path)
        self.dropped.emit()


class ShareLine(Row):
    """A probability that stands alone."""

    share_dragged = Signal(str, float)
    dropped = Signal()

    def __init__(self, item: ShareRow) -> None:
        super().__init__(item.path)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.number = NumberField(f"{item.title}, per cent", "%", 50)
        self.bar = ShareBar(item.title)
        head, foot = QHBoxLayout(), QHBoxLayout()
        foot.setContentsMargins(-int(HANDLE), 0, 0, 0)
        head.addWidget(ElidedLabel(item.title), 1)
        head.addWidget(self.number)
        foot.setSpacing(8)
        foot.addWidget(self.bar, 1)
        foot.addWidget(self.chip)
        column.addLayout(head)
        column.addLayout(foot)
        self.bar.dragged.connect(lambda share: self.share_dragged.emit(self.path, share))
        self.bar.dropped.connect(self.dropped)
        self.number.entered.connect(self._typed)
        self.show_row(item)

    def show_row(self, item: ShareRow) -> None:
        """Show the row's value."""
        self.bar.show_share(item.share, item.approved)
        self.number.show_number(_percent(item.share))
        self.chip.show_reason(item.reason)

    def _typed(self, value: float) -> None:
        self.share_dragged.emit(self.path, min(100.0, value) / 100)
        self.dropped.emit()


class CountLine(Row):
    """A number of retries."""

    counted = Signal(str, int)
    dropped = Signal()

    def __init__(self, item: CountRow) -> None:
        super().__init__(item.path)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 1, 0, 1)
        line.setSpacing(8)
        self.spin = QSpinBox()
        self.spin.setRange(0, 50)
        self.spin.setSuffix(" ×")
        self.spin.setFixedWidth(56)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.spin.setAccessibleName(f"Retries: {item.title}")
        self.spin.setToolTip("How often a failed step is tried again")
        self.spin.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.spin.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
        line.addWidget(ElidedLabel(item.title), 1)
        line.addWidget(self.spin)
        line.addWidget(self.chip)
        self.spin.valueChanged.connect(self._counted)
        self.show_row(item)

    def show_row(self, item: CountRow) -> None:
        """Show the row's value."""
        self.spin.blockSignals(True)
        self.spin.setValue(item.count)
        self.spin.blockSignals(False)
        was = "" if item.approved in (None, item.count) else f" (approved: {item.approved})"
        self.spin.setToolTip(f"How often a failed step is tried again{was}")
        self.chip.show_reason(item.reason)

    def _counted(self, count: int) -> None:
        self.counted.emit(self.path, count)
        self.dropped.emit()


def _percent(share: float) -> str:
    value = share * 100
    return f"{value:.0f}" if value >= 9.95 or value == 0 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:g}"


Connect = Callable[[Row], None]
