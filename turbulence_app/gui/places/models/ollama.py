"""The Ollama server as the place sees it: what is in its memory, unloading, and fetching on the person's word."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context, Field
from turbulence_app.gui.places.models.presenter import ModelsPresenter
from turbulence_app.gui.places.models.state import Loaded

LOOK_MS = 10_000
"""How often it is asked what is in memory, while the place is open."""


class OllamaPresenter(QObject):
    """``changed``: something else is in memory, or the server came or went."""

    changed = Signal()

    def __init__(self, context: Context, models: ModelsPresenter) -> None:
        super().__init__(context.hub)
        self._context, self._models = context, models
        self.loaded: tuple[Loaded, ...] = ()
        self.url = ""
        self.cloud_off: bool | None = None
        self.absent = ""
        """Why there is no answer."""
        self.asked = False
        self._job: Job | None = None
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def watch(self, on: bool) -> None:
        """Look now and then, while somebody sees it."""
        if on and not self._timer.isActive():
            self._timer.start()
            self.look()
        elif not on:
            self._timer.stop()

    def look(self) -> None:
        """Ask what is in memory."""
        if self._job is None:
            params = {"project": self._models.project()}
            self._job = self._context.bridge.request(
                "live", "ollama_ps", params, on_result=self._told, on_error=self._not_told
            )

    def _told(self, reply: Any) -> None:
        rows = [
            Loaded(r["name"], int(r["size"]), int(r["gpu_size"]), int(r["context"]), str(r["until"]))
            for r in reply.get("running", ())
        ]
        self.show(tuple(rows), str(reply.get("url", "")), reply.get("cloud_off"))

    def show(self, rows: tuple[Loaded, ...], url: str, cloud_off: bool | None) -> None:
        """Take what the server said."""
        self._job, self.asked, self.absent = None, True, ""
        self.loaded, self.url, self.cloud_off = rows, url, cloud_off
        self.changed.emit()

    def _not_told(self, failure: JobFailed) -> None:
        self._job, self.asked = None, True
        self.loaded, self.absent = (), failure.message + (f" ({failure.mend})" if failure.mend else "")
        self.changed.emit()

    def unload(self, name: str) -> None:
        """Take a model out of the server's memory."""

        def done(_reply: Any) -> None:
            self._context.notices.show(f"{name} is out of the server's memory.", "good")
            self.look()

        def failed(failure: JobFailed) -> None:
            self._models.complain(failure)
            self.look()

        params = {"project": self._models.project(), "model": name}
        self._context.bridge.request("fetch", "ollama_unload", params, on_result=done, on_error=failed)

    def ask_pull(self) -> None:
        """Which model; then from where, and whether the person wants that."""
        said = self._context.dialogs.ask_form(
            "Fetch a model with Ollama",
            "Ollama, a program of its own, would fetch it over its own network. You are asked again before it does.",
            (Field("model", "Name of the model", hint="phi3:mini", needed=True),),
            "Go on",
        )
        if said is not None:
            self._context.bridge.request(
                "live",
                "ollama_source",
                {"project": self._models.project(), "model": said["model"]},
                on_result=self._consent,
                on_error=self._models.complain,
            )

    def _consent(self, reply: Any) -> None:
        model, source = str(reply["model"]), str(reply["source"])
        text = (
            f"Ollama will connect to {source} and download the model there. Turbulence itself connects to nothing; it"
            " only asks the Ollama server on this machine, and the ledger notes that it did. Nothing of your project"
            " is sent."
        )
        if self._context.dialogs.confirm(f"Let Ollama fetch {model} from {source}?", text, "Let Ollama fetch it"):
            params = {"project": self._models.project(), "model": model, "from_host": source}
            self._models.fetching.start("ollama_pull", params, f"Ollama fetches {model}", self._pulled)

    def _pulled(self, reply: Any) -> None:
        self._context.notices.show(f"Ollama has {reply['model']} now.", "good")

    def close(self) -> None:
        """Nothing more is awaited."""
        self._timer.stop()
        if self._job is not None:
            self._job.forget()
            self._job = None
