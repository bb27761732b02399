"""How people come: a button that says it, and a small panel to change it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.domain.scenario import Arrivals
from turbulence_app.gui.places.run.count_field import CountField, DecimalField
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.target import arrivals_words
from turbulence_app.gui.widgets.basics import Button, Label, SectionLabel, row
from turbulence_app.gui.widgets.segments import Segments

KINDS = (
    ("open", "Open", "People come at a rate, whether or not others are done: what a public service sees"),
    ("closed", "Closed", "A fixed number is inside; the next one comes when one leaves: what a load test often does"),
)
SAYS = {
    "open": "People come at this rate, whether or not the service keeps up.",
    "closed": "So many are inside at once; whoever leaves is replaced. A slow service slows its own load down.",
}


class ArrivalsPanel(QFrame):
    """Kind and number. Changes count at once; Escape or a click elsewhere closes it."""

    def __init__(self, parent: QWidget, settings: RunSettings) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._settings = settings
        self.setProperty("kind", "card")
        self.setAccessibleName("How people come")
        self.setFixedWidth(320)
        self.kind = Segments("How people come", KINDS)
        self.rate = DecimalField("People per second", "How many people come in a second", 90)
        self.inside = CountField("People inside", "How many people are inside at once", 10**7, 90)
        self._pages = QStackedWidget()
        for field, unit in ((self.rate, "people per second"), (self.inside, "people inside at once")):
            page = QWidget()
            page.setLayout(row(field, Label(unit, "body", "dim"), 1))
            self._pages.addWidget(page)
        self.says = Label("", "small", "dim", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(10)
        for widget in (SectionLabel("How people come"), self.kind, self._pages, self.says):
            box.addWidget(widget)
        self.kind.chosen.connect(lambda _key: self._take())
        self.rate.editingFinished.connect(self._take)
        self.inside.editingFinished.connect(self._take)

    def show_arrivals(self, arrivals: Arrivals) -> None:
        """Fill in."""
        self.kind.choose(arrivals.kind)
        self.rate.set_value(arrivals.rate_per_second or 50.0)
        self.inside.set_value(arrivals.concurrent or 200)
        self._turn()

    def _turn(self) -> None:
        self._pages.setCurrentIndex(0 if self.kind.key() == "open" else 1)
        self.says.setText(SAYS[self.kind.key()])

    def _take(self) -> None:
        self._turn()
        made = (
            Arrivals(kind="open", rate_per_second=max(1e-6, self.rate.value() or 50.0))
            if self.kind.key() == "open"
            else Arrivals(kind="closed", concurrent=max(1, self.inside.value()))
        )
        if made != self._settings.arrivals():
            self._settings.choose_arrivals(made)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter is done."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            self.close()
        else:
            super().keyPressEvent(event)


class ArrivalsButton(Button):
    """Says how people come; pressing it opens the panel."""

    def __init__(self, settings: RunSettings) -> None:
        super().__init__("", "plain", "clock", "How people come: open or closed, and how many", self._open)
        self._settings = settings
        self.panel: ArrivalsPanel | None = None

    def show_arrivals(self) -> None:
        """The present word."""
        words = arrivals_words(self._settings.arrivals())
        self.setText(words)
        self.setAccessibleName(f"Arrivals: {words}")

    def _open(self) -> None:
        if self.panel is None:
            self.panel = ArrivalsPanel(self, self._settings)
        self.panel.show_arrivals(self._settings.arrivals())
        self.panel.adjustSize()
        self.panel.move(self.mapToGlobal(QPoint(0, self.height() + 4)))
        self.panel.show()
        self.panel.kind.buttons[self.panel.kind.key()].setFocus()
