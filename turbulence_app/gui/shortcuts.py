"""The sheet of all keys, to look through and to search."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.fuzzy import Hay, needle, score
from turbulence_app.gui.keys import KeyLine, key_lines
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.rows import Column, RowsView
from turbulence_app.gui.widgets.search_line import SearchLine


class ShortcutsSheet(Sheet):
    """A table of keys; what is typed leaves those that it finds."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, "Keyboard shortcuts", "Everything else is in the command palette, Ctrl+K.")
        self._lines = [(line, Hay.of(line.what, f"{line.keys} {line.where}")) for line in key_lines()]
        self.search = SearchLine("Search the keys", "What a key does, where, or the key itself")
        self.table: RowsView[KeyLine] = RowsView(
            "Shortcuts",
            "What each key does, and where",
            [
                Column("what it does", lambda line: line.what, stretch=True),
                Column("keys", lambda line: line.keys, mono=True),
                Column("where", lambda line: line.where, lambda _line: "dim"),
            ],
        )
        self.table.set_row_height(26)
        self.table.set_empty("No key by that name. The command palette may know it: Ctrl+K.")
        self.table.setMinimumSize(Theme.current().px(560), Theme.current().px(420))
        self.column.addWidget(self.search)
        self.column.addWidget(self.table, 1)
        self.search.textChanged.connect(self.show_found)
        self.finish("Close", cancel="")
        self.show_found("")
        self.search.setFocus()

    def show_found(self, query: str) -> None:
        """Lines that the query finds, in the order of the table."""
        wanted = needle(query)
        self.table.rows.set_rows([line for line, hay in self._lines if score(wanted, hay)])
