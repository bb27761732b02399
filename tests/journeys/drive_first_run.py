"""The very first start, by keyboard alone: welcome, the guide through the sample, the replayed failure, a project."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.journeys.hands import opened, until
from turbulence_app.gui.theme import Theme
from turbulence_app.gui.window import MainWindow

STARTED = float(os.environ.get("TURBULENCE_STARTED") or time.monotonic())
"""On this machine's monotonic clock: the moment at which a person asked for the window."""
SHOTS = os.environ.get("TURBULENCE_SHOTS", "")


def shoot(window: MainWindow, name: str) -> None:
    """Pictures for a person to look at, where they are asked for."""
    if not SHOTS:
        return
    for size in ((1280, 800), (1920, 1080)):
        window.resize(*size)
        for scheme in ("dark", "light"):
            Theme.current().pin(scheme)
            for _ in range(5):
                QApplication.processEvents()
            window.grab().save(f"{SHOTS}/{name}-{scheme}-{size[0]}x{size[1]}.png")


def press(window: MainWindow, key: Qt.Key) -> None:
    QTest.keyClick(window.focusWidget(), key)


def main() -> None:
    window = opened((1280, 800), greeted=True)
    window.activateWindow()
    until(lambda: window.project.loaded, "the sample")
    assert window.first_run.showing
    until(lambda: window.focusWidget() is window.first_run.page.choices[0], "the first choice has the keyboard")
    shown = time.monotonic() - STARTED
    shoot(window, "welcome")
    began = time.monotonic()
    press(window, Qt.Key.Key_Space)
    guide = window.first_run.guide
    for step in range(1, 7):
        until(lambda step=step: guide.state.at == step, f"step {step}")
        shoot(window, f"guide-{step}")
        if step < 6:
            until(
                lambda: window.focusWidget() is window.first_run.bar.next,
                f"the guide's button after step {step}, not {window.focusWidget()}",
                20,
            )
            press(window, Qt.Key.Key_Space)
    took = time.monotonic() - began
    failures = window.place("failures").presenter
    assert failures.same is True
    assert failures.failure.invariant == "charged_once"
    whole = time.monotonic() - STARTED
    print(f"welcome after {shown:.1f} s, guide {took:.1f} s, replayed failure after {whole:.1f} s", flush=True)
    guide.stop()
    window.close()
    print("journey done")


if __name__ == "__main__":
    main()
