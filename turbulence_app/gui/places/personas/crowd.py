"""The crowd mix: who is in it, in what share, and how each of them fares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.csv_table import Table
from turbulence_app.gui.places.personas.crowd_list import CrowdList, below
from turbulence_app.gui.places.personas.crowd_state import FIND_FROM, CrowdRow, matching
from turbulence_app.gui.places.personas.mix_strip import MixStrip
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import RADIUS_HAIR
from turbulence_app.gui.widgets.basics import (
    Card,
    ChipButton,
    ElidedLabel,
    EmptyState,
    IconButton,
    Label,
    Rule,
    SectionLabel,
    row,
)
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.insight.words import percent

MORE = (
    "personas.import", "personas.export", "personas.export_policy", "personas.export_all", "personas.copy",
)  # fmt: skip
ROW_ACTIONS = (
    "personas.rename", "personas.duplicate", "personas.weigh", "personas.up", "personas.down", "personas.copy",
    "personas.export", "personas.export_policy", "personas.delete",
)  # fmt: skip


class StepBars(QWidget):
    """Which share of the whole crowd gets to each step: a line per step."""

    LINE = 19
    NAME = 82
    NUMBER = 40

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[tuple[str, float]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Share of the crowd that reaches each step")

    def show_steps(self, steps: Sequence[tuple[str, float]]) -> None:
        """Show these steps and shares."""
        changed = len(steps) != len(self._steps)
        self._steps = list(steps)
        self.setAccessibleDescription(", ".join(f"{name} {percent(share)}" for name, share in steps))
        if changed:
            self.updateGeometry()
        self.update()

    def table(self) -> Table:
        """A line per step; shares from 0 to 1."""
        return Table(("step", "share"), self._steps)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line per step."""
        return QSize(180, round(self.LINE * Theme.current().scale) * len(self._steps))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        """Name, bar, number."""
        theme = Theme.current()
        high, names, numbers = (round(size * theme.scale) for size in (self.LINE, self.NAME, self.NUMBER))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = Qt.AlignmentFlag.AlignVCenter
        for number, (name, share) in enumerate(self._steps):
            line = QRectF(0, number * high, self.width(), high)
            painter.setFont(theme.font("small"))
            painter.setPen(theme.ink("dim", "panel"))
            words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, names - 6)
            painter.drawText(line, int(middle), words)
            painter.setFont(theme.font("mono_small"))
            painter.drawText(line, int(middle | Qt.AlignmentFlag.AlignRight), percent(share))
            width = max(10.0, self.width() - names - numbers)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("track"))
            painter.drawRoundedRect(QRectF(names, line.center().y() - 2.5, width, 5), RADIUS_HAIR, RADIUS_HAIR)
            painter.setBrush(theme.color("good" if number == len(self._steps) - 1 else "dim"))
            painter.drawRoundedRect(
                QRectF(names, line.center().y() - 2.5, max(3.0, width * share), 5), RADIUS_HAIR, RADIUS_HAIR
            )


class CrowdCard(Card):
    """The list with its controls, and the whole crowd below."""

    chosen = Signal(str)
    share_dragged = Signal(str, float)
    parted = Signal(str, str, float)
    dropped = Signal()
    menu = Signal(tuple, object)
    moved = Signal(str, int)
    opened = Signal(str)

    def __init__(self, context: Context, run: Callable[[str], object]) -> None:
        super().__init__("Crowd mix")
        self.setMinimumWidth(204)
        self._rows: list[CrowdRow] = []
        self._chosen = ""
        self.new = ChipButton("+ New", tip="New persona (Ctrl+N)", clicked=lambda: run("personas.new"))
        self.more = IconButton("ellipsis", "Import and export personas", clicked=self._more)
        self.more.setProperty("fit", "small")
        self.more.setFixedSize(24, 24)
        self.header.addWidget(self.new)
        self.header.addWidget(self.more)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a persona")
        self.search.setAccessibleName("Find a persona")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _text: self._show())
        self.list = CrowdList()
        self.empty = EmptyState(
            "users", "Nobody here yet", "A persona is a kind of user: a name, and who that is in plain words.",
            "New persona", lambda: run("personas.new"),
        )  # fmt: skip
        self.none = EmptyState("search", "Nobody like that", "No name, state or description has these words.")
        self.pages = QStackedWidget()
        for page in (self.list, self.empty, self.none):
            self.pages.addWidget(page)
        self._build_whole(context)
        self.body.addWidget(self.search)
        self.body.addWidget(self.pages, 1)
        self.body.addWidget(self.whole)
        self._connect_list()
        self._show()

    def _build_whole(self, context: Context) -> None:
        self.strip = MixStrip()
        self.strip.parted.connect(self.parted)
        self.strip.dropped.connect(self.dropped)
        self.completes = Label("", "figure")
        self.outcome = ElidedLabel("", "small", "small")
        self.steps = StepBars()
        export = ExportButton(context, "Whole crowd: share that reaches each step", self.steps)
        self.sums = ElidedLabel("", "small", "small")
        self.whole = QWidget()
        line = row(self.completes, self.outcome)
        line.setAlignment(self.outcome, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self.whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Rule())
        column.addLayout(row(SectionLabel("Whole crowd"), 1, export))
        column.addWidget(self.strip)
        column.addLayout(line)
        column.addWidget(self.steps)
        column.addLayout(row(self.sums, ExportButton(context, "Crowd mix", self.list, self.table)))

    def _connect_list(self) -> None:
        people = self.list
        people.picked.connect(self.chosen)
        people.share_dragged.connect(self.share_dragged)
        people.dropped.connect(self.dropped)
        people.moved.connect(self.moved)
        people.opened.connect(self.opened)
        people.menu.connect(lambda _name, where: self.menu.emit(ROW_ACTIONS, where))

    def rows(self) -> list[CrowdRow]:
        """Everybody, in the order of the list."""
        return list(self._rows)

    def table(self) -> Table:
        """A line per persona; shares from 0 to 1."""
        return Table(("persona", "share", "policy", "fares"), [(r.name, r.share, r.status, r.fare) for r in self._rows])

    def show_rows(self, rows: Sequence[CrowdRow], selected: str, sums: str = "") -> None:
        """Show the mix."""
        self._rows, self._chosen = list(rows), selected
        self.strip.show_mix(rows)
        self.sums.setText(sums)
        self._show()

    def show_whole(self, completes: str, outcome: str, steps: Sequence[tuple[str, float]]) -> None:
        """How the whole crowd fares."""
        self.completes.setText(completes)
        self.outcome.setText(outcome)
        self.steps.show_steps(steps)

    def _show(self) -> None:
        many = len(self._rows) >= FIND_FROM
        self.search.setVisible(many)
        found = matching(self._rows, self.search.text()) if many else self._rows
        self.list.show_rows(found, self._chosen)
        self.pages.setCurrentIndex(1 if not self._rows else 0 if found else 2)
        self.whole.setVisible(bool(self._rows))

    def _more(self) -> None:
        self.menu.emit(MORE, below(self.more))
