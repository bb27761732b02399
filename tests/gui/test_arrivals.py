"""What a file is that comes to the window, what would be done with it, and that a drop does just that."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from pytestqt.qtbot import QtBot

from turbulence_app.gui.arrivals import arrival_of
from turbulence_app.gui.window import MainWindow
from turbulence_app.resources import resource_path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return shutil.copytree(resource_path("samples/shop"), tmp_path / "project")


@pytest.mark.parametrize(
    ("name", "does", "kind"),
    [
        ("", "project", ""),
        ("turbulence.yaml", "project", ""),
        ("workflows/checkout.yaml", "file", "workflow"),
        ("personas/window_shopper.yaml", "file", "persona"),
        ("policies/window_shopper.yaml", "file", "policy"),
        ("scenarios/lost-answers.yaml", "file", "scenario"),
        ("workflows", "refused", ""),
        ("nothing.yaml", "refused", ""),
    ],
)
def test_files_of_a_project_are_known_and_open_in_it(project: Path, name: str, does: str, kind: str) -> None:
    arrival = arrival_of(project / name)
    assert (arrival.does, arrival.kind) == (does, kind)
    assert arrival.says
    if does != "refused":
        assert arrival.root == project


@pytest.mark.parametrize(
    ("name", "text", "does", "kind"),
    [
        ("api.yaml", "openapi: 3.0.0\ninfo: {}\n", "import", "openapi"),
        ("api.json", '{"swagger": "2.0", "openapi": "3.0.0"}', "import", "openapi"),
        ("shop.har", '{"log": {"entries": []}}', "import", "har"),
        ("access.log", "127.0.0.1 - - GET /", "import", "log"),
        ("phi.gguf", "GGUF", "model", ""),
        ("x.json", '{"capsule": 1, "name": "x"}', "capsule", ""),
        ("loose.yaml", "id: x\nflow: []\n", "refused", ""),
        ("photo.png", "\x89PNG", "refused", ""),
        ("notes.yaml", "shopping: [milk]\n", "refused", ""),
    ],
)
def test_files_of_others_are_imported_added_checked_or_refused(
    tmp_path: Path, name: str, text: str, does: str, kind: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    arrival = arrival_of(tmp_path / name)
    assert (arrival.does, arrival.kind) == (does, kind)
    assert name in arrival.says


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([".yaml", ".json", ".har", ".gguf", ".log", "", ".x"]))
def test_nothing_that_comes_raises(tmp_path: Path, content: bytes, ending: str) -> None:
    path = tmp_path / f"thing{ending}"
    path.write_bytes(content)
    assert arrival_of(path).says


def dragged(window: MainWindow, *paths: Path, text: str = "") -> QMimeData:
    data = QMimeData()
    if text:
        data.setText(text)
    else:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(400, 300), action, data, buttons, keys)
    QCoreApplication.sendEvent(window.windowHandle(), event)
    return data


def dropped(window: MainWindow, data: QMimeData) -> None:
    action, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(window.windowHandle(), QDropEvent(QPoint(400, 300), action, data, buttons, keys))


def test_a_drag_says_what_it_will_do_and_a_drop_does_it(qtbot: QtBot, window: MainWindow, project: Path) -> None:
    overlay = window.dropping.overlay
    data = dragged(window, project / "scenarios" / "quiet-day.yaml")
    assert overlay.isVisible()
    assert overlay.geometry() == window.rect()
    assert overlay.accessibleName() == "Open the scenario quiet-day.yaml of project"
    dropped(window, data)
    assert not overlay.isVisible()
    qtbot.waitUntil(lambda: window.project.data.root == project and window.places.open == "run", timeout=20_000)
    qtbot.waitUntil(lambda: window.place("run").presenter.settings.scenario == "quiet-day", timeout=5000)
    data = dragged(window, project / "workflows" / "checkout.yaml")
    dropped(window, data)
    assert window.places.open == "workflow"
    data = dragged(window, project / "personas" / "coupon_hunter.yaml")
    dropped(window, data)
    assert window.place("personas").presenter.selected == "coupon_hunter"


def test_what_is_refused_is_one_line_and_text_is_left_to_the_editors(
    window: MainWindow, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "photo.png").write_bytes(b"png")
    data = dragged(window, tmp_path / "photo.png")
    assert window.dropping.overlay.arrival is not None
    assert window.dropping.overlay.arrival.does == "refused"
    dropped(window, data)
    assert window.notices.history[-1] == ("warn", "Not opened: photo.png is nothing that Turbulence opens.")
    dragged(window, project, project)
    assert "One at a time" in window.dropping.overlay.accessibleName()
    QCoreApplication.sendEvent(window.windowHandle(), QDragLeaveEvent())
    assert not window.dropping.overlay.isVisible()
    dragged(window, text="just words")
    assert not window.dropping.overlay.isVisible()


def test_a_capsule_is_checked_where_it_lies(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"capsule": 1, "name": "x"}), "utf-8")
    window.opener.open(tmp_path / "x.json")
    qtbot.waitUntil(lambda: window.notices.history[-1][0] == "bad", timeout=30_000)
    assert window.notices.history[-1][1].startswith("x.json: ")


def test_recent_projects_are_in_the_menu_and_the_missing_can_be_forgotten(
    qtbot: QtBot, window: MainWindow, project: Path
) -> None:
    first = window.project.data.root
    window.session.open(project)
    qtbot.waitUntil(lambda: window.project.data.root == project, timeout=20_000)
    shutil.move(first, first.with_name("elsewhere"))
    window.memory.look_now()
    window.memory.list_recent()
    qtbot.waitUntil(lambda: [one.there for one in window.memory.recent if one.root == first] == [False], timeout=5000)
    window.commands.run("window.recent")
    menu = next(one for one in window.findChildren(type(window.menu)) if one.isVisible())
    by_text = {action.text(): action for action in menu.actions()}
    assert not by_text[next(text for text in by_text if "(not there)" in text)].isEnabled()
    by_text["Forget the one that is not there"].trigger()
    menu.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qtbot.waitUntil(lambda: first not in [one.root for one in window.memory.recent], timeout=5000)
