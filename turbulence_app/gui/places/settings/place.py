"""The Settings place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from turbulence_app.gui.context import Context
from turbulence_app.gui.places.base import Handler
from turbulence_app.gui.places.base import Place as BasePlace
from turbulence_app.gui.places.settings.presenter import SettingsPresenter
from turbulence_app.gui.places.settings.view import SettingsView
from turbulence_app.gui.undo_step import undo_stack


class Place(BasePlace):
    """Every setting, found by any word for it."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.undo_stack = undo_stack(context.undo)
        self.presenter = SettingsPresenter(context, self.undo_stack)
        self.view = SettingsView(context, self.presenter)
        self.widget = self.view
        context.hub.setting.connect(lambda _key: self.view.show_rows())

    def actions(self) -> Mapping[str, Handler]:
        """Find, back to the defaults, out and in, the folder."""
        return {
            "settings.find": self._find,
            "settings.reset": self.presenter.reset_all,
            "settings.export": self.presenter.ask_export,
            "settings.import": self.presenter.ask_import,
            "settings.folder": self.presenter.open_folder,
        }

    def enabled(self, action: str) -> bool:
        """What is as by default cannot be reset."""
        return action != "settings.reset" or bool(self.presenter.changed_keys())

    def opened(self, target: Mapping[str, Any]) -> None:
        """It comes to the front; ``key`` is the setting to show."""
        self.view.show_rows()
        if key := target.get("key"):
            self.view.show_key(str(key))
        elif not self.view.isAncestorOf(self.view.focusWidget()):
            self.view.search.setFocus()

    def close(self) -> bool:
        """Nothing more is made."""
        self.view.close_down()
        return True

    def _find(self) -> None:
        self.context.navigation.go("settings")
        self.view.focus_search()
