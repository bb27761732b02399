"""Every widget in every state, drawn: its words can be read, in both schemes, and with more contrast."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.gallery import gallery
from tests.gui.likeness import Picture, pixels
from tests.gui.pictures import KEEP
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import Scheme, contrast

READ = QLabel | QAbstractButton | QLineEdit | QComboBox


def hexed(pixel: Picture) -> str:
    return "#" + "".join(f"{int(part):02x}" for part in pixel)


def ratio(picture: Picture) -> float:
    """Of what a widget has most of (its ground) and the pixel that stands out most from it (the middle of a letter)."""
    flat = picture.reshape(-1, 3)
    found, counts = np.unique(flat, axis=0, return_counts=True)
    ground = hexed(found[counts.argmax()])
    often = found[counts >= 3]
    return max(contrast(hexed(pixel), ground) for pixel in often)


@pytest.mark.parametrize("more", [False, True], ids=["usual", "more"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_words_of_every_widget_in_every_state_can_be_read(
    qtbot: QtBot, theme: Theme, scheme: Scheme, more: bool
) -> None:
    theme.pin(scheme)
    theme.set_contrast(more)
    theme.set_scale(2.0)  # strokes of two pixels reach their full colour
    try:
        sheet = gallery()
        qtbot.addWidget(sheet)
        sheet.show()
        qtbot.wait(20)
        image = sheet.grab().toImage()
        if KEEP:
            image.save(f"{KEEP}/gallery-{scheme}-{'more' if more else 'usual'}.png")
        whole = pixels(image)
        faint = []
        for widget in sheet.findChildren(QWidget):
            if not isinstance(widget, READ) or not widget.isEnabled() or not words_of(widget):
                continue
            at = widget.mapTo(sheet, widget.rect().topLeft())
            part = whole[at.y() : at.y() + widget.height(), at.x() : at.x() + widget.width()]
            if part.size and (found := ratio(part)) < 4.5:
                faint.append(f"{type(widget).__name__} {words_of(widget)!r}: {found:.2f}")
        assert not faint
    finally:
        theme.set_contrast(False)


def words_of(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
