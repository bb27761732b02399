"""Leads through the main job on the sample: in the real places, with the real engine, a line and a button at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from turbulence_app.gui.guide_state import PERSONA, SCENARIO, GuideState

if TYPE_CHECKING:
    from turbulence_app.gui.places.base import Place
    from turbulence_app.gui.window import MainWindow

LOOK_MS = 100
"""How often it looks whether a step is done, while one is under way."""
READ_MS = 3500
"""How long a line stands before the guide goes on by itself."""
PATIENCE_MS = 60_000
"""After which a step that does not end is given up, with a line that says so."""


class Guide(QObject):
    """``changed`` whenever something else is to be said. Leaving it at any moment leaves everything as it is."""

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.state: GuideState | None = None
        self.took_ms = 0
        """From the guide's start to the replayed failure."""
        self._clock = QElapsedTimer()
        self._since = QElapsedTimer()
        self._done: Callable[[], bool] = lambda: True
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._onward = QTimer(self, singleShot=True, interval=READ_MS)
        self._onward.timeout.connect(self.next)

    def start(self, *, alone: bool = False) -> None:
        """From the beginning, on the sample, which is opened first where another project is open."""
        self.state = GuideState(alone=alone)
        self._clock.start()
        self.changed.emit()
        self._window.session.open(None)
        if alone:
            self._onward.start(LOOK_MS * 5)

    def stop(self) -> None:
        """No more of it."""
        self._timer.stop()
        self._onward.stop()
        self.state = None
        self.changed.emit()

    def go_alone(self) -> None:
        """From here on by itself."""
        if self.state is not None:
            self.state = replace(self.state, alone=True)
            if not self.state.busy:
                self.next()

    def next(self) -> None:
        """Do the step that is announced."""
        state = self.state
        if state is None or state.busy or state.step is None:
            return
        self._onward.stop()
        self.state = replace(state, busy=True, failed="")
        self._since.start()
        self._window.go(state.step.place)
        self._done = getattr(self, f"_{state.step.name}")()
        self._timer.start()
        self.changed.emit()

    def _look(self) -> None:
        state = self.state
        if state is None or not state.busy:
            self._timer.stop()
        elif self._done():
            self._timer.stop()
            self.state = replace(state, at=state.at + 1, busy=False)
            if self.state.finished:
                self.took_ms = self._clock.elapsed()
            elif state.alone:
                self._onward.start()
            self.changed.emit()
        elif self._since.elapsed() > PATIENCE_MS:
            self._timer.stop()
            self.state = replace(state, busy=False, alone=False, failed="This takes too long here. Try it once more?")
            self.changed.emit()

    # -- steps: each begins something and returns how to see that it is done

    def _place(self, name: str) -> Place:
        return self._window.place(name)

    def _words(self) -> Callable[[], bool]:
        people = self._window.project.data.personas
        if PERSONA in people:
            self._window.go("personas", {"persona": PERSONA})
        return lambda: bool(self._place("personas").view.preview.funnel.rows())  # type: ignore[attr-defined]

    def _numbers(self) -> Callable[[], bool]:
        place = self._place("personas")
        policy = place.presenter.policy()  # type: ignore[attr-defined]
        paths = [path for path, said in policy.evidence.items() if said] if policy is not None else []
        if paths:
            place.view.policy.reveal(paths[0])  # type: ignore[attr-defined]
            place.view.words.editor.light((paths[0],))  # type: ignore[attr-defined]
        return lambda: policy is not None

    def _run(self) -> Callable[[], bool]:
        presenter = self._place("run").presenter  # type: ignore[attr-defined]
        ended = False

        def finished(_summary: object) -> None:
            nonlocal ended
            ended = True

        presenter.choose_scenario(SCENARIO)
        self._window.hub.run_finished.connect(finished)
        self._window.commands.run("run.start")
        return lambda: ended and not presenter.live.busy

    def _failure(self) -> Callable[[], bool]:
        presenter = self._place("failures").presenter  # type: ignore[attr-defined]
        return lambda: presenter.failure is not None and presenter.trace is not None

    def _shrink(self) -> Callable[[], bool]:
        presenter = self._place("failures").presenter  # type: ignore[attr-defined]
        self._window.commands.run("failures.shrink")
        return lambda: presenter.shrunk is not None and not presenter.busy

    def _replay(self) -> Callable[[], bool]:
        presenter = self._place("failures").presenter  # type: ignore[attr-defined]
        presenter.same = None
        self._window.commands.run("failures.replay")
        return lambda: presenter.same is not None
