"""What the policy panel's rows share, and the row of a decision."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from turbulence_app.gui.places.personas.panel_rows import CaseRow, DecisionRow, OptionRow, Reason
from turbulence_app.gui.places.personas.state import words
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_HAIR, RADIUS_ROW
from turbulence_app.gui.widgets.basics import ChipButton, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.sliders import NumberField, RangeBar, ShareBar

NAME_WIDTH = 104
PHRASE = 22
"""Letters of a phrase that a chip shows."""
PAD = 8
"""Room of a row at its left and right, for the field that lights up behind it."""
BACK = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class ReasonChip(ChipButton):
    """Says where a number came from; pressing it shows the words, or offers to say it in words."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.letters = PHRASE

    def show_reason(self, reason: Reason) -> None:
        """Show the words, "assumed" or "edited"."""
        if reason.origin == "said":
            most = self.letters
            short = reason.phrase if len(reason.phrase) <= most else reason.phrase[: most - 1].rstrip() + "…"
            self.setText(f"“{short}”")
            tip = f"From the words “{reason.phrase}”. Click: hold on to them in the description."
        elif reason.origin == "edited":
            self.setText("edited")
            tip = "Changed by hand since the policy was compiled."
        else:
            self.setText("assumed")
            tip = "The description does not say; this is an assumption. Click: say it in words."
        self.setToolTip(tip)
        self.setAccessibleName(f"Reason: {self.text()}")
        self.setAccessibleDescription(tip)
        if self.property("origin") != reason.origin:
            self.setProperty("origin", reason.origin)
            self.style().unpolish(self)
            self.style().polish(self)


class Row(QWidget):
    """Base of rows: knows its path, tells when pointer or keyboard come to it, lights up with its words."""

    hovered = Signal(str, bool)
    asked = Signal(str)
    reset = Signal(str)
    menu = Signal(str, QPoint)

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self._lit = False
        self.chip = ReasonChip(path)
        self.chip.clicked.connect(lambda: self.asked.emit(path))
        self.back = IconButton(
            "rotate-ccw", "Back to what was approved (Backspace)", clicked=lambda: self.reset.emit(path)
        )
        self.back.setProperty("fit", "small")
        self.back.setFixedSize(22, 22)
        self.back.hide()
        self.watch(self.chip, self.back)

    def watch(self, *widgets: QWidget) -> None:
        """Tell of the keyboard coming to these as of the pointer; Backspace on a bar takes the row back."""
        for widget in widgets:
            widget.installEventFilter(self)

    def light(self, on: bool) -> None:
        """Show that the words under the pointer led here."""
        if on != self._lit:
            self._lit = on
            self.update()

    @property
    def lit(self) -> bool:
        """Whether it is lit."""
        return self._lit

    def show_changed(self, changed: bool) -> None:
        """Offer the way back where there is one."""
        self.back.setVisible(changed)

    def take_focus(self) -> None:
        """Put the keyboard on the row's first control."""
        for kind in (ShareBar, RangeBar, QLineEdit, QWidget):
            for found in self.findChildren(kind):
                if found.isVisibleTo(self) and found.isEnabled() and found.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    found.setFocus(Qt.FocusReason.ShortcutFocusReason)
                    return

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Focus in and out, and the key that takes back."""
        if event.type() == QEvent.Type.FocusIn:
            self.hovered.emit(self.path, True)
        elif event.type() == QEvent.Type.FocusOut:
            self.hovered.emit(self.path, False)
        elif isinstance(event, QKeyEvent) and self._takes_back(watched, event):
            self.reset.emit(self.path)
            return True
        return super().eventFilter(watched, event)

    def _takes_back(self, watched: QObject, event: QKeyEvent) -> bool:
        pressed = event.type() == QEvent.Type.KeyPress and event.key() in BACK
        return pressed and isinstance(watched, ShareBar | RangeBar) and self.back.isVisibleTo(self)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Light up the words."""
        self.hovered.emit(self.path, True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Let them go dark."""
        self.hovered.emit(self.path, False)
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """What can be done with the row."""
        self.menu.emit(self.path, event.globalPos())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A soft field while it is lit, with a line at its side: not by colour alone."""
        if not self._lit:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent", 0.5), 1))
        painter.setBrush(theme.color("soft"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_ROW, RADIUS_ROW)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(0, 6, 3, max(4.0, self.height() - 12)), RADIUS_HAIR, RADIUS_HAIR)


class Options(QWidget):
    """One bar and one number per option."""

    dragged = Signal(str, float)
    dropped = Signal()

    def __init__(self, title: str, options: tuple[OptionRow, ...], token: str) -> None:
        super().__init__()
        self._title, self._token = title, token
        self.bars: dict[str, tuple[ShareBar, NumberField]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(1)
        for line, option in enumerate(options):
            self._add(line, option)

    def _add(self, line: int, option: OptionRow) -> None:
        name = ElidedLabel(words(option.name))
        name.setFixedWidth(round(NAME_WIDTH * Theme.current().scale))
        name.setToolTip(option.says)
        spoken = f"{self._title}: {words(option.name)}"
        bar = ShareBar(spoken)
        bar.setToolTip(option.says)
        number = NumberField(f"{spoken}, per cent", " %", 50)
        bar.dragged.connect(lambda share, name=option.name: self.dragged.emit(name, share))
        bar.dropped.connect(self.dropped)
        number.entered.connect(lambda value, name=option.name: self._typed(name, value))
        self._grid.addWidget(name, line, 0)
        self._grid.addWidget(bar, line, 1)
        self._grid.addWidget(number, line, 2)
        self.bars[option.name] = (bar, number)

    def show_options(self, options: tuple[OptionRow, ...]) -> None:
        """Show these shares."""
        for option in options:
            bar, number = self.bars[option.name]
            bar.show_share(option.share, option.approved, "bad" if option.leaves else self._token)
            number.show_number(percent(option.share))

    def _typed(self, name: str, value: float) -> None:
        self.dragged.emit(name, min(100.0, value) / 100)
        self.dropped.emit()


class CaseBox(QWidget):
    """Other shares under a condition: the condition to be typed, bars below, a cross that takes it out."""

    dragged = Signal(str, str, float)
    dropped = Signal()
    reworded = Signal(str, str)
    removed = Signal(str)

    def __init__(self, title: str, case: CaseRow, token: str) -> None:
        super().__init__()
        self.when = case.when
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 3, 0, 0)
        column.setSpacing(1)
        head = QHBoxLayout()
        head.setSpacing(4)
        self.condition = QLineEdit(case.when)
        self.condition.setProperty("kind", "numberbare")
        self.condition.setAccessibleName(f"{title}: condition of a case")
        self.condition.setToolTip(
            f"These shares hold where this is true; the first case that matches wins.\n{case.when}"
        )
        self.condition.setCursorPosition(0)
        self.remove = IconButton("x", f"{title}: remove this case", clicked=lambda: self.removed.emit(self.when))
        self.remove.setProperty("fit", "small")
        self.remove.setFixedSize(22, 22)
        head.addWidget(Label("if", "mono_small", "dim"))
        head.addWidget(self.condition, 1)
        head.addWidget(self.remove)
        self.options = Options(f"{title}, if {case.when}", case.options, token)
        column.addLayout(head)
        column.addWidget(self.options)
        self.options.dragged.connect(lambda option, share: self.dragged.emit(self.when, option, share))
        self.options.dropped.connect(self.dropped)
        self.condition.editingFinished.connect(self._typed)

    def _typed(self) -> None:
        if self.condition.isModified():
            self.condition.setModified(False)
            self.reworded.emit(self.when, self.condition.text().strip())

    def keep(self) -> None:
        """What was typed cannot be read: show what holds."""
        self.condition.setText(self.when)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """A line at the left says that it belongs to the decision above."""
        painter = QPainter(self)
        painter.setPen(QPen(Theme.current().color("line"), 2))
        painter.drawLine(2, 6, 2, self.height() - 4)


class DecisionBlock(Row):
    """A decision: heading with its reason, one bar per option, its cases below."""

    share_dragged = Signal(str, str, str, float)
    """Path, condition of the case ("" is the decision itself), option, share."""
    dropped = Signal()
    reworded = Signal(str, str, str)
    """Path, condition, the new condition."""
    case_removed = Signal(str, str)

    def __init__(self, item: DecisionRow, token: str) -> None:
        super().__init__(item.path)
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, 4, PAD, 5)
        column.setSpacing(1)
        head = QHBoxLayout()
        head.setSpacing(4)
        self.heading = ElidedLabel(item.title, "strong")
        self.heading.setToolTip(item.prompt)
        head.addWidget(self.heading, 1)
        head.addWidget(self.back)
        head.addWidget(self.chip)
        column.addLayout(head)
        self.options = Options(item.title, item.options, token)
        self.options.dragged.connect(lambda option, share: self.share_dragged.emit(self.path, "", option, share))
        self.options.dropped.connect(self.dropped)
        column.addWidget(self.options)
        self.cases = [self._case(item.title, case, token) for case in item.cases]
        for box in self.cases:
            column.addWidget(box)
        for bar, number in self.bars():
            self.watch(bar, number)
        self.show_row(item)

    def bars(self) -> list[tuple[ShareBar, NumberField]]:
        """Every bar with its number, cases included."""
        found = list(self.options.bars.values())
        return found + [pair for box in self.cases for pair in box.options.bars.values()]

    def _case(self, title: str, case: CaseRow, token: str) -> CaseBox:
        box = CaseBox(title, case, token)
        box.dragged.connect(lambda when, option, share: self.share_dragged.emit(self.path, when, option, share))
        box.dropped.connect(self.dropped)
        box.reworded.connect(lambda when, typed: self.reworded.emit(self.path, when, typed))
        box.removed.connect(lambda when: self.case_removed.emit(self.path, when))
        self.watch(box.condition)
        return box

    def show_row(self, item: DecisionRow) -> None:
        """Show the row's values."""
        self.options.show_options(item.options)
        for box, case in zip(self.cases, item.cases, strict=True):
            box.options.show_options(case.options)
        self.chip.show_reason(item.reason)
        self.show_changed(item.changed)


def percent(share: float) -> str:
    """A share in per cent, with a tenth where it matters."""
    value = share * 100
    return f"{value:.0f}" if value >= 9.95 or value == 0 or abs(value - round(value)) < 0.05 else f"{value:.1f}"
