"""One line of the log, whole: what it says, what stands beside it, and where in the program it was."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from turbulence_app.gui.places.log.state import ICONS, TOKENS, WORDS, Line, facts
from turbulence_app.gui.widgets.basics import Button, Card, Chip, Label, Tone, scrolled

_TONES: dict[str, Tone] = {"bad": "bad", "warn": "warn", "dim": "neutral"}


class DetailCard(Card):
    """The line that is looked at; the first words say what to do while there is none."""

    def __init__(self, lead: Callable[[Line], object], report: Callable[[Line], object]) -> None:
        super().__init__(spacing=8)
        self.line: Line | None = None
        self.level = Chip()
        self.words = Label("", "body", wrap=True)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.copy = Button("Copy", "quiet", "copy", "Copy the line with everything (Ctrl+C)", self.to_clipboard)
        about = "Make a report of it, to look at and to save"
        self.go = Button("", "plain", "arrow-right", "Go to what the line is about", lambda: self._with(lead))
        self.report = Button("Report…", "plain", "bug", about, lambda: self._with(report))
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(14)
        self._facts.setVerticalSpacing(3)
        self.stack = QPlainTextEdit()
        self.stack.setProperty("kind", "code")
        self.stack.setReadOnly(True)
        self.stack.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.stack.setAccessibleName("Where in the program it was")
        self.stack.setTabChangesFocus(True)
        self.hint = Label("A line that is chosen is shown here, whole.", "body", "dim")
        head = QHBoxLayout()
        head.setSpacing(8)
        for widget in (self.level, self.hint):
            head.addWidget(widget)
        head.addStretch(1)
        for button in (self.copy, self.report, self.go):
            head.addWidget(button)
        self.body.addLayout(head)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addLayout(self._facts)
        column.addStretch(1)
        self.halves = QHBoxLayout()
        self.halves.setSpacing(14)
        self.halves.addWidget(scrolled(left), 2)
        self.halves.addWidget(self.stack, 3)
        self.body.addLayout(self.halves, 1)
        self.show_line(None)

    def show_line(self, line: Line | None) -> None:
        """Another line, or none."""
        self.line = line
        for widget in (self.level, self.copy):
            widget.setVisible(line is not None)
        self.hint.setVisible(line is None)
        self.go.setVisible(line is not None and bool(line.leads))
        self.report.setVisible(line is not None and bool(line.stack))
        self.stack.setVisible(line is not None and bool(line.stack))
        while self._facts.count():
            item = self._facts.takeAt(0)
            if item is not None and (old := item.widget()) is not None:
                old.deleteLater()
        if line is None:
            self.words.setText("")
            return
        self.level.set(WORDS[line.level], _TONES[TOKENS[line.level]], ICONS[line.level])
        self.words.setText(line.message)
        self.go.setText(line.leads)
        self.go.setAccessibleName(f"Go to {line.leads}")
        self.stack.setPlainText(line.stack)
        for row, (name, value) in enumerate(facts(line)):
            self._facts.addWidget(Label(name, "small", "dim"), row, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(Label(value, "mono_small", wrap=True), row, 1)
        self._facts.setColumnStretch(1, 1)

    def _with(self, act: Callable[[Line], object]) -> None:
        if self.line is not None:
            act(self.line)

    def to_clipboard(self) -> None:
        """The whole line as text."""
        if self.line is not None:
            QGuiApplication.clipboard().setText(self.line.text())
