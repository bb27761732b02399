"""A section of the policy panel: a heading that folds, with a sign per number of where it came from."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.gui.focus_ring import ringed
from turbulence_app.gui.places.personas.panel_rows import Section
from turbulence_app.gui.places.personas.rows import PAD
from turbulence_app.gui.places.personas.state import words
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_SMALL
from turbulence_app.gui.widgets.basics import ElidedLabel, IconButton, row

MOST_SIGNS = 16


class OriginSigns(QWidget):
    """One sign per row: a full dot is said, a ring is assumed, a diamond was edited."""

    SIGN = 9

    def __init__(self) -> None:
        super().__init__()
        self._section: Section | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Where the numbers came from")

    def show_section(self, section: Section) -> None:
        """Show the signs of these rows."""
        self._section = section
        said, assumed, edited = (section.count(origin) for origin in ("said", "assumed", "edited"))
        parts = [
            f"{count} {name}" for count, name in ((said, "said"), (assumed, "assumed"), (edited, "edited")) if count
        ]
        self.setAccessibleDescription(", ".join(parts))
        self.setToolTip(", ".join(parts))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """A sign each."""
        count = min(MOST_SIGNS, len(self._section.rows)) if self._section is not None else 0
        return QSize(count * self.SIGN + 2, 14)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Dots, rings, diamonds."""
        if self._section is None:
            return
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, item in enumerate(self._section.rows[:MOST_SIGNS]):
            at = QPointF(5 + number * self.SIGN, self.height() / 2)
            if item.reason.origin == "assumed":
                painter.setPen(QPen(theme.color("dim"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(at, 2.4, 2.4)
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent" if item.reason.origin == "said" else "warn"))
            if item.reason.origin == "said":
                painter.drawEllipse(at, 3, 3)
            else:
                corners = [QPointF(0, -3.6), QPointF(3.6, 0), QPointF(0, 3.6), QPointF(-3.6, 0)]
                painter.drawPolygon(QPolygonF([at + corner for corner in corners]))


class FoldButton(QPushButton):
    """The heading: pressing it, or Left and Right, folds the rows away and brings them back."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self.setProperty("kind", "fold")
        self.setCheckable(True)
        self.setChecked(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.setToolTip(f"Fold or unfold {title.lower()}")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The words with the arrow before them."""
        metrics = QFontMetrics(Theme.current().font("section"))
        return QSize(metrics.horizontalAdvance(self._title.upper()) + 32, metrics.height() + 10)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Left folds, Right unfolds."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.setChecked(event.key() == Qt.Key.Key_Right)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Arrow and words; a ring where the keyboard is."""
        theme = Theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.underMouse() or ringed(self)
        if ringed(self):
            painter.setPen(QPen(theme.color("accent"), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS_SMALL, RADIUS_SMALL)
        icon = "chevron-down" if self.isChecked() else "chevron-right"
        pixmap = theme.pixmap(icon, "text" if strong else "dim", 14, self.devicePixelRatioF())
        painter.drawPixmap(QRectF(4, (self.height() - 14) / 2, 14, 14), pixmap, QRectF(pixmap.rect()))
        painter.setFont(theme.font("section"))
        painter.setPen(theme.color("text") if strong else theme.ink("dim"))
        painter.drawText(self.rect().adjusted(22, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._title.upper())


class SectionBox(QWidget):
    """Heading and rows. ``folded`` tells when a person folds it."""

    folded = Signal(str, bool)
    added = Signal(str, str)
    """Section and step that shall get a number of its own."""

    def __init__(self, section: Section, rows: list[QWidget]) -> None:
        super().__init__()
        self.key = section.key
        self._addable: tuple[str, ...] = ()
        self._wanted: Callable[[QWidget], bool] = lambda _row: True
        self._rows = rows
        self.button = FoldButton(section.title)
        self.signs = OriginSigns()
        self.add = IconButton("plus", f"{section.title}: another step")
        self.add.setProperty("fit", "small")
        self.add.setFixedSize(22, 22)
        self.add.clicked.connect(self._offer)
        self.says = ElidedLabel("", "mono_small", "dim")
        self.says.setContentsMargins(PAD + 14, 0, PAD, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        head = row(self.button, 1, self.signs, self.add, spacing=4)
        head.setContentsMargins(0, 0, PAD, 0)
        column.addLayout(head)
        column.addWidget(self.says)
        for widget in rows:
            column.addWidget(widget)
        self.button.toggled.connect(self._toggled)
        self.show_section(section)

    def show_section(self, section: Section) -> None:
        """Show what stands beside the heading."""
        self.signs.show_section(section)
        self._addable = section.addable
        self.add.setVisible(bool(section.addable))
        self.says.setText(section.says)
        self._arrange()

    def unfold(self, on: bool = True) -> None:
        """Fold or unfold, as the program."""
        self.button.blockSignals(True)
        self.button.setChecked(on)
        self.button.blockSignals(False)
        self._arrange()

    def narrow(self, wanted: Callable[[QWidget], bool]) -> bool:
        """Show only some rows; False where none is left."""
        self._wanted = wanted
        self._arrange()
        left = any(wanted(widget) for widget in self._rows)
        self.setVisible(left)
        return left

    def _arrange(self) -> None:
        open_ = self.button.isChecked()
        for widget in self._rows:
            widget.setVisible(open_ and self._wanted(widget))
        self.says.setVisible(not open_)

    def _toggled(self, on: bool) -> None:
        self._arrange()
        self.folded.emit(self.key, not on)

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in self._addable:
            entry = QAction(words(name), menu)
            entry.triggered.connect(lambda *_, name=name: self.added.emit(self.key, name))
            menu.addAction(entry)
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))
