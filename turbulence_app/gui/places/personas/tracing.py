"""Words to numbers and back: what the pointer or the keyboard is over lights up on the other side; a click holds it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from turbulence_app.gui.places.personas.panel_view import PanelView
from turbulence_app.gui.places.personas.rows import Row
from turbulence_app.gui.places.personas.words_editor import WordsEditor

REST_MS = 220
"""How long the pointer rests before the other side scrolls: what only passes by moves nothing."""

Paths = tuple[str, ...]


class Tracing(QObject):
    """Holds what is lit. ``unsaid`` tells a number that no words stand behind, when a person asked for them."""

    unsaid = Signal(str)
    held_changed = Signal()

    def __init__(self, editor: WordsEditor, panel: PanelView, parent: QObject) -> None:
        super().__init__(parent)
        self._editor, self._panel = editor, panel
        self.held: Paths = ()
        self._over: Paths = ()
        self._from_words = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._scroll)
        editor.pointed.connect(lambda paths: self._point(paths, words=True))
        editor.asked.connect(self._hold_words)
        panel.hovered.connect(self._number)
        panel.asked.connect(self.hold_number)

    def clear(self) -> None:
        """Another persona, or nothing is held any more."""
        self.held = self._over = ()
        self._rest.stop()
        self._show()

    def hold_number(self, path: str) -> None:
        """A number's reason was asked for: hold on to its words, or say that there are none."""
        if self.held == (path,):
            self.clear()
            return
        if not self._editor.has(path):
            self.unsaid.emit(path)
            return
        self.held, self._from_words = (path,), False
        self._show()
        self._editor.reveal(path)

    def jump(self) -> bool:
        """From the words under the cursor to their first number, or back; False where there is nowhere to go."""
        row = self._row_of(QApplication.focusWidget())
        if row is not None:
            if not self._editor.reveal(row.path):
                return False
            self._editor.setFocus()
            return True
        paths = self._editor.paths_at_cursor() or self.held
        shown = next((found for path in paths if (found := self._panel.reveal(path)) is not None), None)
        if shown is None:
            return False
        shown.take_focus()
        return True

    def _number(self, path: str, over: bool) -> None:
        if over:
            self._point((path,), words=False)
        elif self._over == (path,):
            self._point((), words=False)

    def _point(self, paths: Paths, *, words: bool) -> None:
        self._over, self._from_words = paths, words
        self._show()
        if paths:
            self._rest.start()
        else:
            self._rest.stop()

    def _hold_words(self, paths: Paths) -> None:
        self.held = () if self.held == paths else paths
        self._over, self._from_words = paths, True
        self._show()
        if self.held:
            self._scroll()

    def _show(self) -> None:
        paths = self._over or self.held
        self._editor.light(paths)
        self._panel.light(paths)
        self.held_changed.emit()

    def _scroll(self) -> None:
        for path in self._over or self.held:
            if self._from_words:
                if self._panel.reveal(path) is not None:
                    return
            elif self._editor.show_phrase(path):
                return

    def _row_of(self, widget: object) -> Row | None:
        return next((row for row in self._panel.rows.values() if row is widget or row.isAncestorOf(widget)), None)  # type: ignore[arg-type]
