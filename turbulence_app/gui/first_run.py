"""The first start: welcome, the guide through the sample, and a project of one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer

from turbulence_app.domain.events import JobFailed
from turbulence_app.gui.context import Field

if TYPE_CHECKING:
    from turbulence_app.gui.guide import Guide
    from turbulence_app.gui.guide_bar import GuideBar
    from turbulence_app.gui.welcome import WelcomePage
    from turbulence_app.gui.window import MainWindow

WELCOMED = "welcomed"
TEMPLATE = "blank"


class FirstRun(QObject):
    """Its parts are made when they are first wanted: most starts want none of them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page: WelcomePage | None = None
        self.guide: Guide | None = None
        self.bar: GuideBar | None = None

    @property
    def showing(self) -> bool:
        """Whether the welcome is what is in front."""
        return self.page is not None and self._window.stack.currentWidget() is self.page

    def greet(self) -> None:
        """The very first start of this person."""
        settings = self._window.context.settings
        if not settings.contains(WELCOMED):
            settings.setValue(WELCOMED, True)
            self.show_welcome()

    def show_welcome(self) -> None:
        """The page with the ways on."""
        page = self.page or self._make_page()
        page.show_recent(self._window.memory.recent)
        self._window.stack.setCurrentWidget(page)
        self._window.nav.choose("")
        page.take_focus()

    def show_me(self, *, alone: bool = False) -> None:
        """Begin the guide."""
        if self.guide is None:
            from turbulence_app.gui.guide import Guide
            from turbulence_app.gui.guide_bar import GuideBar

            self.guide = Guide(self._window)
            self.bar = GuideBar(self.guide)
            self.bar.own_wanted.connect(self.new_project)
            self._window.frame.above.insertWidget(0, self.bar)
        self.guide.start(alone=alone)
        if not alone:
            self.guide.next()

    def new_project(self) -> None:
        """Ask for a name and a folder, make a project of the template there, and open it at the words."""
        said = self._window.context.dialogs.ask_form(
            "Describe your own users",
            "A small project from a template: one kind of user, a sign-up to walk through. Change both into yours.",
            (Field("name", "Name", "My users", needed=True), Field("folder", "Folder", self._suggested(), needed=True)),
            "Make the project",
        )
        if said is None:
            return
        root = Path(said["folder"]).expanduser()
        if said["folder"] == self._suggested():
            root = root.with_name(_slug(said["name"]))
        self._window.bridge.request(
            "live", "init_project", {"project": str(root), "template": TEMPLATE, "name": said["name"].strip()},
            on_result=self._made, on_error=self._not_made,
        )  # fmt: skip

    def stop(self) -> None:
        """The window closes."""
        if self.guide is not None:
            self.guide.stop()

    def _suggested(self) -> str:
        return str(Path("~") / "Turbulence" / "my-users")

    def _made(self, reply: Any) -> None:
        root = Path(str(reply["root"])) if isinstance(reply, Mapping) else Path()
        self.stop()
        self._window.project.changed.connect(
            lambda: QTimer.singleShot(0, self, self._at_the_words), Qt.ConnectionType.SingleShotConnection
        )
        self._window.session.open(root)

    def _not_made(self, error: JobFailed) -> None:
        words = error.message + (f" ({error.mend})" if error.mend else "")
        self._window.notices.show(f"No project was made: {words}", "bad", "Try again", self.new_project)

    def _at_the_words(self) -> None:
        """The text is selected: typing replaces it."""
        self._window.go("personas", {"persona": next(iter(self._window.project.data.personas), "")})
        editor = self._window.place("personas").view.words.editor  # type: ignore[attr-defined]
        editor.setFocus()
        editor.selectAll()

    def _make_page(self) -> WelcomePage:
        from turbulence_app.gui.welcome import WelcomePage

        window, page = self._window, WelcomePage()
        window.stack.addWidget(page)
        page.show_me.connect(self.show_me)
        page.own.connect(self.new_project)
        page.open_.connect(window.session.ask_open)
        page.import_.connect(window.session.ask_import)
        page.recent_wanted.connect(window.session.open)
        page.forget_wanted.connect(window.memory.forget)
        window.memory.recent_changed.connect(lambda: page.show_recent(window.memory.recent))
        self.page = page
        return page


def _slug(name: str) -> str:
    return re.sub(r"[^\w]+", "-", name.strip().lower()).strip("-") or "my-users"
