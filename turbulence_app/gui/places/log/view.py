"""The Log place: a search and filters, the lines, and below them the one that is looked at."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.log.detail import DetailCard
from turbulence_app.gui.places.log.presenter import Filter, LogPresenter
from turbulence_app.gui.places.log.state import Line, counted, empty_words
from turbulence_app.gui.places.log.table import LogTable
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import GAP
from turbulence_app.gui.widgets.basics import Button, Card, ChipButton, Label, Splitter, row
from turbulence_app.gui.widgets.export_button import ExportButton, Whole
from turbulence_app.gui.widgets.search_line import SearchLine
from turbulence_app.gui.widgets.segments import Segments

EVERY = "every source"


class LogView(QWidget):
    """Widgets only."""

    def __init__(
        self,
        context: Context,
        presenter: LogPresenter,
        lead: Callable[[Line], object],
        report: Callable[[Line], object],
    ) -> None:
        super().__init__()
        self._presenter = presenter
        self.search = SearchLine("Search the log", "Words of a line, in any order; all of them (Ctrl+F)")
        self.regex = ChipButton(".*", checkable=True, tip="The words are a regular expression")
        self.level = Segments(
            "Level",
            (
                ("all", "All", "Every line"),
                ("warnings", "Warnings", "Warnings and errors"),
                ("errors", "Errors", "Only what went wrong"),
            ),
        )
        self.source = QComboBox()
        self.source.addItem(EVERY, "")
        self.source.setAccessibleName("Source")
        self.source.setToolTip("Which part of the program a line is from")
        self.source.setMinimumWidth(128)
        self.count = Label("", "small", "dim")
        self.problem = Label("", "small", "bad", wrap=True)
        self.problem.hide()
        self.pause = Button("Pause", "plain", "pause", "Hold the lines as they are (Space in the table)")
        self.pause.setCheckable(True)
        self.table = LogTable(presenter.lines)
        self.export = ExportButton(context, "Log", self.table, whole=Whole("live", "log_export", presenter.asked))
        self.detail = DetailCard(lead, report)
        self._build()
        self._connect(lead)
        self.show_lines()

    def _build(self) -> None:
        strip = Card()
        strip.body.addLayout(row(self.search, self.regex, self.level, self.source, self.pause, self.export))
        strip.body.addWidget(self.problem)
        lines = Card(spacing=6)
        lines.body.addWidget(self.table, 1)
        lines.body.addLayout(row(self.count, 1))
        halves = Splitter(Qt.Orientation.Vertical, "log.rows", lines, self.detail)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 1)
        halves.setSizes([440, 180])
        self.pages = QStackedWidget()
        self.pages.addWidget(halves)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(GAP)
        box.addWidget(strip)
        box.addWidget(self.pages, 1)

    def _connect(self, lead: Callable[[Line], object]) -> None:
        self.search.textChanged.connect(lambda _: self._filter())
        self.regex.toggled.connect(lambda _: self._filter())
        self.level.chosen.connect(lambda _: self._filter())
        self.source.activated.connect(lambda _: self._filter())
        self.pause.toggled.connect(self._presenter.pause)
        self._presenter.shown.connect(self.show_lines)
        self._presenter.refused.connect(self._refuse)
        self.table.chosen.connect(self.detail.show_line)
        self.table.led.connect(lead)
        Theme.current().follow(self.table, self.table.fit)
        for keys, call in (
            (QKeySequence(QKeySequence.StandardKey.Find), self.focus_search),
            (QKeySequence(QKeySequence.StandardKey.Copy), self.detail.to_clipboard),
        ):
            shortcut = QShortcut(keys, self, call)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.table, self.pause.toggle)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)

    def show_lines(self) -> None:
        """The lines as they are now; the one that was looked at stays."""
        presenter = self._presenter
        self.count.setText(counted(presenter.total, presenter.everything, presenter.paused, presenter.news))
        self.pause.setText("Go on" if presenter.paused else "Pause")
        self.pause.set_icon("play" if presenter.paused else "pause")
        self.pause.setChecked(presenter.paused)
        self.export.setEnabled(presenter.total > 0)
        wanted = presenter.filter
        self.table.set_empty(empty_words(wanted.text, wanted.narrow) if presenter.ready else "Reading the log…")
        names = [self.source.itemData(at) for at in range(1, self.source.count())]
        if names != presenter.sources:
            self.source.clear()
            self.source.addItem(EVERY, "")
            for name in presenter.sources:
                self.source.addItem(name, name)
            self.source.setCurrentIndex(max(0, self.source.findData(wanted.source)))
        self._keep_line()

    def focus_search(self) -> None:
        """The keyboard goes to the search."""
        self.search.setFocus()
        self.search.selectAll()

    def _keep_line(self) -> None:
        """New lines push the others down: look for the one that was chosen among the first."""
        line = self.detail.line
        if line is None:
            if self._presenter.total:
                self.table.setCurrentIndex(self._presenter.lines.index(0, 0))  # the newest: a pane is not left empty
            return
        for number in range(min(self._presenter.total, 200)):
            if self._presenter.lines.line(number) == line:
                self.table.selectionModel().blockSignals(True)
                self.table.setCurrentIndex(self._presenter.lines.index(number, 0))
                self.table.selectionModel().blockSignals(False)
                return

    def _filter(self) -> None:
        source = str(self.source.currentData() or "")
        wanted = Filter(self.search.text(), self.regex.isChecked(), self.level.key(), source)
        self._presenter.look_for(wanted)

    def _refuse(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
