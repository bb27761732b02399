"""Starts, watches and stops the model bench, and keeps what it measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QBuffer, QObject, Signal
from PySide6.QtGui import QPixmap

from turbulence_app.domain.bench import BenchResult
from turbulence_app.domain.events import BenchMeasured, JobFailed, Progress
from turbulence_app.gui.bridge import Job
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import CANCELLED, written
from turbulence_app.gui.places.models.bench_state import BenchForm, BenchLive, bench_csv, merged, shown, started
from turbulence_app.gui.places.models.presenter import ModelsPresenter


class BenchPresenter(QObject):
    """``progressed`` at most 20 times a second; ``measured`` when a row is another one."""

    progressed = Signal()
    measured = Signal()
    form_changed = Signal()
    chosen = Signal()

    def __init__(self, context: Context, models: ModelsPresenter) -> None:
        super().__init__(context.hub)
        self._context, self._models = context, models
        self.form = BenchForm()
        self.live = BenchLive()
        self.results: tuple[BenchResult, ...] = ()
        self.key = ""
        self._job: Job | None = None
        models.listed.connect(self._listed)

    # -- results ----------------------------------------------------------------------------------

    def rows(self) -> list[BenchResult]:
        """The best first."""
        return shown(self.results)

    @property
    def row(self) -> BenchResult | None:
        """The result that is looked at."""
        return next((row for row in self.results if "|".join(row.key) == self.key), None)

    def result_of(self, backend: str, name: str, digest: str) -> BenchResult | None:
        """The newest finished result of a model."""
        same = [
            row
            for row in self.results
            if row.backend == backend
            and row.done
            and (row.digest == digest if digest and row.digest else row.model == name)
        ]
        return max(same, key=lambda row: row.measured_at, default=None)

    def choose(self, key: str) -> None:
        """Look at a result."""
        if key != self.key:
            self.key = key
            self.chosen.emit()

    def _listed(self) -> None:
        stored = self._models.catalogue.bench
        running = tuple(row for row in self.results if row.status == "running") if self.live.busy else ()
        kept = stored
        for row in running:
            kept = merged(kept, row)
        self._take(kept)
        self.form_changed.emit()

    def _take(self, results: tuple[BenchResult, ...]) -> None:
        if results != self.results:
            self.results = results
            if self.row is None:
                first = next((row for row in self.rows() if row.done), None)
                self.key = "|".join(first.key) if first is not None else ""
                self.chosen.emit()
            self.measured.emit()

    # -- a bench ----------------------------------------------------------------------------------

    def set_form(self, **changes: str) -> None:
        """Whom, in which mode, how many people."""
        made = replace(self.form, **changes)
        if made != self.form:
            self.form = made
            self.form_changed.emit()

    def ready(self) -> bool:
        """Whether a bench could start."""
        return not self.live.busy and any(row.measurable for row in self._models.catalogue.rows)

    def measure(self, key: str) -> None:
        """Measure one model."""
        self.set_form(who=key)
        self.start()

    def start(self) -> None:
        """Measure what is set."""
        if not self.ready():
            return
        row = self._models.catalogue.row(self.form.who)
        params: dict[str, Any] = {"mode": self.form.mode or None}
        if row is not None:
            params |= {"models": [row.name], "backend": row.backend}
        if self.form.people == "all":
            params["full"] = True
        elif self.form.people != "usual":
            params["personas"] = int(self.form.people)
        self.live = BenchLive("running")
        self._job = self._context.bridge.request(
            "bench", "bench", params, on_events=self._events, on_result=self._ended, on_error=self._failed
        )
        self.progressed.emit()

    def stop(self) -> None:
        """Ask it to stop; what is measured is kept."""
        if self.live.busy and self._job is not None:
            self.live = replace(self.live, phase="stopping")
            self.progressed.emit()
            self._context.bridge.cancel(self._job)

    def _events(self, events: Sequence[Any]) -> None:
        results = self.results
        for event in events:
            if isinstance(event, Progress):
                self.live = started(
                    self.live, what=event.what, done=event.done, total=event.total, rate=event.rate, eta_s=event.eta_s
                )
            elif isinstance(event, BenchMeasured):
                self.live = started(self.live, row=event.row, rows=event.rows)
                results = merged(results, event.result)
        self.progressed.emit()
        self._take(results)

    def _ended(self, reply: Any) -> None:
        self._job = None
        stopped = self.live.phase == "stopping"
        results = self.results
        for one in reply.get("bench", ()):
            results = merged(results, BenchResult.model_validate(one))
        self.live = BenchLive("ended")
        self._take(tuple(row for row in results if row.status != "running"))
        self.progressed.emit()
        failed = sum(1 for one in reply.get("bench", ()) if one["status"] == "failed")
        self._context.notices.show(
            "Stopped; what was measured is kept."
            if stopped
            else "Measured."
            if not failed
            else f"{failed} could not be measured: the table says why.",
            "info" if stopped else "warn" if failed else "good",
        )
        self._models.refresh()

    def _failed(self, failure: JobFailed) -> None:
        self._job = None
        told = failure.message + (f" ({failure.mend})" if failure.mend else "")
        stopped = failure.exit_status == CANCELLED
        self.live = BenchLive("ended") if stopped else BenchLive("error", error=told)
        if not stopped:
            self._context.notices.show(told, "warn" if failure.known else "bad")
        self._take(tuple(row for row in self.results if row.status != "running"))
        self.progressed.emit()
        self._models.refresh()

    # -- export -----------------------------------------------------------------------------------

    def export_csv(self) -> None:
        """The table as a file for other programs."""
        path = self._context.dialogs.save_file("Export the table", "model-bench.csv", "CSV files (*.csv)")
        if path is not None:
            self._write(path, bench_csv(self.rows()).encode())

    def export_png(self, picture: QPixmap) -> None:
        """The charts as a picture."""
        path = self._context.dialogs.save_file("Export the charts", "model-bench.png", "Pictures (*.png)")
        if path is None:
            return
        data = QBuffer()
        data.open(QBuffer.OpenModeFlag.WriteOnly)
        picture.save(data, "PNG")
        self._write(path, bytes(data.data().data()))

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.write_bytes(data)
        except OSError as error:
            self._context.notices.show(f"Not exported: {error.strerror}", "bad")
            return
        written(self._context, "Exported", None, path)

    def close(self) -> None:
        """A bench under way is stopped; nothing more is awaited."""
        if self._job is not None:
            self._context.bridge.cancel(self._job)
            self._job.forget()
            self._job = None
