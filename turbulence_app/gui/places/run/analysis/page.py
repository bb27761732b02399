"""The Analysis page: filters above, a board of questions, and beside it the people behind a bar."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.analysis.cards import (
    LeavingCard,
    Question,
    SlowCard,
    TimeCard,
    TimeShareCard,
    WhyCard,
)
from turbulence_app.gui.places.run.analysis.filters import Filters
from turbulence_app.gui.places.run.analysis.people_panel import PeoplePanel
from turbulence_app.gui.places.run.analysis.presenter import AnalysisPresenter
from turbulence_app.gui.places.run.analysis.state import among_words
from turbulence_app.gui.widgets.basics import Button, ElidedLabel, EmptyState, Label, Splitter, row, scrolled
from turbulence_app.gui.widgets.notes import Notes

TWO_COLUMNS = 700
"""Pixels from which on two cards lie side by side (at the usual size of type)."""
THREE_COLUMNS = 1350


class AnalysisPage(QWidget):
    """One of: nothing to analyse, counting, an error, the board."""

    def __init__(self, context: Context, presenter: AnalysisPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self.filters = Filters()
        self.notes = Notes("What these numbers cannot tell")
        self._cards: list[Question] = []
        self._columns = 2
        self.subject = ElidedLabel("", "mono", "dim", least=120)
        """Which run it is about, for the strip."""
        for lent in (self.filters, self.subject):
            lent.setParent(self)  # until the strip takes them: a window may close before that
        self._build()

    # -- building ---------------------------------------------------------------------------------

    def _build(self) -> None:
        self._board = QWidget()
        self._grid = QGridLayout(self._board)
        self._grid.setContentsMargins(0, 0, 4, 0)
        self._grid.setSpacing(14)
        self._scroll = scrolled(self._board)
        self.halves = Splitter(Qt.Orientation.Horizontal, "analysis.halves", self._scroll)
        shown = QWidget()
        box = QVBoxLayout(shown)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(12)
        box.addWidget(self.notes)
        box.addWidget(self.halves, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(shown)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        context, presenter, source = self._context, self._presenter, self._source
        self.people = PeoplePanel(context, presenter)
        self.halves.addWidget(self.people)
        self.halves.setStretchFactor(0, 3)
        self.halves.setStretchFactor(1, 2)
        self.halves.setSizes([640, 430])
        yield
        self.leaving = LeavingCard(context, presenter, source)
        yield from self._take(self.leaving)
        self.why = WhyCard(context, presenter, source)
        yield from self._take(self.why)
        self.convert = TimeCard(context, presenter, source, leaving=False)
        yield from self._take(self.convert)
        self.dwell = TimeCard(context, presenter, source, leaving=True)
        yield from self._take(self.dwell)
        self.slow = SlowCard(context, presenter, source)
        yield from self._take(self.slow)
        self.shares = TimeShareCard(context, presenter, source)
        yield from self._take(self.shares)
        self.empty = EmptyState(
            "chart-line", "Nothing to analyse yet",
            "Let the crowd loose, and this page says who leaves where, why and after how long.",
            "Run the crowd", lambda: self._context.navigation.act("run.start"),
        )  # fmt: skip
        self.error = EmptyState("circle-alert", "Not counted", "", "Try again", presenter.count)
        for page in (self.empty, self._counting_page(), self.error):
            self._stack.addWidget(page)
        yield
        self.filters.chosen.connect(presenter.filter)
        presenter.changed.connect(self.show_state)
        presenter.listed.connect(self._show_people)
        self.show_state()
        self._show_people()

    def _take(self, card: Question) -> Iterator[None]:
        place = len(self._cards)
        self._cards.append(card)
        self._grid.addWidget(card, place // self._columns, place % self._columns)
        self._grid.setColumnStretch(place % self._columns, 1)
        yield

    def _counting_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        self.doing = Label("", "heading")
        self.far = Label("", "mono", "dim")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of counting")
        self.bar.setFixedWidth(320)
        self.stop = Button("Stop", "plain", "square", "Stop counting", self._presenter.stop)
        box.addStretch(1)
        for widget in (self.doing, self.far):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.addWidget(widget)
        box.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        box.addLayout(row(1, self.stop, 1))
        box.addStretch(1)
        return page

    def _place(self, columns: int) -> None:
        """Cards side by side as there is room for them."""
        if columns == self._columns:
            return
        self._columns = columns
        for card in self._cards:
            self._grid.removeWidget(card)
        for place, card in enumerate(self._cards):
            self._grid.addWidget(card, place // columns, place % columns)
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width, other columns."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        width = self._scroll.width()
        self._place(3 if width >= THREE_COLUMNS else 2 if width >= TWO_COLUMNS else 1)

    # -- showing ----------------------------------------------------------------------------------

    def _source(self) -> str:
        board = self._presenter.board
        if board is None:
            return ""
        words = among_words(board.among)
        return f"run {board.run_id} · {board.people:,} people" + (f" · {words}" if words else "")

    def show_state(self) -> None:
        """Another phase, or another board."""
        self.subject.setText(self._presenter.subject())
        self.filters.show_people(self._presenter.board is not None)
        now, board = self._presenter.counting, self._presenter.board
        if board is not None and now.phase in ("shown", "counting"):
            self._show_board()
            self._stack.setCurrentIndex(0)
        elif now.phase in ("counting", "waiting"):
            self._show_progress()
            self._stack.setCurrentIndex(2)
        elif now.phase in ("stopped", "error"):
            self.error.title.setText("Stopped" if now.phase == "stopped" else "Not counted")
            mend = f"\n{now.mend[:1].upper()}{now.mend[1:]}." if now.mend else ""
            words = "Counting was stopped; nothing is lost." if now.phase == "stopped" else f"{now.message}.{mend}"
            self.error.text.setText(words[:1].upper() + words[1:])
            self._stack.setCurrentIndex(3)
        else:
            self._stack.setCurrentIndex(1)

    def _show_progress(self) -> None:
        now = self._presenter.counting
        waiting = now.phase == "waiting"
        self.doing.setText("The run is still going" if waiting else f"Counting run {now.run_id} again")
        words = f"{now.done:,} of {now.total:,} people" if now.total else ""
        eta = f" · {now.eta_s:.0f} s left" if now.eta_s is not None and now.eta_s >= 1 else ""
        self.far.setText("Its analysis comes when it is done." if waiting else words + eta)
        self.bar.setVisible(not waiting)
        self.stop.setVisible(not waiting)
        self.bar.setRange(0, now.total)
        self.bar.setValue(now.done)

    def _show_board(self) -> None:
        board = self._presenter.board
        assert board is not None
        everybody = self._presenter.everybody or board
        self.filters.show_board(board, self._presenter.among)
        self.notes.set_notes(board.notes)
        for card in (self.leaving, self.why, self.convert, self.dwell, self.slow, self.shares):
            card.show_board(board, everybody)

    def _show_people(self) -> None:
        self.people.setVisible(self._presenter.behind is not None)
        self._fit()
