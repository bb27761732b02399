"""The policy panel: every number of a policy with its reason, to be dragged, typed, approved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.chart_rows import SpanRow
from turbulence_app.gui.places.personas.doubts import MOST, Doubt
from turbulence_app.gui.places.personas.rows import CountLine, DecisionBlock, RangeLine, Row, ShareLine
from turbulence_app.gui.places.personas.state import CountRow, DecisionRow, Panel, RangeRow, ShareRow
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    Chip,
    ChipButton,
    EmptyState,
    IconButton,
    Rule,
    SectionLabel,
    row,
    scrolled,
)
from turbulence_app.gui.widgets.doubts import SpanBars
from turbulence_app.gui.widgets.yaml_editor import YamlEditor

AnyRow = DecisionRow | RangeRow | ShareRow | CountRow


class PolicyCard(Card):
    """Decisions as bars, patience and pacing as ranges, and the gate at the foot."""

    share_dragged = Signal(str, str, float)
    span_dragged = Signal(str, float, float)
    probability_dragged = Signal(str, float)
    counted = Signal(str, int)
    forever = Signal(str)
    dropped = Signal()
    hovered = Signal(str, bool)
    asked = Signal(str)

    def __init__(self, run: Callable[[str], object]) -> None:
        super().__init__("Policy")
        self.setMinimumWidth(330)
        self._rows: dict[str, Row] = {}
        self._shape: tuple[object, ...] = ()
        self.checked = Chip("", "neutral")
        self.yaml_switch = ChipButton("YAML", checkable=True, tip="Show the policy as YAML (Ctrl+Y)")
        self.yaml_switch.toggled.connect(lambda on: self._show_page(1 if on else 0))
        self.copy = IconButton("copy", "Copy the YAML", clicked=self._copy)
        self.copy.hide()
        self.header.addWidget(self.checked)
        self.header.addWidget(self.copy)
        self.header.addWidget(self.yaml_switch)
        self.yaml = YamlEditor()
        self.yaml.setReadOnly(True)
        self.yaml.setAccessibleName("Policy as YAML")
        self.empty = EmptyState(
            "sparkles", "No policy yet",
            "Describe the person in words, then compile: every decision gets its numbers, each with its reason.",
            "Compile the policy", lambda: run("personas.compile"),
        )  # fmt: skip
        self.doubts = SpanBars("Where the compilations disagree most")
        self.doubts.picked.connect(self._go_to_doubt)
        self.least_agreed = SectionLabel("Least agreed")
        self.least_agreed.setToolTip("Several compilations disagree most about these numbers: look at them first")
        self._doubted: dict[str, str] = {}
        self.pages = QStackedWidget()
        self._area: QScrollArea = scrolled(QWidget())
        self.pages.addWidget(self._area)
        self.pages.addWidget(self.yaml)
        self.pages.addWidget(self.empty)
        self.doubt_rule = Rule()
        for widget in (self.least_agreed, self.doubts, self.doubt_rule):
            self.body.addWidget(widget)
        self.show_doubts(())
        self.body.addWidget(self.pages, 1)
        self.approve = Button("Approve", "primary", "shield-check", clicked=lambda: run("personas.approve"))
        self.revert = IconButton("history", "Go back to the approved policy", clicked=lambda: run("personas.revert"))
        self.undo = IconButton("undo-2", "Undo (Ctrl+Z)", clicked=lambda: run("edit.undo"))
        self.redo = IconButton("redo-2", "Redo (Ctrl+Shift+Z)", clicked=lambda: run("edit.redo"))
        self.body.addWidget(Rule())
        self.body.addLayout(row(self.undo, self.redo, self.revert, 1, self.approve, spacing=4))

    def show_panel(self, panel: Panel | None, token: str) -> None:
        """Show a policy's rows; a panel of the same shape is updated in place, so that a drag goes on."""
        if panel is None:
            self._shape = ()
            self.show_doubts(())
            self._show_page(2)
            return
        sections = _sections(panel)
        shape = (token, *(_shape(item) for _, items in sections for item in items))
        if shape != self._shape:
            self._build(sections, token)
            self._shape = shape
        for _, items in sections:
            for item in items:
                self._update(item)
        self._show_page(1 if self.yaml_switch.isChecked() else 0)

    def show_doubts(self, doubts: Sequence[Doubt]) -> None:
        """Where several compilations disagree, widest first; nothing where there is no doubt."""
        shown = doubts[:MOST]
        self._doubted = {one.path: one.row for one in shown}
        self.doubts.set_rows([SpanRow(d.path, d.label, d.low / d.top, d.high / d.top, d.numbers) for d in shown])
        rest = len(doubts) - len(shown)
        self.least_agreed.setText(f"Least agreed ({rest} more)" if rest > 0 else "Least agreed")
        for widget in (self.least_agreed, self.doubts, self.doubt_rule):
            widget.setVisible(bool(shown))

    def _go_to_doubt(self, place: int) -> None:
        rows = self.doubts.rows()
        if 0 <= place < len(rows):
            self.reveal(self._doubted[rows[place].key])

    def light(self, paths: Iterable[str]) -> None:
        """Mark the rows that rest on the words under the pointer."""
        wanted = tuple(paths)
        for path, widget in self._rows.items():
            widget.chip.setDown(any(path == w or w.startswith(f"{path}.") or path.startswith(f"{w}.") for w in wanted))

    def reveal(self, path: str) -> None:
        """Bring a row into view."""
        for known, widget in self._rows.items():
            if known == path or path.startswith(f"{known}.") or known.startswith(f"{path}."):
                self.yaml_switch.setChecked(False)
                self._area.ensureWidgetVisible(widget, 0, 40)
                return

    def row(self, path: str) -> Row:
        """The row of a path."""
        return self._rows[path]

    def _show_page(self, page: int) -> None:
        self.pages.setCurrentIndex(page if self._shape or page == 2 else 2)
        self.yaml_switch.setEnabled(bool(self._shape))
        self.copy.setVisible(self.pages.currentIndex() == 1)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.yaml.toPlainText())

    def _build(self, sections: list[tuple[str, list[AnyRow]]], token: str) -> None:
        content = QWidget()
        content.setObjectName("body")
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(9)
        self._rows = {}
        for number, (name, items) in enumerate(sections):
            if number:
                column.addSpacing(2)
                column.addWidget(Rule())
            column.addWidget(SectionLabel(name))
            for item in items:
                made = self._made(item, token)
                made.hovered.connect(self.hovered)
                made.asked.connect(self.asked)
                self._rows[item.path] = made
                column.addWidget(made)
        column.addStretch(1)
        old = self._area.takeWidget()
        if old is not None:
            old.deleteLater()
        self._area.setWidget(content)

    def _made(self, item: AnyRow, token: str) -> Row:
        if isinstance(item, DecisionRow):
            block = DecisionBlock(item, token)
            block.share_dragged.connect(self.share_dragged)
            block.dropped.connect(self.dropped)
            return block
        if isinstance(item, RangeRow):
            line = RangeLine(item)
            line.span_dragged.connect(self.span_dragged)
            line.forever.connect(self.forever)
            line.dropped.connect(self.dropped)
            return line
        if isinstance(item, ShareRow):
            share = ShareLine(item)
            share.share_dragged.connect(self.probability_dragged)
            share.dropped.connect(self.dropped)
            return share
        count = CountLine(item)
        count.counted.connect(self.counted)
        count.dropped.connect(self.dropped)
        return count

    def _update(self, item: AnyRow) -> None:
        widget = self._rows[item.path]
        show = getattr(widget, "show_row")  # noqa: B009 - every row widget has it, for its own row type
        show(item)


def _sections(panel: Panel) -> list[tuple[str, list[AnyRow]]]:
    named: list[tuple[str, list[AnyRow]]] = [
        ("Decisions", list(panel.decisions)),
        ("Patience", list(panel.patience)),
        ("Tries again", list(panel.retries)),
        ("Pace", list(panel.pacing)),
        ("Forms", list(panel.forms)),
        ("Varies", list(panel.parameters)),
        ("Switches", list(panel.toggles)),
    ]
    return [(name, items) for name, items in named if items]


def _shape(item: AnyRow) -> tuple[object, ...]:
    if isinstance(item, DecisionRow):
        return (item.path, item.title, *(option.name for option in item.options))
    if isinstance(item, RangeRow):
        return (item.path, item.title, item.bounds)
    return (item.path, item.title)
