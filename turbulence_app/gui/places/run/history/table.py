"""The table of runs and campaigns: a click on a heading sorts, several lines are chosen at once, keys do the rest."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from turbulence_app.domain.history import HistoryLine
from turbulence_app.gui.places.run.history.delegate import ROW, SIDE, HistoryDelegate, sample_words
from turbulence_app.gui.places.run.history.model import (
    CHANGED,
    HEADERS,
    RUN,
    SHAPE,
    SORTS,
    SUBJECT,
    USERS,
    VERDICT,
    WHEN,
    HistoryModel,
)
from turbulence_app.gui.places.run.history.presenter import HistoryPresenter
from turbulence_app.gui.theme import Theme

ROOM = ((CHANGED, 880), (SHAPE, 620), (USERS, 520), (WHEN, 420))
"""Pixels (at scale 1) below which a column goes."""
MOST_CHOSEN = 1_000
"""Lines that one action is done to."""


class HistoryTable(QTableView):
    """``opened`` on Enter or a double click; ``delete_wanted`` on Delete."""

    opened = Signal(object)
    delete_wanted = Signal()

    def __init__(self, presenter: HistoryPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.history = HistoryModel(presenter, self)
        self.setModel(self.history)
        self.setItemDelegate(HistoryDelegate(self))
        self.setAccessibleName("Runs and campaigns")
        self.setToolTip("Enter opens a run, Delete moves it aside, Ctrl and Shift choose several")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._sort)
        self._empty = ""
        self._restoring = False
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self._tell)
        self.selectionModel().selectionChanged.connect(lambda *_: self._settle.start())
        self.history.modelReset.connect(self._restore)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        self._size()

    def set_empty(self, words: str) -> None:
        """What stands here while there is no line."""
        self._empty = words
        self.viewport().update()

    # -- choosing ---------------------------------------------------------------------------------

    def chosen(self) -> Iterator[HistoryLine]:
        """The lines that are selected and were read, at most so many."""
        left = MOST_CHOSEN
        selection = self.selectionModel().selection()
        for span in (selection.at(place) for place in range(selection.count())):
            for row in range(span.top(), min(span.bottom(), span.top() + left) + 1):
                line = self.history.line(row)
                if line is not None and left:
                    left -= 1
                    yield line

    def _tell(self) -> None:
        if not self._restoring:
            self._presenter.choose([line.id for line in self.chosen()])

    def _restore(self) -> None:
        """After another list what was looked at is looked at again, where it is still there; else the first."""
        self._restoring = True
        rows = [row for key in self._presenter.selected if (row := self._presenter.pages.row_of(key)) >= 0]
        if not rows and self.history.rowCount():
            rows = [0]
        model = self.selectionModel()
        for row in rows:
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            model.select(self.history.index(row, 0), flags)
        if rows:
            model.setCurrentIndex(self.history.index(rows[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        self._restoring = False
        self._settle.start()
        self._mark_sort()

    def _open(self, row: int) -> None:
        line = self.history.line(row)
        if line is not None:
            self.opened.emit(line)

    def _sort(self, column: int) -> None:
        if column in SORTS:
            self._presenter.sort_by(SORTS[column])
        self._mark_sort()

    def _mark_sort(self) -> None:
        filters = self._presenter.filters
        column = WHEN if filters.sort == "created_at" else next(c for c, key in SORTS.items() if key == filters.sort)
        # the style points upwards for "descending": turned, so that the arrow points where the numbers go
        order = Qt.SortOrder.AscendingOrder if filters.descending else Qt.SortOrder.DescendingOrder
        self.horizontalHeader().setSortIndicator(column, order)

    # -- Qt ---------------------------------------------------------------------------------------

    def selectAll(self) -> None:  # noqa: N802
        """Not a million lines: those that were read."""
        if self.history.rowCount() <= MOST_CHOSEN:
            super().selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter opens, Delete moves aside."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex().row())
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The lines, or why there are none."""
        super().paintEvent(event)
        if self._empty and not self.history.rowCount():
            theme = Theme.current()
            painter = QPainter(self.viewport())
            painter.setFont(theme.font("body"))
            painter.setPen(theme.ink("dim"))
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(20, 8, -20, -8), flags, self._empty)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Other type, other widths."""
        if event.type() == QEvent.Type.PaletteChange:
            self._size()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Where there is little room, what stands beside the list anyway goes."""
        width = event.size().width() / Theme.current().scale
        for column, least in ROOM:
            self.setColumnHidden(column, width < least)
        super().resizeEvent(event)

    def _size(self) -> None:
        theme, header = Theme.current(), self.horizontalHeader()
        mono, small = QFontMetrics(theme.font("mono")), QFontMetrics(theme.font("small"))
        head = QFontMetrics(theme.font("section"))
        for column, words in enumerate(HEADERS):
            if column in (SUBJECT, CHANGED):
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
                continue
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            metrics = small if column == VERDICT else mono
            text = 64 if column == SHAPE else metrics.horizontalAdvance(sample_words(column))
            pin = 16 if column == RUN else 0
            self.setColumnWidth(
                column, max(text + SIDE + 10 + pin, head.horizontalAdvance(words) + (30 if column in SORTS else 20))
            )
        self.verticalHeader().setDefaultSectionSize(round(ROW * theme.scale))
