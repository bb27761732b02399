"""A failure explained: whose words, the cause, what to look at, and claims with what their simulation showed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from turbulence_app.domain.postmortem import PostMortem, TestedClaim
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.failures.postmortem import SIGNS, TOKENS, PostMortems
from turbulence_app.gui.places.failures.presenter import FailuresPresenter
from turbulence_app.gui.widgets.basics import (
    Button,
    Chip,
    EmptyState,
    IconButton,
    Label,
    LabelKind,
    SectionLabel,
    Tone,
    row,
    scrolled,
)
from turbulence_app.gui.widgets.sentence import sentence

_KINDS: dict[str, LabelKind] = {"good": "good", "bad": "bad", "dim": "dim"}
_TONES: dict[str, Tone] = {"simulation": "neutral", "model": "second", "cache": "second"}


class PostMortemPage(QWidget):
    """The post-mortem of the failure that is looked at."""

    def __init__(self, context: Context, presenter: FailuresPresenter) -> None:
        super().__init__()
        self._presenter = presenter
        self.reports = PostMortems(context)
        self._shown: PostMortem | None = None
        self.source = Chip("", "neutral", "info")
        self.ask = Button(
            "Ask a model", "plain", "sparkles", "A suggestion: checked, and every claim simulated", self._ask
        )
        self.stop = Button("Stop", "plain", "square", "Stop; what is here stays", self.reports.stop)
        self.copy = IconButton("copy", "Copy as Markdown", clicked=self._copy)
        self.save = IconButton("download", "Export as Markdown", clicked=self._save)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Explaining the failure")
        self.told = Label("", "small", "dim")
        self.headline = Label("", "heading", wrap=True)
        self.cause = Label("", "body", wrap=True)
        self.passes = Label("", "body", "dim", wrap=True)
        for label in (self.headline, self.cause, self.passes):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lists = QVBoxLayout()
        self._lists.setSpacing(4)
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 8, 0)
        box.setSpacing(6)
        for widget in (self.headline, self.cause, self.passes):
            box.addWidget(widget)
        box.addLayout(self._lists)
        box.addStretch(1)
        page = QWidget()
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 6, 0, 0)
        outer.setSpacing(6)
        outer.addLayout(row(self.source, 1, self.told, self.ask, self.stop, self.copy, self.save))
        outer.addWidget(self.bar)
        outer.addWidget(scrolled(content), 1)
        self.trouble = EmptyState("circle-alert", "It could not be explained", "", "Try again", self.look)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(page)
        self._stack.addWidget(self.trouble)
        self.reports.changed.connect(self.show_report)
        presenter.selected.connect(self._selected)

    def look(self) -> None:
        """Somebody looks at this page."""
        if self._presenter.failure is not None:
            self.reports.look(self._presenter.failure)
        self.show_report()

    def _selected(self) -> None:
        if self.isVisible():
            self.look()

    def show_report(self) -> None:
        """What there is, and what is on its way."""
        failure = self._presenter.failure
        if failure is None:
            return
        reports, found = self.reports, self.reports.of(failure)
        if found is None and not reports.busy and self.isVisible() and not reports.error(failure):
            reports.look(failure)
        running = reports.running(failure)
        trouble = reports.error(failure)
        self.trouble.text.setText(sentence(trouble))
        self._stack.setCurrentIndex(1 if trouble and found is None and not running else 0)
        self.bar.setVisible(running)
        self.stop.setVisible(running)
        self.ask.setVisible(found is not None and not running)
        self.ask.setEnabled(not reports.busy)
        for button in (self.copy, self.save):
            button.setVisible(found is not None)
        waiting = "asking a model" if reports.asking_model else "leaving out one thing at a time"
        self.told.setText((reports.told or waiting) + "…" if running else "")
        if found is not self._shown or found is None:
            self._show(found, reports.source(failure))

    def _show(self, found: PostMortem | None, source: str) -> None:
        self._shown = found
        self.source.setVisible(found is not None)
        self.headline.setText(found.headline if found else "")
        self.cause.setText(found.cause if found else "Explaining it…" if self.reports.busy else "")
        self.passes.setText(found.passes if found else "")
        self.passes.setVisible(bool(found and found.passes))
        _clear(self._lists)
        if found is None:
            return
        self.source.set(source, _TONES[found.source], "info" if found.source == "simulation" else "sparkles")
        self._section("What would have kept it from breaking, simulated")
        for claim in found.claims:
            self._lists.addWidget(claim_row(claim))
        for title, lines, role in (
            ("What to look at", found.look_at, "body"),
            ("What to try", found.try_next, "body"),
            ("What happened", found.happened, "mono_small"),
            ("To know", found.notes, "body"),
        ):
            if lines:
                self._section(title)
                for line in lines:
                    label = Label(line, "mono_small" if role == "mono_small" else "body", "dim", wrap=True)
                    label.setTextFormat(Qt.TextFormat.PlainText)
                    self._lists.addWidget(label)

    def _section(self, title: str) -> None:
        self._lists.addSpacing(8)
        self._lists.addWidget(SectionLabel(title))

    # -- doing ------------------------------------------------------------------------------------

    def _ask(self) -> None:
        if self._presenter.failure is not None:
            self.reports.ask_model(self._presenter.failure)

    def _copy(self) -> None:
        if self._presenter.failure is not None:
            self.reports.copy(self._presenter.failure)

    def _save(self) -> None:
        if self._presenter.failure is not None:
            self.reports.save(self._presenter.failure)


def claim_row(one: TestedClaim) -> QFrame:
    """Sign and verdict, the claim, and its numbers."""
    frame = QFrame()
    frame.setProperty("kind", "well")
    line = QHBoxLayout(frame)
    line.setContentsMargins(10, 6, 10, 6)
    line.setSpacing(10)
    kind = _KINDS[TOKENS[one.verdict]]
    verdict = Label(f"{SIGNS[one.verdict]} {one.verdict.replace('_', ' ')}", "strong", kind)
    verdict.setMinimumWidth(92)
    words = QVBoxLayout()
    words.setSpacing(1)
    says = Label(f"It holds {one.claim.says}" + (f": {one.because}" if one.because else ""), "body", wrap=True)
    says.setTextFormat(Qt.TextFormat.PlainText)
    words.addWidget(says)
    words.addWidget(Label(numbers(one), "mono_small", "dim", wrap=True))
    line.addWidget(verdict, 0, Qt.AlignmentFlag.AlignTop)
    line.addLayout(words, 1)
    frame.setToolTip(one.detail)
    frame.setAccessibleName(f"{one.verdict.replace('_', ' ')}: it holds {one.claim.says}")
    return frame


def numbers(one: TestedClaim) -> str:
    """What the simulation showed, in figures."""
    if not one.of:
        return one.detail
    return f"worlds that break: {one.base_failed}/{one.of} → {one.failed}/{one.of}, {one.trend}"


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
