"""The one calm line that offers what was typed and not saved, when the window ended or left the project."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from turbulence_app.gui.recovery import Recovery
from turbulence_app.gui.recovery_state import offer
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, IconButton


class RecoveryBar(QWidget):
    """Over the place; away when there is nothing to offer. It takes no focus and waits as long as it must."""

    show_wanted = Signal()

    def __init__(self, recovery: Recovery) -> None:
        super().__init__()
        self._recovery = recovery
        self.words = ElidedLabel("", least=160)
        self.look = Button("Show what differs…", "plain", "", "The file and the draft, line by line")
        self.restore = Button("Restore", "plain", "history", "Put all of it back into its editors")
        self.later = IconButton("x", "Keep it for the next start", clicked=recovery.later)
        self._picture = QLabel()
        well = QFrame()
        well.setProperty("kind", "well")
        line = QHBoxLayout(well)
        line.setContentsMargins(12, 6, 6, 6)
        line.setSpacing(8)
        line.addWidget(self._picture)
        line.addWidget(self.words, 1)
        for button in (self.look, self.restore, self.later):
            line.addWidget(button)
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 14, 16, 0)
        box.addWidget(well)
        self.look.clicked.connect(lambda *_: self.show_wanted.emit())
        self.restore.clicked.connect(lambda *_: self._restore())
        recovery.changed.connect(self._show)
        Theme.current().changed.connect(self._tint)
        self._tint()
        self._show()

    def _show(self) -> None:
        found = self._recovery.found
        self.words.setText(offer(found) if found else "")
        # what somebody else changed meanwhile is looked at before anything is put over it
        self.restore.setVisible(not any(one.moved for one in found))
        self.setVisible(bool(found))

    def _restore(self) -> None:
        # the oldest first, so that of two drafts of the same thing the newer one stands at the end
        for one in reversed(list(self._recovery.found)):
            self._recovery.restore(one)

    def _tint(self) -> None:
        self._picture.setPixmap(Theme.current().pixmap("history", "accent", 16, self.devicePixelRatioF()))
