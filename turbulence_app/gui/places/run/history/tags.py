"""Tags as chips that can be taken off, and a line that puts on more, with completion."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QVBoxLayout, QWidget

from turbulence_app.gui.places.run.history.state import as_tag, complete_tag
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import ChipButton
from turbulence_app.gui.widgets.flow_layout import FlowBox


class TagLine(QLineEdit):
    """Enter, comma or space puts a tag on."""

    entered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Add a tag")
        self.setPlaceholderText("Add a tag")
        self.setToolTip("One word; Enter puts it on")
        self.setMaxLength(40)
        self.words = QStringListModel(self)
        completer = QCompleter(self.words, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.activated.connect(lambda _text: self.take())
        self.setCompleter(completer)

    def take(self) -> None:
        """What is written becomes a tag."""
        tag = as_tag(self.text())
        self.clear()
        if tag:
            self.entered.emit(tag)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """See the class."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.text() in (",", " "):
            self.take()
        else:
            super().keyPressEvent(event)


class TagEditor(QWidget):
    """``added`` and ``dropped`` tell one tag each."""

    added = Signal(str)
    dropped = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._tags: tuple[str, ...] = ()
        self._some: frozenset[str] = frozenset()
        self.chips = FlowBox()
        self._flow = self.chips.flow
        self.line = TagLine()
        self.line.entered.connect(self.added)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.chips)
        box.addWidget(self.line)

    def show_tags(self, tags: Sequence[str], some: Sequence[str], known: Sequence[str]) -> None:
        """``tags`` that all lines have, ``some`` that only some of them have, ``known`` for completion."""
        self.line.words.setStringList(complete_tag("", known, tags))
        if (tuple(tags), frozenset(some)) == (self._tags, self._some):
            self.chips.setVisible(bool(tags or some))
            return
        self._tags, self._some = tuple(tags), frozenset(some)
        while (item := self._flow.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for tag in (*tags, *some):
            words = tag if tag in self._tags else f"{tag} (some)"
            chip = ChipButton(words, tip=f"Take the tag {tag} off", clicked=partial(self.dropped.emit, tag))
            chip.setIcon(Theme.current().icon("x", "dim", 10))
            chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            self._flow.addWidget(chip)
            chip.show()
        self.chips.setVisible(bool(tags or some))
        self.chips.fit()
