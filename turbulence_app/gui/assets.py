"""Files that the window ships with: fonts and icons."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from turbulence_app.resources import resource_root


def load_fonts() -> tuple[str, ...]:
    """Register the shipped fonts with the application; returns the families that are there now."""
    families: list[str] = []
    for file in sorted((resource_root() / "fonts").glob("*.[ot]tf")):
        number = QFontDatabase.addApplicationFont(str(file))
        if number >= 0:
            families.extend(QFontDatabase.applicationFontFamilies(number))
    return tuple(dict.fromkeys(families))


@lru_cache(maxsize=128)
def _svg(name: str) -> str:
    return (resource_root() / "icons" / f"{name}.svg").read_text("utf-8")


@lru_cache(maxsize=1024)
def icon_pixmap(name: str, color: str, size: int, ratio: float = 1.0, gap: int = 0) -> QPixmap:
    """One icon, ``size`` logical pixels square and ``gap`` more at its right, drawn in ``color``."""
    renderer = QSvgRenderer(QByteArray(_svg(name).replace("currentColor", QColor(color).name()).encode()))
    pixmap = QPixmap(QSize(round((size + gap) * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, pixmap.height(), pixmap.height()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, color: str, disabled: str, size: int = 16, gap: int = 0) -> QIcon:
    """An icon in two tints, sharp on every screen that is connected."""
    return _icon(name, color, disabled, size, gap, _ratios())


def _ratios() -> tuple[float, ...]:
    """Pixels per point of the screens. One more of each icon for every ratio there might be was half of its price."""
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()} | {1.0}))


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str, size: int, gap: int, ratios: tuple[float, ...]) -> QIcon:
    made = QIcon()
    for ratio in ratios:
        made.addPixmap(icon_pixmap(name, color, size, ratio, gap), QIcon.Mode.Normal)
        made.addPixmap(icon_pixmap(name, disabled, size, ratio, gap), QIcon.Mode.Disabled)
    return made
