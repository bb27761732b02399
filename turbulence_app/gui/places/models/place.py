"""The Models place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.models.bench_presenter import BenchPresenter
from turbulence_app.gui.places.models.ollama import OllamaPresenter
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.view import ModelsView


class Place(BasePlace):
    """Which models there are, whom each task asks, and how well each one reads people."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = ModelsPresenter(context)
        self.bench = BenchPresenter(context, self.presenter)
        self.ollama = OllamaPresenter(context, self.presenter)
        self.view = ModelsView(context, self.presenter, self.bench, self.ollama)
        self.widget = self.view

    def fill(self) -> Iterator[None]:
        """The cards, one after another."""
        yield from self.view.fill()

    def actions(self) -> Mapping[str, Handler]:
        """Add, check, trust, route and measure."""
        return {
            "models.add": self.presenter.ask_add,
            "models.pull": self.ollama.ask_pull,
            "models.refresh": self.presenter.refresh,
            "models.default": self.presenter.make_default,
            "models.verify": self.presenter.verify,
            "models.trust": self.presenter.trust,
            "models.remove": self.presenter.remove,
            "models.page": lambda: self.view.turn("models"),
            "bench.page": lambda: self.view.turn("bench"),
            "bench.start": self._start,
            "bench.stop": self.bench.stop,
            "bench.csv": self.bench.export_csv,
            "bench.png": lambda: self.bench.export_png(self.view.bench.chart_picture()),
        }

    def enabled(self, action: str) -> bool:
        """What can be done with the chosen model, and with the bench."""
        row = self.presenter.row
        if action in ("models.default", "models.verify", "models.trust", "models.remove"):
            return row is not None and row.is_file and not self.presenter.fetching.busy
        if action in ("bench.start", "bench.stop"):
            return self.bench.ready() if action == "bench.start" else self.bench.live.busy
        if action in ("bench.csv", "bench.png"):
            return bool(self.bench.results)
        return True

    def breadcrumb(self) -> str:
        """The model that is looked at."""
        return self.presenter.row.title if self.presenter.row is not None else ""

    def opened(self, target: Mapping[str, Any]) -> None:
        """``model`` chooses one by its key, ``page`` turns to ``models`` or ``bench``."""
        if page := target.get("page"):
            self.view.turn(str(page))
        if model := target.get("model"):
            self.presenter.choose(str(model))
        self.presenter.refresh()
        self.ollama.watch(True)

    def left(self) -> None:
        """Nobody sees it: the server is left alone."""
        self.ollama.watch(False)

    def close(self) -> bool:
        """A bench under way is asked to stop."""
        self.bench.close()
        self.ollama.close()
        self.presenter.close()
        return True

    def _start(self) -> None:
        self.view.turn("bench")
        self.bench.start()
