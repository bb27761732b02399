"""How people come: a button that says it, and a small panel to change it."""

from __future__ import annotations

from pydantic import ValidationError
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.domain.scenario import Arrivals
from turbulence_app.gui.places.run.count_field import CountField, DecimalField
from turbulence_app.gui.places.run.settings import RunSettings
from turbulence_app.gui.places.run.target import arrivals_words
from turbulence_app.gui.widgets.basics import Button, Label, SectionLabel, row
from turbulence_app.gui.widgets.segments import Segments

KINDS = (
    ("open", "Open", "People come at a rate, whether or not others are done: what a public service sees"),
    ("closed", "Closed", "A fixed number is inside; the next one comes when one leaves: what a load test often does"),
    ("bursts", "Bursts", "Many at once, again and again: a sale that opens, a mail that goes out"),
    ("curve", "Curve", "A rate that rises and falls, such as a day's"),
)
SAYS = {
    "open": "People come at this rate, whether or not the service keeps up.",
    "closed": "So many are inside at once; whoever leaves is replaced. A slow service slows its own load down.",
    "bursts": "So many come together, again and again.",
    "curve": "Seconds and the rate there: 0 1, 3600 20 rises from 1 to 20 a second in an hour, and starts again.",
}


class ArrivalsPanel(QFrame):
    """Kind and number. Changes count at once; Escape or a click elsewhere closes it."""

    def __init__(self, parent: QWidget, settings: RunSettings) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._settings = settings
        self.setProperty("kind", "card")
        self.setAccessibleName("How people come")
        self.setFixedWidth(340)
        self.kind = Segments("How people come", KINDS)
        self.rate = DecimalField("People per second", "How many people come in a second", 90)
        self.inside = CountField("People inside", "How many people are inside at once", 10**7, 90)
        self.burst = CountField("People per burst", "How many people come together", 10**9, 80)
        self.every = DecimalField("Seconds between bursts", "How many seconds from one burst to the next", 64)
        self.points = QLineEdit()
        self.points.setProperty("kind", "number")
        self.points.setAccessibleName("Points of the curve")
        self.points.setToolTip("Pairs of seconds and people per second, with commas between: 0 1, 3600 20")
        self._pages = QStackedWidget()
        for line in (
            row(self.rate, Label("people per second", "body", "dim"), 1),
            row(self.inside, Label("people inside at once", "body", "dim"), 1),
            row(self.burst, Label("people every", "body", "dim"), self.every, Label("seconds", "body", "dim"), 1),
            row(self.points),
        ):
            page = QWidget()
            page.setLayout(line)
            self._pages.addWidget(page)
        self.says = Label("", "small", "dim", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(14, 12, 14, 12)
        box.setSpacing(10)
        for widget in (SectionLabel("How people come"), self.kind, self._pages, self.says):
            box.addWidget(widget)
        self.kind.chosen.connect(lambda _key: self._take())
        for field in (self.rate, self.inside, self.burst, self.every, self.points):
            field.editingFinished.connect(self._take)

    def show_arrivals(self, arrivals: Arrivals) -> None:
        """Fill in."""
        self.kind.choose(arrivals.kind)
        self.rate.set_value(arrivals.rate_per_second or 50.0)
        self.inside.set_value(arrivals.concurrent or 200)
        self.burst.set_value(arrivals.size or 100)
        self.every.set_value(60.0 if arrivals.every_seconds is None else arrivals.every_seconds)
        points = arrivals.points or ((0.0, 1.0), (600.0, 50.0), (1200.0, 1.0))
        self.points.setText(", ".join(f"{at:.12g} {rate:.12g}" for at, rate in points))
        self._turn(self.kind.key(), "")

    def _turn(self, kind: str, wrong: str) -> None:
        self._pages.setCurrentIndex([key for key, *_ in KINDS].index(kind))
        self.says.setText(wrong or SAYS[kind])
        self.says.set_kind("bad" if wrong else "dim")

    def _take(self) -> None:
        kind = self.kind.key()
        try:
            made = self._made(kind)
        except ValueError as error:
            self._turn(kind, _said(error))
            return
        self._turn(kind, "")
        if made != self._settings.arrivals():
            self._settings.choose_arrivals(made)

    def _made(self, kind: str) -> Arrivals:
        """What is filled in. Raises ``ValueError`` where it makes no sense."""
        if kind == "open":
            return Arrivals(kind="open", rate_per_second=self.rate.value() or 50.0)
        if kind == "closed":
            return Arrivals(kind="closed", concurrent=max(1, self.inside.value()))
        if kind == "bursts":
            return Arrivals(kind="bursts", size=max(1, self.burst.value()), every_seconds=self.every.value() or 0.0)
        pairs = [part.split() for part in self.points.text().split(",") if part.strip()]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError("each point is two numbers: seconds and people per second")
        return Arrivals(kind="curve", points=tuple((float(at), float(rate)) for at, rate in pairs))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter is done."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take()
            self.close()
        else:
            super().keyPressEvent(event)


def _said(error: ValueError) -> str:
    """The reason in one line."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"]).removeprefix("Value error, ")
    words = str(error)
    return "each point is two numbers: seconds and people per second" if "convert" in words else words


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
