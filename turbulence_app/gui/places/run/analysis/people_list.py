"""The people behind a bar as a table that asks for more when somebody scrolls to its end."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, Signal
from PySide6.QtGui import QResizeEvent

from turbulence_app.domain.analysis import Somebody
from turbulence_app.gui.places.run.analysis.state import OUTCOME_TOKENS, OUTCOME_WORDS, seconds
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.rows import Column, Index, RowsModel, RowsView


def _stayed(somebody: Somebody) -> str:
    return f"At {somebody.place or 'no step'} until the end: {somebody.stayed_ms:,.1f} ms"


def _waited(somebody: Somebody) -> str:
    retries = f", {somebody.retries} retries" if somebody.retries else ""
    return f"Longest wait {somebody.slowest_ms:,.1f} ms, all waits {somebody.waited_ms:,.1f} ms{retries}"


def _end(somebody: Somebody) -> str:
    return f"{OUTCOME_WORDS[somebody.outcome]}: {somebody.why}" if somebody.why else OUTCOME_WORDS[somebody.outcome]


COLUMNS: tuple[Column[Somebody], ...] = (
    Column("user", lambda s: f"{s.user:,}", mono=True),
    Column("persona", lambda s: s.persona, stretch=True),
    Column("took", lambda s: seconds(s.took_ms), mono=True, tip=lambda s: f"The whole visit: {s.took_ms:,.1f} ms"),
    Column("stayed", lambda s: seconds(s.stayed_ms), mono=True, tip=_stayed),
    Column("waited", lambda s: seconds(s.slowest_ms), mono=True, tip=_waited),
    Column("end", lambda s: OUTCOME_WORDS[s.outcome], lambda s: OUTCOME_TOKENS[s.outcome], tip=_end),
)
TOOK, STAYED, WAITED = 2, 3, 4
NARROW = 360


class PeopleModel(RowsModel[Somebody]):
    """Rows come in pages; ``wanted`` asks for the next one."""

    wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(COLUMNS, parent)
        self._more = False

    def set_people(self, people: tuple[Somebody, ...], *, more: bool) -> None:
        """Show these; those that are there already stay where they are."""
        self._more = more
        now = tuple(self._rows)
        if now and people[: len(now)] == now:
            if len(people) > len(now):
                self.beginInsertRows(QModelIndex(), len(now), len(people) - 1)
                self._rows = list(people)
                self.endInsertRows()
        else:
            self.set_rows(people)

    def canFetchMore(self, parent: Index = QModelIndex()) -> bool:  # noqa: N802, B008
        """Whether there are people beyond these."""
        return self._more and not parent.isValid()

    def fetchMore(self, _parent: Index = QModelIndex()) -> None:  # noqa: N802, B008
        """The view came to its end."""
        if self._more:
            self._more = False
            self.wanted.emit()


class PeopleView(RowsView[Somebody]):
    """``looked_at`` tells whose visit somebody wants to see: by a click, or by going there with the arrow keys."""

    looked_at = Signal(int)

    def __init__(self) -> None:
        super().__init__("People", "Whose visit it was; arrow keys go from one to the next.", COLUMNS)
        self.horizontalHeader().setResizeContentsPrecision(0)
        self._waits = False
        self.people = PeopleModel(self)
        self.rows = self.people
        self.setModel(self.people)
        self.selectionModel().currentRowChanged.connect(self._went)

    def show_waits(self, waits: bool) -> None:
        """The longest wait for an answer, or how long they stayed at their last step; neither where room is short."""
        self._waits = waits
        narrow = self.width() < NARROW * Theme.current().scale
        self.setColumnHidden(STAYED, waits or narrow)
        self.setColumnHidden(WAITED, not waits)
        self.setColumnHidden(TOOK, waits and narrow)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width, other columns."""
        super().resizeEvent(event)
        self.show_waits(self._waits)

    def _went(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            self.looked_at.emit(self.people.item(index.row()).user)
