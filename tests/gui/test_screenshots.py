"""Every place, empty and with a run, in both schemes, at two sizes: drawn, with nothing cut.

TURBULENCE_SHOTS keeps the pictures. One window and one run serve them all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import SCHEMES, Scheme
from turbulence_app.gui.widgets.basics import ElidedLabel
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client

PLACES = [spec.name for spec in SPECS if spec.exists()]
SIZES = [(1280, 800), (1920, 1080)]


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("TURBULENCE_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def shown(theme: Theme, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all pictures; what a test changes of the look is put back by the next one."""
    folder = tmp_path_factory.mktemp("shown")
    patch = pytest.MonkeyPatch()
    patch.setenv("TURBULENCE_HOME", str(folder / "home"))
    window = MainWindow(Client(), QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat), None, Answers())
    window.show()
    yield window
    window.close()
    window.deleteLater()
    patch.undo()


@pytest.fixture
def ready(qtbot: QtBot, shown: MainWindow) -> MainWindow:
    qtbot.waitUntil(lambda: shown.project.loaded, timeout=30_000)
    view = shown.place("personas").widget
    qtbot.waitUntil(lambda: bool(view.preview.funnel.rows()), timeout=30_000)
    qtbot.waitUntil(lambda: bool(view.crowd.completes.text()), timeout=30_000)
    return shown


@pytest.fixture(scope="module")
def ran(shown: MainWindow) -> dict[str, bool]:
    """What of the run has been done in the one window."""
    return {}


@pytest.fixture
def filled(qtbot: QtBot, ready: MainWindow, ran: dict[str, bool]) -> MainWindow:
    """After a run of lost answers, with a failure shrunk."""
    if not ran:
        ready.go("run", {})
        run = ready.place("run").presenter
        run.choose_scenario("lost-answers")
        run.start()
        qtbot.waitUntil(lambda: run.live.phase == "ended", timeout=60_000)
        ready.go("failures", {})
        failures = ready.place("failures").presenter
        qtbot.waitUntil(lambda: failures.trace is not None, timeout=30_000)
        ready.commands.run("failures.shrink")
        qtbot.waitUntil(lambda: failures.shrunk is not None and not failures.busy, timeout=60_000)
        ran["done"] = True
    return ready


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("place", [place for place in ("run", "failures") if place in PLACES])
def test_an_empty_place_says_what_to_do(
    qtbot: QtBot, ready: MainWindow, shots: Path, place: str, scheme: Scheme
) -> None:
    look(qtbot, ready, shots, f"{place}-empty", place, scheme, SIZES[0])


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_drawn_and_nothing_is_cut(
    qtbot: QtBot, filled: MainWindow, shots: Path, place: str, scheme: Scheme, size: tuple[int, int]
) -> None:
    look(qtbot, filled, shots, place, place, scheme, size)


def look(
    qtbot: QtBot, ready: MainWindow, shots: Path, name: str, place: str, scheme: Scheme, size: tuple[int, int]
) -> None:
    """Take the picture and judge it."""
    Theme.current().pin(scheme)
    ready.resize(*size)
    ready.go(place, {})
    ready.setFocus()
    settle(qtbot, ready, place)
    image = ready.grab().toImage()
    image.save(str(shots / f"{name}-{scheme}-{size[0]}x{size[1]}.png"))
    assert (image.width(), image.height()) == size
    assert image.pixelColor(ready.nav.width() + 6, 60) == QColor(SCHEMES[scheme].ground)
    assert colours(image) > 12
    assert not cut(ready.centralWidget())
    assert ready.nav.schemes[scheme].isChecked()


def settle(qtbot: QtBot, window: MainWindow, place: str) -> None:
    """Wait until the picture stays the same."""
    before = QImage()
    for _ in range(40):
        qtbot.wait(60)
        now = window.grab().toImage()
        if now == before:
            return
        before = now


def colours(image: QImage) -> int:
    """How many different colours there are on a coarse grid: a blank picture has one."""
    steps = range(3, min(image.width(), image.height()), 7)
    return len({image.pixel(x, y) for y in steps for x in range(3, image.width(), 7)})


def cut(root: QWidget) -> list[str]:
    """Visible widgets that have less room than their words need."""
    found: list[str] = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, ElidedLabel):
            short = widget.text() != widget.full_text()
        elif isinstance(widget, QLabel) and widget.wordWrap():
            short = bool(widget.text()) and widget.heightForWidth(widget.width()) > widget.height() + 1
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
