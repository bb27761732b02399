"""The minutes as a table, the charts as a picture."""

from __future__ import annotations

import csv as tables
import io
from datetime import UTC, datetime

from PySide6.QtWidgets import QWidget

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.exporting import written
from turbulence_app.gui.places.telemetry.presenter import TelemetryPresenter

COLUMNS = (
    "requests", "hits", "hit_rate", "fallback_requests", "error_requests", "stopped", "retries", "repairs",
    "breaker_openings", "tokens_in", "tokens_out", "saved_ms", "p50_ms", "p95_ms", "p99_ms", "mean_ms", "max_ms",
)  # fmt: skip


def csv(context: Context, presenter: TelemetryPresenter) -> None:
    """Ask for a file and write one line per minute with traffic."""
    path = context.dialogs.save_file("Export: telemetry by minute", "telemetry.csv", "CSV files (*.csv)")
    if path is None:
        return
    try:
        path.write_text(as_csv(presenter), encoding="utf-8")
    except OSError as error:
        context.notices.show(f"Not exported: {path.name}: {error.strerror}", "bad")
        return
    written(context, "Exported", str(path))


def as_csv(presenter: TelemetryPresenter) -> str:
    """The table: ``minute`` in UTC, then :data:`COLUMNS`."""
    text = io.StringIO()
    table = tables.writer(text, lineterminator="\n")
    table.writerow(("minute", *COLUMNS))
    for row in presenter.report.get("series", ()):
        minute = datetime.fromtimestamp(60 * int(row["minute"]), UTC).strftime("%Y-%m-%dT%H:%MZ")
        table.writerow((minute, *(row.get(name, "") for name in COLUMNS)))
    return text.getvalue()


def png(context: Context, widget: QWidget) -> None:
    """Ask for a file and write what the place shows as a picture."""
    path = context.dialogs.save_file("Export: telemetry as a picture", "telemetry.png", "PNG pictures (*.png)")
    if path is None:
        return
    if widget.grab().save(str(path), "PNG"):
        written(context, "Exported", str(path))
    else:
        context.notices.show(f"Not exported: {path.name} cannot be written", "bad")
