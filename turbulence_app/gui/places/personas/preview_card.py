"""The live preview: 20,000 of one persona on the workflow, while a slider moves; and what moves them most."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.domain.run import Summary
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.preview import Headline, funnel_rows, headlines
from turbulence_app.gui.places.personas.tornado_pane import TornadoPane
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_HAIR
from turbulence_app.gui.widgets.basics import Card, ElidedLabel, EmptyState, Label, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.funnel import FunnelView
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.gui.widgets.sentence import sentence

BESIDE = 690
"""Pixels from which on both charts stand side by side."""
FINE, NOTHING, WRONG = range(3)
WRONG_TITLE, UNFIT_TITLE = "The preview cannot run", "This policy is for an earlier workflow"


class Figure(QWidget):
    """A number in large type, what it is, and how it changed."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.value = Label("", "figure")
        self.delta = Label("", "strong")
        self.label = ElidedLabel("", "small", "small")
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.value)
        head.addWidget(self.delta, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(self.label)

    def show_headline(self, item: Headline) -> None:
        """Show a number."""
        self.value.setText(item.value)
        self.label.setText(item.label if item.good is not None or not item.delta else f"{item.label}, {item.delta}")
        self.delta.setText(item.delta if item.good is not None else "")
        self.delta.set_kind("" if item.good is None else "good" if item.good else "bad")
        self.setAccessibleName(f"{item.label} {item.value} {item.delta}".strip())


class DashKey(QWidget):
    """A dashed box: the sign of the baseline, for the legend."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A letter's size."""
        return QSize(16, 12)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Dashes."""
        painter = QPainter(self)
        painter.setPen(QPen(Theme.current().color("dim"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(1.5, 1.5, 13, 9), RADIUS_HAIR, RADIUS_HAIR)


class PreviewCard(Card):
    """Headline numbers, the funnel with the approved policy dashed behind it, and the tornado."""

    turned = Signal(str)
    """The other chart was chosen: ``funnel`` or ``moves``."""
    again = Signal()
    """A preview that failed shall be tried again."""
    compile = Signal()
    """A policy is wanted that fits the workflow."""

    def __init__(self, context: Context, users: int) -> None:
        super().__init__("Live preview")
        self.setMinimumHeight(270)
        self._users = users
        self._who = ""
        self.took = Label("", "mono_small", "dim")
        self.took.setToolTip("From the request to the numbers, the other process included")
        self.switch = Segments(
            "Chart of the preview",
            (("funnel", "Funnel", "How many are still there at each step"),
             ("moves", "What moves it", "Which of the policy's numbers moves completion most")),
        )  # fmt: skip
        self.switch.chosen.connect(self._turned)
        self.header.addWidget(self.took)
        self.header.addWidget(self.switch)
        self.figures = [Figure() for _ in range(3)]
        line = QHBoxLayout()
        line.setSpacing(18)
        for number, figure in enumerate(self.figures):
            line.addWidget(figure, 3 if number == 2 else 2)
        self.funnel = FunnelView()
        self.funnel.setAccessibleName("Funnel of this persona")
        self._build_charts(context)
        self.export = ExportButton(context, self._subject, self.funnel)
        self.header.insertWidget(self.header.count() - 1, self.export)
        self.nothing = EmptyState("play", "Nobody walks yet", "")
        self._unfit = False
        self.wrong = EmptyState("triangle-alert", WRONG_TITLE, "", "Try again", self._mend)
        self.pages = QStackedWidget()
        fine = QWidget()
        column = QVBoxLayout(fine)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(line)
        column.addLayout(self.charts, 1)
        for page in (fine, self.nothing, self.wrong):
            self.pages.addWidget(page)
        self.body.addWidget(self.pages, 1)
        self.show_nothing("")

    def _build_charts(self, context: Context) -> None:
        self.moves = TornadoPane(context)
        self.left = QWidget()
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.funnel, 1)
        self.legend = DashKey()
        self.legend_words = ElidedLabel("approved policy", "small", "small")
        self.note = Label("no faults in the preview", "small", "small")
        column.addLayout(row(self.legend, self.legend_words, self.note, spacing=6))
        self.charts = QHBoxLayout()
        self.charts.setSpacing(20)
        self.charts.addWidget(self.left, 10)
        self.charts.addWidget(self.moves, 9)

    @property
    def moves_wanted(self) -> bool:
        """Whether the tornado is in view."""
        return self.wide or self.switch.key() == "moves"

    @property
    def wide(self) -> bool:
        """Whether both charts stand side by side."""
        return self.width() >= BESIDE * Theme.current().scale

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """One chart or two."""
        super().resizeEvent(event)
        was = self.moves.isVisibleTo(self)
        self._arrange()
        if self.moves.isVisibleTo(self) and not was:
            self.turned.emit("moves")

    def turn(self, key: str) -> None:
        """Show one of the charts, as the program."""
        self.switch.choose(key)
        self._turned(key)

    def show_subject(self, name: str, workflow: str) -> None:
        """Whose preview it is."""
        on = f" on {workflow}" if workflow else ""
        self._who = f"{name}{on}"
        self.title.setText(f"Live preview · {self._users:,} people" if name else "Live preview")
        self.title.setToolTip(f"{self._users:,} × {name}{on}, without faults" if name else "")

    def _subject(self) -> str:
        return f"Funnel of {self._users:,} × {self._who}"

    def show_summary(self, summary: Summary, baseline: Summary | None, took_ms: float) -> None:
        """Show what came out."""
        items: Sequence[Headline] = headlines(summary, baseline)
        for number, figure in enumerate(self.figures):
            figure.setVisible(number < len(items))
            if number < len(items):
                figure.show_headline(items[number])
        self.funnel.set_data(funnel_rows(summary, baseline))
        self.took.setText(f"{took_ms:.0f} ms")
        for widget in (self.legend, self.legend_words):
            widget.setVisible(baseline is not None)
        self._page(FINE)

    def show_nothing(self, why: str, title: str = "Nobody walks yet") -> None:
        """There is nothing to run; say why."""
        self._clear()
        self.nothing.title.setText(title)
        self.nothing.text.setText(why)
        self._page(NOTHING)

    def show_waiting(self) -> None:
        """The first numbers are on their way."""
        self.show_nothing(f"{self._users:,} people are walking through the workflow.", "One moment")

    def show_wrong(self, why: str, *, unfit: bool = False) -> None:
        """The preview could not run; say why and offer to try again, or a policy that fits where this one does not."""
        self._clear()
        self._unfit = unfit
        self.wrong.title.setText(UNFIT_TITLE if unfit else WRONG_TITLE)
        self.wrong.text.setText(sentence(why))
        if self.wrong.button is not None:
            self.wrong.button.setText("Compile it again" if unfit else "Try again")
        self._page(WRONG)

    def _mend(self) -> None:
        (self.compile if self._unfit else self.again).emit()

    def _clear(self) -> None:
        self.funnel.set_data([])
        self.took.setText("")

    def _page(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._arrange()

    def _turned(self, key: str) -> None:
        self._arrange()
        self.turned.emit(key)

    def _arrange(self) -> None:
        fine = self.pages.currentIndex() == FINE
        self.switch.setVisible(fine and not self.wide)
        self.export.setVisible(fine and (self.wide or self.switch.key() == "funnel"))
        self.left.setVisible(self.wide or self.switch.key() == "funnel")
        self.moves.setVisible(self.moves_wanted)
