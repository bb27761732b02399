"""What the failure needs, the proof that it needs it, and what it turned out not to need."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from turbulence_app.domain.failure import Choice, Shrunk
from turbulence_app.gui.places.failures.state import choice_words, kept_faults
from turbulence_app.gui.widgets.basics import Card, ElidedLabel, Label, SectionLabel

MOST_PROOFS = 12


class ChoicesCard(Card):
    """Necessary choices, faults, proof lines, and what was dropped."""

    def __init__(self) -> None:
        super().__init__("Necessary choices")
        self.hint = Label("", "small", "dim", wrap=True)
        self.body.addWidget(self.hint)
        self.box = QVBoxLayout()
        self.box.setSpacing(8)
        self.body.addLayout(self.box)
        self.rest = QVBoxLayout()
        self.rest.setSpacing(4)
        self.body.addLayout(self.rest)
        self.body.addStretch(1)

    def show_shrunk(self, shrunk: Shrunk | None, faults: Iterable[str]) -> None:
        """Fill in."""
        _clear(self.box)
        _clear(self.rest)
        if shrunk is None:
            self.hint.setText("What must go wrong for this to break. Shrinking finds out.")
            return
        self.hint.setText(
            "Everything else takes its ordinary course. Take any of these away and it holds."
            if shrunk.choices
            else "Nothing has to go out of the ordinary: it breaks by itself."
        )
        for choice in shrunk.choices:
            self.box.addWidget(_choice_row(choice))
        needed, gone = kept_faults(shrunk, faults)
        for title, names in (("Faults needed", needed), ("Faults not needed", gone)):
            if names:
                self._section(title, [", ".join(names)])
        if shrunk.proof:
            more = len(shrunk.proof) - MOST_PROOFS
            lines = [*shrunk.proof[:MOST_PROOFS], *([f"and {more} more"] if more > 0 else [])]
            self._section("Proof: each was left out once", lines)
        if shrunk.notes:
            self._section("To know", list(shrunk.notes))

    def _section(self, title: str, lines: list[str]) -> None:
        self.rest.addSpacing(6)
        self.rest.addWidget(SectionLabel(title))
        for line in lines:
            self.rest.addWidget(Label(line, "small", "dim", wrap=True))


def _choice_row(choice: Choice) -> QFrame:
    words, address = choice_words(choice)
    frame = QFrame()
    frame.setProperty("kind", "well")
    box = QVBoxLayout(frame)
    box.setContentsMargins(10, 7, 10, 7)
    box.setSpacing(1)
    box.addWidget(Label(words, "body", wrap=True))
    box.addWidget(ElidedLabel(address, "mono_small", "dim"))
    frame.setAccessibleName(words)
    return frame


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget: QWidget | None = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
