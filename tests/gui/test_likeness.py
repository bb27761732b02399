"""What the comparing of pictures finds, and what it does not mind; and what calibration says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from pytestqt.qtbot import QtBot

from tests.gui import calibration
from tests.gui.likeness import Picture, compared, difference, halved, image_of, keep, kept, pixels, thrifty
from turbulence_app.gui import assets
from turbulence_app.gui.assets import load_fonts
from turbulence_app.gui.tokens import SCHEMES, Scheme


class Scene:
    """A card with a title, words, an icon, a bar: what one of them looks like can be changed."""

    def __init__(self, scheme: Scheme = "dark") -> None:
        self.tokens = SCHEMES[scheme]
        self.words = "reads about 3 pages in 12 ms"
        self.at = QPointF(40, 90)
        self.icon: str | None = "settings"
        self.panel, self.line, self.accent = self.tokens.panel, self.tokens.line, self.tokens.accent
        self.bar = QRectF(40, 120, 180, 8)

    def image(self) -> QImage:
        load_fonts()
        image = QImage(640, 400, QImage.Format.Format_RGB32)
        image.fill(QColor(self.tokens.ground))
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.line), 1))
        painter.setBrush(QColor(self.panel))
        painter.drawRoundedRect(QRectF(20.5, 20.5, 600, 360), 10, 10)
        painter.fillRect(self.bar, QColor(self.accent))
        painter.setPen(QColor(self.tokens.dim))
        font = QFont("Inter")
        font.setPixelSize(12)
        painter.setFont(font)
        painter.drawText(self.at, self.words)
        if self.icon:
            painter.drawPixmap(300, 78, assets.icon_pixmap(self.icon, self.tokens.dim, 16))
        painter.end()
        return image


def _lost_word(scene: Scene) -> None:
    scene.words = scene.words.replace("about ", "")


def _lost_unit(scene: Scene) -> None:
    scene.words = scene.words.removesuffix(" ms")


def _other_figure(scene: Scene) -> None:
    scene.words = scene.words.replace("12", "13")


def _moved_words(scene: Scene) -> None:
    scene.at += QPointF(3, 0)


def _moved_down(scene: Scene) -> None:
    scene.at += QPointF(0, 3)


def _moved_bar(scene: Scene) -> None:
    scene.bar.translate(3, 0)


def _lost_icon(scene: Scene) -> None:
    scene.icon = None


def _other_icon(scene: Scene) -> None:
    scene.icon = "circle-alert"


def _other_panel(scene: Scene) -> None:
    step = 4 if scene.tokens.scheme == "dark" else -4
    color = QColor(scene.panel)
    scene.panel = QColor(color.red() + step, color.green() + step, color.blue() + step).name()


def _other_line(scene: Scene) -> None:
    scene.line = QColor(scene.line).lighter(140).name() if scene.tokens.scheme == "dark" else "#b5bcc6"


def _other_accent(scene: Scene) -> None:
    scene.accent = scene.tokens.second


CHANGES: list[Callable[[Scene], None]] = [
    _lost_word, _lost_unit, _other_figure, _moved_words, _moved_down, _moved_bar, _lost_icon, _other_icon,
    _other_line, _other_panel, _other_accent,
]  # fmt: skip


@pytest.fixture(autouse=True)
def _application(qtbot: QtBot) -> None:
    """Type needs one."""


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_what_a_person_would_see_is_found(change: Callable[[Scene], None], scheme: Scheme, tmp_path: Path) -> None:
    scene = Scene(scheme)
    keep(scene.image(), "scene", tmp_path)
    assert compared(scene.image(), "scene", tmp_path / "left", tmp_path) == ""
    change(scene)
    told = compared(scene.image(), "scene", tmp_path / "left", tmp_path)
    assert "--update-shots" in told
    left = tmp_path / "left" / "scene.png"
    assert str(left) in told
    assert QImage(str(left)).width() == 3 * 320


def edges(picture: Picture) -> np.ndarray:
    """Where neighbours differ: what smoothing touches."""
    rows = picture.astype(int).sum(axis=2)
    found = np.zeros(rows.shape, bool)
    found[:, 1:] |= np.abs(np.diff(rows, axis=1)) > 12
    found[1:, :] |= np.abs(np.diff(rows, axis=0)) > 12
    return found


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("strength", [4, 10, 16])
def test_how_edges_are_smoothed_is_not_minded(scheme: Scheme, strength: int) -> None:
    clean = pixels(Scene(scheme).image())
    noise = np.random.default_rng(strength).integers(-strength, strength + 1, clean.shape[:2])
    rough = np.where(edges(clean)[:, :, None], np.clip(clean.astype(int) + noise[:, :, None], 0, 255), clean)
    found = difference(pixels(halved(image_of(rough.astype(np.uint8)))), pixels(halved(image_of(clean))))
    assert not found.blocks.any(), found.reasons


def test_rare_colours_that_were_rounded_are_not_minded() -> None:
    whole = pixels(halved(Scene("light").image()))
    assert len(np.unique(thrifty(whole).reshape(-1, 3), axis=0)) < len(np.unique(whole.reshape(-1, 3), axis=0))
    assert not difference(thrifty(whole), whole).blocks.any()


def test_no_reference_and_another_size_are_told(tmp_path: Path) -> None:
    image = Scene().image()
    assert "no reference" in compared(image, "scene", tmp_path, tmp_path)
    keep(image.copy(0, 0, 320, 200), "scene", tmp_path)
    assert "320 x 200, the reference is 160 x 100" in compared(image, "scene", tmp_path, tmp_path)


def test_a_reference_is_read_as_it_was_written(tmp_path: Path) -> None:
    image = Scene().image()
    keep(image, "scene", tmp_path)
    assert np.array_equal(thrifty(pixels(halved(image))), kept("scene", tmp_path))


def test_other_type_ends_comparing_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    heavier = calibration.drawn

    def otherwise() -> QImage:
        image = heavier()
        return image.scaled(image.width() + 4, image.height()).copy(2, 0, image.width(), image.height())

    monkeypatch.setattr(calibration, "drawn", otherwise)
    assert calibration.elsewhere(tmp_path).startswith("type is drawn in another way here (Qt ")
