"""What opens over the window: palette, menus, sheets, the manual."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QMenu, QWidget

from turbulence_app.gui.dialogs import Sheet
from turbulence_app.gui.finder import Finder
from turbulence_app.gui.manual_context import page_for
from turbulence_app.gui.widgets.palette import CommandPalette

if TYPE_CHECKING:
    from turbulence_app.gui.manual_window import ManualWindow
    from turbulence_app.gui.widgets.notices_panel import NoticesPanel
    from turbulence_app.gui.window import MainWindow

PROJECT = ("window.open", "window.sample", "window.sample_app", "window.reload")


class Menus(QObject):
    """Opens menus and sheets in front of the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.manual: ManualWindow | None = None
        self._notices: NoticesPanel | None = None
        self.all: QMenu = window.commands.menu(window)
        self.all.aboutToHide.connect(self._rest)
        self.finder = Finder(window)
        self.find = self.finder.find
        self.palette = CommandPalette(window, self.find)
        self.palette.used.connect(self.finder.remember)

    def show_all(self) -> None:
        """The menu of everything, under its button."""
        button = self._window.top.menu
        self.all.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def show_project(self) -> None:
        """The menu of the open project: another one, and which workflow."""
        menu, project = self._of(PROJECT), self._window.project
        self._add_recent(menu)
        menu.addSeparator()
        for name in project.data.workflows:
            entry = menu.addAction(f"Workflow {name}")
            entry.setCheckable(True)
            entry.setChecked(project.workflow is not None and project.workflow.id == name)
            entry.triggered.connect(lambda *_, name=name: project.choose_workflow(name))
        button = self._window.top.project
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _add_recent(self, menu: QMenu) -> None:
        """Projects that were open; those that are not there any more are grey, and can be forgotten."""
        here = self._window.project.data.root
        others = [one for one in self._window.memory.recent if one.root != here]
        if others:
            menu.addSeparator()
        for one in others:
            entry = menu.addAction(one.name if one.there else f"{one.name} (not there)")
            entry.setToolTip(str(one.root))
            entry.setEnabled(one.there)
            entry.triggered.connect(lambda *_, root=one.root: self._window.session.open(root))
        missing = [one.root for one in others if not one.there]
        if missing:
            words = "Forget the one that is not there" if len(missing) == 1 else "Forget those that are not there"
            menu.addAction(words).triggered.connect(lambda *_: self._forget(missing))
        menu.setToolTipsVisible(True)

    def _forget(self, roots: list[Path]) -> None:
        for root in roots:
            self._window.memory.forget(root)

    def show_actions(self, names: tuple[str, ...], where: QPoint) -> None:
        """A menu of some actions at a global position."""
        self._of(names).popup(where)

    def show_sheet(self, sheet: Sheet) -> None:
        """A sheet that goes when it is closed."""
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.open()

    def shortcuts(self) -> None:
        """Every shortcut."""
        from turbulence_app.gui.shortcuts import ShortcutsSheet

        self.show_sheet(ShortcutsSheet(self._window))

    def notices(self) -> None:
        """What was told so far, over the bell."""
        from turbulence_app.gui.widgets.notices_panel import NoticesPanel

        if self._notices is None:
            self._notices = NoticesPanel(self._window, self._window.notices, lambda: self._window.go("log"))
        self._notices.open(self._window.status.bell)

    def about(self) -> None:
        """Version, licences, system report."""
        from turbulence_app.gui.help import about_sheet

        self.show_sheet(about_sheet(self._window, self._window.status.model.text(), self.report))

    def report(self, message: str = "", stack: str = "") -> None:
        """A report of a problem, to look at and to save."""
        from turbulence_app.gui.bug_report import BugSheet

        window = self._window
        self.show_sheet(BugSheet(window, window.context, message, stack, window.status.model.text()))

    def privacy(self) -> None:
        """What leaves this computer."""
        from turbulence_app.gui.privacy import PrivacySheet

        self.show_sheet(PrivacySheet(self._window, self._window.context))

    def drafts(self) -> None:
        """What was typed and not saved, beside what the files say."""
        from turbulence_app.gui.recovery_sheet import RecoverySheet

        self.show_sheet(RecoverySheet(self._window, self._window.recovery))

    def show_manual(self) -> None:
        """The manual, at the page about what has the keyboard; a second call turns the same window to it."""
        self.show_page(*page_for(_classes(self._window.focusWidget()), self._window.places.open))

    def show_page(self, page: str, anchor: str = "") -> None:
        """The manual at a page."""
        from turbulence_app.gui.manual_window import ManualWindow

        if not isinstance(self.manual, ManualWindow):
            self.manual = ManualWindow(self._window, self._window.context.dialogs)
        self.manual.show()
        self.manual.show_page(page, anchor)
        self.manual.raise_()
        self.manual.activateWindow()

    def _of(self, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._window.commands.refresh()
        for name in names:
            menu.addAction(self._window.commands.actions[name])
        menu.aboutToHide.connect(self._rest)
        return menu

    def _rest(self) -> None:
        QTimer.singleShot(0, self._window.commands.rest)


def _classes(widget: QWidget | None) -> Iterator[str]:
    """Names of the widget's class and of those that it lies in, from the inside out."""
    while widget is not None:
        yield type(widget).__name__
        widget = widget.parentWidget()
