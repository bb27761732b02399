"""Asking for files where the system has no dialog for it: in the look of the window, and each way asks its thing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QDialog, QFileDialog, QFileSystemModel, QToolButton, QTreeView
from pytestqt.qtbot import QtBot

from turbulence_app.gui import file_dialog
from turbulence_app.gui.file_dialog import BUTTONS, FileDialog
from turbulence_app.gui.theme import Theme


def test_files_and_folders_have_our_signs(qtbot: QtBot, theme: Theme, tmp_path: Path) -> None:
    for name in ("flow.yaml", "words.txt"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "folder.yaml").mkdir()
    dialog = FileDialog(None, "Open a file", "Workflows (*.yaml);;All files (*)")
    qtbot.addWidget(dialog)
    dialog.setDirectory(str(tmp_path))
    assert dialog.nameFilters() == ["Workflows (*.yaml)", "All files (*)"]
    table = dialog.findChild(QTreeView, "treeView")
    assert isinstance(table, QTreeView)
    model = table.model()
    assert isinstance(model, QFileSystemModel)
    signs = {name: file_dialog._sign(model.index(str(tmp_path / name))) for name in ("flow.yaml", "words.txt")}
    assert signs == {"flow.yaml": "file-code", "words.txt": "file"}
    assert file_dialog._sign(model.index(str(tmp_path / "folder.yaml"))) == "folder"
    assert table.itemDelegate().metaObject().className() == "_Signs"
    assert table.isColumnHidden(file_dialog.KIND)
    for name, (_, tip) in BUTTONS.items():
        button = dialog.findChild(QToolButton, name)
        assert isinstance(button, QToolButton), name
        assert button.accessibleName() == tip
        assert not button.icon().isNull()
    assert file_dialog._sign(QModelIndex()) == "folder"


ASKING: dict[str, tuple[Callable[[], object], object]] = {
    "folder": (lambda: file_dialog.open_folder(None, "A folder"), Path),
    "file": (lambda: file_dialog.open_files(None, "A file", many=False), tuple),
    "save": (lambda: file_dialog.save_file(None, "A place", "proposed.csv"), Path),
}


@pytest.mark.parametrize("way", ASKING)
@pytest.mark.parametrize("accepted", [True, False])
def test_each_way_asks_for_its_thing(
    qtbot: QtBot, theme: Theme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, accepted: bool
) -> None:
    file = tmp_path / "there.txt"
    file.write_text("x", "utf-8")
    asked: list[tuple[QFileDialog.FileMode, QFileDialog.AcceptMode, list[str]]] = []

    def answer(dialog: FileDialog) -> QDialog.DialogCode:
        asked.append((dialog.fileMode(), dialog.acceptMode(), [Path(one).name for one in dialog.selectedFiles()]))
        dialog.setDirectory(str(tmp_path))
        dialog.selectFile(str(tmp_path if way == "folder" else file))
        return QDialog.DialogCode.Accepted if accepted else QDialog.DialogCode.Rejected

    monkeypatch.setattr(FileDialog, "exec", answer)
    ask, kind = ASKING[way]
    got = ask()
    modes, accepts = QFileDialog.FileMode, QFileDialog.AcceptMode
    mode = {"folder": modes.Directory, "file": modes.ExistingFile, "save": modes.AnyFile}[way]
    assert asked[0][:2] == (mode, accepts.AcceptSave if way == "save" else accepts.AcceptOpen)
    if way == "save":
        assert asked[0][2] == ["proposed.csv"]
    if accepted:
        assert isinstance(got, kind)  # type: ignore[arg-type]
        assert (got[0] if isinstance(got, tuple) else got) == (tmp_path if way == "folder" else file)
    else:
        assert not got
