"""The line above both pages: which page, what the next bench is set to, and how far one is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QSizePolicy, QWidget

from turbulence_app.gui.places.models.bench_presenter import BenchPresenter
from turbulence_app.gui.places.models.bench_state import progress_words
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.widgets.basics import Button, Card, ElidedLabel, Label, row
from turbulence_app.gui.widgets.segments import Segments
from turbulence_app.insight import words

MODES = (("", "usual"), ("json", "json"), ("logits", "logits"))
PEOPLE = (("usual", "usual"), ("6", "6"), ("12", "12"), ("24", "24"), ("all", "all"))
PEOPLE_TIP = "How many people each model is asked about. Usual: 12 for language models, all for the others"
MODE_TIP = "How language models are asked: a JSON document, or the probabilities of the options' words"


class Strip(Card):
    """``turned`` tells the page that a person chose."""

    turned = Signal(str)

    def __init__(self, models: ModelsPresenter, bench: BenchPresenter) -> None:
        super().__init__(margins=10)
        self._models, self._bench = models, bench
        self.pages = Segments(
            "Page",
            [("models", "Models", "Which models there are, and whom each task asks"),
             ("bench", "Bench", "How well each model reads people, and how long it takes")],
        )  # fmt: skip
        self.memory = Label("", "body", "dim")
        self.who = QComboBox()
        self.who.setAccessibleName("Whom to measure")
        self.who.setToolTip("One model, or all that can be asked here")
        self.who.setMinimumContentsLength(16)
        self.who.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.mode = _combo("Mode", MODE_TIP, MODES)
        self.people = _combo("People", PEOPLE_TIP, PEOPLE)
        self.form = QWidget()
        self.form.setLayout(row(Label("Measure", "body", "dim"), self.who, Label("mode", "body", "dim"), self.mode,
                                Label("people", "body", "dim"), self.people, spacing=8))  # fmt: skip
        self.what = ElidedLabel("", "body", least=80)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(140)
        self.bar.setAccessibleName("Progress of the bench")
        self.eta = ElidedLabel("", "mono_small", "dim", least=80)
        for told in (self.what, self.eta):
            told.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.start = Button("Measure", "primary", "play", "Measure on people whom no model was tuned on", bench.start)
        self.stop = Button("Stop", "plain", "square", "Stop; what is measured is kept", bench.stop)
        line = QHBoxLayout()
        line.setSpacing(14)
        line.addWidget(self.pages)
        line.addWidget(self.memory)
        line.addWidget(self.form)
        line.addStretch(1)
        for widget in (self.what, self.bar, self.eta, self.start, self.stop):
            line.addWidget(widget)
        self.body.addLayout(line)
        self.pages.chosen.connect(self._turn)
        self.who.activated.connect(lambda i: bench.set_form(who=str(self.who.itemData(i))))
        self.mode.activated.connect(lambda i: bench.set_form(mode=str(self.mode.itemData(i))))
        self.people.activated.connect(lambda i: bench.set_form(people=str(self.people.itemData(i))))
        models.listed.connect(self.show_form)
        bench.form_changed.connect(self.show_form)
        bench.progressed.connect(self.show_progress)
        self.show_form()
        self.show_progress()

    def turn(self, page: str) -> None:
        """To a page."""
        if self.pages.key() != page:
            self.pages.choose(page)
            self._turn(page)

    def _turn(self, page: str) -> None:
        self.show_progress()
        self.turned.emit(page)

    def show_form(self) -> None:
        """What is set."""
        form, catalogue = self._bench.form, self._models.catalogue
        self.who.clear()
        self.who.addItem("all that are ready", "all")
        for model in catalogue.rows:
            if model.measurable:
                self.who.addItem(model.title, model.key)
        self.who.setCurrentIndex(max(0, self.who.findData(form.who)))
        self.mode.setCurrentIndex(self.mode.findData(form.mode))
        self.people.setCurrentIndex(self.people.findData(form.people))
        ready = sum(model.measurable for model in catalogue.rows)
        parts = [f"{ready} ready" if self._models.loaded else ""]
        if catalogue.total and catalogue.free:
            parts.append(f"{words.bytes_(catalogue.free)} of {words.bytes_(catalogue.total)} memory available")
        self.memory.setText(" · ".join(part for part in parts if part))
        self.memory.setToolTip(catalogue.machine)
        self.start.setEnabled(self._bench.ready())

    def show_progress(self) -> None:
        """How far a bench is, on both pages."""
        live, on_bench = self._bench.live, self.pages.key() == "bench"
        self.memory.setVisible(not on_bench)
        self.form.setVisible(on_bench and not live.busy)
        self.start.setVisible(on_bench and not live.busy)
        self.start.setEnabled(self._bench.ready())
        for widget in (self.what, self.bar, self.stop):
            widget.setVisible(live.busy)
        self.stop.setEnabled(live.phase != "stopping")
        self.what.setText(_short(live.what) or "starting…")
        self.bar.setRange(0, 1000 if live.total else 0)
        self.bar.setValue(round(1000 * live.done / live.total) if live.total else 0)
        self.eta.setVisible(live.busy)
        self.eta.setText(progress_words(live))


def _short(what: str) -> str:
    return what if len(what) <= 52 else what[:51].rstrip() + "…"


def _combo(name: str, tip: str, entries: tuple[tuple[str, str], ...]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setToolTip(tip)
    for key, title in entries:
        made.addItem(title, key)
    return made
