"""When the system asks the program to end, nobody is asked, nothing is lost, and it is no crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.gui.conftest import Answers
from turbulence_app.gui.farewell import ASKING, Farewell
from turbulence_app.gui.window import MainWindow

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@posix
@pytest.mark.parametrize("number", ASKING, ids=lambda number: number.name)
def test_a_signal_is_heard_once_and_afterwards_does_what_it_did(qtbot: QtBot, number: signal.Signals) -> None:
    before, heard, parent = signal.getsignal(number), list[str](), QObject()
    farewell = Farewell(lambda: heard.append("leave"), parent)
    os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    qtbot.waitUntil(lambda: bool(heard))
    farewell.close()
    assert heard == ["leave"]
    assert signal.getsignal(number) is before


def test_leaving_asks_nobody_and_keeps_what_is_not_saved(qtbot: QtBot, window: MainWindow, answers: Answers) -> None:
    window.go("workflow", {})
    place = window.place("workflow")
    qtbot.waitUntil(lambda: bool(place.view.editor.toPlainText()))
    place.view.editor.appendPlainText("# not saved")
    qtbot.waitUntil(lambda: bool(place.presenter.unsaved))
    answers.asked.clear()
    answers.yes = False
    window.leave()
    assert not window.isVisible()
    assert answers.asked == []
    kept = list(window.project.data.root.rglob(".turbulence/drafts/*/*.json"))
    assert any("# not saved" in one.read_text("utf-8") for one in kept)


@posix
def test_a_window_that_is_asked_to_end_is_not_taken_for_one_that_crashed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = {**os.environ, "TURBULENCE_HOME": str(home), "XDG_CONFIG_HOME": str(tmp_path), "XDG_RUNTIME_DIR": ""}
    process = subprocess.Popen(
        [sys.executable, "-m", "turbulence_app", "--new-window"], env=env, stderr=subprocess.PIPE, text=True
    )
    try:
        end = time.monotonic() + 60
        while not list(home.rglob("window-*.mark")) and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.05)
        process.terminate()
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, errors) == (0, "")
    assert list(home.rglob("window-*")) == []  # what a window leaves that did not end as it should


@posix
def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        parent = QObject()
        farewell = Farewell(lambda: None, parent)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        farewell.close()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
