"""Another look: at once for what is seen, in slices for what is hidden, and the same in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.pictures import settle
from turbulence_app.gui.slices import Slices
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.widgets.basics import Button, Card, Label
from turbulence_app.gui.window import MainWindow


def ink(widget: QWidget) -> str:
    """The colour of its words."""
    return widget.palette().color(QPalette.ColorRole.WindowText).name()


@pytest.fixture
def pages(qtbot: QtBot, theme: Theme) -> Iterator[QStackedWidget]:
    """Two pages of cards; the second is hidden."""
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    for _ in range(2):
        page = QWidget()
        column = QVBoxLayout(page)
        for number in range(12):
            card = Card("Title")
            card.body.addWidget(Label(f"words {number}", kind="dim"))
            card.body.addWidget(Button("Press", icon="play"))
            column.addWidget(card)
        stack.addWidget(page)
    stack.setCurrentIndex(1)
    stack.show()
    stack.setCurrentIndex(0)
    yield stack
    theme.restyle.finish()


def labels(pages: QStackedWidget, page: int) -> set[str]:
    return {ink(label) for label in pages.widget(page).findChildren(QLabel)}


def test_what_is_seen_changes_at_once_and_what_is_hidden_later(pages: QStackedWidget, theme: Theme) -> None:
    before = labels(pages, 0)
    theme.pin("light")
    now = labels(pages, 0)
    assert now != before
    assert labels(pages, 1) == before
    theme.restyle.finish()
    assert labels(pages, 1) == now
    assert theme.restyle.waiting == 0


def test_whoever_is_shown_before_its_turn_gets_it_at_once(pages: QStackedWidget, theme: Theme) -> None:
    theme.pin("light")
    now = labels(pages, 0)
    pages.setCurrentIndex(1)
    assert labels(pages, 1) == now


def test_the_slices_come_to_an_end(qtbot: QtBot, pages: QStackedWidget, theme: Theme) -> None:
    theme.pin("light")
    assert theme.restyle.waiting
    qtbot.waitUntil(lambda: theme.restyle.waiting == 0)
    assert labels(pages, 1) == labels(pages, 0)


def test_a_second_change_overtakes_the_first(pages: QStackedWidget, theme: Theme) -> None:
    before = labels(pages, 0)
    theme.pin("light")
    theme.restyle.finish()
    theme.pin("dark")  # nobody that is hidden has its turn before
    theme.set_scale(1.25)
    theme.pin("light")
    theme.pin("dark")
    theme.restyle.finish()
    assert labels(pages, 0) == labels(pages, 1) == before


def test_what_nobody_has_shown_yet_is_told_as_well(qtbot: QtBot, pages: QStackedWidget, theme: Theme) -> None:
    def light(button: Button) -> float:
        image = button.icon().pixmap(15, 15).toImage()
        seen = [image.pixelColor(x, y) for x in range(15) for y in range(15)]
        return max(color.lightness() for color in seen if color.alpha() > 128)

    button = Button("Press", icon="play")  # made, and in no layout yet
    qtbot.addWidget(button)
    before = light(button)
    theme.pin("light")
    theme.restyle.finish()
    assert light(button) < before


def test_who_goes_while_it_waits_is_left_alone(qtbot: QtBot, pages: QStackedWidget, theme: Theme) -> None:
    theme.pin("light")
    hidden = pages.widget(1)
    pages.removeWidget(hidden)
    hidden.setParent(None)
    hidden.deleteLater()
    qtbot.wait(1)
    theme.restyle.finish()
    assert theme.restyle.waiting == 0


class Told(QLabel):
    """Counts how often it hears of another look."""

    def __init__(self) -> None:
        super().__init__("told")
        self.times = 0

    def hear(self) -> None:
        self.times += 1


def test_followers_hear_once_each_in_their_turn(pages: QStackedWidget, theme: Theme) -> None:
    seen, hidden, unmade = Told(), Told(), Told()
    for page, told in enumerate((seen, hidden)):
        layout = pages.widget(page).layout()
        assert layout is not None
        layout.addWidget(told)
    for told in (seen, hidden, unmade):
        theme.follow(told, told.hear)
    seen.show()
    hidden.ensurePolished()
    theme.pin("light")
    assert (seen.times, hidden.times, unmade.times) == (1, 0, 0)
    theme.restyle.finish()
    assert (seen.times, hidden.times, unmade.times) == (1, 1, 1)
    unmade.deleteLater()


def picture(window: MainWindow) -> QImage:
    """What is to be seen, without what moves by itself."""
    QApplication.processEvents()
    image = window.places.made_places[window.places.open].widget.grab().toImage()
    return image.convertToFormat(QImage.Format.Format_RGB32)


def test_hidden_places_look_as_if_they_had_been_made_in_the_new_scheme(
    qtbot: QtBot, window: MainWindow, theme: Theme
) -> None:
    names = ("personas", "workflow", "run", "telemetry")
    for name in names:
        window.go(name)
        settle(qtbot, window)
    window.go("personas")
    theme.pin("light")
    waited = {}
    for name in names:  # each is shown while others still wait
        window.go(name)
        settle(qtbot, window)
        waited[name] = picture(window)
    theme.restyle.finish()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    sheet = app.styleSheet()
    app.setStyleSheet("")
    app.setStyleSheet(sheet)  # Qt's own way: everybody, at once
    for name in names:
        window.go(name)
        settle(qtbot, window)
        whole = picture(window)
        different = sum(
            whole.pixel(x, y) != waited[name].pixel(x, y)
            for x in range(0, whole.width(), 3)
            for y in range(0, whole.height(), 3)
        )
        assert different * 9 < 0.004 * whole.width() * whole.height(), name


# -- work in slices


def test_slices_do_all_of_it_in_order_and_give_the_loop_its_turn(qtbot: QtBot) -> None:
    now = [0.0]
    done: list[int] = []
    turns: list[str] = []
    parent = QWidget()
    qtbot.addWidget(parent)
    slices = Slices(parent, slice_ms=10, clock=lambda: now[0])

    def work() -> Iterator[None]:
        for number in range(7):
            now[0] += 0.006
            done.append(number)
            yield

    slices.done.connect(lambda: turns.append("done"))
    slices.run(work())
    assert not done, "nothing happens in the turn that began it"
    qtbot.waitUntil(lambda: not slices.busy)
    assert done == list(range(7))
    assert turns == ["done"]


@pytest.mark.parametrize("end", ["stop", "run"])
def test_work_that_is_given_up_hears_of_it(qtbot: QtBot, end: str) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    slices = Slices(parent)
    heard: list[str] = []

    def work() -> Iterator[None]:
        try:
            while True:
                yield
        finally:
            heard.append("closed")

    slices.run(work())
    qtbot.wait(1)
    slices.stop() if end == "stop" else slices.run(iter(()))
    assert heard == ["closed"]
    slices.finish()
    assert not slices.busy


def test_a_step_that_asks_for_the_end_goes_on_by_itself(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    slices = Slices(parent)
    done: list[int] = []

    def work() -> Iterator[None]:
        for number in range(3):
            slices.finish()
            done.append(number)
            yield

    slices.run(work())
    slices.finish()
    assert done == [0, 1, 2]
    assert not slices.busy
