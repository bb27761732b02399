"""The list of models: which there are, and ways to get more of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.tables import model_view
from turbulence_app.gui.widgets.basics import Button, Card, ElidedLabel, IconButton, Label
from turbulence_app.gui.widgets.export_button import ExportButton


class FetchingLine(QWidget):
    """What is read or fetched, how far it is, and a stop."""

    def __init__(self, presenter: ModelsPresenter) -> None:
        super().__init__()
        self._fetching = presenter.fetching
        self.what = ElidedLabel("", "body")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(150)
        self.bar.setAccessibleName("Progress of the file")
        self.far = Label("", "mono_small", "dim")
        self.stop = Button("Stop", "plain", "square", "Stop reading or fetching", self._fetching.stop)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.what, 1)
        for widget in (self.bar, self.far, self.stop):
            line.addWidget(widget)
        self._fetching.progressed.connect(self.show_far)
        self.show_far()

    def show_far(self) -> None:
        """How far it is."""
        far = self._fetching.far
        self.setVisible(self._fetching.busy)
        self.what.setText(far.what)
        self.bar.setRange(0, 1000 if far.total else 0)
        self.bar.setValue(round(1000 * far.done / far.total) if far.total else 0)
        self.far.setText(far.words)
        self.stop.setEnabled(not far.stopping)


class ListCard(Card):
    """The table; GGUF files may be dropped on it."""

    def __init__(self, context: Context, presenter: ModelsPresenter, ask_pull: Callable[[], object]) -> None:
        super().__init__("Models")
        self._presenter = presenter
        self.add = Button("Add file…", "primary", "plus", "Add a GGUF file that is on this machine", presenter.ask_add)
        self.pull = Button(
            "Fetch with Ollama…", "plain", "download", "Let the Ollama server fetch a model, if you agree", ask_pull
        )
        self.again = IconButton("rotate-ccw", "Look again which models there are", clicked=presenter.refresh)
        self.table = model_view(lambda: presenter.catalogue.free)
        self.export = ExportButton(context, "Models", self.table)
        for widget in (self.export, self.again, self.pull, self.add):
            self.header.addWidget(widget)
        self.fetching = FetchingLine(presenter)
        self.hint = Label("A GGUF file can also be dropped here. ★ is used where no model is named.", "small", "dim")
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.fetching)
        self.body.addWidget(self.hint)
        self.setAcceptDrops(True)
        self.table.selectionModel().currentRowChanged.connect(lambda now, _old: self._choose(now.row()))
        presenter.listed.connect(self.show_list)
        presenter.chosen.connect(self.show_chosen)
        presenter.fetching.progressed.connect(self._show_hint)
        self.show_list()

    def _show_hint(self) -> None:
        self.hint.setVisible(not self._presenter.fetching.busy)

    def show_list(self) -> None:
        """The models as they are."""
        self.table.rows.set_rows(self._presenter.catalogue.rows)
        self.table.viewport().update()  # the bars depend on the memory that is free
        self.show_chosen()

    def show_chosen(self) -> None:
        """The model that is looked at."""
        rows = self._presenter.catalogue.rows
        place = next((n for n, row in enumerate(rows) if row.key == self._presenter.key), -1)
        if place >= 0 and self.table.currentIndex().row() != place:
            self.table.selectRow(place)

    def _choose(self, place: int) -> None:
        rows = self._presenter.catalogue.rows
        if 0 <= place < len(rows):
            self._presenter.choose(rows[place].key)

    # -- dropping ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Files from this machine are welcome."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            self.hint.setText("Let go to add it.")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """Somebody thought better of it."""
        self._plain_hint()
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add the first file."""
        self._plain_hint()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self._presenter.add(paths[0])

    def _plain_hint(self) -> None:
        self.hint.setText("A GGUF file can also be dropped here. ★ is used where no model is named.")
