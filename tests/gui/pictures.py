"""Pictures of the window: taken as soon as nothing moves any more, and judged.

``TURBULENCE_SHOTS`` is a folder that keeps the pictures in full size for somebody who looks at them. How they are
compared with those in the repository is in :mod:`tests.gui.likeness`; what would differ from run to run (the clock, how
long something took, models that are here) is kept out by :mod:`tests.gui.still`.
"""

from __future__ import annotations

import os

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.likeness import pixels
from tests.gui.still import gliding, hold
from turbulence_app.gui.chrome import NavigationButton, SearchField
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import ElidedLabel
from turbulence_app.gui.widgets.toast import Toast
from turbulence_app.gui.window import MainWindow

KEEP = os.environ.get("TURBULENCE_SHOTS", "")
MOVES_MS = 400
"""Timers shorter than this and under way mean that something is about to change."""


def settle(qtbot: QtBot, window: MainWindow, timeout: int = 20_000) -> None:
    """Wait until nobody is asked anything and no short timer runs: nothing will change by itself any more."""

    def moving() -> bool:
        timers = window.findChildren(QTimer)
        short = any(t.isActive() and t.isSingleShot() and t.interval() <= MOVES_MS for t in timers)
        asked = window.bridge.under_way()
        return short or bool(asked) or gliding(window) or bool(Theme.current().restyle.waiting)

    quiet = 0
    for _ in range(timeout // 10):
        qtbot.wait(10)
        quiet = 0 if moving() else quiet + 1
        if quiet >= 3:
            return
    told = [job.op for job in window.bridge.under_way()]
    raise AssertionError(f"the window never came to rest; under way: {told}")


def arrive(qtbot: QtBot, window: MainWindow, place: str) -> None:
    """Go to a place, and wait until it shows what is there: what is put into it afterwards stays."""
    window.go(place, {})
    hold(window)
    settle(qtbot, window)
    window.news._model_answered = False  # another picture may have asked one
    window.status.model.setText("built-in model · ready")
    window.status.cache.setText("")
    window.status.set_health("", "good", "")


def portrait(qtbot: QtBot, window: MainWindow) -> QImage:
    """The window at rest, and nothing that comes and goes by itself."""
    window.setFocus()
    hold(window)
    settle(qtbot, window)
    for toast in window.findChildren(Toast):
        toast.close()
    window.notices.look()  # the bell counts what other tests told
    hold(window)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    return window.grab().toImage()


# -- judging --------------------------------------------------------------------------------------


def colours(image: QImage) -> int:
    """How many different colours there are on a coarse grid: a blank picture has one."""
    return len({tuple(pixel) for pixel in pixels(image)[3::7, 3::7].reshape(-1, 3).tolist()})


def cut(root: QWidget, *, elided: bool = True) -> list[str]:
    """Visible widgets that have less room than their words need.

    ``elided`` counts words that end in an ellipsis, too: they are whole in the tip, which is all that can be done for
    large type on a small screen.
    """
    found: list[str] = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, ElidedLabel):
            short = elided and widget.text() != widget.full_text() and not widget.full_text().startswith("/")
        elif isinstance(widget, QLabel) and widget.wordWrap():
            short = bool(widget.text()) and widget.heightForWidth(widget.width()) > widget.height() + 1
        elif isinstance(widget, QAbstractButton) and not elided:
            icon = widget.iconSize().width() if not widget.icon().isNull() else 0
            words = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            short = (
                bool(widget.text())
                and not isinstance(widget, SearchField | NavigationButton)
                and words + icon > widget.width() - 4
            )
        elif isinstance(widget, QLabel | QAbstractButton | QCheckBox):
            words = bool(widget.text())
            short = words and (
                widget.minimumSizeHint().width() > widget.width() + 1
                or widget.minimumSizeHint().height() > widget.height() + 1
            )
        else:
            continue
        if short:
            text = widget.full_text() if isinstance(widget, ElidedLabel) else widget.text()
            found.append(f"{widget.metaObject().className()} {text!r} in {widget.width()} x {widget.height()}")
    return found
