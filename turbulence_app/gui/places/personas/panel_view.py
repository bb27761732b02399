"""The numbers of a policy in sections, one column or two: built once per shape, updated in place.

Rows that nobody sees are built in slices; whoever asks for one, or looks at it, has all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Literal

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from turbulence_app.gui.places.personas.panel_rows import (
    AnyRow,
    ChoiceRow,
    CountRow,
    DecisionRow,
    ListRow,
    Panel,
    RangeRow,
    Section,
    ShareRow,
)
from turbulence_app.gui.places.personas.row_lines import ChoiceLine, CountLine, ListLine, RangeLine, ShareLine
from turbulence_app.gui.places.personas.rows import DecisionBlock, Row
from turbulence_app.gui.places.personas.section_box import SectionBox
from turbulence_app.gui.slices import Slices
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import scrolled

Filter = Literal["", "said", "assumed", "changed"]
TWO_COLUMNS = 560
"""Pixels from which on decisions stand beside the rest."""


class PanelView(QWidget):
    """Rows by section. Every signal of a row is one of the panel, with the row's path."""

    share_dragged = Signal(str, str, str, float)
    span_dragged = Signal(str, float, float)
    probability_dragged = Signal(str, float)
    counted = Signal(str, int)
    forever = Signal(str)
    chosen = Signal(str, str, bool)
    listed = Signal(str, str)
    reworded = Signal(str, str, str)
    case_removed = Signal(str, str)
    step_added = Signal(str, str)
    step_removed = Signal(str)
    dropped = Signal()
    hovered = Signal(str, bool)
    asked = Signal(str)
    reset = Signal(str)
    menu = Signal(str, QPoint)
    folded = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._rows: dict[str, Row] = {}
        self._boxes: dict[str, SectionBox] = {}
        self._slices = Slices(self)
        self._items: dict[str, AnyRow] = {}
        self._headed: dict[str, Section] = {}
        self._touched: set[str] = set()
        self._shape: tuple[object, ...] = ()
        self._folded: set[str] = set()
        self._filter: Filter = ""
        self._columns: QBoxLayout | None = None
        self.area: QScrollArea = scrolled(QWidget())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)

    @property
    def rows(self) -> dict[str, Row]:
        """The rows by path."""
        self._slices.finish()
        return self._rows

    @property
    def sections(self) -> dict[str, SectionBox]:
        """The boxes by key."""
        self._slices.finish()
        return self._boxes

    @property
    def empty(self) -> bool:
        """Whether there is no policy."""
        return not self._shape

    def clear(self) -> None:
        """There is no policy."""
        self._slices.stop()
        self._shape = ()

    def show_panel(self, panel: Panel, token: str, *, whole: bool = True) -> None:
        """Show a policy's rows; a panel of the same shape is updated in place, so that a drag goes on.

        Not ``whole``: only what says something else than before, and rows that a hand let go of (they may show what
        the policy did not take).
        """
        shape = (token, Theme.current().scale, *(_shape(item) for item in panel.rows()))
        if shape == self._shape and not self._slices.busy:
            self._update(panel, whole=whole)
            return
        self._shape = shape
        self._slices.run(self._anew(panel, token))
        if self.isVisible() or self.isWindow():
            self._slices.finish()

    def _anew(self, panel: Panel, token: str) -> Iterator[None]:
        yield from self._build(panel.sections(), token)
        self._update(panel, whole=True)

    def _update(self, panel: Panel, *, whole: bool) -> None:
        were, self._items = self._items, {}
        for row in panel.rows():
            was = were.get(row.path)
            item = self._items[row.path] = row if whole else _as_wide(row, was)
            if whole or item.path in self._touched or was != item:
                show = getattr(self._rows[item.path], "show_row")  # noqa: B009 - every row has it, for its own type
                show(item)
        sections = panel.sections()
        for section in sections:
            if whole or self._headed.get(section.key) != section:
                self._boxes[section.key].show_section(section)
        self._headed = {section.key: section for section in sections}
        self._touched.clear()
        if self._filter:
            for box in self._boxes.values():
                box.narrow(self._wanted)

    def item(self, path: str) -> AnyRow | None:
        """What a row shows."""
        self._slices.finish()
        return self._items.get(path)

    def keep_cases(self, path: str) -> None:
        """A condition that was typed does not hold: show those that do."""
        row = self.rows.get(path)
        if isinstance(row, DecisionBlock):
            for box in row.cases:
                box.keep()

    def fold(self, keys: Iterable[str]) -> None:
        """Which sections are folded away, as it was kept."""
        self._folded = set(keys)
        for key, box in self.sections.items():
            box.unfold(key not in self._folded)

    def narrow(self, to: Filter) -> None:
        """Show only rows of one kind ("" is all)."""
        self._filter = to
        for box in self.sections.values():
            box.narrow(self._wanted)

    def light(self, paths: Iterable[str]) -> list[Row]:
        """Light up the rows that rest on these paths; returns them."""
        wanted = tuple(paths)
        found = []
        for path, widget in self.rows.items():
            on = any(path == w or w.startswith(f"{path}.") or path.startswith(f"{w}.") for w in wanted)
            widget.light(on)
            if on:
                found.append(widget)
        return found

    def reveal(self, path: str) -> Row | None:
        """Bring a row into view, out of its fold; None where there is none."""
        for known, widget in self.rows.items():
            if known == path or path.startswith(f"{known}.") or known.startswith(f"{path}."):
                box = next((box for box in self.sections.values() if box.isAncestorOf(widget)), None)
                if box is not None:
                    box.unfold()
                if self._filter and not self._wanted(widget):
                    self.narrow("")
                if self._columns is not None:
                    self._columns.activate()
                self.area.ensureWidgetVisible(widget, 0, 30)
                return widget
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Two columns where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Whoever looks sees all of it."""
        self._slices.finish()
        super().showEvent(event)

    def _wanted(self, widget: QWidget) -> bool:
        item = self._items.get(widget.path) if isinstance(widget, Row) else None
        if item is None or not self._filter:
            return True
        return item.changed if self._filter == "changed" else item.reason.origin == self._filter

    def _arrange(self) -> None:
        if self._columns is not None:
            wide = self.width() >= TWO_COLUMNS * Theme.current().scale
            way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
            self._columns.setDirection(way)
            self._columns.setSpacing(18 if wide else 8)

    def _build(self, sections: tuple[Section, ...], token: str) -> Iterator[None]:
        self._rows, self._boxes, self._columns = {}, {}, None
        old = self.area.takeWidget()
        if old is not None:
            old.deleteLater()
        yield
        content = QWidget()
        content.setObjectName("body")
        outer = QVBoxLayout(content)
        outer.setContentsMargins(0, 0, 6, 0)
        columns = self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        outer.addLayout(columns)
        outer.addStretch(1)
        self.area.setWidget(content)  # before it is filled: what is put into a window is polished once
        halves = [[s for s in sections if s.key == "decisions"], [s for s in sections if s.key != "decisions"]]
        for half in halves:
            column = QVBoxLayout()
            column.setSpacing(8)
            columns.addLayout(column, 1)
            for section in half:
                column.addWidget(self._section(section, token))
                yield
            column.addStretch(1)
        self._arrange()

    def _section(self, section: Section, token: str) -> SectionBox:
        made: list[QWidget] = []
        for item in section.rows:
            widget = self._made(item, token)
            for name in ("hovered", "asked", "reset", "menu"):
                getattr(widget, name).connect(getattr(self, name))
            self._rows[item.path] = widget
            made.append(widget)
        box = SectionBox(section, made)
        box.folded.connect(self._fold)
        box.added.connect(self.step_added)
        box.unfold(section.key not in self._folded)
        self._boxes[section.key] = box
        return box

    def _fold(self, key: str, away: bool) -> None:
        self._folded = self._folded | {key} if away else self._folded - {key}
        self.folded.emit(key, away)

    def _made(self, item: AnyRow, token: str) -> Row:
        made, signals = _MAKE[type(item)](item, token)
        for name, mine in signals.items():
            getattr(made, name).connect(getattr(self, mine))
        made.dropped.connect(lambda path=item.path: self._touched.add(path))  # type: ignore[attr-defined]
        made.dropped.connect(self.dropped)  # type: ignore[attr-defined]
        return made


def _decision(item: DecisionRow, token: str) -> tuple[Row, dict[str, str]]:
    names = {name: name for name in ("share_dragged", "reworded", "case_removed")}
    return DecisionBlock(item, token), names


def _range(item: RangeRow, _token: str) -> tuple[Row, dict[str, str]]:
    return RangeLine(item), {"span_dragged": "span_dragged", "forever": "forever", "removed": "step_removed"}


def _share(item: ShareRow, _token: str) -> tuple[Row, dict[str, str]]:
    return ShareLine(item), {"share_dragged": "probability_dragged"}


def _count(item: CountRow, _token: str) -> tuple[Row, dict[str, str]]:
    return CountLine(item), {"counted": "counted", "removed": "step_removed"}


def _choice(item: ChoiceRow, _token: str) -> tuple[Row, dict[str, str]]:
    return ChoiceLine(item), {"chosen": "chosen"}


def _list(item: ListRow, _token: str) -> tuple[Row, dict[str, str]]:
    return ListLine(item), {"listed": "listed"}


_MAKE: dict[type, Callable[..., tuple[Row, dict[str, str]]]] = {
    DecisionRow: _decision, RangeRow: _range, ShareRow: _share, CountRow: _count, ChoiceRow: _choice, ListRow: _list,
}  # fmt: skip


def _as_wide(item: AnyRow, was: AnyRow | None) -> AnyRow:
    """A range under a hand keeps its scale, also where it comes back from beyond the usual one."""
    if not isinstance(item, RangeRow) or not isinstance(was, RangeRow):
        return item
    return replace(item, bounds=(min(was.bounds[0], item.bounds[0]), max(was.bounds[1], item.bounds[1])))


def _shape(item: AnyRow) -> tuple[object, ...]:
    if isinstance(item, DecisionRow):
        cases = tuple((case.when, *(option.name for option in case.options)) for case in item.cases)
        return (item.path, item.title, *(option.name for option in item.options), cases)
    if isinstance(item, RangeRow):
        return (item.path, item.title, item.whole, item.log)
    if isinstance(item, ChoiceRow):
        return (item.path, item.title, *(name for name, _, _ in item.values))
    return (item.path, item.title)
