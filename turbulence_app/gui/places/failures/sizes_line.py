"""Before and after shrinking, in figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from turbulence_app.gui.places.failures.state import Sizes
from turbulence_app.gui.widgets.basics import ElidedLabel, Label, SectionLabel


class SizesLine(QWidget):
    """The first thing large, the others beside it: ``44 → 1 choices · 3 → 1 faults``."""

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(0)
        self.found, self.arrow, self.small = (
            ElidedLabel("", "figure", least=60),
            Label("→", "figure", "dim"),
            ElidedLabel("", "figure", "good", least=60),
        )
        self._found_words, self._small_words = SectionLabel("Found as"), SectionLabel("Shrunk to")
        grid.addWidget(self._found_words, 0, 0)
        grid.addWidget(self._small_words, 0, 2)
        for column, label in enumerate((self.found, self.arrow, self.small)):
            grid.addWidget(label, 1, column)
        self._others: list[tuple[SectionLabel, Label]] = []
        for column in range(3, 6):
            head, figure = SectionLabel(""), Label("", "mono")
            grid.addWidget(head, 0, column)
            grid.addWidget(figure, 1, column)
            self._others.append((head, figure))
        grid.setColumnStretch(6, 1)

    def show_found(self, words: str) -> None:
        """Not shrunk yet: only what was found."""
        self.found.setText(words)
        self._show(shrunk=False, others=())

    def show_sizes(self, found: str, small: str, others: Sequence[Sizes]) -> None:
        """Before and after."""
        self.found.setText(found)
        self.small.setText(small)
        self._show(shrunk=True, others=others)

    def _show(self, *, shrunk: bool, others: Sequence[Sizes]) -> None:
        for widget in (self.arrow, self.small, self._small_words):
            widget.setVisible(shrunk)
        for place, (head, figure) in enumerate(self._others):
            there = place < len(others)
            head.setVisible(there)
            figure.setVisible(there)
            if there:
                head.setText(others[place].what)
                figure.setText(f"{others[place].before} → {others[place].after}")
                figure.setAccessibleName(f"{others[place].what}: {figure.text()}")
