"""A table's colours mean something, so they stay when their row is chosen."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.rows import Column, RowsView


def test_the_sign_of_a_chosen_row_keeps_its_colour(qtbot: QtBot, theme: Theme) -> None:
    view = RowsView("Signs", "Signs", [Column[str]("", lambda _: "●", lambda item: item)])
    qtbot.addWidget(view)
    view.rows.set_rows(["good", "bad"])
    view.selectRow(0)
    view.resize(200, 200)
    view.show()
    for row, token in enumerate(("good", "bad")):
        cell = view.visualRect(view.rows.index(row, 0))
        picture = view.viewport().grab(cell).toImage()
        seen = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
        assert theme.ink(token).name() in seen
