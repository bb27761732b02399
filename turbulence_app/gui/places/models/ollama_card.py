"""What the Ollama server keeps in memory, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.models.ollama import OllamaPresenter
from turbulence_app.gui.places.models.tables import loaded_view
from turbulence_app.gui.widgets.basics import Card, Chip, IconButton, Label
from turbulence_app.gui.widgets.export_button import ExportButton
from turbulence_app.gui.widgets.sentence import sentence


def _now() -> str:
    return datetime.now(UTC).isoformat()


class OllamaCard(Card):
    """A row per model in memory; the last column unloads it."""

    def __init__(self, context: Context, presenter: OllamaPresenter, now: Callable[[], str] = _now) -> None:
        super().__init__("In Ollama's memory")
        self._presenter = presenter
        self.cloud = Chip("", "neutral")
        self.header.addWidget(self.cloud)
        again = IconButton("rotate-ccw", "Ask the server again", clicked=presenter.look)
        again.setProperty("fit", "small")
        self.title.setMinimumHeight(24)
        self.header.addWidget(again)
        self.table = loaded_view(now)
        self.header.addWidget(ExportButton(context, "Models in Ollama's memory", self.table))
        self.told = Label("", "body", "dim", wrap=True)
        self.told.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.table)
        self.pages.addWidget(self.told)
        self.body.addWidget(self.pages, 1)
        self.table.opened.connect(lambda row: presenter.unload(row.name))
        presenter.changed.connect(self.show_loaded)
        self.show_loaded()

    def show_loaded(self) -> None:
        """What is in memory now, or why nobody knows."""
        presenter = self._presenter
        self.table.rows.set_rows(presenter.loaded)
        self.table.viewport().update()
        self.pages.setCurrentIndex(0 if presenter.loaded else 1)
        self.told.setText(
            sentence(presenter.absent)
            or ("Nothing is loaded. A model is loaded with the first question." if presenter.asked else "Asking…")
        )
        known = presenter.cloud_off is not None and not presenter.absent
        self.cloud.setVisible(known)
        if known:
            off = bool(presenter.cloud_off)
            self.cloud.set("its cloud is off" if off else "its cloud is on", "good" if off else "warn")
            self.cloud.setToolTip(
                "The server's own cloud features are switched off."
                if off
                else "The server may reach its cloud for cloud models. Turbulence refuses those; OLLAMA_NO_CLOUD=1 in"
                " the server's environment switches them off."
            )
