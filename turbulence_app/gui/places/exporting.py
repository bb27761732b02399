"""Runs and failures as files for other tools: asks where, has them written, tells what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Context

CANCELLED = 130
EXPORTS: tuple[tuple[str, str, str, str], ...] = (
    ("pytest", "pytest test…", "test_{name}.py", "Python files (*.py)"),
    ("html", "HTML report…", "{name}.html", "HTML files (*.html)"),
    ("junit", "JUnit file…", "{name}.xml", "JUnit files (*.xml)"),
    ("csv", "CSV tables (a folder)…", "{name}_csv", "Folders (*)"),
    ("locust", "Locust file…", "locustfile_{name}.py", "Python files (*.py)"),
)
"""Kind, words of the menu, file name, filter of the save dialog."""


def export(context: Context, kind: str, address: str, stem: str) -> None:
    """Ask for a file and write the run or failure at ``address`` into it; ``stem`` is the name that is proposed."""
    _, words, name, filters = next(row for row in EXPORTS if row[0] == kind)
    path = context.dialogs.save_file(f"Export: {words.rstrip('…')}", name.format(name=stem), filters)
    if path is None:
        return
    context.bridge.request(
        "run",
        "export",
        {"kind": kind, "name": address, "path": str(path), "project": str(context.project.data.root)},
        on_result=lambda reply: written(context, "Exported", reply, path),
        on_error=lambda error: not_written(context, "Not exported", error),
    )


def written(context: Context, what: str, reply: Any, path: Path | None = None) -> None:
    """Say that a file is there, and offer its path."""
    named = (reply.get("path") or reply.get("file")) if isinstance(reply, Mapping) else reply
    told = str(named or path or "")
    context.notices.show(f"{what}: {Path(told).name}", "good", "Copy the path", lambda: to_clipboard(told))


def not_written(context: Context, what: str, error: JobFailed) -> None:
    """Say why there is no file; nothing where somebody stopped it."""
    if error.exit_status != CANCELLED:
        words = error.message + (f" ({error.mend})" if error.mend else "")
        context.notices.show(f"{what}: {words}", "bad")


def to_clipboard(text: str) -> None:
    """For pasting elsewhere."""
    QGuiApplication.clipboard().setText(text)
