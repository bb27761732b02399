"""One of two policies that are compared: who made it, how far it is, how its people fare."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.personas.compare_state import Source
from turbulence_app.gui.places.personas.comparing import Side
from turbulence_app.gui.places.personas.preview import funnel_rows, headlines, milliseconds
from turbulence_app.gui.widgets.basics import Button, Card, ElidedLabel, EmptyState, Label, row
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.funnel import FunnelView

FUNNEL, QUIET, WORKING = range(3)


class SideCard(Card):
    """Chooses the source, shows the funnel, takes the whole policy."""

    chosen = Signal()
    again = Signal()
    taken = Signal()

    def __init__(self, context: Context, name: str) -> None:
        super().__init__(name)
        self._name = name
        self._sources: tuple[Source, ...] = ()
        self.source = QComboBox()
        self.source.setAccessibleName(f"{name}: who makes the policy")
        self.source.setToolTip("A model of this computer, or the policy that is here already")
        self.source.activated.connect(lambda _place: self.chosen.emit())
        self.take = Button(
            "Take all", "plain", "check", f"Take the whole policy of the {name.lower()}", self.taken.emit
        )
        self.funnel = FunnelView()
        self.funnel.setAccessibleName(f"Funnel of the {name.lower()}")
        self.header.addWidget(ExportButton(context, self._subject, self.funnel))
        self.completes = Label("", "figure")
        self.outcome = ElidedLabel("", "small", "small")
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(f"{name}: progress of compiling")
        self.working = Label("", "body", "dim", wrap=True)
        self.quiet = EmptyState("columns-2", "Not compiled yet", "", "Try again", self.again.emit)
        self.pages = QStackedWidget()
        self._build()

    def _build(self) -> None:
        fine, busy = QWidget(), QWidget()
        column = QVBoxLayout(fine)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row(self.completes, self.outcome))
        column.addWidget(self.funnel, 1)
        middle = QVBoxLayout(busy)
        middle.addStretch(1)
        middle.addWidget(self.working)
        middle.addWidget(self.progress)
        middle.addStretch(1)
        for page in (fine, self.quiet, busy):
            self.pages.addWidget(page)
        line = row(self.source, self.take)
        line.setStretch(0, 1)
        self.body.addLayout(line)
        self.body.addWidget(self.pages, 1)

    def offer(self, sources: Sequence[Source], place: int) -> None:
        """Who can be chosen; whoever was chosen stays so."""
        kept = self.current()
        self._sources = tuple(sources)
        self.source.clear()
        for source in sources:
            self.source.addItem(source.title, source.key)
        again = next((n for n, source in enumerate(sources) if kept is not None and source.key == kept.key), place)
        self.source.setCurrentIndex(again)

    def current(self) -> Source | None:
        """Who is chosen."""
        place = self.source.currentIndex()
        return self._sources[place] if 0 <= place < len(self._sources) else None

    def show_side(self, side: Side) -> None:
        """Show how far it is, or what came of it."""
        self.take.setEnabled(side.policy is not None)
        if side.state in ("waiting", "running"):
            self.working.setText(side.says)
            self.progress.setRange(0, side.total)
            self.progress.setValue(side.done)
            self.progress.setVisible(side.state == "running")
            self.pages.setCurrentIndex(WORKING)
        elif side.summary is not None:
            self._show_summary(side)
        elif side.policy is not None:
            self._say("One moment" if not side.says else "No preview", side.says)
        else:
            failed = side.state == "failed"
            titles = {"failed": "This one failed", "stopped": "Stopped"}
            self._say(titles.get(side.state, "Not compiled yet"), side.says, again=failed or side.state == "stopped")

    def _show_summary(self, side: Side) -> None:
        assert side.summary is not None
        items = headlines(side.summary, None)
        took = f" · compiled in {milliseconds(side.took_ms)}" if side.took_ms else ""
        self.completes.setText(items[0].value)
        more = f", {items[1].value} {items[1].label}" if len(items) > 1 and items[1].label == "median time" else ""
        self.outcome.setText(f"complete{more}{took}")
        self.funnel.set_data(funnel_rows(side.summary, None))
        self.pages.setCurrentIndex(FUNNEL)

    def _say(self, title: str, text: str, *, again: bool = False) -> None:
        self.quiet.title.setText(title)
        self.quiet.text.setText(text)
        if self.quiet.button is not None:
            self.quiet.button.setVisible(again)
        self.pages.setCurrentIndex(QUIET)

    def _subject(self) -> str:
        source = self.current()
        return f"Funnel, {source.title}" if source is not None else self._name
