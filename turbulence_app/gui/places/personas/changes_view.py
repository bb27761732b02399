"""What changed against the approved policy or an earlier version: line by line, to be looked at or taken back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from turbulence_app.gui.places.personas.changes_state import ChangeLine, Points
from turbulence_app.gui.places.personas.rows import PAD, ReasonChip
from turbulence_app.gui.places.personas.versions import Version
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import (
    Button,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    LabelKind,
    Rule,
    row,
    scrolled,
)

SHORT = 6
"""Letters of a share."""
NUMBER = 38


class ChangeBox(QWidget):
    """One change: a tick for "looked at", the values from and to, the effect, the words, a way back."""

    ticked = Signal(str, bool)
    taken_back = Signal(str)
    shown = Signal(str)

    def __init__(self, line: ChangeLine, ticked: bool) -> None:
        super().__init__()
        self.line = line
        column = QVBoxLayout(self)
        column.setContentsMargins(PAD, 6, PAD, 6)
        column.setSpacing(3)
        self.tick = QCheckBox(line.title)
        self.tick.setChecked(ticked)
        self.tick.setToolTip("Looked at: this change shall be signed")
        self.tick.setAccessibleName(f"Looked at {line.sentence}")
        self.tick.toggled.connect(lambda on: self.ticked.emit(line.path, on))
        self.effect = Label("", "mono_small", "dim")
        self.back = IconButton("undo-2", f"Take back: {line.title}", clicked=lambda: self.taken_back.emit(line.path))
        self.go = IconButton("arrow-right", f"Go to {line.title}", clicked=lambda: self.shown.emit(line.path))
        for button in (self.back, self.go):
            button.setProperty("fit", "small")
            button.setFixedSize(22, 22)
        column.addLayout(row(self.tick, 1, self.effect, self.go, self.back, spacing=4))
        for turn in line.turns:
            column.addLayout(_turn_line(turn.name, turn.before, turn.after))
        chip = ReasonChip(line.path)
        chip.show_reason(line.reason)
        chip.clicked.connect(lambda: self.shown.emit(line.path))
        foot = row(chip, 1)
        foot.setContentsMargins(22, 0, 0, 0)
        column.addLayout(foot)
        self.show_effect(line.effect, pending=True)

    def show_effect(self, effect: Points | None, *, pending: bool) -> None:
        """What the change does to completion, as far as it is known."""
        if effect is None:
            self.effect.setText("…" if pending else "")
            return
        self.effect.setText(f"{effect.words} points")
        kind: LabelKind = "dim" if not effect.certain else "good" if effect.value > 0 else "bad"
        self.effect.set_kind(kind)
        self.effect.setToolTip(
            f"Completion with this change against without it: {effect.low:+.1f} to {effect.high:+.1f}"
        )


def _turn_line(name: str, before: str, after: str) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setContentsMargins(24, 0, 0, 0)
    line.setSpacing(6)
    if not before and not after:
        line.addWidget(ElidedLabel(name, "mono_small", "dim"), 1)
        return line
    if name:
        line.addWidget(ElidedLabel(name, "small", "small"), 1)
    was, now = ElidedLabel(before, "mono_small", "dim"), ElidedLabel(after, "mono_small")
    if name and len(before) < SHORT and len(after) < SHORT:  # shares stand below each other
        was.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for label in (was, now):
            label.setFixedWidth(round(NUMBER * Theme.current().scale))
    line.addWidget(was)
    line.addWidget(Label("→", "mono_small", "dim"))
    line.addWidget(now)
    if not name:
        line.addStretch(1)
    return line


class ChangesView(QWidget):
    """The list, above it against which version, below it what approving signs."""

    chosen = Signal(int)
    """The version's place in the list."""
    taken_back = Signal(str)
    whole = Signal()
    """Take the whole version."""
    shown = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._ticked: set[str] = set()
        self._lines: tuple[ChangeLine, ...] = ()
        self.boxes: dict[str, ChangeBox] = {}
        self.versions = QComboBox()
        self.versions.setAccessibleName("Version that the policy is compared with")
        self.versions.setToolTip("Compare with the approved policy, or with a version that was saved earlier")
        self.versions.activated.connect(self.chosen)
        self.take = Button("Take it", "plain", "history", "Go back to this version, as a whole", self.whole.emit)
        self.looked = Label("", "small", "small")
        self.empty = EmptyState("shield-check", "Nothing changed", "Every number is as it was in this version.")
        self.area: QScrollArea = scrolled(QWidget())
        self.signs = Label("", "small", "small", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        against = row(Label("against", "small", "small"), self.versions, self.take)
        against.setStretch(1, 1)
        column.addLayout(against)
        column.addWidget(self.looked)
        column.addWidget(self.area, 1)
        column.addWidget(self.empty, 1)
        column.addWidget(Rule())
        column.addWidget(self.signs)

    def show_versions(self, versions: Sequence[Version], chosen: int) -> None:
        """Offer these versions."""
        texts = [version.words for version in versions]
        if texts != [self.versions.itemText(place) for place in range(self.versions.count())]:
            self.versions.clear()
            for version in versions:
                self.versions.addItem(version.words)
                self.versions.setItemData(self.versions.count() - 1, version.detail, Qt.ItemDataRole.ToolTipRole)
        self.versions.setCurrentIndex(chosen)
        self.versions.setEnabled(bool(texts))
        self.take.setEnabled(bool(texts))

    def show_changes(self, lines: Sequence[ChangeLine], signs: str, *, pending: bool) -> None:
        """Show these; lines that stay keep their ticks and their widgets where only an effect came."""
        if tuple(lines) != self._lines or not self.boxes:
            self._lines = tuple(lines)
            self._ticked &= {line.path for line in lines}
            self._build()
        for box in self.boxes.values():
            box.show_effect(box.line.effect, pending=pending)
        self.area.setVisible(bool(lines))
        self.empty.setVisible(not lines)
        self.signs.setText(signs)
        self._count()

    def _build(self) -> None:
        content = QWidget()
        content.setObjectName("body")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(0)
        self.boxes = {}
        for number, line in enumerate(self._lines):
            if number:
                column.addWidget(Rule())
            box = ChangeBox(line, line.path in self._ticked)
            box.ticked.connect(self._tick)
            box.taken_back.connect(self.taken_back)
            box.shown.connect(self.shown)
            self.boxes[line.path] = box
            column.addWidget(box)
        column.addStretch(1)
        old = self.area.takeWidget()
        if old is not None:
            old.deleteLater()
        self.area.setWidget(content)

    def _tick(self, path: str, on: bool) -> None:
        self._ticked = self._ticked | {path} if on else self._ticked - {path}
        self._count()

    def _count(self) -> None:
        many = len(self._lines)
        text = f"{len(self._ticked)} of {many} looked at · strongest effect first" if many else ""
        self.looked.setText(text)
        self.looked.setVisible(bool(text))
