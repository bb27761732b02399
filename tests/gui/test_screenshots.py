"""Every place in every state, in both schemes, at two sizes: drawn, with nothing cut, and as it looked before.

The last only with ``--compare-shots``, on the system where the references were made (``--update-shots``).

One window and one run serve all pictures; tests are put in the order of the schemes, because a change of scheme costs
more than a picture. See :mod:`tests.gui.pictures` for references and how to renew them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui import states_models, states_personas, states_run, states_telemetry, states_workflow
from tests.gui.conftest import Answers
from tests.gui.pictures import KEEP, REFERENCES, calmed, colours, compared, cut, masked, save_reference, settle
from tests.gui.test_doubts import doubtful
from turbulence_app.gui.places.base import SPECS
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.tokens import SCHEMES, Scheme
from turbulence_app.gui.widgets.toast import Toast
from turbulence_app.gui.window import MainWindow
from turbulence_app.service.client import Client

pytestmark = pytest.mark.xdist_group("pictures")
PLACES = [spec.name for spec in SPECS if spec.exists()]
SIZES = [(1280, 800), (1920, 1080)]
Shown = Callable[[QtBot, MainWindow, str], AbstractContextManager[None]]


@contextmanager
def plain(_qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    window.go(name, {})
    yield


@contextmanager
def of_a_run(qtbot: QtBot, window: MainWindow, name: str) -> Iterator[None]:
    states_run.calm(qtbot, window)
    place, state = states_run.STATES[name]
    window.go(place, {})
    state(qtbot, window)
    yield
    states_run.calm(qtbot, window)


@contextmanager
def with_doubts(_qtbot: QtBot, window: MainWindow, _name: str) -> Iterator[None]:
    window.go("personas", {})
    policy = window.place("personas").presenter.policy()
    window.project.put_policy(doubtful(policy))
    yield
    window.project.put_policy(policy)


STATES: dict[str, Shown] = {
    # Models and Telemetry show what this machine has and did: only their states are the same each time
    **{name: plain for name in PLACES if name not in ("models", "telemetry")},
    **dict.fromkeys(states_run.STATES, of_a_run),
    "personas-doubts": with_doubts,
    **dict.fromkeys(states_personas.STATES, states_personas.shown),
    **dict.fromkeys(states_models.STATES, states_models.shown),
    **dict.fromkeys(states_telemetry.STATES, states_telemetry.shown),
    **dict.fromkeys(states_workflow.STATES, states_workflow.shown),
}


MASKED: dict[str, Callable[[MainWindow], QWidget]] = {
    "log": lambda window: window.place("log").widget,
    "settings": lambda window: window.place("settings").view.where,  # paths of this very test run
}
"""What is never the same twice: it is drawn, but not compared."""


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
def judge(qtbot: QtBot, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[MainWindow, str, Scheme], None]:
    """Takes the pictures of what is shown and says what is wrong with them."""
    renew = bool(request.config.getoption("--update-shots"))
    # how type is drawn differs from system to system: references say something where they were made
    compare = bool(request.config.getoption("--compare-shots"))

    def look(window: MainWindow, name: str, scheme: Scheme) -> None:
        Theme.current().pin(scheme)
        wrong: list[str] = []
        for size in SIZES if scheme == "light" or KEEP else SIZES[:1]:
            window.resize(*size)
            window.setFocus()
            settle(qtbot, window)
            for toast in window.findChildren(Toast):
                toast.close()
            window.notices.look()  # the bell counts what other tests told
            wrong += [f"cut at {size[0]} x {size[1]}: {words}" for words in cut(window.centralWidget())]
            with calmed(qtbot, window):
                image = window.grab().toImage()
                if KEEP:
                    Path(KEEP).mkdir(parents=True, exist_ok=True)
                    image.save(str(Path(KEEP) / f"{name}-{scheme}-{size[0]}x{size[1]}.png"))
                image = masked(window, image, MASKED.get(name))
            assert (image.width(), image.height()) == size
            assert image.pixelColor(window.nav.width() + 6, 60) == QColor(SCHEMES[scheme].ground)
            assert colours(image) > 12
            assert window.nav.schemes[scheme].isChecked()
            if size == SIZES[0]:
                if renew:
                    save_reference(image, REFERENCES / f"{name}-{scheme}.png")
                elif compare and (found := compared(image, f"{name}-{scheme}", tmp_path)):
                    wrong.append(found)
        assert not wrong, "\n".join(wrong)

    return look


@pytest.mark.parametrize("place", [place for place in ("run", "failures") if place in PLACES])
def test_an_empty_place_says_what_to_do(
    ready: MainWindow, judge: Callable[[MainWindow, str, Scheme], None], place: str
) -> None:
    ready.go(place, {})
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
