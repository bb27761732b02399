"""Settings that the window itself obeys, taken over as soon as they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QApplication

from turbulence_app.domain.errors import KnownError
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import Scheme
from turbulence_app.settings import Preferences, preferences

EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu, Qt.UIEffect.UI_FadeMenu, Qt.UIEffect.UI_AnimateCombo, Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
)  # fmt: skip
PROJECT = ("run.users", "run.seed", "run.workers", "models.")
"""Settings under a project's own: it has to be read again to show them."""


def pinned(mine: Preferences) -> Scheme | None:
    """The colour scheme that is wanted; None follows the system."""
    theme = mine.text("look.theme")
    return None if theme == "system" else cast(Scheme, theme)


def still() -> bool:
    """Whether things appear at once instead of sliding in."""
    return preferences().on("look.reduced_motion")


def adopt(old: QSettings, mine: Preferences) -> None:
    """Colours and text size were kept with the layout once: take them over, a single time."""
    if mine.path.exists() or not (old.contains("theme") or old.contains("scale")):
        return
    try:
        scale = round(float(str(old.value("scale", 1.0))) * 100)
    except ValueError:
        scale = 100
    theme = str(old.value("theme", "system"))
    try:
        mine.replace({
            "look.theme": theme if theme in ("dark", "light") else "system",
            "look.text": min(200, max(80, scale)),
        })  # fmt: skip
        old.remove("theme")
        old.remove("scale")
    except KnownError:
        return  # they stay where they are, and are asked for again at the next start


class Applier(QObject):
    """Hears which setting changed, and does what it says."""

    def __init__(self, reload: Callable[[], object], parent: QObject) -> None:
        super().__init__(parent)
        self._reload = reload

    def apply(self, key: str) -> None:
        """One setting is another now."""
        mine, theme = preferences(), Theme.current()
        if key == "look.theme" and theme.pinned != pinned(mine):
            theme.pin(pinned(mine))
        elif key == "look.text" and round(theme.scale * 100) != mine.number("look.text"):
            theme.set_scale(mine.number("look.text") / 100)
        elif key == "look.contrast":
            theme.set_contrast(mine.on("look.contrast"))
        elif key == "look.reduced_motion":
            quiet_effects()
        elif key.startswith(PROJECT):
            self._reload()


def quiet_effects() -> None:
    """Qt's own effects of menus and lists, as the person wants them."""
    for effect in EFFECTS:
        QApplication.setEffectEnabled(effect, not still())
