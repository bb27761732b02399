"""Drives the Models place of the real window: a file comes, is checked, is measured and stopped, and goes.

``drive_models.py FILE.gguf``; run by the journey tests in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QPushButton

from tests.journeys.hands import click, opened, until
from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.file_dialog import FileDialog
from turbulence_app.gui.places.models.place import Place


def main(file: Path) -> None:
    window = opened()
    until(lambda: window.project.loaded, "the sample")
    click(window.nav.buttons["models"])
    place = window.place("models")
    assert isinstance(place, Place)
    until(lambda: place.presenter.loaded, "the models that there are")
    there = [row.key for row in place.presenter.catalogue.rows if row.available]
    assert "builtin/builtin" in there, there

    add(place, file)
    check(place)
    measure(place)
    remove(place, file)
    window.close()
    print("journey done")


def add(place: Place, file: Path) -> None:
    """The button, the file's path, and the name that is proposed."""
    answer(lambda dialog: named(dialog, file), lambda: answer(lambda sheet: press(sheet, "Add model")), FileDialog)
    click(place.view.list.add)
    key = f"llamacpp/{file.stem}"
    until(lambda: place.presenter.key == key and place.presenter.row is not None, "the model on the list")
    row = place.presenter.row
    assert row is not None
    assert row.path == str(file)
    until(lambda: place.view.details.name.full_text() == row.title, "what is known of it")


def check(place: Place) -> None:
    """Its file is read again."""
    click(place.view.details.verify)
    until(lambda: place.presenter.fetching.busy, "the reading")
    until(lambda: not place.presenter.fetching.busy, "the end of the reading")
    said = place.context.notices.book.notices[-1]  # type: ignore[attr-defined]
    assert said.text.endswith("is still what was added."), said.text


def measure(place: Place) -> None:
    """It is asked about people, until somebody stops it; what was measured stays."""
    click(place.view.details.measure)
    until(lambda: place.bench.live.phase == "running", "the bench")
    assert place.view.strip.pages.key() == "bench"
    until(lambda: place.view.strip.stop.isVisible() and bool(place.bench.live.what), "how far it is")
    click(place.view.strip.stop)
    until(lambda: not place.bench.live.busy, "the end of the bench")
    mine = [row for row in place.bench.results if row.backend == "llamacpp"]
    assert all(row.status != "running" for row in mine), mine
    place.view.turn("models")


def remove(place: Place, file: Path) -> None:
    """It goes off the list, and the file stays."""
    key = f"llamacpp/{file.stem}"
    place.presenter.choose(key)
    answer(lambda sheet: press(sheet, "Remove"))
    click(place.view.details.remove)
    until(lambda: key not in [row.key for row in place.presenter.catalogue.rows if row.there], "the list without it")
    assert file.exists()


def answer(
    does: Callable[[QDialog], None], then: Callable[[], None] = lambda: None, kind: type[QDialog] = Sheet
) -> None:
    """Answer the next question, which waits in an event loop of its own; ``then`` as soon as that is done."""

    def look() -> None:
        sheet = QApplication.activeModalWidget()
        if not isinstance(sheet, kind) or not sheet.isVisible():
            QTimer.singleShot(50, look)
        else:
            does(sheet)
            then()

    QTimer.singleShot(50, look)


def named(dialog: QDialog, file: Path) -> None:
    """Paste a path and open it."""
    assert isinstance(dialog, FileDialog), dialog
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    assert line is not None
    line.selectAll()
    line.setText(str(file))  # pasted: what completes a word letter by letter keeps the Enter to itself
    press(dialog, "Open")


def press(sheet: QDialog, words: str) -> None:
    """The button that says so."""
    click(next(button for button in sheet.findChildren(QPushButton) if button.text().replace("&", "") == words))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
