"""The real dialogs behind the port of :mod:`turbulence_app.gui.context`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from turbulence_app.gui.context import Field
from turbulence_app.gui.widgets.basics import Button, Label, row


class Sheet(QDialog):
    """A dialog in the look of the cards: title, text, contents, buttons."""

    def __init__(self, parent: QWidget, title: str, text: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(420)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 16)
        self.column.setSpacing(10)
        self.column.addWidget(Label(title, "title"))
        if text:
            self.column.addWidget(Label(text, kind="dim", wrap=True))

    def finish(self, action: str, *, danger: bool = False, cancel: str = "Cancel") -> Button:
        """Add the buttons; returns the one that does it."""
        does = Button(action, "danger" if danger else "primary", clicked=self.accept)
        does.setDefault(not danger)
        buttons = row(1, Button(cancel, clicked=self.reject), does) if cancel else row(1, does)
        self.column.addSpacing(6)
        self.column.addLayout(buttons)
        return does


class WindowDialogs:
    """Asks in front of a window."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def confirm(self, title: str, text: str, action: str, *, danger: bool = False) -> bool:
        """Ask whether to do it."""
        sheet = Sheet(self._parent, title, text)
        sheet.finish(action, danger=danger)
        return self._run(sheet)

    def ask_text(self, title: str, label: str, value: str = "") -> str | None:
        """Ask for a line of text."""
        sheet = Sheet(self._parent, title)
        field = QLineEdit(value)
        field.setAccessibleName(label)
        field.selectAll()
        sheet.column.addLayout(_named(label, field))
        does = sheet.finish(title.rstrip("…"))
        field.textChanged.connect(lambda text: does.setEnabled(bool(text.strip())))
        does.setEnabled(bool(value.strip()))
        field.setFocus()
        return field.text().strip() if self._run(sheet) else None

    def ask_form(self, title: str, text: str, fields: Sequence[Field], action: str) -> dict[str, str] | None:
        """Ask for a few lines of text."""
        sheet = Sheet(self._parent, title, text)
        lines = {field.key: _line(sheet, field) for field in fields}
        does = sheet.finish(action)

        def judge() -> None:
            does.setEnabled(all(lines[field.key].text().strip() for field in fields if field.needed))

        for line in lines.values():
            line.textChanged.connect(lambda _text: judge())
        judge()
        next(iter(lines.values())).setFocus()
        return {key: line.text().strip() for key, line in lines.items()} if self._run(sheet) else None

    def open_folder(self, title: str) -> Path | None:
        """Ask for a folder."""
        from turbulence_app.gui import file_dialog

        return file_dialog.open_folder(self._parent, title)

    def open_file(self, title: str, filters: str = "") -> Path | None:
        """Ask for a file to read."""
        from turbulence_app.gui import file_dialog

        return next(iter(file_dialog.open_files(self._parent, title, filters, many=False)), None)

    def open_files(self, title: str, filters: str = "") -> tuple[Path, ...]:
        """Ask for several files to read."""
        from turbulence_app.gui import file_dialog

        return file_dialog.open_files(self._parent, title, filters)

    def choose(self, title: str, text: str, choices: Sequence[tuple[str, str]]) -> str | None:
        """Ask which of a few things to do; the first is what Enter does."""
        sheet = Sheet(self._parent, title, text)
        chosen: list[str] = []

        def take(key: str) -> None:
            chosen.append(key)
            sheet.accept()

        buttons = [
            Button(words, "plain" if place else "primary", clicked=lambda key=key: take(key))  # type: ignore[misc]
            for place, (key, words) in enumerate(choices)
        ]
        buttons[0].setDefault(True)
        sheet.column.addSpacing(6)
        sheet.column.addLayout(row(Button("Cancel", clicked=sheet.reject), 1, *reversed(buttons)))
        return chosen[0] if self._run(sheet) and chosen else None

    def save_file(self, title: str, name: str, filters: str = "") -> Path | None:
        """Ask for a file to write."""
        from turbulence_app.gui import file_dialog

        return file_dialog.save_file(self._parent, title, name, filters)

    def _run(self, sheet: QDialog) -> bool:
        done = sheet.exec() == QDialog.DialogCode.Accepted
        sheet.deleteLater()
        return done


def _line(sheet: Sheet, field: Field) -> QLineEdit:
    line = QLineEdit(field.value)
    line.setAccessibleName(field.label)
    line.setPlaceholderText(field.hint)
    sheet.column.addLayout(_named(field.label, line))
    return line


def _named(label: str, field: QLineEdit) -> QVBoxLayout:
    """A field right below its name: nearer to it than to what comes before."""
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(Label(label, kind="dim"))
    column.addWidget(field)
    return column
