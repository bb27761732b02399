"""The Log place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.log.presenter import LogPresenter
from turbulence_app.gui.places.log.state import Line
from turbulence_app.gui.places.log.view import LogView


class Place(BasePlace):
    """What the program did and said, newest first."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.presenter = LogPresenter(context)
        self.view = LogView(context, self.presenter, self._lead, self._report)
        self.widget = self.view

    def actions(self) -> Mapping[str, Handler]:
        """Find, pause, copy, export."""
        return {
            "log.find": self._find,
            "log.pause": lambda: self.presenter.pause(not self.presenter.paused),
            "log.copy": self.view.detail.to_clipboard,
            "log.export": self.view.export.save_csv,
        }

    def enabled(self, action: str) -> bool:
        """There must be a line to copy, and lines to export."""
        if action == "log.copy":
            return self.view.detail.line is not None
        return action != "log.export" or self.presenter.total > 0

    def opened(self, target: Mapping[str, Any]) -> None:
        """It comes to the front; ``text`` and ``level`` are looked for."""
        if "text" in target:
            self.view.search.setText(str(target["text"]))
        if level := target.get("level"):
            self.view.level.choose(str(level))
            self.view.level.chosen.emit(str(level))
        self.presenter.watch(True)
        self.view.table.setFocus()

    def left(self) -> None:
        """Nothing is asked behind its back."""
        self.presenter.watch(False)

    def close(self) -> bool:
        """Nothing more is asked."""
        self.presenter.close()
        return True

    def _find(self) -> None:
        self.context.navigation.go("log")
        self.view.focus_search()

    def _lead(self, line: Line) -> None:
        self.context.navigation.go(line.place, **line.target)

    def _report(self, line: Line) -> None:
        self.context.hub.report.emit(line.message, line.stack)
