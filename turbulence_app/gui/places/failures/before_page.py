"""The found visit beside the smallest one, with what was not needed folded away."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QStackedLayout, QVBoxLayout, QWidget

from turbulence_app.gui.places.failures.before_after import LANES, before_after, fold, quiet
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.widgets.basics import EmptyState, Label, row
from turbulence_app.gui.widgets.lanes import LanesView


class BeforeAfter(QWidget):
    """Two lanes, and a switch that unfolds."""

    def __init__(self, presenter: FailuresPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.words = Label("", "body", "dim")
        self.whole = QCheckBox("Show what was not needed")
        self.whole.setToolTip("Unfold the events that the failure does without")
        self.whole.toggled.connect(lambda _: self.show_detail())
        self.lanes = LanesView("Before and after shrinking", "The visit as it was found, and the smallest that breaks")
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(6)
        box.addLayout(row(self.words, 1, self.whole))
        box.addWidget(self.lanes, 1)
        self.empty = EmptyState(
            "scissors",
            "Not shrunk yet",
            "Shrinking shows what of this visit the failure needs.",
            "Shrink",
            presenter.shrink,
        )
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(page)
        self._stack.addWidget(self.empty)

    def show_detail(self) -> None:
        """More is known of the failure."""
        trace, shrunk = self._presenter.trace, self._presenter.shrunk
        there = trace is not None and shrunk is not None
        self._stack.setCurrentIndex(0 if there else 1)
        if trace is None or shrunk is None:
            return
        whole = before_after(trace, shrunk, folded=False)
        self.lanes.set_lanes(LANES, whole if self.whole.isChecked() else fold(whole))
        gone, every = quiet(whole)
        self.words.setText(f"{every - gone:,} of {every:,} events tell it")
