from __future__ import annotations

import sys

import pytest
from PySide6.QtGui import QColor, QFontInfo, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import (
    DARK,
    LIGHT,
    SCHEMES,
    TYPE,
    Tokens,
    contrast,
    contrasted,
    grounds,
    ink,
    mix,
    safe_ink,
)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from 3.12 on")
def test_a_method_that_returns_none_keeps_its_reference_to_none(qtbot: QtBot) -> None:
    """PySide6 6.12.0 loses one reference to None per call on 3.11, and aborts a live chart after seconds."""
    widget = QWidget()
    qtbot.addWidget(widget)
    before = sys.getrefcount(None)
    for _ in range(500):
        widget.update()
    assert sys.getrefcount(None) > before - 100


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
@pytest.mark.parametrize("token", ["text", "dim", "accent", "good", "warn", "bad", "second"])
@pytest.mark.parametrize("on", ["ground", "panel", "raised", "soft", "hover"])
def test_words_can_be_read_in_every_colour_on_every_ground(tokens: Tokens, token: str, on: str) -> None:
    ground = getattr(tokens, on)
    assert contrast(ink(getattr(tokens, token), ground, tokens.text), ground) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
def test_the_primary_buttons_words_can_be_read(tokens: Tokens) -> None:
    assert contrast(tokens.on_accent, tokens.accent) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
@pytest.mark.parametrize("token", ["accent", "good", "warn", "bad", "second", "dim"])
def test_bars_stand_out_from_their_track(tokens: Tokens, token: str) -> None:
    assert contrast(getattr(tokens, token), tokens.track) >= 2.5


def test_mixing_goes_from_one_colour_to_the_other() -> None:
    assert mix("#ffffff", "#000000", 0.0) == "#000000"
    assert mix("#ffffff", "#000000", 1.0) == "#ffffff"
    assert mix("#ff0000", "#0000ff", 0.5) in ("#800080", "#7f0080", "#80007f", "#7f007f")


@pytest.mark.parametrize("role", list(TYPE))
def test_the_shipped_fonts_are_really_used(theme: Theme, role: str) -> None:
    assert QFontInfo(theme.font(role)).family() == TYPE[role].family


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_pinning_gives_the_application_that_schemes_palette(qapp: QApplication, theme: Theme, scheme: str) -> None:
    theme.pin(scheme)
    assert theme.pinned == scheme
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(SCHEMES[scheme].ground)
    assert SCHEMES[scheme].panel in qapp.styleSheet()


def test_a_change_of_scheme_is_told_once(qtbot: QtBot, theme: Theme) -> None:
    heard: list[int] = []
    theme.changed.connect(lambda: heard.append(1))
    theme.pin("light")
    theme.pin("light")
    assert heard == [1]


def test_type_grows_with_the_scale_and_stays_within_bounds(theme: Theme) -> None:
    small = theme.font("body").pixelSize()
    theme.set_scale(2.0)
    assert theme.font("body").pixelSize() == 2 * small
    theme.set_scale(99)
    assert theme.scale == 2.0


def test_icons_take_the_colour_of_the_scheme(theme: Theme) -> None:
    def mean(scheme: str) -> float:
        theme.pin(scheme)
        image = theme.pixmap("play", "text", 24).toImage()
        seen = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
        solid = [color.lightness() for color in seen if color.alpha() > 128]
        return sum(solid) / len(solid)

    assert mean("dark") > 180
    assert mean("light") < 80


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
def test_more_contrast_shows_the_edges_of_controls(tokens: Tokens) -> None:
    more = contrasted(tokens)
    for ground in (more.ground, more.panel, more.raised):
        assert contrast(more.line, ground) >= 3
        assert contrast(more.dim, ground) >= 7


def test_more_contrast_reaches_the_application_and_goes_again(qapp: QApplication, theme: Theme) -> None:
    before = theme.tokens.line
    theme.set_contrast(True)
    assert theme.tokens.line in qapp.styleSheet()
    assert theme.tokens.line != before
    theme.set_contrast(False)
    assert theme.tokens.line == before


@pytest.mark.parametrize("tokens", [DARK, LIGHT, contrasted(DARK), contrasted(LIGHT)], ids=lambda t: t.scheme)
@pytest.mark.parametrize("token", ["text", "dim"])
@pytest.mark.parametrize("on", ["ground", "panel", "raised", "hover", "soft"])
def test_plain_and_dim_words_need_no_help_on_any_ground(tokens: Tokens, token: str, on: str) -> None:
    assert contrast(getattr(tokens, token), getattr(tokens, on)) >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
def test_the_ring_stands_out_from_whatever_it_surrounds(tokens: Tokens) -> None:
    assert all(contrast(tokens.accent, on) >= 3 for on in grounds(tokens))


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.scheme)
@pytest.mark.parametrize("token", ["dim", "accent", "good", "warn", "bad", "second"])
def test_one_ink_can_be_read_on_every_ground(tokens: Tokens, token: str) -> None:
    found = safe_ink(getattr(tokens, token), tokens)
    assert all(contrast(found, on) >= 4.5 for on in grounds(tokens))
