"""Above a run that is over: what it came to, large, and what to do next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from turbulence_app.gui.places.run.verdict import ICONS, Told
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, Label


class VerdictBar(QFrame):
    """Always there, so that nothing below it moves at news. ``wanted`` tells what somebody wants to see next."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.setAccessibleName("Verdict")
        self._told: Told | None = None
        self._icon = QLabel()
        self.headline = ElidedLabel("", "title")
        self.detail = ElidedLabel("", "small", "dim")
        self.first = Button("", "plain", "", "", lambda: self._want(0))
        self.second = Button("", "quiet", "", "", lambda: self._want(1))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.headline)
        words.addWidget(self.detail)
        box = QHBoxLayout(self)
        box.setContentsMargins(14, 9, 14, 9)
        box.setSpacing(12)
        box.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        box.addLayout(words, 1)
        self.completes, self.median, self.lag = Label("–", "figure"), Label("–", "figure"), Label("", "figure")
        self._lag_words = Label("driver lag p99", "body", "dim")
        self._figures: list[Label] = []
        for name, figure in (
            (Label("completes", "body", "dim"), self.completes),
            (Label("median", "body", "dim"), self.median),
            (self._lag_words, self.lag),
        ):
            box.addWidget(name, 0, Qt.AlignmentFlag.AlignVCenter)
            box.addWidget(figure, 0, Qt.AlignmentFlag.AlignVCenter)
            figure.setAccessibleName(name.text())
            self._figures += [name, figure] if figure is not self.lag else []
        self.show_lag(False)
        box.addWidget(self.second)
        box.addWidget(self.first)
        self.show_figures(False)

    def show_figures(self, shown: bool) -> None:
        """How many complete and how quickly; nothing of it before there is a result."""
        for widget in self._figures:
            widget.setVisible(shown)
        self._fit()

    def show_lag(self, shown: bool) -> None:
        """Only live runs have a driver."""
        for widget in (self._lag_words, self.lag):
            widget.setVisible(shown)

    def show_told(self, told: Told) -> None:
        """Say this."""
        if told == self._told:
            return
        self._told = told
        self.headline.setText(told.headline)
        self.detail.setText(told.detail)
        self.detail.setVisible(bool(told.detail))
        self.setAccessibleDescription(f"{told.headline}. {told.detail}")
        for button, (what, words) in ((self.first, told.first), (self.second, told.second)):
            button.setText(words)
            button.setAccessibleName(words)
            button.setVisible(bool(what))
        self._tint()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The verdict is read whole: in large type the second way on gives way, it is a page of the place anyway."""
        wanted = self._told is not None and bool(self._told.second[0])
        shown = self.second.isVisibleTo(self)
        whole = self.sizeHint().width() + (0 if shown else self.second.sizeHint().width() + 12)
        self.second.setVisible(wanted and whole <= self.width())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._tint()
        super().changeEvent(event)

    def _tint(self) -> None:
        if self._told is not None:
            self.headline.set_kind(self._told.tone)
            token = self._told.tone or "dim"
            picture = Theme.current().pixmap(ICONS[self._told.tone], token, 22, self.devicePixelRatioF())
            self._icon.setPixmap(picture)

    def _want(self, place: int) -> None:
        if self._told is not None:
            self.wanted.emit((self._told.first, self._told.second)[place][0])
