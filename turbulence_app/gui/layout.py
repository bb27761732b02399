"""Splitters, columns, scroll positions of a place: read off its widgets, and given back to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QByteArray, QPoint, QRect, QSize
from PySide6.QtWidgets import QHeaderView, QPlainTextEdit, QSplitter, QTableView, QTextEdit, QWidget

LEAST = (240, 60)
"""Pixels of a window's upper part that must be on a display, so that a hand can take it."""
FRAME = (8, 40)
"""Pixels that a window manager's frame may take in all: sides, and the title bar."""


def read_layout(widget: QWidget) -> dict[str, Any]:
    """Plain data for a file. Widgets are told apart by their object name or the name that they are read out by."""
    return {
        "splitters": {
            s.objectName(): bytes(s.saveState().toHex().data()).decode()
            for s in widget.findChildren(QSplitter)
            if _usable(s)
        },
        "columns": {
            name: [table.horizontalHeader().sectionSize(i) for i in range(table.horizontalHeader().count())]
            for table in widget.findChildren(QTableView)
            if (name := table.accessibleName()) and table.isVisible()
        },
        "texts": {name: [edit.verticalScrollBar().value(), _at(edit)] for name, edit in _editors(widget)},
    }


def give_splitters(widget: QWidget, layout: Mapping[str, Any]) -> None:
    """Panes and columns as they were; what does not fit this version of the window is left as it is."""
    for splitter in widget.findChildren(QSplitter):
        state = _kept(layout.get("splitters"), splitter.objectName())
        if isinstance(state, str) and state.isascii():
            splitter.restoreState(QByteArray.fromHex(state.encode()))
            splitter.splitterMoved.emit(0, 0)  # as if by hand: a place that shares its room out itself leaves it now
    for table in widget.findChildren(QTableView):
        sizes, header = _numbers(layout.get("columns"), table.accessibleName()), table.horizontalHeader()
        if len(sizes) == header.count():
            for index, size in enumerate(sizes):
                if header.sectionResizeMode(index) == QHeaderView.ResizeMode.Interactive and 8 < size < 4000:
                    header.resizeSection(index, size)


def give_scrolls(widget: QWidget, layout: Mapping[str, Any]) -> None:
    """Editors where they were: the cursor, and the line at the top."""
    for name, edit in _editors(widget):
        numbers = _numbers(layout.get("texts"), name)
        if len(numbers) == 2:
            cursor = edit.textCursor()
            cursor.setPosition(min(numbers[1], max(0, edit.document().characterCount() - 1)))
            edit.setTextCursor(cursor)
            edit.verticalScrollBar().setValue(numbers[0])
            edit.horizontalScrollBar().setValue(0)  # lines are read from their beginning


def fills(wanted: QSize, free: QRect, least: QSize) -> bool:
    """Whether a first window should fill a display: the wanted size and its frame are too large, the least is not."""
    room = QSize(free.width() - FRAME[0], free.height() - FRAME[1])
    return not _holds(room, wanted) and _holds(free.size(), least)


def _holds(room: QSize, size: QSize) -> bool:
    return size.width() <= room.width() and size.height() <= room.height()


def fitting(wanted: QRect, displays: Iterable[QRect]) -> QRect:
    """Where a window may stand: as wanted if a hand can reach it, else in the middle of the first display, no larger.

    ``displays`` are what is free on each, the main one first.
    """
    free = list(displays)
    if not free:
        return wanted
    grip = QRect(wanted.x(), wanted.y(), wanted.width(), min(wanted.height(), LEAST[1]))
    for display in free:
        seen = grip.intersected(display)
        if seen.width() >= min(LEAST[0], wanted.width()) and seen.height() >= min(LEAST[1], wanted.height()) // 2:
            return wanted
    main = free[0]
    size = wanted.size().boundedTo(main.size())
    across, down = (main.width() - size.width()) // 2, (main.height() - size.height()) // 2
    return QRect(main.topLeft() + QPoint(across, down), size)


def _usable(splitter: QSplitter) -> bool:
    return bool(splitter.objectName()) and sum(splitter.sizes()) > 0


def _editors(widget: QWidget) -> list[tuple[str, QTextEdit | QPlainTextEdit]]:
    found: list[QTextEdit | QPlainTextEdit] = [*widget.findChildren(QTextEdit), *widget.findChildren(QPlainTextEdit)]
    return [(edit.accessibleName(), edit) for edit in found if edit.accessibleName() and not edit.isReadOnly()]


def _at(edit: QTextEdit | QPlainTextEdit) -> int:
    return edit.textCursor().position()


def _kept(kept: Any, name: str) -> Any:
    return kept.get(name) if isinstance(kept, Mapping) and name else None


def _numbers(kept: Any, name: str) -> list[int]:
    values = _kept(kept, name)
    if not isinstance(values, list) or not all(isinstance(value, int) and value >= 0 for value in values):
        return []
    return values
