"""What can be done with one row of the policy panel, as a menu at the pointer or at the row."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from turbulence_app.gui.places.personas.panel_rows import AnyRow, DecisionRow, RangeRow
from turbulence_app.gui.places.personas.spans import SHAPES

Do = Callable[[str], object]
"""Does something with the row's path."""


def row_menu(
    parent: QWidget,
    item: AnyRow,
    *,
    reset: Do,
    explain: Do,
    add_case: Do,
    reshape: Callable[[str, str], object],
    remove: Do,
) -> QMenu:
    """The menu of a row; shows only what applies to it."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def offer(text: str, act: Callable[[], object]) -> QAction:
        entry = menu.addAction(text)
        entry.triggered.connect(lambda *_: act())
        return entry

    words = "Show the words" if item.reason.origin == "said" else "Say it in words"
    offer(words, lambda: explain(item.path))
    offer("Back to what was approved", lambda: reset(item.path)).setEnabled(item.changed)
    if isinstance(item, DecisionRow):
        menu.addSeparator()
        offer("Add a case", lambda: add_case(item.path))
    if isinstance(item, RangeRow) and item.shape:
        menu.addSeparator()
        for key, title in SHAPES.items():
            if key == "table" and item.shape != "table":
                continue
            entry = offer(title, lambda key=key: reshape(item.path, key))  # type: ignore[misc]
            entry.setCheckable(True)
            entry.setChecked(key == item.shape)
    if getattr(item, "removable", False):
        menu.addSeparator()
        offer("As for any other step", lambda: remove(item.path))
    return menu
