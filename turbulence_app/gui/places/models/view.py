"""The Models place's parts, put together: the strip above, one of its two pages below."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.models.bench_page import BenchPage
from turbulence_app.gui.places.models.bench_presenter import BenchPresenter
from turbulence_app.gui.places.models.details import DetailsCard
from turbulence_app.gui.places.models.glance_card import GlanceCard
from turbulence_app.gui.places.models.list_card import ListCard
from turbulence_app.gui.places.models.ollama import OllamaPresenter
from turbulence_app.gui.places.models.ollama_card import OllamaCard
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.routes_card import RoutesCard
from turbulence_app.gui.places.models.strip import Strip
from turbulence_app.gui.widgets.basics import EmptyState, Label, Splitter, scrolled
from turbulence_app.gui.widgets.sentence import sentence


class ModelsView(QWidget):
    """Models and bench, with what is said while there is nothing to show."""

    def __init__(
        self, context: Context, presenter: ModelsPresenter, bench: BenchPresenter, ollama: OllamaPresenter
    ) -> None:
        super().__init__()
        self._context, self._presenter, self._bench, self._ollama = context, presenter, bench, ollama
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)

    def fill(self) -> Iterator[None]:
        """Make the cards, one at each turn; nothing else may be asked before the last."""
        presenter, bench = self._presenter, self._bench
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        self._stack.addWidget(page)
        self.strip = Strip(presenter, bench)
        box.addWidget(self.strip)
        self.pages = QStackedWidget()
        box.addWidget(self.pages, 1)
        yield
        split = Splitter(Qt.Orientation.Horizontal, "models.columns")
        self.pages.addWidget(split)
        yield from self._models_page(split)
        self.bench = BenchPage(self._context, bench)
        self.pages.addWidget(self.bench)
        yield from self.bench.fill()
        self.loading = Label("Looking which models there are…", "body", "dim")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.error = EmptyState("circle-alert", "The models cannot be listed", "", "Try again", presenter.refresh)
        for widget in (self.loading, self.error):
            self._stack.addWidget(widget)
        self.strip.turned.connect(lambda key: self.pages.setCurrentIndex(1 if key == "bench" else 0))
        presenter.listed.connect(self._show)
        bench.progressed.connect(
            lambda: self.turn("bench") if bench.live.phase == "running" and not bench.live.what else None
        )
        self._show()

    def _models_page(self, split: Splitter) -> Iterator[None]:
        context, presenter = self._context, self._presenter
        left = Splitter(Qt.Orientation.Vertical, "models.rows")
        split.addWidget(left)
        self.list = ListCard(context, presenter, self._ollama.ask_pull)
        left.addWidget(self.list)
        yield
        middle = Splitter(Qt.Orientation.Horizontal, "models.middle")
        left.addWidget(middle)
        self.routes = RoutesCard(presenter)
        middle.addWidget(self.routes)
        yield
        self.glance = GlanceCard(context)
        middle.addWidget(self.glance)
        middle.setSizes([390, 390])
        yield
        self.ollama = OllamaCard(context, self._ollama)
        left.addWidget(self.ollama)
        for place, factor in enumerate((4, 1, 1)):
            left.setStretchFactor(place, factor)
        left.setSizes([310, 140, 96])
        yield
        self.details = DetailsCard(context, presenter, self._bench)
        side = scrolled(self.details)
        side.setMinimumWidth(260)
        split.addWidget(side)
        split.setStretchFactor(0, 1)
        split.setSizes([796, 266])
        yield

    def turn(self, page: str) -> None:
        """To a page."""
        self.strip.turn(page)

    def _show(self) -> None:
        presenter = self._presenter
        first = not presenter.loaded
        self.error.text.setText(sentence(presenter.error))
        self._stack.setCurrentIndex(2 if first and presenter.error else 1 if first else 0)
