"""Asking for files and folders: the system's own dialog where there is one, else Qt's in the look of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFileDialog,
    QFileSystemModel,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QTreeView,
    QWidget,
)

from turbulence_app.gui.theme import Theme

BUTTONS = {
    "backButton": ("arrow-left", "Back"),
    "forwardButton": ("arrow-right", "Forward"),
    "toParentButton": ("chevron-up", "To the folder above"),
    "newFolderButton": ("folder-plus", "New folder"),
    "listModeButton": ("columns-2", "Names only"),
    "detailModeButton": ("list", "Names, sizes and times"),
}
"""Qt's tool buttons by their names: our icon for each, and what it does."""
VIEWS = ("listView", "treeView", "sidebar")
CODE = (".yaml", ".yml", ".json", ".py", ".har", ".xml", ".html")
KIND = 2
"""Column of a file's kind."""
SIZE = (820, 520)


class FileDialog(QFileDialog):
    """The system's, or Qt's; :meth:`ask` gives the paths, none where the person thought better of it."""

    def __init__(self, parent: QWidget | None, title: str, filters: str = "") -> None:
        super().__init__(parent, title)
        self.setOption(QFileDialog.Option.DontUseCustomDirectoryIcons)
        if filters:
            self.setNameFilters(filters.split(";;"))
        self._look_like_ours()

    def ask(self) -> tuple[Path, ...]:
        """The paths that were chosen."""
        chosen = self.selectedFiles() if self.exec() == QDialog.DialogCode.Accepted else []
        self.deleteLater()
        return tuple(Path(name) for name in chosen)

    def _look_like_ours(self) -> None:
        """Of the system's dialog there is nothing here to change."""
        views = [view for name in VIEWS if (view := self.findChild(QAbstractItemView, name)) is not None]
        for view in views:
            view.setItemDelegate(_Signs(view))
        for name, (icon, tip) in BUTTONS.items():
            button = self.findChild(QToolButton, name)
            if button is not None:
                button.setIcon(Theme.current().icon(icon, "text", 16))
                button.setToolTip(tip)
                button.setAccessibleName(tip)
        if (table := self.findChild(QTreeView, "treeView")) is not None:
            _arrange(table)
        if (path := self.findChild(QComboBox, "lookInCombo")) is not None:
            path.setIconSize(QSize(0, 0))  # the words say that it is a folder; the sign is the system's
        if views:
            self.setSizeGripEnabled(False)
            self.resize(*(round(side * Theme.current().scale) for side in SIZE))


def _arrange(table: QTreeView) -> None:
    """Names take the room that sizes and times leave; the kind is said by the name's ending."""
    header = table.header()
    table.setColumnHidden(KIND, True)
    header.setStretchLastSection(False)
    for column in range(header.count()):
        mode = QHeaderView.ResizeMode.ResizeToContents if column else QHeaderView.ResizeMode.Stretch
        header.setSectionResizeMode(column, mode)


class _Signs(QStyledItemDelegate):
    """Our signs in the place of the system's: not all desktops have some, and none of them our colours."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:  # noqa: N802
        """The row with another sign."""
        super().initStyleOption(option, index)
        if index.column() == 0 and index.data(Qt.ItemDataRole.DecorationRole) is not None:
            option.icon = Theme.current().icon(_sign(index), "dim", 16)


def _sign(index: QModelIndex | QPersistentModelIndex) -> str:
    model = index.model()
    if not isinstance(model, QFileSystemModel) or model.isDir(index):  # the places at the side are folders
        return "folder"
    return "file-code" if str(index.data()).lower().endswith(CODE) else "file"


def open_folder(parent: QWidget | None, title: str) -> Path | None:
    """Ask for a folder that is there."""
    dialog = FileDialog(parent, title)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return next(iter(dialog.ask()), None)


def open_files(parent: QWidget | None, title: str, filters: str = "", *, many: bool = True) -> tuple[Path, ...]:
    """Ask for files to read."""
    dialog = FileDialog(parent, title, filters)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if many else QFileDialog.FileMode.ExistingFile)
    return dialog.ask()


def save_file(parent: QWidget | None, title: str, name: str, filters: str = "") -> Path | None:
    """Ask for a file to write; one that is there is asked about."""
    dialog = FileDialog(parent, title, filters)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.selectFile(name)
    return next(iter(dialog.ask()), None)
