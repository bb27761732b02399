"""The Personas place's layout: crowd on the left, words and preview in the middle, policy on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.compare_view import CompareView
from turbulence_app.gui.places.personas.crowd import CrowdCard
from turbulence_app.gui.places.personas.description_card import DescriptionCard
from turbulence_app.gui.places.personas.policy_card import PolicyCard
from turbulence_app.gui.places.personas.preview_card import PreviewCard
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Splitter

WIDTHS = [214, 510, 338]
"""Of the three columns in a window of 1280 pixels."""
LEAST = ((204, 420), (440, 236), (440, 270), (330, 420))
"""Width and height of crowd, words, preview and policy at the usual size of type."""


class PersonasView(QWidget):
    """Widgets only; the presenter fills them and hears them."""

    escaped = Signal()
    """Escape, where nobody else had a use for it."""

    def __init__(self, context: Context, run: Callable[[str], object], users: int) -> None:
        super().__init__()
        self._context, self._run, self._users = context, run, users
        self._whole = self._moved = False
        """By hand, or as it was left the last time."""
        self.pages = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        self.columns = Splitter(Qt.Orientation.Horizontal, "personas.columns")
        self.pages.addWidget(self._area())
        self.crowd = CrowdCard(self._context, self._run)
        self.columns.addWidget(self.crowd)
        yield
        middle = Splitter(Qt.Orientation.Vertical, "personas.middle")
        self.columns.addWidget(middle)
        self.words = DescriptionCard(self._run)
        middle.addWidget(self.words)
        yield
        self.preview = PreviewCard(self._context, self._users)
        middle.addWidget(self.preview)
        middle.setStretchFactor(0, 0)
        middle.setStretchFactor(1, 1)
        middle.setSizes([376, 324])
        yield
        self.policy = PolicyCard(self._run)
        self.columns.addWidget(self.policy)
        for number, stretch in enumerate((0, 1, 2)):
            self.columns.setStretchFactor(number, stretch)
        self._whole = True
        self._share_columns()
        self.columns.splitterMoved.connect(self._move)
        Theme.current().follow(self, self._fit)
        self._fit()
        yield
        self.compare = CompareView(self._context)
        self.pages.addWidget(self.compare)
        yield

    def _area(self) -> QScrollArea:
        """Larger type needs more room than a small window has: then the place scrolls, and nothing is cut."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.columns)
        return area

    def _fit(self) -> None:
        scale = max(1.0, Theme.current().scale)
        cards: tuple[QWidget, ...] = (self.crowd, self.words, self.preview, self.policy)
        for card, (width, height) in zip(cards, LEAST, strict=True):
            card.setMinimumSize(round(width * scale), round(height * scale))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Until a person moves a border: of what a larger window has more, most goes to the numbers."""
        super().resizeEvent(event)
        if self._whole:
            self._share_columns()

    def _share_columns(self) -> None:
        if not self._moved:
            scale = max(1.0, Theme.current().scale)
            spare = max(0.0, self.width() - sum(WIDTHS) * scale)
            crowd, words, policy = (round(width * scale) for width in WIDTHS)
            self.columns.setSizes([crowd, words + round(spare * 0.46), policy + round(spare * 0.54)])

    def _move(self) -> None:
        self._moved = True

    def show_comparison(self, on: bool) -> None:
        """Two models side by side, or the persona."""
        self.pages.setCurrentIndex(1 if on else 0)

    @property
    def comparing(self) -> bool:
        """Whether two models are side by side."""
        return self.pages.currentIndex() == 1

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Escape lets go of what is held."""
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)
