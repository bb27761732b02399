"""The History page: the list, what is known of the lines that are chosen, and two runs beside each other."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.run.history.compare.page import ComparePage
from turbulence_app.gui.places.run.history.compare.presenter import ComparePresenter
from turbulence_app.gui.places.run.history.detail import DetailCard
from turbulence_app.gui.places.run.history.filters import FilterBar
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.places.run.history.table import HistoryTable
from turbulence_app.gui.widgets.basics import Card, EmptyState, Label, Splitter
from turbulence_app.gui.widgets.export_button import ExportButton, Whole
from turbulence_app.gui.widgets.sentence import sentence

NO_MATCH = "Nothing matches. Fewer words or filters show more; Clear shows everything."


class HistoryPage(QWidget):
    """List and detail, or why there is neither."""

    def __init__(self, context: Context, presenter: HistoryPresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._whole = False
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.split = Splitter(Qt.Orientation.Horizontal, "run.history")
        self._stack.addWidget(self.split)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        context, presenter = self._context, self._presenter
        self.card = card = Card("History")
        card.setMinimumWidth(420)
        self.split.addWidget(card)
        self.filters = FilterBar(context, presenter)
        card.body.addWidget(self.filters)
        card.header.addWidget(self.filters.count)
        yield
        self.table = HistoryTable(presenter)
        card.body.addWidget(self.table, 1)
        whole = Whole("insight", "export_history", presenter.asked)
        card.header.addWidget(ExportButton(context, "Runs and campaigns", self.table, whole=whole))
        yield
        self.detail = DetailCard(presenter)
        self.detail.setMinimumWidth(240)
        self.split.addWidget(self.detail)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 1)
        self.split.setSizes([800, 290])
        yield
        self.empty = EmptyState(
            "history",
            "No run yet",
            "Every run and campaign of this project is kept here with its numbers, to be found again, written about and"
            " compared.",
            "Go to the run",
            lambda: context.navigation.act("run.page"),
        )
        self.trouble = EmptyState("circle-alert", "The list could not be read", "", "Try again", presenter.refresh)
        self.loading = Label("Reading the list…", "body", "dim")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.comparing = ComparePresenter(context)
        self.compare = ComparePage(context, self.comparing, self.show_list)
        for widget in (self.empty, self.trouble, self.loading, self.compare):
            self._stack.addWidget(widget)
        yield
        yield from self.compare.fill()
        self._connect()
        self._whole = True

    def _connect(self) -> None:
        presenter = self._presenter
        self.table.opened.connect(presenter.open)
        self.table.delete_wanted.connect(lambda: presenter.remove([line.id for line in self.table.chosen()]))
        presenter.compare_wanted.connect(self.show_pair)
        self._context.project.changed.connect(self.show_list)
        presenter.listed.connect(self.show_state)
        presenter.state_changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """The list, or what is there instead of it."""
        presenter = self._presenter
        nothing = not presenter.pages.total and not presenter.filters.narrow
        front: QWidget = self.split
        if presenter.error:
            self.trouble.text.setText(sentence(presenter.error))
            front = self.trouble
        elif nothing and not presenter.aside:
            front = self.loading if presenter.loading else self.empty
        if self._stack.currentWidget() is not self.compare:
            self._stack.setCurrentWidget(front)
        self.table.set_empty("" if presenter.loading else NO_MATCH if presenter.filters.narrow else "No run is left.")

    def show_pair(self, one: str, other: str) -> None:
        """Two runs beside each other."""
        self._stack.setCurrentWidget(self.compare)
        self.comparing.compare(one, other)

    def show_list(self) -> None:
        """Back to the list."""
        self.comparing.forget()
        self._stack.setCurrentWidget(self.split)
        self.show_state()

    def search(self) -> None:
        """To the line to search with."""
        self.show_list()
        self.filters.words.setFocus()
        self.filters.words.selectAll()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Somebody looks: read what is new."""
        super().showEvent(event)
        self._presenter.look(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Nobody looks; what was written is kept."""
        self._presenter.look(False)
        if self._whole:
            self.detail.save_notes()
        super().hideEvent(event)
