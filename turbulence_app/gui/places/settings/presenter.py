"""Changes settings, each a step that can be taken back; a file goes out and comes in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QUndoStack

from turbulence_app.domain.errors import KnownError
from turbulence_app.gui.context import Context
from turbulence_app.gui.places.settings.state import Row, rows
from turbulence_app.gui.undo_step import Step
from turbulence_app.settings import BY_KEY, SETTINGS, Preferences, Value, preferences

TOML = "Settings (*.toml)"
Values = dict[str, Value]


class SettingsPresenter(QObject):
    """Between the rows and the file."""

    changed = Signal()
    """How the settings stand has changed; look at :meth:`rows`."""
    refused = Signal(str, str)
    """A key, and why what was typed for it is not taken."""

    def __init__(self, context: Context, stack: QUndoStack, mine: Preferences | None = None) -> None:
        super().__init__(context.hub)
        self._context, self._stack = context, stack
        self._given = mine
        self.open_url: Callable[[QUrl], object] = QDesktopServices.openUrl
        self._started: Values = {one.key: self.mine.get(one.key) for one in SETTINGS if one.restart}

    @property
    def mine(self) -> Preferences:
        """The file that is shown."""
        return self._given or preferences()

    def rows(self) -> list[Row]:
        """Every setting, as it stands."""
        return rows(self.mine, self._started)

    def set_text(self, key: str, text: str) -> None:
        """Take what was typed or chosen."""
        setting = BY_KEY[key]
        try:
            value = setting.kind.parse(text)
        except ValueError as error:
            self.refused.emit(key, f"{setting.title} {error}.")
            return
        if value != self.mine.kept(key):
            self._step(f"{setting.title.lower()}", lambda: self.mine.set(key, value), f"setting:{key}")
        else:
            self.changed.emit()

    def reset(self, key: str) -> None:
        """One setting back to its default."""
        self._step(f"reset of {BY_KEY[key].title.lower()}", lambda: self.mine.reset(key))

    def reset_all(self) -> None:
        """All of them; the notice takes it back."""
        count = len(self.changed_keys())
        if count and self._step("reset of all settings", self.mine.reset):
            words = f"{count} settings are" if count > 1 else "1 setting is"
            self._context.notices.show(f"{words} as by default again", "info", "Undo", self._stack.undo)

    def changed_keys(self) -> list[str]:
        """What is not as by default in the file."""
        return [setting.key for setting in SETTINGS if self.mine.kept(setting.key) != setting.default]

    def ask_export(self) -> None:
        """Write the same settings into a file elsewhere."""
        path = self._context.dialogs.save_file("Export the settings", "turbulence-settings.toml", TOML)
        if path is None:
            return
        try:
            path.write_text(self.mine.exported(), encoding="utf-8")
            self._context.notices.show(f"Exported: {path.name}", "good")
        except OSError as error:
            self._context.notices.show(f"Not exported: {error.strerror or error}", "bad")

    def ask_import(self) -> None:
        """Take the settings of a file; what it has that is none is told."""
        path = self._context.dialogs.open_file("Import settings", TOML)
        if path is None:
            return
        problems: list[str] = []
        if self._step("import of settings", lambda: problems.extend(self.mine.imported(path).problems)):
            more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
            told = f"The settings of {path.name} are in force" + (f"; {problems[0]}{more}" if problems else "")
            self._context.notices.show(told, "warn" if problems else "good", "Undo", self._stack.undo)

    def open_folder(self, folder: Path | None = None) -> None:
        """Show a folder in the system's file manager."""
        where = folder or self.mine.path.parent
        if not where.is_dir():
            self._context.notices.show(f"{where} is not there yet", "info")
        elif not self.open_url(QUrl.fromLocalFile(str(where))):
            self._context.notices.show(f"No file manager answers here; the folder is {where}", "warn")

    def _step(self, text: str, change: Callable[[], object], key: str = "") -> bool:
        before = self.mine.values()
        if not self._try(change):
            return False
        after = self.mine.values()
        self._stack.push(Step(text, lambda: self._put(before), lambda: self._put(after), key))
        self._tell(before, after)
        return True

    def _put(self, values: Values) -> None:
        before = self.mine.values()
        if self._try(lambda: self.mine.replace(values)):
            self._tell(before, values)

    def _try(self, change: Callable[[], object]) -> bool:
        try:
            change()
        except KnownError as error:
            problem = error.problem
            self._context.notices.show(f"{problem.message}" + (f" ({problem.mend})" if problem.mend else ""), "bad")
            self.changed.emit()
            return False
        return True

    def _tell(self, before: Mapping[str, Value], after: Mapping[str, Value]) -> None:
        for setting in SETTINGS:
            if before.get(setting.key) != after.get(setting.key):
                self._context.hub.setting.emit(setting.key)
        self.changed.emit()
