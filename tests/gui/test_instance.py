"""A second start finds the first window and nobody else's, whatever the first one died of."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from turbulence_app import __main__
from turbulence_app.gui import instance
from turbulence_app.gui.instance import Door, find_door, hand_over, read_message
from turbulence_app.gui.instance_server import InstanceServer
from turbulence_app.gui.screen import why_none


def no_sleep(_seconds: float) -> None:
    return


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder


def first(base: Path, home: Path) -> Door:
    door = find_door(home, base)
    assert door is not None
    assert door.lock is not None
    return door


def test_a_second_start_hands_its_path_to_the_first(qtbot: QtBot, base: Path, tmp_path: Path) -> None:
    owner = QObject()
    door = first(base, tmp_path)
    server = InstanceServer(door, owner)
    assert server.listening
    assert door.address.stat().st_mode & 0o077 == 0
    again = find_door(tmp_path, base)
    assert again is not None
    assert again.lock is None
    answers: list[bool] = []
    for path in (tmp_path / "shop", None):
        with qtbot.waitSignal(server.asked, timeout=5000) as asked:
            caller = threading.Thread(target=lambda path=path: answers.append(hand_over(again, path)))
            caller.start()
        caller.join(5)
        assert asked.args == [path]
    assert answers == [True, True]
    server.close()
    assert not door.address.exists()


@pytest.mark.parametrize("said", [b"hello\n", b"{}\n", b'{"turbulence": 1, "open": "relative"}\n', b"x" * 40_000])
def test_whoever_says_something_else_gets_no_answer(qtbot: QtBot, base: Path, tmp_path: Path, said: bytes) -> None:
    owner = QObject()
    server = InstanceServer(first(base, tmp_path), owner)
    asked: list[object] = []
    server.asked.connect(asked.append)
    got: list[bytes] = []

    def call() -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5)
            line.connect(str(base / next(base.glob("*.sock")).name))
            try:
                line.sendall(said)
                got.append(line.recv(10))
            except OSError:
                got.append(b"")

    caller = threading.Thread(target=call)
    caller.start()
    qtbot.waitUntil(lambda: bool(got), timeout=8000)
    caller.join(5)
    assert got == [b""]
    assert asked == []
    server.close()


HOLDER = """
import sys, time
from pathlib import Path
from turbulence_app.gui.instance import find_door
import socket
door = find_door(Path(sys.argv[1]), Path(sys.argv[2]))
line = socket.socket(socket.AF_UNIX)
line.bind(str(door.address))
line.listen(5)
print("holds", flush=True)
time.sleep(60)
"""


def test_a_killed_first_leaves_a_socket_that_is_replaced_and_a_hanging_one_is_not_waited_for(
    qtbot: QtBot, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "ANSWER_S", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(base)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holds\n"
        hanging = find_door(tmp_path, base)
        assert hanging is not None
        assert hanging.lock is None
        assert not hand_over(hanging, None, no_sleep)  # it accepts, and never answers
        os.kill(process.pid, signal.SIGKILL)
    door = first(base, tmp_path)
    assert door.address.exists()
    server = InstanceServer(door, owner := QObject())
    assert server.listening
    server.close()
    assert owner is not None


def test_a_first_that_never_listens_is_given_up(base: Path, tmp_path: Path) -> None:
    first_door = first(base, tmp_path)
    again = find_door(tmp_path, base)
    assert again is not None
    assert not hand_over(again, None, no_sleep)
    first_door.close()


def test_a_folder_that_others_may_enter_is_not_used(base: Path, tmp_path: Path) -> None:
    base.chmod(0o755)
    assert find_door(tmp_path, base) is None
    base.chmod(0o700)
    (tmp_path / "link").symlink_to(base)
    assert find_door(tmp_path, tmp_path / "link") is None
    assert find_door(tmp_path, tmp_path / "no" / "such") is None


def test_other_data_folders_have_other_windows(base: Path, tmp_path: Path) -> None:
    one, two = first(base, tmp_path / "a"), first(base, tmp_path / "b")
    assert one.address != two.address
    one.close()
    two.close()


@given(
    st.one_of(
        st.binary(max_size=200), st.builds(lambda x: json.dumps(x).encode(), st.dictionaries(st.text(), st.text()))
    )
)
def test_no_message_raises_and_only_absolute_paths_are_opened(data: bytes) -> None:
    _known, path = read_message(data)
    assert path is None or path.is_absolute()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ([], (False, "")),
        (["--new-window"], (True, "")),
        (["--new-window", "there"], (True, "there")),
        (["there"], (False, "there")),
        (["run"], None),
        (["missing"], None),
        (["--help"], None),
        (["there", "more"], None),
        (["demo", "--users", "5"], None),
    ],
)
def test_a_file_or_folder_opens_the_window_and_every_command_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], wanted: tuple[bool, str] | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    (tmp_path / "run").mkdir()  # a command's name counts before a folder of that name
    assert __main__._wanted(arguments) == wanted


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named like this on Linux")
def test_a_screen_that_cannot_be_reached_is_told() -> None:
    assert why_none({}) == "there is no screen here"
    assert why_none({"QT_QPA_PLATFORM": "offscreen"}) == ""
    assert "DISPLAY" in why_none({"DISPLAY": ":7654"})
    assert "WAYLAND_DISPLAY" in why_none({"WAYLAND_DISPLAY": "none-such", "XDG_RUNTIME_DIR": "/nowhere"})
    assert why_none({"DISPLAY": ":7654", "QT_QPA_PLATFORM": "minimal"}) == ""
