"""The policy panel: every number with its reason, what changed since it was approved, the file; and the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget

from turbulence_app.gui.chart_rows import SpanRow
from turbulence_app.gui.places.personas.changes_view import ChangesView
from turbulence_app.gui.places.personas.doubts import MOST, Doubt
from turbulence_app.gui.places.personas.panel_rows import Panel
from turbulence_app.gui.places.personas.panel_view import Filter, PanelView
from turbulence_app.gui.places.personas.rows import Row
from turbulence_app.gui.widgets.basics import (
    Button,
    Card,
    ChipButton,
    EmptyState,
    IconButton,
    Rule,
    SectionLabel,
    row,
)
from turbulence_app.gui.widgets.doubts import SpanBars
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.gui.widgets.yaml_editor import YamlEditor

Page = Literal["numbers", "changes", "yaml"]
SIGNS: dict[Filter, str] = {"said": "●", "assumed": "○", "changed": "◆"}
PAGES: tuple[Page, ...] = ("numbers", "changes", "yaml")
EMPTY = 3
NEXT = {
    "personas.compile": "Compile policy",
    "personas.new": "New persona",
    "place.workflow": "Go to Workflow",
}
"""What there is to do without a policy, by action."""


class PolicyCard(Card):
    """Pages of a policy, filters by where numbers came from, and the gate at the foot."""

    def __init__(self, run: Callable[[str], object]) -> None:
        super().__init__("Policy")
        self.setMinimumWidth(330)
        self.switch = Segments(
            "View of the policy",
            (("numbers", "Numbers", "Every number, to be dragged and typed"),
             ("changes", "Changes", "What is not as it was approved"),
             ("yaml", "YAML", "The policy as its file says it (Ctrl+Y)")),
        )  # fmt: skip
        self.switch.chosen.connect(lambda _key: self._show_page())
        self.copy = IconButton("copy", "Copy the YAML", clicked=self.copy_yaml)
        self.header.addWidget(self.switch)
        self._next = "personas.compile"
        self.filters: dict[Filter, ChipButton] = {}
        signs: tuple[tuple[Filter, str], ...] = (
            ("said", "Show only numbers that the description says"),
            ("assumed", "Show only numbers that are assumed"),
            ("changed", "Show only numbers that are not as they were approved"),
        )
        for key, tip in signs:
            chip = ChipButton(key, checkable=True, tip=tip)
            chip.clicked.connect(lambda on, key=key: self._narrow(key if on else ""))
            self.filters[key] = chip
        self.filter_line = row(*self.filters.values(), 1, spacing=4)
        self.numbers = PanelView()
        self.changes = ChangesView()
        self.yaml = YamlEditor()
        self.yaml.setReadOnly(True)
        self.yaml.setAccessibleName("Policy as YAML")
        self.empty = EmptyState(
            "sparkles", "No policy yet",
            "Describe the person in words, then compile: every decision gets its numbers, each with its reason.",
            NEXT["personas.compile"], lambda: run(self._next),
        )  # fmt: skip
        self._build_doubts()
        self.pages = QStackedWidget()
        for page in (self.numbers, self.changes, self.yaml, self.empty):
            self.pages.addWidget(page)
        self.body.addLayout(self.filter_line)
        for widget in (self.least_agreed, self.doubts, self.doubt_rule):
            self.body.addWidget(widget)
        self.body.addWidget(self.pages, 1)
        self._build_foot(run)
        self.show_doubts(())
        self.show_none()

    def _build_doubts(self) -> None:
        self.doubts = SpanBars("Where the compilations disagree most")
        self.doubts.picked.connect(self._go_to_doubt)
        self.least_agreed = SectionLabel("Least agreed")
        self.least_agreed.setToolTip("Several compilations disagree most about these numbers: look at them first")
        self.doubt_rule = Rule()
        self._doubted: dict[str, str] = {}
        self._any_doubt = False

    def _build_foot(self, run: Callable[[str], object]) -> None:
        self.approve = Button(
            "Approve", "primary", "shield-check", "Sign these numbers (Ctrl+Shift+A)", lambda: run("personas.approve")
        )
        self.revert = IconButton("history", "Go back to the approved policy", clicked=lambda: run("personas.revert"))
        self.undo = IconButton("undo-2", "Undo (Ctrl+Z)", clicked=lambda: run("edit.undo"))
        self.redo = IconButton("redo-2", "Redo (Ctrl+Shift+Z)", clicked=lambda: run("edit.redo"))
        self.body.addWidget(Rule())
        self.body.addLayout(row(self.undo, self.redo, self.revert, self.copy, 1, self.approve, spacing=4))

    @property
    def page(self) -> Page:
        """Which page is chosen, also while there is no policy to show on it."""
        return next(page for page in PAGES if page == self.switch.key())

    def turn(self, page: Page) -> None:
        """Show a page, as the program."""
        self.switch.choose(page)
        self._show_page()

    def show_none(self, title: str = "No policy yet", text: str = "", action: str = "personas.compile") -> None:
        """There is no policy; say why, and offer what to do next."""
        self._next = action
        self.empty.title.setText(title)
        self.empty.text.setText(text)
        if self.empty.button is not None:
            self.empty.button.setText(NEXT[action])
            self.empty.button.setAccessibleName(NEXT[action])
        self.switch.buttons["changes"].setText("Changes")
        self.numbers.clear()
        self.show_doubts(())
        self._show_page()

    def show_panel(self, panel: Panel, token: str, *, whole: bool = True) -> None:
        """Show a policy's rows, or only those that a hand changed."""
        self.numbers.show_panel(panel, token, whole=whole)
        items = panel.rows()
        counts: dict[Filter, int] = {
            "said": sum(item.reason.origin == "said" for item in items),
            "assumed": sum(item.reason.origin == "assumed" for item in items),
            "changed": sum(item.changed for item in items),
        }
        for key in self.filters:
            self.filters[key].setText(f"{SIGNS[key]} {counts[key]} {key}")
            self.filters[key].setEnabled(bool(counts[key]) or self.filters[key].isChecked())
        changed = counts["changed"]
        self.switch.buttons["changes"].setText(f"Changes {changed}" if changed else "Changes")
        self._show_page()

    def show_doubts(self, doubts: Sequence[Doubt]) -> None:
        """Where several compilations disagree, widest first; nothing where there is no doubt."""
        shown = doubts[:MOST]
        self._doubted = {one.path: one.row for one in shown}
        self.doubts.set_rows([SpanRow(d.path, d.label, d.low / d.top, d.high / d.top, d.numbers) for d in shown])
        rest = len(doubts) - len(shown)
        self.least_agreed.setText(f"Least agreed ({rest} more)" if rest > 0 else "Least agreed")
        self._any_doubt = bool(shown)
        self._show_page()

    def reveal(self, path: str) -> Row | None:
        """Bring a row into view."""
        self.turn("numbers")
        return self.numbers.reveal(path)

    def light(self, paths: Iterable[str]) -> None:
        """Mark the rows that rest on these paths."""
        self.numbers.light(paths)

    def row(self, path: str) -> Row:
        """The row of a path."""
        return self.numbers.rows[path]

    def copy_yaml(self) -> None:
        """The policy's text into the clipboard."""
        QGuiApplication.clipboard().setText(self.yaml.toPlainText())

    def _go_to_doubt(self, place: int) -> None:
        rows = self.doubts.rows()
        if 0 <= place < len(rows):
            self.reveal(self._doubted[rows[place].key])

    def _narrow(self, to: Filter) -> None:
        for key, chip in self.filters.items():
            chip.setChecked(key == to)
        self.numbers.narrow(to)

    def _show_page(self) -> None:
        some = not self.numbers.empty
        page = self.page
        self.pages.setCurrentIndex(PAGES.index(page) if some else EMPTY)
        self.switch.setEnabled(some)
        self.copy.setVisible(some and page == "yaml")
        for chip in self.filters.values():
            chip.setVisible(some and page == "numbers")
        for widget in (self.least_agreed, self.doubts, self.doubt_rule):
            widget.setVisible(self._any_doubt and some and page == "numbers")
