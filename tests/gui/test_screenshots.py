"""Every place in every state, in both schemes, at two sizes: drawn, with nothing cut, and as it looked before.

One window and one run serve all pictures; tests are put in the order of the schemes, because a change of scheme costs
more than a picture. A look that was meant to change is looked at and kept with ``pytest tests/gui/test_screenshots.py
--update-shots``; see :mod:`tests.gui.likeness` for what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from tests.gui import calibration, states_models, states_personas, states_run, states_telemetry, states_workflow
from tests.gui.conftest import Answers
from tests.gui.likeness import compared, keep
from tests.gui.pictures import KEEP, arrive, colours, cut, portrait, settle
from tests.gui.still import StillClient, standing_still
from tests.gui.test_doubts import doubtful
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import SCHEMES, Scheme
from turbulence_app.gui.window import MainWindow

PLACES = [spec.name for spec in SPECS if spec.exists()]
SIZES = [(1280, 800), (1920, 1080)]
Shown = Callable[[QtBot, MainWindow, str], AbstractContextManager[None]]


@contextmanager
def plain(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    arrive(qtbot, window, name)
    yield


@contextmanager
def of_a_run(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    states_run.calm(qtbot, window)
    place, state = states_run.STATES[name]
    arrive(qtbot, window, place)
    try:
        state(qtbot, window)
        yield
    finally:
        states_run.calm(qtbot, window)


@contextmanager
def with_doubts(qtbot: QtBot, window: MainWindow, _name: str) -> Iterator[None]:
    arrive(qtbot, window, "personas")
    policy = window.place("personas").presenter.policy()
    window.project.put_policy(doubtful(policy))
    try:
        yield
    finally:
        window.project.put_policy(policy)


STATES: dict[str, Shown] = {
    **{name: plain for name in PLACES if name in ("log", "settings")},
    **dict.fromkeys(states_run.STATES, of_a_run),
    "personas-doubts": with_doubts,
    **dict.fromkeys(states_personas.STATES, states_personas.shown),
    **dict.fromkeys(states_models.STATES, states_models.shown),
    **dict.fromkeys(states_telemetry.STATES, states_telemetry.shown),
    **dict.fromkeys(states_workflow.STATES, states_workflow.shown),
}


@pytest.fixture(scope="module", params=["dark", "light"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    found: Scheme = request.param
    return found


@pytest.fixture(scope="module")
def _theme_as_it_was(theme: Theme) -> Iterator[None]:
    """The scheme stays from picture to picture, instead of being put back after each."""
    yield
    theme.set_scale(1.0)
    theme.pin("dark")


@pytest.fixture(scope="module")
def shown(_theme_as_it_was: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainWindow]:
    """One window for all pictures."""
    folder = tmp_path_factory.mktemp("shown")
    with standing_still(folder / "home"):
        settings = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
        window = MainWindow(StillClient(), settings, None, Answers())
        window.show()
        yield window
        window.close()
        window.deleteLater()


@pytest.fixture(scope="module")
def elsewhere(_theme_as_it_was: None, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> str:
    """Why nothing is compared here; "" where type is drawn as in the references."""
    if pytestconfig.getoption("--update-shots"):
        calibration.renew()
    return calibration.elsewhere(tmp_path_factory.mktemp("calibration"))


@pytest.fixture
def ready(qtbot: QtBot, shown: MainWindow) -> MainWindow:
    qtbot.waitUntil(lambda: shown.project.loaded, timeout=30_000)
    view = shown.place("personas").widget
    qtbot.waitUntil(lambda: bool(view.preview.funnel.rows()), timeout=30_000)
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


@pytest.fixture
def judge(
    qtbot: QtBot, pytestconfig: pytest.Config, tmp_path: Path, elsewhere: str
) -> Callable[[MainWindow, str, Scheme], None]:
    """Takes the pictures of what is shown and says what is wrong with them."""
    renew = bool(pytestconfig.getoption("--update-shots"))

    def look(window: MainWindow, name: str, scheme: Scheme) -> None:
        Theme.current().pin(scheme)
        wrong: list[str] = []
        for size in SIZES if scheme == "light" or KEEP else SIZES[:1]:
            window.resize(*size)
            image = portrait(qtbot, window)
            wrong += [f"cut at {size[0]} x {size[1]}: {words}" for words in cut(window.centralWidget())]
            if KEEP:
                Path(KEEP).mkdir(parents=True, exist_ok=True)
                image.save(str(Path(KEEP) / f"{name}-{scheme}-{size[0]}x{size[1]}.png"))
            assert (image.width(), image.height()) == size
            assert image.pixelColor(window.nav.width() + 6, 60) == QColor(SCHEMES[scheme].ground)
            assert colours(image) > 12
            assert window.nav.schemes[scheme].isChecked()
            if size == SIZES[0]:
                if renew:
                    keep(image, f"{name}-{scheme}")
                elif not elsewhere and (found := compared(image, f"{name}-{scheme}", tmp_path)):
                    wrong.append(found)
        assert not wrong, "\n".join(wrong)

    return look


def test_pictures_are_compared_here(elsewhere: str) -> None:
    """Where Qt draws type in another way, pictures are only looked at for what is cut."""
    assert calibration.made()["fonts"] == calibration.fonts(), "other fonts: renew all pictures with --update-shots"
    if elsewhere:
        pytest.skip(elsewhere)


@pytest.mark.parametrize("place", [place for place in ("run", "failures") if place in PLACES])
def test_an_empty_place_says_what_to_do(
    qtbot: QtBot, ready: MainWindow, judge: Callable[[MainWindow, str, Scheme], None], place: str
) -> None:
    arrive(qtbot, ready, place)
    for scheme in ("dark", "light"):
        judge(ready, f"{place}-empty", scheme)


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_drawn_as_it_was_and_nothing_is_cut(
    qtbot: QtBot,
    filled: MainWindow,
    judge: Callable[[MainWindow, str, Scheme], None],
    scheme: Scheme,
    name: str,
) -> None:
    with STATES[name](qtbot, filled, name):
        judge(filled, name, scheme)


@pytest.mark.parametrize(("scale", "size"), [(1.5, SIZES[0]), (2.0, SIZES[1])], ids=["150", "200"])
def test_nothing_is_cut_in_larger_text(qtbot: QtBot, filled: MainWindow, scale: float, size: tuple[int, int]) -> None:
    """All places at half as large and twice as large type, at sizes of ordinary screens."""
    filled.resize(*size)
    Theme.current().set_scale(scale)
    found: list[str] = []
    try:
        for place in PLACES:
            filled.go(place, {})
            settle(qtbot, filled)
            if KEEP:
                filled.grab().save(str(Path(KEEP) / f"{place}-{scale:.0%}.png"))
            found += [f"{place}: {words}" for words in cut(filled.centralWidget(), elided=False)]
    finally:
        Theme.current().set_scale(1.0)
    assert not found, "\n".join(found)
