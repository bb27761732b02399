"""What the file has and what the draft has, side by side with the three things to do."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QTextEdit, QVBoxLayout, QWidget

from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.recovery import Recovery
from turbulence_app.gui.recovery_state import KINDS, Found, difference
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, Label, Splitter, row

TOKENS = {"-": "bad", "+": "good"}


class RecoverySheet(Sheet):
    """Closes itself when nothing is left to decide."""

    def __init__(self, parent: QWidget, recovery: Recovery) -> None:
        text = "These edits were typed and not saved. No file is touched until you say so."
        super().__init__(parent, "Edits that were not saved", text)
        self._recovery = recovery
        self.list = QListWidget()
        self.list.setAccessibleName("Drafts")
        self.list.setToolTip("Edits that were not saved, newest first")
        self.lines = QTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setTabChangesFocus(True)
        self.lines.setProperty("kind", "code")
        self.lines.setAccessibleName("What differs")
        self.lines.setToolTip("")
        self.words = Label("", "body", "dim", wrap=True)
        self.restore = Button("Restore", "primary", "history", "Put the draft back into its editor")
        self.discard = Button("Discard", "danger", "trash-2", "Throw the draft away; the file stays as it is")
        self.keep = Button("Keep for later", tip="Decide at the next start; draft and file stay as they are")
        self._build()
        self.list.currentRowChanged.connect(self._show)
        self.restore.clicked.connect(lambda *_: self._decide(recovery.restore))
        self.discard.clicked.connect(lambda *_: self._decide(recovery.discard))
        self.keep.clicked.connect(self.reject)
        recovery.changed.connect(self._fill)
        self._fill()
        self.resize(860, 560)

    def _build(self) -> None:
        right = QWidget()
        box = QVBoxLayout(right)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.words)
        box.addWidget(self.lines, 1)
        halves = Splitter(Qt.Orientation.Horizontal, "", self.list, right)
        halves.setSizes([230, 590])
        halves.setStretchFactor(1, 1)
        self.column.addWidget(halves, 1)
        self.column.addLayout(row(self.discard, 1, self.keep, self.restore))
        self.restore.setDefault(True)

    @property
    def chosen(self) -> Found | None:
        """The draft that is looked at."""
        found, at = self._recovery.found, self.list.currentRow()
        return found[at] if 0 <= at < len(found) else None

    def _fill(self) -> None:
        at = max(0, self.list.currentRow())
        self.list.clear()
        for one in self._recovery.found:
            item = QListWidgetItem(f"{KINDS[one.draft.kind][0]}\n{one.draft.title}")
            item.setToolTip(one.draft.key)
            self.list.addItem(item)
        if not self._recovery.found:
            self.accept()
            return
        self.list.setCurrentRow(min(at, self.list.count() - 1))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours: write the lines anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._show()

    def _show(self) -> None:
        found = self.chosen
        if found is None:
            return
        self.words.setText(told(found))
        self.words.set_kind("warn" if found.moved else "dim")
        self.lines.clear()
        cursor = QTextCursor(self.lines.document())
        for number, (sign, line) in enumerate(difference(found)):
            if number:
                cursor.insertBlock()
            self._line(cursor, sign, line)
        self.lines.moveCursor(QTextCursor.MoveOperation.Start)

    def _line(self, cursor: QTextCursor, sign: str, line: str) -> None:
        theme, token = Theme.current(), TOKENS.get(sign, "")
        ground, ink = QTextBlockFormat(), QTextCharFormat()
        ground.setBackground(theme.color(token, 0.12) if token else QColor(Qt.GlobalColor.transparent))
        ink.setForeground(theme.ink(token, "raised") if token else theme.ink("dim", "raised"))
        cursor.setBlockFormat(ground)
        cursor.insertText(f"{sign} {line}", ink)

    def _decide(self, how: object) -> None:
        found = self.chosen
        if found is not None and callable(how):
            how(found)


def told(found: Found) -> str:
    """When it was typed, and how it stands to its file."""
    try:
        at = datetime.fromisoformat(found.draft.at).astimezone().strftime("%d %b, %H:%M")
    except ValueError:
        at = "some time ago"
    if found.gone:
        return f"Typed {at}. No file holds it: restoring makes it anew."
    if found.moved:
        return f"Typed {at}. The file was changed since by somebody else: − is what it says now, + is the draft."
    return f"Typed {at}. − is what the file says, + is the draft."
