"""A setting as a line of its card: words at the left, the control and the way back at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QWidget

from turbulence_app.gui.places.settings.controls import Control, control_of
from turbulence_app.gui.places.settings.state import Row, hidden_reason, marked
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import mix
from turbulence_app.gui.widgets.basics import Chip, IconButton, Label
from turbulence_app.settings.table import HOME_KEY

NARROW = 480
"""Pixels at the usual size of type, below which a row has two storeys."""


class SettingRow(QWidget):
    """``told`` gives key and text, ``reset`` the key."""

    told = Signal(str, str)
    reset = Signal(str)
    browse = Signal(str)

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row
        self._query = ""
        setting = row.setting
        self.title = Label(setting.title, "strong")
        self.note = Chip("", "accent")
        self.says = Label(setting.says, "body", "dim", wrap=True)
        self.also = Label("", "small", "dim")
        self.problem = Label("", "small", "bad", wrap=True)
        self.control: Control = control_of(setting, folder=setting.key == HOME_KEY)
        usual = setting.kind.words(setting.default)
        self.back = IconButton("rotate-ccw", f"Back to the default: {usual}", clicked=self._reset)
        self.back.setAccessibleName(f"{setting.title}: back to the default, {usual}")
        self._lay_out()
        self.control.told.connect(lambda text: self.told.emit(setting.key, text))
        self.control.typed.connect(self._judge)
        self.control.browse.connect(lambda: self.browse.emit(setting.key))
        self.show_row(row)

    def _lay_out(self) -> None:
        heading = QHBoxLayout()
        heading.setSpacing(8)
        for widget in (self.title, self.note, self.also):
            heading.addWidget(widget)
        heading.addStretch(1)
        right = QHBoxLayout()
        right.setSpacing(4)
        right.addWidget(self.control, 1)
        right.addWidget(self.back)
        keep = self.back.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keep)
        self._right = right
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(0, 9, 0, 9)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(2)
        grid.addLayout(heading, 0, 0)
        grid.addWidget(self.says, 1, 0)
        grid.addWidget(self.problem, 2, 0, 1, 2)
        grid.addLayout(right, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)
        self._stacked = False

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Where words and control have no room side by side, the control goes below."""
        stacked = self.width() < NARROW * Theme.current().scale
        if stacked != self._stacked:
            self._stacked = stacked
            self._grid.removeItem(self._right)
            if stacked:
                self._grid.addLayout(self._right, 3, 0, 1, 2)
            else:
                self._grid.addLayout(self._right, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        super().resizeEvent(event)

    def show_row(self, row: Row) -> None:
        """How it stands now."""
        self.row = row
        self.control.show_value(row.value)
        self.control.setEnabled(not row.locked)
        self.back.setVisible(row.changed)
        self.note.set(row.note, "warn" if row.problem else "accent" if not row.locked else "neutral")
        self.note.setVisible(bool(row.note))
        self._say(row.problem)

    def refuse(self, text: str) -> None:
        """Why what was typed is not taken."""
        self._say(text)

    def highlight(self, query: str) -> None:
        """Mark the words that are looked for."""
        self._query = query
        tokens = Theme.current().tokens
        ground = mix(tokens.accent, tokens.panel, 0.3)
        setting = self.row.setting
        for label, text in ((self.title, setting.title), (self.says, setting.says)):
            label.setTextFormat(Qt.TextFormat.RichText if query else Qt.TextFormat.PlainText)
            label.setText(marked(text, query, ground, tokens.text) if query else text)
        also = hidden_reason(setting, query) if query else ""
        self.also.setText(f"found by {also}" if also else "")
        self.also.setVisible(bool(also))

    def _judge(self, text: str) -> None:
        """While somebody types: say at once what does not fit."""
        try:
            self.row.setting.kind.parse(text)
            self._say(self.row.problem)
        except ValueError as error:
            self._say(f"{self.row.setting.title} {error}.")

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.control.main.setAccessibleDescription(text or self.row.setting.says)

    def _reset(self) -> None:
        self.control.setFocus()
        self.reset.emit(self.row.setting.key)
