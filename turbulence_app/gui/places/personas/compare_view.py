"""Two policies of the same words side by side: funnels above, numbers below with their differences marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.compare_side import SideCard
from turbulence_app.gui.places.personas.compare_state import CompareRow, differing_count
from turbulence_app.gui.tokens import GAP
from turbulence_app.gui.widgets.basics import Button, Card, ChipButton, ElidedLabel, IconButton, Label, Splitter, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.rows import Column, RowsView

NOW_TIPS = {
    "": "The persona's policy has another number now",
    "left": "The persona's policy has the left number now",
    "right": "The persona's policy has the right number now",
    "both": "The persona's policy has this number now",
}
COLUMNS: tuple[Column[CompareRow], ...] = (
    Column("", lambda row: row.sign, lambda row: "warn" if row.differs else "", mono=True, spoken="differs"),
    Column("Number", lambda row: row.title, lambda row: "" if row.differs else "dim"),
    Column("Left", lambda row: row.left, lambda row: "" if row.differs else "dim", mono=True, stretch=True),
    Column("Right", lambda row: row.right, lambda row: "" if row.differs else "dim", mono=True, stretch=True),
    Column("Now as", lambda row: row.has, mono=True, tip=lambda row: NOW_TIPS[row.has]),
)


class CompareView(QWidget):
    """The page. The presenter fills it and hears it."""

    left_page = Signal()
    started = Signal()
    stopped = Signal()
    taken = Signal(str, int)
    """Path of one number, and the side that it is taken from."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._rows: tuple[CompareRow, ...] = ()
        self.title = ElidedLabel("", "title")
        self.says = ElidedLabel("", "small", "small")
        self.compile = Button("Compile both", "primary", "sparkles", "Compile the words with both", self.started.emit)
        self.stop = Button("Stop", "plain", "square", "Stop compiling", self.stopped.emit)
        self.sides = (SideCard(context, "Left"), SideCard(context, "Right"))
        self.table: RowsView[CompareRow] = RowsView(
            "Numbers of both policies", "Choose a number, then take it from the left or the right", COLUMNS
        )
        self.table.set_empty("Compile both, and every number stands here side by side.")
        self.table.chosen.connect(lambda _row: self._buttons())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._buttons())
        self.only = ChipButton("≠ only differences", checkable=True, tip="Hide numbers on which both agree")
        self.only.setChecked(True)
        self.only.toggled.connect(lambda _on: self._show_rows())
        self.takes = (self._take_button("left", 0), self._take_button("right", 1))
        self._build(context)

    def _take_button(self, side: str, place: int) -> Button:
        tip = f"Take the chosen number from the {side}"
        return Button(f"Take the {side}", "plain", "check", tip, lambda: self._take(place))

    def _build(self, context: Context) -> None:
        back = IconButton("arrow-left", "Back to the persona (Esc)", "plain", self.left_page.emit)
        head = row(back, self.title, self.says, self.compile, self.stop)
        head.setStretch(1, 1)
        head.setStretch(2, 1)
        self.says.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        pair = QWidget()
        line = QHBoxLayout(pair)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(GAP)
        for side in self.sides:
            line.addWidget(side, 1)
        numbers = Card("Numbers side by side")
        self.count = Label("", "small", "small")
        numbers.header.addWidget(self.count)
        numbers.header.addWidget(self.only)
        numbers.header.addWidget(ExportButton(context, "Numbers of both policies", self.table))
        numbers.body.addWidget(self.table, 1)
        numbers.body.addLayout(row(1, *self.takes))
        halves = Splitter(Qt.Orientation.Vertical, "personas.compare", pair, numbers)
        halves.setStretchFactor(0, 2)
        halves.setStretchFactor(1, 3)
        halves.setSizes([300, 380])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(head)
        column.addWidget(halves, 1)

    def show_subject(self, name: str, workflow: str) -> None:
        """Whose words they are."""
        self.title.setText(f"Two models on {name}")
        self.says.setText(f"the same words, on {workflow}" if workflow else "")

    def show_busy(self, busy: bool) -> None:
        """Swap the button for a stop."""
        self.compile.setVisible(not busy)
        self.stop.setVisible(busy)

    def show_rows(self, rows: Sequence[CompareRow], titles: tuple[str, str]) -> None:
        """Show the numbers of both."""
        self._rows = tuple(rows)
        model = self.table.rows
        named = {2: titles[0] or "Left", 3: titles[1] or "Right"}
        model.columns = tuple(replace(c, title=named.get(n, c.title)) for n, c in enumerate(COLUMNS))
        model.headerDataChanged.emit(Qt.Orientation.Horizontal, 2, 3)
        self._show_rows()

    def _show_rows(self) -> None:
        apart = differing_count(self._rows)
        shown = [one for one in self._rows if one.differs] if self.only.isChecked() and apart else list(self._rows)
        kept = self.table.current()
        self.table.rows.set_rows(shown)
        place = next((n for n, one in enumerate(shown) if kept is not None and one.path == kept.path), -1)
        if place >= 0:
            self.table.setCurrentIndex(self.table.rows.index(place, 1))
        many = len(self._rows)
        both = any(one.left for one in self._rows) and any(one.right for one in self._rows)
        self.count.setText(f"{apart} of {many} differ" if many and both else "")
        self.only.setEnabled(bool(apart))
        self._buttons()

    def may_take(self, allowed: Callable[[CompareRow, int], bool]) -> None:
        """Who decides whether a number can be taken from a side."""
        self._allowed = allowed
        self._buttons()

    _allowed: Callable[[CompareRow, int], bool] | None = None

    def _buttons(self) -> None:
        chosen = self.table.current()
        for place, button in enumerate(self.takes):
            button.setEnabled(chosen is not None and self._allowed is not None and self._allowed(chosen, place))

    def _take(self, place: int) -> None:
        chosen = self.table.current()
        if chosen is not None:
            self.taken.emit(chosen.path, place)
