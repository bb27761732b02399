"""The Models place's parts, put together: the strip above, one of its two pages below."""

from __future__ import annotations

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
        self._presenter = presenter
        self.strip = Strip(presenter, bench)
        self.list = ListCard(context, presenter, ollama.ask_pull)
        self.routes = RoutesCard(presenter)
        self.ollama = OllamaCard(context, ollama)
        self.glance = GlanceCard(context)
        self.details = DetailsCard(context, presenter, bench)
        self.bench = BenchPage(context, bench)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._models_page())
        self.pages.addWidget(self.bench)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(14)
        box.addWidget(self.strip)
        box.addWidget(self.pages, 1)
        self.loading = Label("Looking which models there are…", "body", "dim")
        self.loading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.error = EmptyState("circle-alert", "The models cannot be listed", "", "Try again", presenter.refresh)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        for widget in (page, self.loading, self.error):
            self._stack.addWidget(widget)
        self.strip.turned.connect(lambda key: self.pages.setCurrentIndex(1 if key == "bench" else 0))
        presenter.listed.connect(self._show)
        bench.progressed.connect(
            lambda: self.turn("bench") if bench.live.phase == "running" and not bench.live.what else None
        )
        self._show()

    def _models_page(self) -> QWidget:
        middle = Splitter(Qt.Orientation.Horizontal, "models.middle", self.routes, self.glance)
        middle.setSizes([390, 390])
        left = Splitter(Qt.Orientation.Vertical, "models.rows", self.list, middle, self.ollama)
        for place, factor in enumerate((4, 1, 1)):
            left.setStretchFactor(place, factor)
        left.setSizes([310, 140, 96])
        side = scrolled(self.details)
        side.setMinimumWidth(260)
        split = Splitter(Qt.Orientation.Horizontal, "models.columns", left, side)
        split.setStretchFactor(0, 1)
        split.setSizes([796, 266])
        return split

    def turn(self, page: str) -> None:
        """To a page."""
        self.strip.turn(page)

    def _show(self) -> None:
        presenter = self._presenter
        first = not presenter.loaded
        self.error.text.setText(sentence(presenter.error))
        self._stack.setCurrentIndex(2 if first and presenter.error else 1 if first else 0)
