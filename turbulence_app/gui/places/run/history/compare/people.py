"""Who fared differently, and one of them in both runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from turbulence_app.domain.comparison import Comparison, Flip
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.sides import parting_words, side_by_side
from turbulence_app.gui.places.run.history.compare.presenter import ComparePresenter
from turbulence_app.gui.places.run.history.compare.state import end_words, flip_token
from turbulence_app.gui.widgets.basics import Label, Splitter
from turbulence_app.gui.widgets.lanes import LanesView
from turbulence_app.gui.widgets.rows import Column, RowsView


class PeoplePage(QWidget):
    """The list at the left, both visits at the right."""

    def __init__(self, context: Context, presenter: ComparePresenter) -> None:
        super().__init__()
        self._context, self._presenter = context, presenter
        self._flips: Sequence[Flip] = ()
        self.words = QLineEdit()
        self.words.setAccessibleName("Filter the people")
        self.words.setPlaceholderText("filter by user, persona or step")
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(lambda _: self._filter())
        self.list: RowsView[Flip] = RowsView(
            "Who fared differently",
            "People whose visit ended otherwise in the second run, on the same draws; a click shows both visits",
            [
                Column("user", lambda f: f"{f.user:,}", mono=True),
                Column("persona", lambda f: f.persona.replace("_", " ")),
                Column("before", lambda f: end_words(f)[0], stretch=True),
                Column("after", lambda f: end_words(f)[1], flip_token, stretch=True),
            ],
        )
        self.list.set_empty("Nobody fared differently.")
        self.list.chosen.connect(lambda flip: presenter.look_at(flip.user))
        left = QWidget()
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.words)
        box.addWidget(self.list, 1)
        self.parting = Label("", "small", "dim", wrap=True)
        self.lanes = LanesView("Both visits", "The same person in the first run and in the second")
        right = QWidget()
        box = QVBoxLayout(right)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.parting)
        box.addWidget(self.lanes, 1)
        split = Splitter(Qt.Orientation.Horizontal, "run.compare.people", left, right)
        split.setSizes([460, 540])
        stack = QStackedLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.addWidget(split)
        presenter.people_changed.connect(self.show_person)

    def show_people(self, found: Comparison) -> None:
        """Those of another comparison."""
        self._flips = found.flips
        self._found = found
        self.list.set_empty(
            "Nobody fared differently." if found.paired else f"People cannot be paired: {found.unpaired_because}."
        )
        self._filter()
        self.show_person()

    def _filter(self) -> None:
        words = self.words.text().lower().split()
        shown = [
            flip
            for flip in self._flips
            if all(word in f"{flip.user} {flip.persona} {' '.join(end_words(flip))}".lower() for word in words)
        ]
        self.list.rows.set_rows(shown)

    def show_person(self) -> None:
        """Both visits of whoever is looked at."""
        presenter = self._presenter
        both = presenter.both
        if both is None or presenter.found is None:
            waiting = "Replaying both visits…" if presenter.user is not None else "Choose somebody to see both visits."
            self.parting.setText(presenter.person_error or waiting)
            self.lanes.set_lanes((), ())
            return
        one, other = both
        self.parting.setText(parting_words(one, other, (presenter.found.one.run_id, presenter.found.other.run_id)))
        names = (f"{presenter.found.one.run_id}: {one.outcome}", f"{presenter.found.other.run_id}: {other.outcome}")
        self.lanes.set_lanes(names, side_by_side(one, other))
