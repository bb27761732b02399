"""Files that are dragged onto the window: an overlay says what a drop will do, over whatever is in the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from turbulence_app.gui.arrivals import Arrival, arrival_of
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_CARD

ICONS = {
    "project": "folder-open", "file": "file-code", "import": "upload", "model": "cpu", "capsule": "shield-check",
    "refused": "circle-alert",
}  # fmt: skip
HEIGHT = 150
WIDTH = 520


class DropOverlay(QWidget):
    """Dims the window and says in one line what letting go would do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._host = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.arrival: Arrival | None = None
        self.hide()

    def show_arrival(self, arrival: Arrival) -> None:
        """Cover the window with what would be done."""
        self.arrival = arrival
        self.setAccessibleName(arrival.says)
        self.setGeometry(self._host.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """The ground thinned over everything, a card in the middle; refused ones are dashed in another tone."""
        arrival = self.arrival
        if arrival is None:
            return
        theme, painter = Theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("ground", 0.82))
        refused = arrival.does == "refused"
        tone = "dim" if refused else "accent"
        scale = theme.scale
        card = QRectF(0, 0, min(WIDTH * scale, self.width() - 80), HEIGHT * scale)
        card.moveCenter(QRectF(self.rect()).center())
        painter.setBrush(theme.color("panel"))
        painter.setPen(QPen(theme.color(tone), 2, Qt.PenStyle.DashLine if refused else Qt.PenStyle.SolidLine))
        painter.drawRoundedRect(card, RADIUS_CARD, RADIUS_CARD)
        size = round(28 * scale)
        picture = theme.pixmap(ICONS[arrival.does], tone, size, self.devicePixelRatioF())
        spot = QRectF(card.center().x() - size / 2, card.top() + card.height() * 0.2, size, size)
        painter.drawPixmap(spot, picture, QRectF(picture.rect()))
        painter.setFont(theme.font("heading"))
        painter.setPen(theme.color("text"))
        words = card.adjusted(20, card.height() * 0.47, -20, -8)
        middle = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        painter.drawText(words, middle, arrival.says)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.ink("dim", "panel"))
        hint = "Nothing will happen" if refused else "Let go to do it"
        painter.drawText(card.adjusted(20, card.height() * 0.72, -20, -8), middle, hint)


class Dropping(QObject):
    """Hears drags at the window itself, before any editor in it could take a file for text."""

    def __init__(self, window: QWidget, take: Callable[[Arrival], object]) -> None:
        super().__init__(window)
        self._window, self._take = window, take
        self.overlay = DropOverlay(window)

    def listen(self) -> None:
        """From now on; the window has to be shown first."""
        handle = self._window.windowHandle()
        if handle is not None:
            self._window.setAcceptDrops(True)
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Files are ours; text that is dragged goes on to the editors."""
        kind = event.type()
        if kind == QEvent.Type.DragLeave:
            return self._left()
        if isinstance(event, QDragEnterEvent):
            return self._entered(event)
        if isinstance(event, QDragMoveEvent) and self.overlay.isVisible():
            self._answer(event)
            return True
        if isinstance(event, QDropEvent) and self.overlay.isVisible():
            return self._dropped(event)
        return super().eventFilter(watched, event)

    def _entered(self, event: QDragEnterEvent) -> bool:
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not files:
            return False
        arrival = arrival_of(files[0])
        if len(files) > 1:
            says = f"One at a time, please: {len(files)} files were dragged"
            arrival = Arrival("refused", files[0], says)
        self.overlay.show_arrival(arrival)
        self._answer(event)
        return True

    def _answer(self, event: QDropEvent) -> None:
        """Accepted even where it is refused: only so the window hears of the drop, and can say why in a line."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _left(self) -> bool:
        shown = self.overlay.isVisible()
        self.overlay.hide()
        return shown

    def _dropped(self, event: QDropEvent) -> bool:
        arrival = self.overlay.arrival
        self.overlay.hide()
        self._answer(event)
        if arrival is not None:
            self._take(arrival)
        return True
