"""Everything about the chosen model: what it is, whether it fits, what it may, and what the bench said."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import to_clipboard
from turbulence_app.gui.places.models import bench_state, state
from turbulence_app.gui.places.models.bench_presenter import BenchPresenter
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.state import ModelRow
from turbulence_app.gui.widgets.basics import Button, Card, Chip, ElidedLabel, IconButton, Label, SectionLabel
from turbulence_app.gui.widgets.fit_bar import FitBar
from turbulence_app.gui.widgets.flow_layout import FlowLayout

FACTS = ("runs in", "kind", "context", "size")
CONFINED = {
    "llamacpp": "A process of its own, whose network is taken away before the file is opened. How well that holds on"
    " this computer is tried by: What leaves this computer.",
    "ollama": "The Ollama server is a program of its own; Turbulence talks to it on this machine only, and refuses"
    " models that run in a cloud.",
    "builtin": "Plain arithmetic inside this program, which connects to nothing: the egress lock sees to that.",
    "rules": "No model: the structure of the workflow and the persona's hints.",
}


class DetailsCard(Card):
    """The model that is looked at."""

    def __init__(self, context: Context, presenter: ModelsPresenter, bench: BenchPresenter) -> None:
        super().__init__("", spacing=8)
        self.setObjectName("details")
        self._context, self._presenter, self._bench = context, presenter, bench
        self.name = ElidedLabel("", "title")
        self.chips = QWidget()
        flow = FlowLayout(self.chips)
        self.ready, self.trusted, self.usual = Chip(), Chip(), Chip("default", "accent", "check")
        for chip in (self.ready, self.trusted, self.usual):
            flow.addWidget(chip)
        self.why = Label("", "body", "warn", wrap=True)
        self.body.addWidget(self.name)
        self.body.addWidget(self.chips)
        self.body.addWidget(self.why)
        self.body.addLayout(self._facts())
        self.body.addWidget(self._memory())
        self.body.addWidget(self._measured())
        self.body.addWidget(self._content())
        self.body.addStretch(1)
        self.body.addWidget(self._buttons())
        for news in (
            presenter.listed,
            presenter.chosen,
            bench.measured,
            bench.progressed,
            presenter.fetching.progressed,
        ):
            news.connect(self.show_model)
        self.show_model()

    # -- building ---------------------------------------------------------------------------------

    def _facts(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        self.facts: dict[str, ElidedLabel] = {}
        self._heads: dict[str, Label] = {}
        for line, name in enumerate(FACTS):
            self._heads[name] = Label(name, "body", "dim")
            self.facts[name] = ElidedLabel("", "mono")
            grid.addWidget(self._heads[name], line, 0)
            grid.addWidget(self.facts[name], line, 1)
        return grid

    def _memory(self) -> QWidget:
        part, column = _part("Does it fit?")
        self.bar = FitBar("Memory that it needs against what is available")
        self.fit = Label("", "small", "small", wrap=True)
        column.addWidget(self.bar)
        column.addWidget(self.fit)
        return part

    def _measured(self) -> QWidget:
        part, column = _part("Does it read people rightly?")
        line = QHBoxLayout()
        line.setSpacing(8)
        self.accuracy = Label("", "figure")
        self.interval = Label("", "mono_small", "dim")
        for widget in (self.accuracy, self.interval):
            line.addWidget(widget)
        line.addStretch(1)
        self.figures = QWidget()
        self.figures.setLayout(line)
        line.setContentsMargins(0, 0, 0, 0)
        self.never = Label("", "small", "small", wrap=True)
        self.same = Label("", "small", "small")
        self.measure = Button("Measure", "plain", "play", "Ask it about people whom it has never seen", self._measure)
        column.addWidget(self.figures)
        column.addWidget(self.never)
        column.addWidget(self.same)
        column.addWidget(self.measure)
        return part

    def _content(self) -> QWidget:
        part, column = _part("Content and confinement")
        line = QHBoxLayout()
        line.setSpacing(4)
        self.digest = ElidedLabel("", "mono_small", "dim")
        self.copy = IconButton("copy", "Copy the digest", clicked=self._copy)
        self.copy.setProperty("fit", "small")
        line.addWidget(self.digest, 1)
        line.addWidget(self.copy)
        self.where = Label("", "mono_small", "dim", wrap=True)
        self.where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.licence = Label("", "small", "small", wrap=True)
        self.confined = Label("", "small", "small", wrap=True)
        column.addLayout(line)
        for widget in (self.where, self.licence, self.confined):
            column.addWidget(widget)
        return part

    def _buttons(self) -> QWidget:
        part = QWidget()
        grid = QGridLayout(part)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        presenter = self._presenter
        self.default = Button("By default", "plain", "check", "Use it where no model is named", presenter.make_default)
        self.verify = Button("Check file", "plain", "hash", "Read the whole file again: is it still what was added?")
        self.verify.clicked.connect(lambda *_: presenter.verify())
        self.trust = Button("Trust…", "plain", "shield-check", "Vouch for its content, by its digest", presenter.trust)
        self.remove = Button("Remove…", "danger", "trash-2", "Take it off the list; the file stays", presenter.remove)
        for place, button in enumerate((self.default, self.verify, self.trust, self.remove)):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(button, place // 2, place % 2)
        return part

    # -- showing ----------------------------------------------------------------------------------

    def show_model(self) -> None:
        """The chosen one, as it is."""
        row = self._presenter.row
        self.setEnabled(row is not None)
        if row is None:
            self.name.setText("")
            return
        self.name.setText(row.title)
        words, tone = state.ready_words(row)
        self.ready.set("ready" if row.available else "not ready", "good" if tone == "good" else "warn")
        trusted, token = state.state_words(row)
        self.trusted.setVisible(bool(trusted))
        self.trusted.set(trusted, token if token in ("good", "bad", "warn") else "neutral")
        self.usual.setVisible(row.default)
        self.why.setVisible(not row.available)
        self.why.setText(". ".join(part[:1].upper() + part[1:] for part in (words, row.mend) if part))
        self._show_facts(row)
        catalogue = self._presenter.catalogue
        sentence = state.fit_sentence(row, catalogue.free, catalogue.total)
        share = state.fit_share(row, catalogue.free)
        self.bar.setVisible(share > 0)
        self.bar.set(share, state.fit_token(row, catalogue.free), sentence)
        self.fit.setText(sentence)
        self._show_measured(row)
        self._show_content(row)
        busy = self._presenter.fetching.busy
        for button in (self.default, self.verify, self.trust, self.remove):
            button.setVisible(row.is_file)
        self.default.setEnabled(not row.default)
        self.trust.setEnabled(row.state != "verified" and not busy)
        self.verify.setEnabled(not busy)
        self.remove.setEnabled(not busy)

    def _show_facts(self, row: ModelRow) -> None:
        told = {
            "runs in": state.BACKENDS.get(row.backend, row.backend),
            "kind": " ".join(part for part in (state.kind_words(row), row.quantisation) if part),
            "context": f"{state.context_words(row)} tokens" if row.context else "",
            "size": ", ".join(p for p in (state.size_words(row), row.added_at and f"added {row.added_at[:10]}") if p),
        }
        for name, text in told.items():
            self.facts[name].setText(text)
            for widget in (self.facts[name], self._heads[name]):
                widget.setVisible(bool(text))

    def _show_measured(self, row: ModelRow) -> None:
        found = self._bench.result_of(row.backend, row.name, row.digest)
        for widget in (self.figures, self.same):
            widget.setVisible(found is not None)
        if found is not None:
            self.accuracy.setText(bench_state.accuracy_words(found))
            self.interval.setText(f"{bench_state.interval_words(found)} %")
            self.interval.setToolTip("95 % interval of the share of expectations that it met")
            mode = found.mode if found.mode in ("json", "logits") else ""
            seconds = f"{bench_state.seconds_words(found.spent.median_s)} a policy"
            self.never.setText(" · ".join(part for part in (mode, f"{found.done} people", seconds) if part))
            self.never.setToolTip(f"Measured {found.measured_at[:10]}")
            self.same.setText(f"same answer again  {bench_state.same_words(found)}")
            self.same.setToolTip(bench_state.same_tip(found))
        else:
            self.never.setText("Not measured on this machine yet.")
        self.measure.setVisible(row.measurable)
        self.measure.setEnabled(self._bench.ready())
        self.measure.setText("Measure again" if found is not None else "Measure")

    def _show_content(self, row: ModelRow) -> None:
        plain = row.digest.removeprefix("sha256:")
        self.digest.setText(f"sha256 {plain[:10]}…{plain[-6:]}" if len(plain) == 64 else plain)
        for widget in (self.digest, self.copy):
            widget.setVisible(bool(plain) and row.backend != "rules")
        self.where.setText(_breakable(Path(row.path).name))
        self.where.setToolTip(row.path)
        self.where.setVisible(bool(row.path))
        self.licence.setText(f"Licence, as the file says: {row.licence}")
        self.licence.setVisible(bool(row.licence))
        self.confined.setText(CONFINED.get(row.backend, ""))

    def _measure(self) -> None:
        if self._presenter.row is not None:
            self._bench.measure(self._presenter.row.key)

    def _copy(self) -> None:
        if self._presenter.row is not None:
            to_clipboard(self._presenter.row.digest)
            self._context.notices.show("Digest copied.", "info")


def _part(title: str) -> tuple[QWidget, QVBoxLayout]:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 4, 0, 0)
    column.setSpacing(5)
    column.addWidget(SectionLabel(title))
    return part, column


def _breakable(name: str) -> str:
    """A long file name that may go on in another line after a dash, dot or underscore."""
    return "".join(f"{c}\u200b" if c in "-_." else c for c in name)
